"""
Price tables on this machine: the packaged one, the user's own file, and the cache, which is a file for each source that was fetched.

A cache file's first line has the sha256 of the rest, so that a half-written or damaged one is known and passed over. It is written
beside its place and renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from twinwire._io import clock, environment
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

CACHE_VARIABLE = "TWINWIRE_CACHE_DIR"
FILE_VARIABLE = "TWINWIRE_PRICES"


class Cached(NamedTuple):
    """What the cache holds of one source."""

    source: str
    """Where it was fetched from."""
    fetched: float
    """When, in seconds since 1970."""
    document: dict[str, Any]
    place: Path

    def age_seconds(self) -> float:
        """How long ago it was fetched; a clock that was set back makes nothing new."""
        return max(clock.wall() - self.fetched, 0.0)


def folder() -> Path:
    """The folder of cached tables: `prices` in `TWINWIRE_CACHE_DIR`, or in the platform's own place for caches."""
    named = environment.get(CACHE_VARIABLE)
    if named is not None:
        return Path(named) / "prices"
    home = Path.home()
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "twinwire" / "Cache" / "prices"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "twinwire" / "prices"
    cache = environment.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else home / ".cache") / "twinwire" / "prices"


def cached() -> list[Cached]:
    """All that the cache holds and that is whole, the newest first."""
    try:
        places = sorted(folder().glob("*.json"))
    except OSError:
        return []
    found = [each for place in places if (each := _read(place)) is not None]
    return sorted(found, key=lambda each: each.fetched, reverse=True)


def keep(source: str, document: Mapping[str, object], fetched: float) -> Path:
    """
    Put a table into the cache in the place of the earlier one of that source: whole, or not at all.

    Raises:
        ConfigError: the folder cannot be written to.
    """
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    head = json.dumps({"sha256": hashlib.sha256(body).hexdigest(), "source": source, "fetched": fetched}).encode()
    place = _place(source)
    part = place.with_name(f"{place.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(head + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise ConfigError(f"the price table cannot be put into {place.parent}: {error.strerror}") from error
    return place


def of_source(source: str) -> Cached | None:
    """What the cache holds of one source."""
    return _read(_place(source))


def _place(source: str) -> Path:
    return folder() / f"{hashlib.sha256(source.encode()).hexdigest()[:16]}.json"


def _read(place: Path) -> Cached | None:
    """A cached table; None when it is not there or not whole: the next level has the price then."""
    try:
        head, _, body = place.read_bytes().partition(b"\n")
        facts = json.loads(head)
        if facts["sha256"] != hashlib.sha256(body).hexdigest():
            return None
        return Cached(str(facts["source"]), float(facts["fetched"]), json.loads(body), place)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def packaged() -> dict[str, Any]:
    """The table that lies in the package. Raises ConfigError."""
    try:
        found: dict[str, Any] = json.loads(files("twinwire").joinpath("_data", "prices.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"the packaged price table cannot be read, install twinwire again: {error}") from error
    return found


def own() -> tuple[str, object] | None:
    """The path that `TWINWIRE_PRICES` names, and the JSON there. Raises ConfigError: without it, its prices would be missed silently."""
    path = environment.get(FILE_VARIABLE)
    return None if path is None else (path, read_json(path, f"the price table that {FILE_VARIABLE} names"))


def stamp(path: str) -> tuple[int, int] | None:
    """What tells whether a file was written since; None for one that is not there."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def read_json(path: str, name: str) -> object:
    """The JSON in a file that the user called *name*. Raises ConfigError."""
    try:
        found: object = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{name}, {path}, cannot be read: {error}") from error
    return found
