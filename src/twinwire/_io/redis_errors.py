"""What goes wrong between us and Redis, as one error that says what to do about it and tells no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from twinwire.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_WORDS = 300
"""Servers quote what they were sent."""

_MEANINGS = (
    ("NoPermissionError", "NOPERM", "does not permit this user to do it; scripts and what they call must be"),
    ("", "can't run this command", "does not permit this user what the scripts call"),
    ("AuthenticationError", "WRONGPASS", "does not let us in"),
    ("", "unauthenticated ", "does not let us in, for it wants a password"),
    ("OutOfMemoryError", "OOM ", "is full: it has reached its `maxmemory`"),
    ("ReadOnlyError", "READONLY ", "is a replica, which cannot be written to: give the address of its primary"),
    ("BusyLoadingError", "LOADING ", "is loading its data"),
    ("ClusterDownError", "CLUSTERDOWN ", "is a cluster that is down"),
    ("MovedError", "MOVED ", "is a cluster: give `client=redis.RedisCluster(...)`"),
    ("MasterDownError", "MASTERDOWN ", "is a replica that has lost its primary"),
    ("", "WRONGTYPE ", "has something else at a key of ours: choose another `namespace`"),
    ("", "BUSY ", "is busy with somebody's script"),
    ("", "MISCONF ", "cannot save its data, so it takes no more"),
    ("", "NOREPLICAS ", "has fewer replicas than it must have"),
    ("TimeoutError", "", "did not answer in time, and nobody knows whether it was done"),
    ("MaxConnectionsError", "", "has no connection left for us"),
)
"""
By the class that the redis package gives an error, or the code in what the server says: the package takes the code away where it has a class, and
servers before version 7 put it further back when a script was stopped by it.
"""


def explain(error: Exception, place: str, seconds: float, secrets: Sequence[str]) -> StoreError:
    """Say what *error*, of the redis package or of the network, means; *seconds* is the limit of each wait."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    words = _harmless(str(error), secrets)
    for kind, code, meaning in _MEANINGS:
        if kind in kinds or (code and code in words):
            limit = f" (timeout={seconds:g})" if kind == "TimeoutError" else ""
            return StoreError(f"Redis at {place} {meaning}{limit}: {words}")
    if kinds & {"ConnectionError", "OSError"}:
        return StoreError(f"no connection to Redis at {place}; if it broke, nobody knows whether it was done: {words}")
    return StoreError(f"Redis at {place} refused: {words}")


def _harmless(words: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        for spelling in {secret, quote(secret, safe="")}:
            words = words.replace(spelling, "***")
    words = " ".join(words.split())
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 1]}…"
