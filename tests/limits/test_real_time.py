"""Waiting for real: threads, tasks that are cancelled, and a file that two limiters share."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.limits.world import demand
from twinwire import MemoryStore, SQLiteStore
from twinwire._io import async_driver, driver
from twinwire.limits.limiter import Limiter
from twinwire.limits.options import Limits, Rate

if TYPE_CHECKING:
    from pathlib import Path

    from twinwire._core.effects import Flow
    from twinwire._core.store import Store

NOTHING: Any = None
"""Limits need no transport."""


def limiter(store: Store, *limits: Limits) -> Limiter:
    """On the real clock."""
    return Limiter(limits, store, now=time.monotonic, random=random.random, wall=time.time)


class Peak:
    """How many were in at once."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0
        self._lock = threading.Lock()

    def enter(self) -> None:
        """One more."""
        with self._lock:
            self.now += 1
            self.all += 1
            self.most = max(self.most, self.now)

    def leave(self) -> None:
        """One less."""
        with self._lock:
            self.now -= 1


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """One that never waits, and one that may."""
    if request.param == "memory":
        return MemoryStore()
    return SQLiteStore(tmp_path / "limits.db")


def run(flow: Flow[Any]) -> Any:
    """Blocking."""
    return driver.run(flow, driver.IO(NOTHING))


async def run_async(flow: Flow[Any]) -> Any:
    """Awaited."""
    return await async_driver.run(flow, async_driver.AsyncIO(NOTHING))


def test_threads(store: Store) -> None:
    """Never more than three at once, whichever client they belong to, and all of them go."""
    limits = Limits(concurrent=3, per=(), learn=False)
    limiters = [limiter(store, limits), limiter(store, limits)]
    peak = Peak()

    def work(number: int) -> None:
        for _ in range(3):
            lease = run(limiters[number % 2].admit(demand(model=f"m{number % 4}"), None))
            peak.enter()
            time.sleep(0.002)
            peak.leave()
            run(lease.settle(None, None, was_sent=True))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert peak.all == 48
    assert peak.most <= 3
    store.close()


def test_tasks_that_are_cancelled(store: Store) -> None:
    """Give back what they have, wherever they are stopped."""
    limits = Limits(concurrent=3, rates=(Rate(requests=1000, seconds=60),), learn=False)
    gate = limiter(store, limits)
    peak = Peak()

    async def work() -> None:
        lease = await run_async(gate.admit(demand(), None))
        peak.enter()
        try:
            await asyncio.sleep(0.002)
        finally:
            peak.leave()
            await asyncio.shield(run_async(lease.settle(None, None, was_sent=True)))

    async def all_of_them() -> int:
        tasks = [asyncio.create_task(work()) for _ in range(60)]
        for number, task in enumerate(tasks):
            if number % 3 == 0:
                await asyncio.sleep(0.001)
                task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.05)
        return sum(1 for each in ended if each is None)

    went = asyncio.run(all_of_them())

    assert went >= 40
    assert peak.most <= 3
    leases = [run(gate.admit(demand(), time.monotonic() + 20)) for _ in range(3)]
    assert len(leases) == 3
    store.close()


def test_a_window_is_waited_for(store: Store) -> None:
    """No sooner than it slides, and not much later."""
    gate = limiter(store, Limits(rates=(Rate(requests=2, seconds=0.5),), learn=False))
    began = time.monotonic()
    for _ in range(3):
        run(gate.admit(demand(), None))
    took = time.monotonic() - began

    assert 0.49 <= took < 3
    store.close()
