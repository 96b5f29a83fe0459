"""
Whether and when a failed attempt is repeated.

Two things are read off the error, and nothing else: `retry_safe` and `retry_after`. The rest is arithmetic: exponential
backoff with full jitter (as botocore's standard mode), the server's word instead where it gave one, and a quota so that an
outage is not amplified (as Finagle's RetryBudget: a share of the calls, and a small allowance so that a script can retry).
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from attrs import fields, frozen

from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


@frozen(kw_only=True)
class Retry:
    """How often and how patiently a call is repeated. Defaults and their reasons are in the documentation's table."""

    max_retries: int = 2
    """Attempts after the first."""
    base_seconds: float = 0.5
    """The n-th own wait is random between 0 and `base_seconds * 2**n` ..."""
    throttled_base_seconds: float = 1.0
    """... or this instead, after a 429 or an overloaded server."""
    cap_seconds: float = 20.0
    """No own wait is longer."""
    max_wait_seconds: float = 120.0
    """A server that asks for a longer wait is told to the caller at once, with its number."""
    quota_ratio: float = 0.2
    """Retries as a share of calls, over ten seconds ..."""
    quota_per_second: float = 1.0
    """... plus this many a second (up to ten at once), per origin and key."""

    def __attrs_post_init__(self) -> None:
        for attribute in fields(Retry):
            value: object = getattr(self, attribute.name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise ConfigError(f"retry.{attribute.name} must be a number that is not negative, got {value!r}")
        if self.max_retries != math.floor(self.max_retries):
            raise ConfigError(f"retry.max_retries must be a whole number, got {self.max_retries!r}")

    def backoff_seconds(self, retries: int, random: Callable[[], float], *, is_throttled: bool) -> float:
        """The wait before the retry after *retries* earlier ones: full jitter, so that callers spread out."""
        base = self.throttled_base_seconds if is_throttled else self.base_seconds
        return random() * min(self.cap_seconds, base * 2.0 ** min(retries, 60))

    def obeyed_seconds(self, asked_seconds: float, random: Callable[[], float]) -> float:
        """What the server asked for, and a little more: callers told the same delay return spread out, never early."""
        return asked_seconds + random() * (0.05 + 0.1 * asked_seconds)


class RetryQuota:
    """
    What may be retried, shared by all calls to one origin with one key.

    Each call deposits `quota_ratio`, good for ten seconds; a reserve refills by `quota_per_second` up to ten. A retry takes
    one. With every call failing, retries so add a fifth to the load, instead of doubling or tripling it.
    """

    WINDOW_SECONDS = 10.0

    __slots__ = ("_deposits", "_lock", "_reserve", "_reserve_at", "_retry")

    def __init__(self, retry: Retry, lock: AbstractContextManager[object]) -> None:
        self._retry = retry
        self._lock = lock
        self._deposits: deque[list[float]] = deque()  # [second, amount], oldest first
        self._reserve = retry.quota_per_second * self.WINDOW_SECONDS
        self._reserve_at: float | None = None

    def deposit(self, now: float) -> None:
        """A call begins."""
        with self._lock:
            self._expire(now)
            second = math.floor(now)
            if self._deposits and self._deposits[-1][0] == second:
                self._deposits[-1][1] += self._retry.quota_ratio
            else:
                self._deposits.append([second, self._retry.quota_ratio])

    def withdraw(self, now: float) -> bool:
        """Take one retry, or learn that there is none to take."""
        with self._lock:
            self._expire(now)
            if self._reserve + sum(amount for _, amount in self._deposits) < 1.0:
                return False
            owed = 1.0
            while self._deposits and owed > 0:
                used = min(owed, self._deposits[0][1])
                owed -= used
                self._deposits[0][1] -= used
                if self._deposits[0][1] <= 0:
                    self._deposits.popleft()
            self._reserve -= owed
            return True

    def is_fresh(self, now: float) -> bool:
        """Whether it says the same as a new one, and so need not be kept."""
        with self._lock:
            self._expire(now)
            return not self._deposits and self._reserve >= self._retry.quota_per_second * self.WINDOW_SECONDS

    def _expire(self, now: float) -> None:
        while self._deposits and self._deposits[0][0] < now - self.WINDOW_SECONDS:
            self._deposits.popleft()
        if self._reserve_at is not None:
            earned = max(0.0, now - self._reserve_at) * self._retry.quota_per_second
            self._reserve = min(self._retry.quota_per_second * self.WINDOW_SECONDS, self._reserve + earned)
        self._reserve_at = now
