"""Which kind of schedule a seed makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.load import LoadSchedule
from tests.simulation.schedule import Schedule
from tests.simulation.subject import Subject, real

if TYPE_CHECKING:
    from tests.simulation.schedule import History

LOADS = 4
"""One schedule of so many is one of load."""


def run(seed: int, subject: Subject = real, *, is_logged: bool = False) -> History:
    """Draw the schedule of a seed, and run it."""
    kind = LoadSchedule if seed % LOADS == 2 else Schedule  # no seed of an outage or a herd
    return kind(seed, subject, is_logged=is_logged).run()
