"""The scripts of limits, in memory."""

from __future__ import annotations

import asyncio

import pytest

from tests.limits.cases import CASES, Case, Play
from twinwire import MemoryStore


class Mortal(MemoryStore):
    """Knows one dead owner."""

    def is_alive(self, owner: str) -> bool:
        """All but him."""
        return owner != "dead"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_case(case: Case) -> None:
    """Blocking."""
    case(Play(perform=Mortal().perform, dead="dead"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_async_case(case: Case) -> None:
    """On an event loop."""
    store = Mortal()

    case(Play(perform=lambda operation: asyncio.run(store.perform_async(operation)), dead="dead"))
