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
    ("WRONGPASS", "does not know these credentials"),
    ("NOAUTH", "wants a password"),
    ("NOPERM", "does not permit this user to do it; it needs EVALSHA, EVAL, SET, EXISTS and what the scripts call"),
    ("OOM ", "is full: it has reached its `maxmemory`"),
    ("READONLY", "is a replica that cannot be written to: give the address of its primary"),
    ("WRONGTYPE", "has something else at a key of ours: choose another `namespace`"),
    ("BUSY ", "is busy with somebody's script"),
    ("MISCONF", "cannot save its data, so it takes no more"),
    ("LOADING", "is loading its data"),
    ("CLUSTERDOWN", "is a cluster that is down"),
    ("MOVED ", "is a cluster: give `client=redis.RedisCluster(...)`"),
    ("NOREPLICAS", "has fewer replicas than it must have"),
    ("MASTERDOWN", "is a replica that has lost its primary"),
)
"""By the code in what the server says. One that failed inside a script stands further back in servers before version 7."""


def explain(error: Exception, place: str, seconds: float, secrets: Sequence[str]) -> StoreError:
    """Say what *error*, of the redis package or of the network, means; *seconds* is the limit of each wait."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    words = _harmless(str(error), secrets)
    meaning = next((meaning for code, meaning in _MEANINGS if code in words), None)
    if meaning is not None:
        return StoreError(f"Redis at {place} {meaning}: {words}")
    if "AuthenticationError" in kinds:
        return StoreError(f"Redis at {place} does not let us in: {words}")
    if kinds & {"TimeoutError"}:
        return StoreError(
            f"Redis at {place} did not answer within {seconds:g} s, so nobody knows whether it was done: {words}"
        )
    if kinds & {"ConnectionError", "OSError"}:
        return StoreError(
            f"no connection to Redis at {place}, or it broke, and then nobody knows whether it was done: {words}"
        )
    return StoreError(f"Redis at {place} refused: {words}")


def _harmless(words: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        for spelling in {secret, quote(secret, safe="")}:
            words = words.replace(spelling, "***")
    words = " ".join(words.split())
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 1]}…"
