"""The tables of a store's file, how a new one comes to be, and how a foreign one is told from ours."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from twinwire._io.sqlite_entries import CREATE
from twinwire._io.sqlite_errors import translate
from twinwire.errors import StoreError

APPLICATION_ID = 0x7477_6972  # "twir"
VERSION = 1

_SCHEMA = (
    "CREATE TABLE states (key TEXT NOT NULL PRIMARY KEY, state JSON TEXT NOT NULL) WITHOUT ROWID",
    CREATE,
    "CREATE INDEX entries_at ON entries (at)",
    # Of each boot of the machine: what to add to its monotonic clock.
    "CREATE TABLE clocks (name TEXT NOT NULL PRIMARY KEY, offset REAL NOT NULL) WITHOUT ROWID",
    # Of each process: when it last used the file, by the file's clock and by the wall clock.
    "CREATE TABLE owners (owner TEXT NOT NULL PRIMARY KEY, seen REAL NOT NULL, wall REAL NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)


def uri(path: str, options: str) -> str:
    """The address of a file for SQLite."""
    return f"{Path(path).as_uri()}?{options}"


def create(path: str) -> None:
    """
    Make an empty store at *path*, where there is none: whole, or not at all, and never in the place of another.

    It is made beside its place and linked there, so that nobody ever sees a part of it. What lies there empty or without its tables was not
    made by us, or it was damaged since.

    Raises:
        OSError, sqlite3.Error: it cannot be made there.
    """
    part = f"{path}.{os.getpid()}-{threading.get_ident()}.new"
    try:
        # SQLite gives its log and its shared memory the permissions of the file.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600))
        with closing(sqlite3.connect(uri(part, "mode=rw"), uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN EXCLUSIVE")
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        _put(part, path)
    finally:
        for leftover in (part, f"{part}-journal", f"{part}-wal", f"{part}-shm"):
            with suppress(OSError):
                Path(leftover).unlink()


def _put(part: str, path: str) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        return  # another process was quicker
    except OSError:
        if os.name == "posix" and os.path.lexists(path):
            return
        Path(part).rename(path)  # a file system without links; on Windows it replaces nothing
    if os.name == "posix":
        folder = os.open(Path(path).parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # so that a power failure does not take the name away
        except OSError:
            pass  # some file systems cannot
        finally:
            os.close(folder)


def refuse_foreign(path: str) -> None:
    """
    Make sure that the file is a store, of a version that this code knows, without writing to it or to its folder.

    The header is enough: it is written once, before the file gets its name.

    Raises:
        StoreError: it is not.
    """
    try:
        # Immutable: no locks, no log, no shared memory, which SQLite would make beside a file of somebody else.
        with closing(sqlite3.connect(uri(path, "mode=ro&immutable=1"), uri=True)) as connection:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        code: int = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_NOTADB:
            raise translate(error, path) from error
        return  # read without locks, a file that grows may look damaged: who opens it in earnest finds out
    check_header(path, application, version)


def check_header(path: str, application: int, version: int) -> None:
    """Raise StoreError unless these are the numbers of a store that this code knows."""
    if application != APPLICATION_ID:
        raise StoreError(
            f"{path}: it is an SQLite file of something else (its application id is {application}), so it was left as it is"
        )
    if version > VERSION:
        raise StoreError(
            f"{path}: a newer twinwire made it (version {version} of its tables, this one knows {VERSION}), so it was left as it is"
        )
    if version < 1:
        raise StoreError(
            f"{path}: its version is {version}, which never was: the file is damaged; it was left as it is"
        )
