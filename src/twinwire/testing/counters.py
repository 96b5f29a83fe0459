"""How much of one quantity is left: three kinds of counting. Times are monotonic seconds, handed in."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from twinwire.testing.rate_limit import LimitKind

_ROUNDING = 1e-9
"""Who comes exactly when a bucket has enough is not sent away for a rounding error."""


class Counter(Protocol):
    """Counts one quantity against one limit."""

    def left(self, now: float) -> float:
        """Return what may still be taken."""
        ...

    def take(self, now: float, amount: float) -> None:
        """Count *amount*, allowed or not."""
        ...

    def wait(self, now: float, amount: float) -> float:
        """Return the seconds until *amount* may be taken, if nobody else takes any; infinite if it never may."""
        ...

    def reset(self, now: float) -> float:
        """Return the seconds until all of it may be taken."""
        ...


class Window:
    """So much in each window; a window begins with what is first taken after the last has ended."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._ends_at = -math.inf
        self._used = 0.0

    def left(self, now: float) -> float:
        return self._limit if now >= self._ends_at else self._limit - self._used

    def take(self, now: float, amount: float) -> None:
        if now >= self._ends_at:
            self._ends_at = now + self._seconds
            self._used = 0.0
        self._used += amount

    def wait(self, now: float, amount: float) -> float:
        if amount > self._limit:
            return math.inf
        return 0.0 if amount <= self.left(now) else self.reset(now)

    def reset(self, now: float) -> float:
        return max(0.0, self._ends_at - now)


class Sliding:
    """No more than so much within any stretch of time of that length."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._used = 0.0
        self._taken: deque[tuple[float, float]] = deque()
        """When it is free again, and how much."""

    def left(self, now: float) -> float:
        while self._taken and self._taken[0][0] <= now:
            self._used -= self._taken.popleft()[1]
        return self._limit - self._used

    def take(self, now: float, amount: float) -> None:
        self._used += amount
        self._taken.append((now + self._seconds, amount))

    def wait(self, now: float, amount: float) -> float:
        if amount > self._limit:
            return math.inf
        left = self.left(now)
        if amount <= left:
            return 0.0
        for free_at, freed in self._taken:
            left += freed
            if amount <= left:
                return free_at - now
        raise AssertionError("all of it is free when everything has slid out")

    def reset(self, now: float) -> float:
        self.left(now)
        return self._taken[-1][0] - now if self._taken else 0.0


class Bucket:
    """Full at first; it fills again at an even pace, all of it in so many seconds."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._per_second = limit / seconds
        self._level = float(limit)
        self._at = -math.inf

    def left(self, now: float) -> float:
        if now > self._at:
            filled = (now - self._at) * self._per_second
            self._level = min(float(self._limit), self._level + filled)
            self._at = now
        return self._level

    def take(self, now: float, amount: float) -> None:
        self._level = self.left(now) - amount

    def wait(self, now: float, amount: float) -> float:
        if amount > self._limit:
            return math.inf
        missing = amount - self.left(now)
        return missing / self._per_second if missing > _ROUNDING * self._limit else 0.0

    def reset(self, now: float) -> float:
        return (self._limit - self.left(now)) / self._per_second


COUNTERS: dict[LimitKind, type[Window | Sliding | Bucket]] = {"window": Window, "sliding": Sliding, "bucket": Bucket}
