"""
Time, chance and shared quotas, as the core is handed them.

A server that calls for many users with a key of each makes a quota for each key. Ten quiet seconds make a quota as good as new, so
those are forgotten when there are many: what is kept is bounded by the keys in use within that time.
"""

from __future__ import annotations

import threading

from twinwire._core.plan import World
from twinwire._core.retry import Retry, RetryQuota
from twinwire._io import clock, fork

MANY = 64


class Worlds:
    """One `World` per key and retry policy: calls with the same ones share a retry quota."""

    def __init__(self) -> None:
        self._worlds: dict[object, World] = {}
        self._most = MANY
        fork.watch(self)

    def world(self, key: object, retry: Retry) -> World:
        """The world of calls with this key, or whatever stands for it, and this policy."""
        place = (key, retry.quota_ratio, retry.quota_per_second)
        found = self._worlds.get(place)
        if found is None:
            self._forget()
            made = World(now=clock.monotonic, random=clock.chance, quota=RetryQuota(retry, threading.RLock()))
            found = self._worlds.setdefault(place, made)  # atomic: of two first calls at once, one quota is kept
        return found

    def after_fork(self) -> None:
        """Start anew: the lock of a quota may have been held by a thread that is not here."""
        self._worlds = {}

    def _forget(self) -> None:
        if len(self._worlds) < self._most:
            return
        now = clock.monotonic()
        for place, world in self._worlds.copy().items():
            if world.quota.is_fresh(now):
                self._worlds.pop(place, None)
        self._most = max(MANY, 2 * len(self._worlds))
