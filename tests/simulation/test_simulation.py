"""A few hundred schedules of the real flow, and that the checks find what is wrong with others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.checks import CHECKS, violations
from tests.simulation.mutants import MUTANTS
from tests.simulation.schedule import Schedule
from tests.simulation.totals import replay, run_all
from tests.simulation.weather import FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.subject import Subject

SCHEDULES = 300
MOST_SCHEDULES = 400
"""Within how many a mutant must be found."""


def test_schedules() -> None:
    """Whatever the server, the network and the callers do, what must hold holds."""
    totals = run_all(range(1, 1 + SCHEDULES))

    assert totals.failures == {}
    assert totals.attempts > totals.calls > SCHEDULES
    assert totals.interruptions > 0


def test_every_fault_strikes() -> None:
    """No kind of fault is there in name only."""
    totals = run_all(range(1000, 1000 + SCHEDULES))

    assert set(FAULTS) - set(totals.faults) == set()


def test_a_seed_reproduces() -> None:
    """The same seed makes the same events, to the last one."""
    first, log = replay(1234)
    second, again = replay(1234)

    assert first == second == []
    assert log == again
    assert len(log) > 10


@pytest.mark.parametrize("make", MUTANTS, ids=lambda make: make.__name__)
def test_a_mutant_is_found(make: Callable[[], Subject]) -> None:
    """A flow that is wrong in one way is found, by the checks that are about it."""
    missing = set(MUTANTS[make])
    for seed in range(1, 1 + MOST_SCHEDULES):
        missing -= {wrong.partition(":")[0] for wrong in violations(Schedule(seed, make()).run())}
        if not missing:
            break

    assert missing == set()


def test_every_check_can_fail() -> None:
    """Each has a mutant that only this check is about."""
    assert {check.__name__ for check in CHECKS} == {name for names in MUTANTS.values() for name in names}
