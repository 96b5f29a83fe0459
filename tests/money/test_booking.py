"""The scripts of budgets, in memory and in a file. On a server they are performed in Lua: tests/stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.money.account_cases import CASES, Case, Play
from tests.stores.worlds import CALLERS, FlavourName
from twinwire import MemoryStore, SQLiteStore
from twinwire._io.owners import this_process

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class Mortal(MemoryStore):
    """Knows one dead owner."""

    def is_alive(self, owner: str) -> bool:
        """All but him."""
        return owner != "dead"


@pytest.fixture(params=["memory", "sqlite"])
def play(request: pytest.FixtureRequest, flavour: FlavourName, tmp_path: Path) -> Generator[Play]:
    """An empty store."""
    call = CALLERS[flavour]
    if request.param == "memory":
        memory = Mortal()
        yield Play(perform=lambda operation: call(memory, operation), dead="dead")
        return
    store = SQLiteStore(tmp_path / "store.db")
    dead = this_process()._replace(start="1")  # of this number, but begun at another time
    yield Play(perform=lambda operation: call(store, operation), dead=str(dead), alive=store.owner)
    store.close()


@pytest.mark.parametrize("flavour", ["blocking", "asyncio"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_case(case: Case, play: Play) -> None:
    """The same rules everywhere."""
    case(play)
