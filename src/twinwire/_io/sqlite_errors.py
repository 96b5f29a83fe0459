"""What SQLite says went wrong, as a `StoreError` that says what to do. Source: sqlite.org/rescode.html."""

from __future__ import annotations

import sqlite3

from twinwire.errors import StoreError

BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
"""Somebody else is at it; a moment later it may go."""

_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full, so nothing was written",
    sqlite3.SQLITE_READONLY: "it cannot be written to: the file, its folder or the file system is read-only",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; it was left as it is: put a copy in its place, or save what is left with `sqlite3 FILE .recover`",
    sqlite3.SQLITE_NOTADB: "it is not an SQLite file, or its first bytes are damaged; it was left as it is",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: look at the permissions of the file and its folder, and at the limit of open files",
    sqlite3.SQLITE_IOERR: "the file system failed",
    sqlite3.SQLITE_PERM: "its permissions forbid it",
    sqlite3.SQLITE_TOOBIG: "a value is larger than SQLite takes",
}
_KEEPS_OPEN = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT}) | BUSY


def code_of(error: sqlite3.Error) -> int:
    """Its primary result code; 0 where Python itself raised it."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def is_lasting(error: sqlite3.Error) -> bool:
    """Whether the connection that met it is better not used again."""
    return code_of(error) not in _KEEPS_OPEN


def translate(error: sqlite3.Error, path: str) -> StoreError:
    """Say it in our words, with SQLite's beside them."""
    words = _WORDS.get(code_of(error), "SQLite failed")
    name: str = getattr(error, "sqlite_errorname", "")
    return StoreError(f"{path}: {words} ({error}{f', {name}' if name else ''})")
