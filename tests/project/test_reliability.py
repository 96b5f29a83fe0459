"""Every line of docs/reliability.md names what shows it, and every name stands for something."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.processes.listing import CHECKS as PROCESSES
from tests.simulation.checks import CHECKS as SIMULATION
from twinwire.testing.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| guarantee"))]

NAMES = {
    "scenario": {scenario.name for scenario in SCENARIOS},
    "process": {check.name for check in PROCESSES},
    "simulation": {check.__name__ for check in SIMULATION},
}


def claims(row: str) -> list[tuple[str, str]]:
    """What a row names, with its kind: `scenario`, `process`, `simulation` or `file`."""
    found: list[tuple[str, str]] = []
    for part in row.rstrip(" |").rpartition(" | ")[2].split("; "):
        kind = part.split(" ", 1)[0] if not part.startswith("`") else "file"
        found += [(kind, name) for name in re.findall(r"`([^`]+)`", part)]
    return found


@pytest.mark.parametrize("row", ROWS, ids=[row[2:50] for row in ROWS])
def test_each_line_is_shown(row: str) -> None:
    """A guarantee names scenarios, processes, checks of the simulation or tests that exist."""
    named = claims(row)
    missing = [
        f"{kind} {name}"
        for kind, name in named
        if not (
            (ROOT / name).exists()
            if kind == "file"
            else any(fnmatchcase(known, name) for known in NAMES.get(kind, set()))
        )
    ]

    assert named
    assert missing == []


def test_each_topic_is_there() -> None:
    """No scenario stands outside of the page: each one's name is covered by a line."""
    patterns = [name for row in ROWS for kind, name in claims(row) if kind == "scenario"]
    topics = {scenario.topic for scenario in SCENARIOS}
    covered = {
        scenario.topic for scenario in SCENARIOS if any(fnmatchcase(scenario.name, pattern) for pattern in patterns)
    }

    assert covered == topics
