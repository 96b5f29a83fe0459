"""Breakers under threads, tasks and what comes in between."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.limits.breaking import PLACE, Bench
from twinwire.errors import CircuitOpenError
from twinwire.limits.breaker import Breaker
from twinwire.limits.breakers import PROBE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from twinwire.limits.circuit import Admission

WAITERS = 50


@pytest.fixture
def _restless() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_restless")
@pytest.mark.parametrize("outcome", ["success", "failure", "neutral"])
def test_fifty_threads(outcome: str) -> None:
    """Of fifty callers at once exactly one is let through, each time; after it has ended it is as one caller would find it."""
    for _ in range(10):
        bench = Bench().half_opened()
        barrier = threading.Barrier(WAITERS)

        def enter(bench: Bench = bench, barrier: threading.Barrier = barrier) -> Admission | None:
            barrier.wait()
            with suppress(CircuitOpenError):
                return bench.enter()
            return None

        with ThreadPoolExecutor(WAITERS) as threads:
            found = [future.result() for future in [threads.submit(enter) for _ in range(WAITERS)]]
        probes = [admission for admission in found if admission is not None]
        assert [probe.is_probe for probe in probes] == [True]

        bench.breakers.leave(probes[0], outcome)  # type: ignore[arg-type]  # one of the three
        assert bench.state().state == {"success": "closed", "failure": "open", "neutral": "half_open"}[outcome]


def test_fifty_tasks_and_cancelled_probes() -> None:
    """Tasks that are probes and are cancelled one after another leave a place for the next, and never for two."""
    bench = Bench().half_opened()
    under_way: list[bool] = []
    most = 0

    async def call() -> bool:
        nonlocal most
        while True:
            try:
                admission = bench.enter()
            except CircuitOpenError:
                await asyncio.sleep(0)
                continue
            break
        under_way.append(True)
        most = max(most, len(under_way))
        try:
            await asyncio.sleep(3600.0)
        finally:
            under_way.pop()
            bench.breakers.leave(admission, "neutral")
        return True

    async def run() -> None:
        tasks = [asyncio.create_task(call()) for _ in range(WAITERS)]
        for task in tasks:
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())

    assert most == 1
    assert bench.enter().is_probe


@pytest.mark.usefixtures("_restless")
def test_threads_that_do_as_they_like() -> None:
    """Whatever eight threads do, no two probes are under way, nothing is counted twice, and it closes in the end."""
    bench = Bench(Breaker(failure_rate=0.5, min_calls=4, open_seconds=0.01, max_open_seconds=0.02))
    probes: set[int] = set()
    wrong: list[str] = []

    def work(seed: int) -> None:
        random = Random(seed)
        for _ in range(300):
            bench.now += 0.001  # not atomic, which does not matter: time passes somehow
            try:
                admission = bench.enter()
            except CircuitOpenError:
                continue
            if admission.is_probe:
                probes.add(id(admission))
                if len(probes) > 1:
                    wrong.append(f"{len(probes)} probes")
                if random.random() < 0.1:
                    time.sleep(0.0005)
                probes.discard(id(admission))
            bench.breakers.leave(admission, random.choice(["success", "failure", "failure", "neutral"]))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    bench.now += PROBE_SECONDS
    with suppress(CircuitOpenError):
        bench.call("success")

    assert wrong == []
    assert bench.state().state == "closed"
    assert 0 <= bench.state().failures <= bench.state().calls
    assert [circuit.calls for circuit in bench.breakers._circuits.values()] == [
        sum(slot[1] for slot in circuit._slots) for circuit in bench.breakers._circuits.values()
    ]


def interrupted_at(line: int, operation: Callable[[], object], between: Callable[[], object]) -> bool:
    """Perform *operation*, and at its so-many-th line *between*, as a finalizer would be; returns whether it has so many lines."""
    seen = 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal seen
        if "/limits/" not in frame.f_code.co_filename.replace("\\", "/") or "/tests/" in frame.f_code.co_filename:
            return None
        if event == "line":
            seen += 1
            if seen == line:
                sys.settrace(None)
                with suppress(CircuitOpenError):
                    between()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]  # typeshed wants one type for both levels
    try:
        with suppress(CircuitOpenError):
            operation()
    finally:
        sys.settrace(before)
    return seen >= line


@pytest.mark.parametrize("between", ["success", "failure", "neutral", "enter", "snapshot", "reset"])
@pytest.mark.parametrize("operation", ["success", "failure", "enter", "answered", "snapshot"])
@pytest.mark.parametrize("failures", [3, 9, 10])
def test_a_finalizer_at_any_line(failures: int, operation: str, between: str) -> None:
    """Whatever a finalizer or a signal handler does in the middle of an operation of the same thread, what is left is sound."""
    lines = 1
    while acted_at(lines, failures, operation, between):
        lines += 1

    assert lines > 2  # `answered` of what is no probe has few


def acted_at(line: int, failures: int, operation: str, between: str) -> bool:
    """Do *between* at that line of *operation*, and see what became of it; False where it has no such line."""
    bench = Bench()
    tickets = [bench.enter(), bench.enter()]
    bench.call("failure", failures)
    bench.now += 30.0
    if failures == 10:
        tickets[0] = bench.enter()
    if not interrupted_at(line, lambda: act(bench, operation, tickets[0]), lambda: act(bench, between, tickets[1])):
        return False
    circuit = bench.breakers._circuits[PLACE]
    assert circuit.calls == sum(slot[1] for slot in circuit._slots)
    assert circuit.failures == sum(slot[2] for slot in circuit._slots)
    assert 0 <= circuit.failures <= circuit.calls
    tickets.clear()
    bench.now += 400.0
    assert not bench.breakers.is_open(PLACE)
    bench.call("success")
    assert bench.state().state == "closed"
    return True


def act(bench: Bench, name: str, admission: Admission) -> None:
    """One operation."""
    if name == "enter":
        bench.enter()
    elif name == "snapshot":
        bench.breakers.snapshot()
    elif name == "reset":
        bench.breakers.reset()
    elif name == "answered":
        bench.breakers.begun(admission)
        bench.breakers.answered(admission)
    else:
        bench.breakers.leave(admission, name)  # type: ignore[arg-type]  # an outcome
