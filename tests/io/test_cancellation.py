"""A call that is stopped in any state gives its slot and its connection back."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio
import pytest

from tests.io.flavours import Flavour, FlavourName, call, post
from tests.io.servers import Peer, Server, echo, full_server
from twinwire._core.effects import Close, Read, Send
from twinwire._core.pool import Pool
from twinwire._io.async_transport import AsyncPooledTransport, AsyncTransport
from twinwire._io.connections import OpenLease
from twinwire._io.transport import PooledTransport

if TYPE_CHECKING:
    from collections.abc import Generator

AWAITED: tuple[FlavourName, ...] = ("asyncio", "trio")
ONE = Pool(max_connections=1)


def slow(peer: Peer) -> None:
    """Echo, but leave requests for `stall` where it says."""
    while b"\r\n\r\n" not in peer.buffer:
        if not peer.more():
            return
    if b"stall-write" in peer.buffer:
        time.sleep(0.3)
    elif b"stall-head" in peer.buffer:
        peer.is_at_end()
    elif b"stall-body" in peer.buffer:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        peer.is_at_end()
    else:
        echo(peer)


async def whole(transport: AsyncTransport, effect: Send) -> None:
    """Make a call and close it as a driver does, also when it is stopped."""
    response = await transport.send(effect)
    try:
        while await transport.read(Read(response, 5.0)):
            pass
    finally:
        with anyio.CancelScope(shield=True):
            await transport.close_response(Close(response))


@pytest.mark.parametrize("name", AWAITED)
@pytest.mark.parametrize("state", ["queue", "connect", "write", "head", "body"])
def test_cancelled_call_gives_back(name: FlavourName, state: str) -> None:
    """The only connection of a pool is free again after a cancelled call, and nothing stays open."""
    flavour = Flavour(name)

    async def scenario() -> tuple[bytes, int]:
        transport = flavour.transport(server.url, ONE)
        effect = post(server.url, bytes(20_000_000) if state == "write" else b"{}", path=f"/stall-{state}")
        if state == "queue":
            held = await transport.send(post(server.url))
            with anyio.move_on_after(0.05):
                await whole(transport, effect)
            assert transport.stats().waiting == 0
            await transport.close_response(Close(held))
        elif state == "connect":
            await _cancel_connecting(flavour)
        else:
            with anyio.move_on_after(0.05) as scope:
                await whole(transport, effect)
            assert scope.cancelled_caught
        assert transport.stats().open == 0
        answer = await call(transport, post(server.url, b"after"))
        count = transport.stats().open
        await transport.close()
        return answer, count

    with Server(slow) as server:
        answer, count = flavour.run(scenario)

    assert (answer, count) == (b"after", 1)


async def _cancel_connecting(flavour: Flavour) -> None:
    with full_server() as url:
        transport = flavour.transport(url, ONE)
        with anyio.move_on_after(0.05) as scope:
            await transport.send(post(url))
        assert scope.cancelled_caught
        assert transport.stats().open == 0
        await transport.close()


@pytest.mark.parametrize("name", AWAITED)
def test_many_cancelled_calls(name: FlavourName) -> None:
    """After 1,000 calls that were cancelled at all sorts of moments the whole pool is usable."""
    flavour = Flavour(name)
    size = 5

    async def scenario() -> tuple[int, int]:
        transport = flavour.transport(server.url, Pool(max_connections=size))

        async def cut(after_seconds: float) -> None:
            with anyio.move_on_after(after_seconds):
                await whole(transport, post(server.url))

        for _ in range(10):
            async with anyio.create_task_group() as group:
                for number in range(100):
                    group.start_soon(cut, number * 0.0002)
        held = [await transport.send(post(server.url)) for _ in range(size)]
        open_count = transport.stats().open
        for response in held:
            await transport.close_response(Close(response))
        waiting = transport.stats().waiting
        await transport.close()
        return open_count, waiting

    with Server() as server:
        outcome = flavour.run(scenario)

    assert outcome == (size, 0)


@pytest.mark.parametrize("name", AWAITED)
def test_slots_go_in_order(name: FlavourName) -> None:
    """Those who wait for a connection get it in the order of their coming, and one who leaves is skipped."""
    flavour = Flavour(name)
    order: list[int] = []

    async def scenario() -> None:
        transport = flavour.transport(server.url, ONE)
        held = await transport.send(post(server.url))

        async def wait(number: int) -> None:
            await call(transport, post(server.url))
            order.append(number)

        async with anyio.create_task_group() as group:
            for number in range(5):
                if number == 2:
                    group.start_soon(_give_up, transport, server.url)
                else:
                    group.start_soon(wait, number)
                await _until_waiting(transport, number + 1)
            await _until_waiting(transport, 4)
            await transport.close_response(Close(held))
        await transport.close()

    with Server() as server:
        flavour.run(scenario)

    assert order == [0, 1, 3, 4]


async def _give_up(transport: AsyncTransport, url: str) -> None:
    with anyio.move_on_after(0.5):
        await call(transport, post(url))


async def _until_waiting(transport: AsyncTransport, count: int) -> None:
    with anyio.fail_after(5):
        while transport.stats().waiting != count:  # noqa: ASYNC110  # there is no event for it, nor need there be
            await anyio.sleep(0.001)


def test_slots_go_in_order_among_threads() -> None:
    """Threads that wait for a connection get it in the order of their coming."""
    order: list[int] = []

    def wait(number: int) -> None:
        response = transport.send(post(server.url))
        order.append(number)
        transport.close_response(Close(response))

    with Server() as server:
        transport = PooledTransport(server.url, ONE, trust_env=False)
        held = transport.send(post(server.url))
        threads: list[threading.Thread] = []
        for number in range(5):
            threads.append(threading.Thread(target=wait, args=(number,)))
            threads[-1].start()
            while transport.stats().waiting <= number:
                time.sleep(0.001)
        transport.close_response(Close(held))
        for thread in threads:
            thread.join(5)
        transport.close()

    assert order == [0, 1, 2, 3, 4]


def test_fifty_threads() -> None:
    """Fifty threads share ten connections, and each gets its own answers."""
    wrong: list[bytes] = []

    def work(number: int) -> None:
        for turn in range(10):
            body = b"%d-%d" % (number, turn)
            response = transport.send(post(server.url, body))
            answer = b""
            while piece := transport.read(Read(response, 5.0)):
                answer += piece
            if answer != body:
                wrong.append(answer)

    with Server() as server:
        transport = PooledTransport(server.url, Pool(max_connections=10), trust_env=False)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        stats = transport.stats()
        transport.close()

    assert wrong == []
    assert (stats.open, stats.waiting) == (stats.idle, 0)
    assert server.connections <= 10


@pytest.mark.parametrize("state", ["queue", "head", "body"])
def test_ctrl_c_gives_back(state: str) -> None:
    """Ctrl-C in a blocking call leaves the pool usable and nothing open."""
    with Server(slow) as server:
        transport = PooledTransport(server.url, ONE, trust_env=False)
        held = transport.send(post(server.url)) if state == "queue" else None
        with pytest.raises(KeyboardInterrupt), ctrl_c_soon():
            read_all(transport, post(server.url, path=f"/stall-{state}"))
        if held is not None:
            transport.close_response(Close(held))
        left = transport.stats()
        answer = transport.send(post(server.url, b"after"))
        transport.close_response(Close(answer))
        transport.close()

    assert (left.open, left.waiting) == (0, 0)
    assert answer.status == 200


def read_all(transport: PooledTransport, effect: Send) -> None:
    """Make a call and leave it open."""
    response = transport.send(effect)
    while transport.read(Read(response, 5.0)):
        pass


@contextmanager
def ctrl_c_soon() -> Generator[None]:
    """Interrupt the main thread in a moment, as a terminal does."""
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.join()


@pytest.mark.parametrize("state", ["head", "body", "queue"])
def test_close_wakes_other_threads(state: str) -> None:
    """Closing the client ends the calls of other threads at once."""
    kinds: list[str] = []

    def work() -> None:
        try:
            read_all(transport, post(server.url, path=f"/stall-{state}"))
        except Exception as error:  # noqa: BLE001  # judged below
            kinds.append(getattr(error, "kind", repr(error)))

    with Server(slow) as server:
        transport = PooledTransport(server.url, ONE, trust_env=False)
        held = transport.send(post(server.url)) if state == "queue" else None
        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.05)
        transport.close()
        thread.join(2)
        if held is not None:
            transport.close_response(Close(held))

    assert kinds == ["closed"]


@pytest.mark.parametrize("name", AWAITED)
def test_close_wakes_other_tasks(name: FlavourName) -> None:
    """Closing the client ends the calls of other tasks at once: one that reads, and one that waits for a connection."""
    flavour = Flavour(name)
    kinds: list[str] = []

    async def work(transport: AsyncTransport, path: str) -> None:
        try:
            await whole(transport, post(server.url, path=path))
        except Exception as error:  # noqa: BLE001  # judged below
            kinds.append(getattr(error, "kind", repr(error)))

    async def scenario() -> None:
        transport = flavour.transport(server.url, ONE)
        async with anyio.create_task_group() as group:
            group.start_soon(work, transport, "/stall-body")
            await anyio.sleep(0.02)
            group.start_soon(work, transport, "/")
            await anyio.sleep(0.02)
            await transport.close()

    with Server(slow) as server:
        flavour.run(scenario)

    assert kinds == ["closed", "closed"]


def test_task_cancel_of_asyncio() -> None:
    """`task.cancel()` ends a call within a turn of the loop, and the server sees the connection end."""

    async def scenario() -> None:
        transport = AsyncPooledTransport(server.url, ONE, trust_env=False)
        task = asyncio.create_task(whole(transport, post(server.url, path="/stall-head")))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.wait_closed, 1)
        await transport.close()

    with Server(slow) as server:
        asyncio.run(scenario())


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_lease_whose_constructor_was_interrupted() -> None:
    """It holds nothing yet, and its finalizer says nothing."""
    half_made: object = OpenLease.__new__(OpenLease)  # pyright: ignore[reportUnknownVariableType]  # of any kind
    reference = weakref.ref(half_made)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    del half_made

    assert reference() is None
