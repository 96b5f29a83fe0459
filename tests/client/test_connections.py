"""Connections of a client: shared by threads and tasks, of one loop and one process, given back when a call is stopped."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
import trio

from tests.client.cases import (
    AWAITED,
    BLOCKING,
    KEY,
    OPENAI,
    OPENROUTER,
    USER,
    Case,
    create,
    done,
    following,
    inside,
    items,
    run_plain,
    stream,
)
from twinwire import Pool
from twinwire.testing import AfterEvents, LoopbackProvider, Reply, Stall

ONE = Pool(max_connections=1)
blocking = pytest.mark.parametrize("case", BLOCKING, ids=str, indirect=True)
awaited = pytest.mark.parametrize("case", AWAITED, ids=str, indirect=True)


class Stopped(BaseException):
    """Like KeyboardInterrupt, but no test runner minds it."""


async def use(client: Any, case: Case, kind: str) -> None:
    """Make a call of this kind, to its end."""
    if kind == "whole":
        await create(client, case)
    else:
        await items(stream(client, case) if kind == "events" else await create(client, case, stream=True))


async def stop_at_first(stream: Any) -> None:
    """Be stopped inside of a block."""
    async with inside(stream) as opened:
        async for _ in following(opened):
            raise Stopped


async def test_nothing_is_opened_before_the_first_call(case: Case, server: LoopbackProvider) -> None:
    """Making a client and looking at its pool opens nothing."""
    async with case.client(server) as client:
        stats = client.pool.stats()

    assert (stats.open, stats.idle, stats.waiting, stats.longest_wait_seconds) == (0, 0, 0, 0)
    assert server.connections == 0


async def test_connections_are_reused(case: Case, server: LoopbackProvider) -> None:
    """Calls one after the other go over one connection, failed ones too."""
    async with case.client(server) as client:
        await create(client, case)
        await create(client, case)
        reply = await create(client, case)
        stats = client.pool.stats()

    assert server.connections == 1
    assert (stats.open, stats.idle) == (1, 1)
    assert reply.trace.attempts[0].is_reused is True
    assert reply.trace.attempts[0].ms_to_end < 5000


@blocking
async def test_fifty_threads(case: Case, server: LoopbackProvider) -> None:
    """Fifty threads on one blocking client each get their own answer, whole and streamed."""
    async with case.client(server, pool=Pool(max_connections=8)) as client:

        def ask(number: int) -> tuple[str, str]:
            messages = [{"role": "user", "content": f"number {number}"}]
            whole = client.chat.completions.create(model=case.model, messages=messages)
            with client.chat.completions.stream(model=case.model, messages=messages) as opened:
                return whole.text, opened.result().text

        with ThreadPoolExecutor(50) as threads:
            answers = list(threads.map(ask, range(50)))
        stats = client.pool.stats()

    assert answers == [(f"number {number}",) * 2 for number in range(50)]
    assert server.connections <= 8
    assert stats.waiting == 0
    assert stats.open == stats.idle <= 8


@awaited
async def test_fifty_tasks(case: Case, server: LoopbackProvider) -> None:
    """Fifty tasks on one async client each get their own answer."""
    answers: dict[int, str] = {}
    async with case.client(server, pool=Pool(max_connections=8)) as client:

        async def ask(number: int) -> None:
            messages = [{"role": "user", "content": f"number {number}"}]
            answers[number] = (await create(client, case, messages=messages)).text

        async with anyio.create_task_group() as tasks:
            for number in range(50):
                tasks.start_soon(ask, number)
        stats = client.pool.stats()

    assert answers == {number: f"number {number}" for number in range(50)}
    assert server.connections <= 8
    assert stats.open == stats.idle
    assert stats.longest_wait_seconds > 0


@pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)
def test_several_event_loops(row: Case) -> None:
    """One async client works in several event loops one after the other, of asyncio and trio."""
    with row.server() as server:
        client = row.awaited_class(api_key=KEY, base_url=server.base_url)

        async def twice() -> list[str]:
            first = await create(client, row)
            async with client.chat.completions.stream(model=row.model, messages=[USER]) as opened:
                return [first.text, (await opened.result()).text]

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the loops end with connections open, on purpose
            answers = [asyncio.run(twice()), trio.run(twice), asyncio.run(twice())]
            asyncio.run(client.close())
        server.wait_for(lambda: server.open_connections == 0)

    assert answers == [["one two three"] * 2] * 3


@blocking
async def test_inside_a_running_loop(case: Case, server: LoopbackProvider) -> None:
    """A blocking client works where an event loop runs, as in a notebook."""

    async def notebook() -> list[str]:
        async with case.client(server) as client:
            whole = client.chat.completions.create(model=case.model, messages=[USER])
            with client.chat.completions.stream(model=case.model, messages=[USER]) as opened:
                return [whole.text, opened.result().text]

    def in_a_thread() -> None:
        answers.append(asyncio.run(notebook()))

    answers: list[list[str]] = []
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()

    assert answers == [["one two three"] * 2]


@blocking
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
# Python 3.12 warns of forks beside threads, which pytest's plugins may have started.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
async def test_fork(case: Case) -> None:
    """A child that inherits an idle connection does not use it: both processes get their own answers."""
    with case.server(process=True) as server:
        async with case.client(server) as client:

            def ask(name: str) -> str:
                messages = [{"role": "user", "content": name}]
                reply: str = client.chat.completions.create(model=case.model, messages=messages).text
                return reply

            ask("before")
            child = os.fork()
            if child == 0:
                try:
                    is_right = all(ask(f"child {number}") == f"child {number}" for number in range(5))
                    os._exit(0 if is_right and client.pool.stats().open == 1 else 1)
                finally:
                    os._exit(2)
            answers = [ask(f"parent {number}") for number in range(5)]
            _, status = os.waitpid(child, 0)  # noqa: ASYNC222  # the child is quick, and no event loop runs

        assert answers == [f"parent {number}" for number in range(5)]
        assert os.waitstatus_to_exitcode(status) == 0
        assert server.connections == 2


@blocking
@pytest.mark.parametrize("kind", ["whole", "chunks", "events"])
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers")
async def test_interruption(case: Case, server: LoopbackProvider, kind: str) -> None:
    """Ctrl-C in a blocking call or stream goes through at once, and the connection is closed."""

    def stop(number: int, frame: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    server.script(Reply("one two three", faults=[Stall() if kind == "whole" else Stall(at=AfterEvents(3))]))
    try:
        async with case.in_time(), case.client(server, pool=ONE) as client:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(Stopped):
                await use(client, case, kind)
            server.wait_for(lambda: server.open_connections == 0)
            stats = client.pool.stats()
            reply = await create(client, case)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert (stats.open, stats.waiting) == (0, 0)
    assert reply.text == "one two three"


async def test_an_interruption_between_events(case: Case, server: LoopbackProvider) -> None:
    """A BaseException in the body of a block closes the connection, too."""
    server.script(Reply("one two three", faults=[Stall(at=AfterEvents(3))]))
    async with case.in_time(), case.client(server, pool=ONE) as client:
        with pytest.raises(Stopped):
            await stop_at_first(stream(client, case))
        server.wait_for(lambda: server.open_connections == 0)

        assert client.pool.stats().open == 0


async def test_two_streams_at_once(case: Case, server: LoopbackProvider) -> None:
    """Streams that are read in turn do not take each other's events."""
    async with case.client(server) as client:
        first = stream(client, case, messages=[{"role": "user", "content": "a b c"}])
        second = stream(client, case, messages=[{"role": "user", "content": "x y z"}])
        async with inside(first), inside(second):
            texts = ["", ""]
            for _ in range(3):
                for place, opened in enumerate((first, second)):
                    async for event in following(opened):
                        texts[place] += event.text
                        if event.text:
                            break

    assert texts == ["a b c", "x y z"]


@pytest.mark.filterwarnings("error::ResourceWarning")
async def test_a_forgotten_client(case: Case, server: LoopbackProvider) -> None:
    """A client that nobody closed lets its connection go with it, without a word."""
    client: Any = case.client_class(api_key=KEY, base_url=server.base_url)
    await create(client, case)
    del client
    gc.collect()
    server.wait_for(lambda: server.open_connections == 0)


async def test_closing_ends_what_is_on_the_wire(case: Case, server: LoopbackProvider) -> None:
    """`close()` cuts off streams that are still open; their readers get a typed error or the end."""
    server.script(Reply("one two three", faults=[Stall(at=AfterEvents(3))]))
    async with case.in_time(), case.client(server) as client:
        opened = await create(client, case, stream=True)
        async for _ in following(opened):
            break
        await done(client.close())
        server.wait_for(lambda: server.open_connections == 0)
        with pytest.raises(Exception, match=r"closed|broke off"):
            await items(opened)


def test_plain_runs_do_not_wait() -> None:
    """The runner of blocking tests refuses what would need an event loop."""
    with pytest.raises(AssertionError, match="waited for an event loop"):
        run_plain(asyncio.sleep(0))
