"""The store on a Redis server, with what every store does and with what budgets and limits do in it. A real server, always."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.limits.cases import CASES as LIMIT_CASES
from tests.limits.cases import Case as LimitCase
from tests.limits.cases import Play as LimitPlay
from tests.money.account_cases import CASES as BUDGET_CASES
from tests.money.account_cases import Case, Play
from tests.stores.cases import CASES
from tests.stores.worlds import CALLERS, FLAVOURS, FlavourName, StoresOf
from twinwire import RedisStore
from twinwire._io import redis_talk

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.stores.cases import World


@pytest.fixture
def world(redis_url: str, flavour: FlavourName) -> Generator[World]:
    """A world of stores on one server."""
    stores = StoresOf(lambda: RedisStore(redis_url), flavour)
    yield stores
    stores.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: Callable[[World], None], world: World) -> None:
    """Every case holds, with changes that the server does not know: they are made in Python."""
    case(world)


@pytest.fixture
def play(redis_url: str, flavour: FlavourName) -> Generator[Play]:
    """An empty server for a case of budgets."""
    store = RedisStore(redis_url)
    yield Play(perform=lambda operation: CALLERS[flavour](store, operation), dead="dead", alive=store.owner)
    store.close()


@pytest.fixture
def limit_play(redis_url: str, flavour: FlavourName) -> Generator[LimitPlay]:
    """An empty server for a case of limits."""
    store = RedisStore(redis_url)
    yield LimitPlay(perform=lambda operation: CALLERS[flavour](store, operation), dead="dead", alive=store.owner)
    store.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("case", LIMIT_CASES, ids=lambda case: case.__name__)
def test_limits(case: LimitCase, limit_play: LimitPlay) -> None:
    """The scripts in Lua do what those in Python do."""
    case(limit_play)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("case", BUDGET_CASES, ids=lambda case: case.__name__)
def test_budgets(case: Case, play: Play) -> None:
    """The scripts in Lua do what those in Python do."""
    case(play)


def nobody(name: str) -> None:
    """The server knows none of the changes."""


@pytest.mark.parametrize("flavour", ["blocking"])
@pytest.mark.parametrize("case", BUDGET_CASES, ids=lambda case: case.__name__)
def test_budgets_in_python(case: Case, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a server that did not have them would be as right, in two round trips."""
    monkeypatch.setattr(redis_talk, "family_of", nobody)

    case(play)
