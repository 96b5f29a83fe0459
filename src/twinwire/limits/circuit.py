"""
One circuit: what is remembered of the attempts with one key and one model.

Plain state and arithmetic; `breakers.py` says when what happens to it. The window is kept as slots, so that a busy circuit is no larger than a quiet one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from weakref import ref

    from twinwire.limits.breaker import BreakerPhase

Outcome = Literal["success", "failure", "neutral"]
SLOTS = 20


class Place(NamedTuple):
    """What has a circuit of its own."""

    key: bytes
    """The key's digest; empty without a key."""
    model: str | None


class Admission:
    """
    That one attempt may be made.

    Whoever has it keeps it until the attempt is over. If one that is a probe is lost, the next caller is the probe.
    """

    __slots__ = ("__weakref__", "change", "is_over", "is_probe", "place")

    def __init__(self, place: Place, change: int, *, is_probe: bool) -> None:
        self.place = place
        self.change = change
        """The number of the last change of any circuit before it."""
        self.is_probe = is_probe
        """Whether it was let through to see."""
        self.is_over = False


class Circuit:
    """
    What is known of one place.

    It is closed while `opened_at` is None, else open until `until`, and half-open from then on.
    """

    __slots__ = (
        "_slot_seconds",
        "_slots",
        "calls",
        "cause",
        "change",
        "failures",
        "in_a_row",
        "opened_at",
        "probe",
        "probe_at",
        "probes_failed",
        "times_opened",
        "touched",
        "until",
    )

    def __init__(self, window_seconds: float, change: int) -> None:
        self._slot_seconds = window_seconds / SLOTS
        # [number, calls, failures], oldest first. A deque would be three times as large, and no quicker with so few.
        self._slots: list[list[int]] = []
        self.calls = 0
        self.failures = 0
        self.in_a_row = 0
        self.change = change
        """The number of its last opening or closing. Attempts from before it have nothing to say any more."""
        self.opened_at: float | None = None
        self.until = 0.0
        self.probes_failed = 0
        """Since it was last closed."""
        self.probe: ref[Admission] | None = None
        self.probe_at = 0.0
        self.touched = -math.inf
        """When something last happened to it."""
        self.times_opened = 0
        self.cause: str | None = None

    def phase(self, now: float) -> BreakerPhase:
        """Which of its three states it is in."""
        if self.opened_at is None:
            return "closed"
        return "open" if now < self.until else "half_open"

    def is_probed(self, now: float, probe_seconds: float) -> bool:
        """Whether a probe is under way that has not taken longer than *probe_seconds*."""
        probe = None if self.probe is None else self.probe()
        return probe is not None and not probe.is_over and now < self.probe_at + probe_seconds

    def is_closed_to(self, now: float, probe_seconds: float) -> bool:
        """Whether a call would be refused."""
        return self.opened_at is not None and (now < self.until or self.is_probed(now, probe_seconds))

    def count(self, now: float, *, failed: bool) -> None:
        """An attempt has ended."""
        self.expire(now)
        number = math.floor(now / self._slot_seconds)
        if not self._slots or self._slots[-1][0] < number:
            self._slots.append([number, 0, 0])
        slot = self._slots[-1]
        slot[1] += 1
        self.calls += 1
        if failed:
            slot[2] += 1
            self.failures += 1
            self.in_a_row += 1
        else:
            self.in_a_row = 0
        self.touched = now

    def expire(self, now: float) -> None:
        """Forget what is older than the window."""
        oldest = math.floor(now / self._slot_seconds) - SLOTS
        while self._slots and self._slots[0][0] <= oldest:
            _, calls, failures = self._slots.pop(0)
            self.calls -= calls
            self.failures -= failures
        if not self._slots:
            self.in_a_row = 0

    def open(self, now: float, seconds: float, change: int, cause: str) -> None:
        """Refuse calls for so many seconds. What was counted stays, to be shown."""
        self.opened_at = now if self.opened_at is None else self.opened_at
        self.until = now + seconds
        self.change = change
        self.touched = now
        self.times_opened += 1
        self.cause = cause
        self.probe = None

    def close(self, now: float, change: int) -> None:
        """Let calls through, and begin to count anew."""
        self._slots.clear()
        self.calls = self.failures = self.in_a_row = self.probes_failed = 0
        self.opened_at = None
        self.change = change
        self.touched = now
        self.probe = None
