"""What many schedules came to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field

from tests.simulation.checks import violations
from tests.simulation.schedules import run
from tests.simulation.timeline import START

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.simulation.schedule import History


@define
class Totals:
    """Sums over schedules; those of several processes are added up."""

    schedules: int = 0
    calls: int = 0
    attempts: int = 0
    interruptions: int = 0
    simulated_seconds: float = 0.0
    faults: Counter[str] = field(factory=Counter[str])
    failures: dict[int, list[str]] = field(factory=dict[int, list[str]])
    """By seed, what was wrong."""

    def add(self, history: History, wrong: list[str]) -> None:
        """Count one schedule."""
        records = (*history.calls, *history.fair)
        self.schedules += 1
        self.calls += len(records)
        self.attempts += sum(len(record.exchanges) for record in records)
        self.interruptions += sum(record.outcomes == ["stopped"] for record in records)
        self.simulated_seconds += history.timeline.now - START
        self.faults.update(history.weather.struck)
        if wrong:
            self.failures[history.seed] = wrong

    def join(self, other: Totals) -> None:
        """Add what another process counted."""
        self.schedules += other.schedules
        self.calls += other.calls
        self.attempts += other.attempts
        self.interruptions += other.interruptions
        self.simulated_seconds += other.simulated_seconds
        self.faults.update(other.faults)
        self.failures.update(other.failures)

    def line(self, seconds: float) -> str:
        """All of it in one line."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        return (
            f"simulation: {self.schedules} schedules, {self.calls} calls, {self.attempts} attempts, "
            f"{self.interruptions} interruptions, {self.faults.total()} faults ({kinds}), "
            f"{self.simulated_seconds / 3600:.0f} hours of virtual time, {len(self.failures)} failures, {seconds:.1f} seconds"
        )


def run_all(seeds: Iterable[int]) -> Totals:
    """Run these schedules and judge them."""
    totals = Totals()
    for seed in seeds:
        history = run(seed)
        totals.add(history, violations(history))
    return totals


def replay(seed: int) -> tuple[list[str], list[str]]:
    """Run one schedule again → what is wrong with it, and its log."""
    history = run(seed, is_logged=True)
    return violations(history), history.log
