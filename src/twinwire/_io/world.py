"""Time, chance and shared quotas, as the core is handed them."""

from __future__ import annotations

import threading

from twinwire._core.plan import World
from twinwire._core.retry import Retry, RetryQuota
from twinwire._io import clock


class Worlds:
    """One `World` per key and retry policy: calls with the same ones share a retry quota."""

    def __init__(self) -> None:
        self._worlds: dict[object, World] = {}

    def world(self, key: object, retry: Retry) -> World:
        """The world of calls with this key and this policy."""
        place = (key, retry.quota_ratio, retry.quota_per_second)
        found = self._worlds.get(place)
        if found is None:
            made = World(
                now=clock.monotonic,
                random=clock.chance,
                quota=RetryQuota(retry, threading.Lock()),
            )
            found = self._worlds.setdefault(place, made)  # atomic: of two first calls at once, one quota is kept
        return found
