"""Budgets shared by processes, of which some are killed."""

from __future__ import annotations

import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from tests.money.play import play, worst
from tests.money.spender import CALLS, CAP, RESERVED
from twinwire import Budget
from twinwire.money.accounts import Accounts
from twinwire.money.ledger import checked_ledger

if TYPE_CHECKING:
    from twinwire.money.snapshot import BudgetState

ROOT = Path(__file__).parents[2]
COST = Decimal(RESERVED) / 2


def spenders(where: str, number: int, seconds: float) -> list[subprocess.Popen[str]]:
    """So many processes at once."""
    command = [sys.executable, "-m", "tests.money.spender", where, str(seconds)]
    return [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(number)]


def told(process: subprocess.Popen[str]) -> tuple[int, int]:
    """How many calls it had begun, and how many of them it had booked."""
    assert process.stdout is not None
    words = process.stdout.read().split()  # not by communicate(), which loses what readline() has read ahead
    process.stdout.close()
    process.wait(50)
    return words.count("begun"), words.count("booked")


def final(where: str) -> BudgetState:
    """The account, after the dead were looked for: a call that costs nothing is made."""
    store = checked_ledger(where)
    assert store is not None
    book = Accounts([Budget(usd=CAP)], store, now=time.monotonic, wall=time.time)
    play(play(book.reserve(worst("0"), {})).settle(Decimal(0), Decimal(0)))
    (state,) = play(book.snapshot())
    store.close()
    return state


def test_processes_share_a_cap(tmp_path: Path) -> None:
    """Each call is booked, the cap holds, and it is used up but for less than one call of each."""
    where = str(tmp_path / "store.db")
    counts = [told(each) for each in spenders(where, 4, 0.0)]
    state = final(where)

    booked = sum(count for _, count in counts)
    assert booked == sum(count for count, _ in counts) < 4 * CALLS
    assert (state.spent, state.possible, state.reserved) == (booked * COST, Decimal(0), Decimal(0))
    assert CAP - 4 * Decimal(RESERVED) <= state.spent <= CAP


def test_processes_that_are_killed(tmp_path: Path) -> None:
    """What they had booked stays; what they had reserved may have been spent; the others go on, and the cap holds."""
    where = str(tmp_path / "store.db")
    killed = spenders(where, 2, 0.02)
    for each in killed:
        assert each.stdout is not None
        for _ in range(7):
            assert each.stdout.readline()
    others = spenders(where, 2, 0.02)
    for each in killed:
        each.kill()
    counts = [told(each) for each in (*killed, *others)]
    state = final(where)

    begun, booked = sum(count for count, _ in counts) + 8, sum(count for _, count in counts) + 6
    assert [each.returncode for each in (*killed, *others)] == [-9, -9, 0, 0]
    # A process may be killed between booking a call and saying so, and between reserving one and saying so.
    assert booked * COST <= state.spent <= begun * COST
    assert 0 <= state.possible <= 2 * Decimal(RESERVED)
    assert state.reserved == 0
    assert state.spent + state.possible <= CAP
    assert CAP - state.spent - state.possible < 4 * Decimal(RESERVED)


def test_processes_share_a_server(redis_url: str) -> None:
    """The same on a Redis server."""
    counts = [told(each) for each in spenders(redis_url, 2, 0.0)]
    state = final(redis_url)

    assert state.spent == sum(count for _, count in counts) * COST
    assert CAP - 2 * Decimal(RESERVED) <= state.spent <= CAP
