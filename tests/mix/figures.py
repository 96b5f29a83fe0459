"""What many calls came to, in one line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field

from tests.mix.faults import RATE, fault_of
from twinwire.errors import APIError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire._core.trace import Attempt


MOST_FAILED = 0.001
"""The share of calls that may end without the right answer, and then with a typed error."""


@define
class Figures:
    """Sums over the calls of one kind. The counts are changed by one thread at a time: each keeps its own, and they are added."""

    name: str = "calls"
    calls: int = 0
    completed: int = 0
    wrong: int = 0
    """Calls that ended well with an answer that is not the right one: not one may."""
    typed: Counter[str] = field(factory=Counter[str])
    untyped: list[str] = field(factory=list[str])
    restarts: int = 0
    attempts: int = 0
    faults: Counter[str] = field(factory=Counter[str])
    """What the server did, by kind."""
    false_timeouts: int = 0
    """Attempts that timed out although the server did not stall: the machine was busy, or the client slow."""
    connections: int = 0
    requests: int = 0
    open_at_end: int = 0
    seconds: float = 0.0

    def count(self, seed: int, call: int, attempts: Sequence[Attempt], rate: float = RATE) -> None:
        """Count what a call needed."""
        self.calls += 1
        sent = [attempt for attempt in attempts if attempt.error != "StaleConnection"]
        self.attempts += len(sent)
        for number, attempt in enumerate(sent, 1):
            fault = fault_of(seed, call, number, rate)
            if fault is not None:
                self.faults[fault] += 1
            self.false_timeouts += attempt.error == "APITimeoutError" and fault != "stall"

    def answered(self, text: str, wanted: str) -> None:
        """Count a call that ended well."""
        if text == wanted:
            self.completed += 1
        else:
            self.wrong += 1

    def failed(self, error: Exception) -> Sequence[Attempt]:
        """Count a call that did not → its attempts."""
        if isinstance(error, APIError):
            self.typed[type(error).__name__] += 1
            return error.attempts
        self.untyped.append(repr(error))
        return ()

    def add(self, other: Figures) -> None:
        """Add another caller's."""
        self.calls += other.calls
        self.completed += other.completed
        self.wrong += other.wrong
        self.typed.update(other.typed)
        self.untyped += other.untyped
        self.restarts += other.restarts
        self.attempts += other.attempts
        self.faults.update(other.faults)
        self.false_timeouts += other.false_timeouts

    def misses(self) -> list[str]:
        """Which bars were missed."""
        missed: list[str] = []
        failed = self.calls - self.completed
        if failed > self.calls * MOST_FAILED:
            missed.append(f"{failed} of {self.calls} failed, at most {MOST_FAILED:.1%} may")
        if self.wrong:
            missed.append(f"{self.wrong} had a wrong answer")
        if self.untyped:
            missed.append(f"{len(self.untyped)} errors had no type of ours, such as {self.untyped[0]}")
        if self.requests != self.attempts:
            missed.append(f"the server saw {self.requests} requests, the client tells of {self.attempts}")
        if self.open_at_end:
            missed.append(f"{self.open_at_end} connections were left open")
        return missed

    def line(self) -> str:
        """All of it."""
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        kinds = "".join(f", {name} {count}" for name, count in sorted(self.typed.items()))
        return (
            f"{self.calls} {self.name}: {self.completed} completed ({self.completed / max(1, self.calls):.3%}), "
            f"{self.typed.total()} typed failures{kinds}, {len(self.untyped)} untyped failures, {self.wrong} wrong, "
            f"{self.restarts} restarts, {self.attempts} attempts, {self.faults.total()} faults ({faults}), "
            f"{self.false_timeouts} false timeouts, {self.connections} connections, {self.open_at_end} open at end, "
            f"{self.seconds:.1f} seconds"
        )
