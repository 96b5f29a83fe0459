"""
Budgets under load: processes that share one cap, on a file or on a Redis server, against a server that counts its own income.

Judged is what the server was owed, which may at no moment pass the cap, and what the ledger says of it: also where half of the
processes are killed at moments of chance.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, Self

from attrs import frozen

from tests.load.books import Books, books, buy_one
from tests.load.crew import Crew
from tests.load.sales import CAP, server
from tests.redis_server import started

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.testing import LoopbackProvider

PROCESSES = 8
CALLS = 200
LEAST_USED = Decimal("0.95")
"""Of the cap is spent, or may have been: a budget that stops much earlier is no use."""
ROUNDING = Decimal("0.00001")
"""Each call is booked in whole billionths, rounded up."""
RELEASE_SECONDS = 15.0
"""So long after the end of a process all that it had reserved has been released, or booked as spent."""
_LOOK_SECONDS = 0.02


@frozen(kw_only=True)
class Sold:
    """What came of one load."""

    store: str
    killed: int
    most_owed: Decimal
    """The most that the server was ever owed."""
    owed: Decimal
    """What it was owed at the end, when every connection had ended."""
    books: Books
    """The accounts and the ledger, at last."""
    acknowledged: frozenset[str]
    outcomes: Counter[str]
    seconds: float

    def misses(self) -> list[str]:
        """What does not hold."""
        found, missed = self.books, list[str]()
        if self.most_owed > CAP:
            missed.append(f"the server was owed {self.most_owed} USD, the cap is {CAP}")
        if found.spent + found.possible > CAP:
            missed.append(f"{found.spent} USD are booked and {found.possible} possible, the cap is {CAP}")
        if found.spent + found.possible < self.owed:
            missed.append(f"{found.spent} USD are booked and {found.possible} possible, the server is owed {self.owed}")
        entered = found.entries_usd + found.entries_possible_usd
        if not self.killed and abs(entered - found.spent - found.possible) > ROUNDING:
            missed.append(f"the entries add up to {entered} USD, the accounts to {found.spent + found.possible}")
        if found.reserved:
            missed.append(f"{found.reserved} USD are still reserved {RELEASE_SECONDS:g} s after the end")
        if lost := self.acknowledged - set(found.calls):
            missed.append(f"{len(lost)} acknowledged calls are not in the ledger, such as {min(lost)}")
        if twice := [call for call, count in found.calls.items() if count > 1]:
            missed.append(f"{len(twice)} calls are in the ledger more than once, such as {min(twice)}")
        if found.spent + found.possible < LEAST_USED * CAP:
            missed.append(f"only {found.spent} USD of {CAP} were used, and {found.possible} perhaps")
        if strays := set(self.outcomes) - {"ok", "BudgetExceededError"}:
            missed.append(f"calls failed by {', '.join(sorted(strays))}")
        return missed

    def row(self) -> str:
        """A line of the table."""
        found = self.books
        return (
            f"{self.store:8} {self.killed:6} {self.owed:10.6f} {found.spent:10.6f} {found.possible:10.6f} {found.reserved:9.6f} "
            f"{found.calls.total():8} {len(self.acknowledged):6} {self.outcomes['BudgetExceededError']:8} {self.seconds:6.1f} s"
        )


HEADER = (
    f"{'store':8} {'killed':>6} {'owed USD':>10} {'spent':>10} {'possible':>10} {'reserved':>9} "
    f"{'entries':>8} {'told':>6} {'refused':>8} {'time':>8}"
)


def run(
    store: Literal["sqlite", "redis"],
    *,
    killed: int = 0,
    seed: int = 1,
    processes: int = PROCESSES,
    calls: int = CALLS,
) -> Sold:
    """Let so many processes spend, and kill some of them at moments of chance, each while it works."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="load-")))
        ledger = stack.enter_context(started()).url if store == "redis" else str(folder / "spend.db")
        provider = stack.enter_context(server())
        files = [folder / f"acknowledged{process}.txt" for process in range(processes)]
        settings = [
            {
                "seed": seed,
                "process": process,
                "calls": calls,
                "url": provider.base_url,
                "ledger": ledger,
                "acknowledged": str(path),
            }
            for process, path in enumerate(files)
        ]
        crew = stack.enter_context(Crew("spending_child", settings))
        watch = stack.enter_context(Watch(provider))
        crew.go()
        done = _kill(crew, killed, Random(seed), calls, files)
        results = crew.results()
        found = _settled(ledger, provider)
        provider.wait_for(lambda: provider.open_connections == 0, timeout=20)
        owed = provider.spent_usd
        acknowledged = frozenset(line for path in files if path.exists() for line in path.read_text("utf-8").split())
    outcomes: Counter[str] = Counter()
    for result in results:
        outcomes.update({name: int(str(count)) for name, count in result.items()})
    return Sold(
        store=store,
        killed=done,
        most_owed=max(owed, watch.most),
        owed=owed,
        books=found,
        acknowledged=acknowledged,
        outcomes=outcomes,
        seconds=time.monotonic() - began,
    )


def _kill(crew: Crew, count: int, chance: Random, calls: int, files: Sequence[Path]) -> int:
    """
    Kill *count* of them, each after a number of acknowledged calls that chance has chosen, so in the middle of others.

    Returns how many were killed while they worked.
    """
    marks = {index: chance.randrange(1, calls // 4) for index in chance.sample(range(len(crew.members)), count)}
    done = 0
    while marks:
        for index, mark in list(marks.items()):
            member = crew.members[index]
            if member.poll() is not None:
                del marks[index]  # it was quicker
            elif files[index].exists() and files[index].read_bytes().count(b"\n") >= mark:
                member.kill()
                done += 1
                del marks[index]
        time.sleep(_LOOK_SECONDS / 4)
    return done


def _settled(ledger: str, provider: LoopbackProvider) -> Books:
    """The books, when nothing is reserved by the dead any more, or after `RELEASE_SECONDS`; others go on calling meanwhile."""
    deadline = time.monotonic() + RELEASE_SECONDS
    while True:
        buy_one(ledger, provider.base_url)
        found = books(ledger)
        if not found.reserved or time.monotonic() >= deadline:
            return found
        time.sleep(_LOOK_SECONDS * 10)


class Watch:
    """Looks again and again at what a server is owed."""

    def __init__(self, provider: LoopbackProvider) -> None:
        self._provider = provider
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.most = Decimal(0)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(_LOOK_SECONDS):
            self.most = max(self.most, self._provider.spent_usd)
