"""What every store does, with the stores in memory and in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stores.cases import CASES
from tests.stores.worlds import FLAVOURS, FlavourName, StoresOf
from twinwire import MemoryStore, SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.stores.cases import World


@pytest.fixture(params=("memory", "sqlite"))
def world(request: pytest.FixtureRequest, flavour: FlavourName, tmp_path: Path) -> Generator[World]:
    """A world of stores with the same contents."""
    if request.param == "memory":
        only = MemoryStore()
        stores = StoresOf(lambda: only, flavour)
    else:
        stores = StoresOf(lambda: SQLiteStore(tmp_path / "store.db"), flavour)
    yield stores
    stores.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: Callable[[World], None], world: World) -> None:
    """Every case holds."""
    case(world)
