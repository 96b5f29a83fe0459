"""What the tests of breakers share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from twinwire.errors import CircuitOpenError
from twinwire.limits.breaker import Breaker
from twinwire.limits.breakers import Breakers
from twinwire.limits.circuit import Place

if TYPE_CHECKING:
    from twinwire.limits.breaker import BreakerState
    from twinwire.limits.circuit import Admission, Outcome

PLACE = Place(bytes.fromhex("a1b2c3d4e5f6"), "gpt-4o")
OTHER = Place(bytes.fromhex("a1b2c3d4e5f6"), "gpt-4o-mini")
TEN = Breaker(failure_rate=0.5, min_calls=10, window_seconds=60.0, open_seconds=30.0)


class Bench:
    """Breakers under a clock that moves when a test says so."""

    def __init__(self, breaker: Breaker = TEN, *, chance: float = 0.0) -> None:
        self.now = 1000.0
        self.breakers = Breakers(breaker, threading.RLock(), lambda: self.now, lambda: chance)

    def enter(self, place: Place = PLACE) -> Admission:
        """Let one through."""
        return self.breakers.enter(place)

    def call(self, outcome: Outcome, times: int = 1, place: Place = PLACE) -> None:
        """Make calls one after another that end so."""
        for _ in range(times):
            self.breakers.leave(self.enter(place), outcome, "OverloadedError" if outcome == "failure" else "")

    def opened(self, place: Place = PLACE) -> Bench:
        """Let ten calls fail."""
        self.call("failure", 10, place)
        return self

    def half_opened(self) -> Bench:
        """The same, 30 seconds later."""
        self.opened()
        self.now += 30.0
        return self

    def refusal(self, place: Place = PLACE) -> CircuitOpenError | None:
        """The error of one more call, which ends without a word if it is let through."""
        try:
            self.breakers.leave(self.enter(place), "neutral")
        except CircuitOpenError as error:
            return error
        return None

    def state(self, place: Place = PLACE) -> BreakerState:
        """What is shown of one place."""
        return next(state for state in self.breakers.snapshot() if state.model == place.model)
