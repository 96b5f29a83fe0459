"""A socket belongs to one process and one event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from typing import TYPE_CHECKING

import pytest
import trio

from tests.io.flavours import call, post
from tests.io.servers import Peer, Server
from twinwire._core.effects import Close, Read, TransportFailure
from twinwire._core.pool import Pool
from twinwire._io import fork
from twinwire._io.async_transport import AsyncPooledTransport
from twinwire._io.transport import PooledTransport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ONE = Pool(max_connections=1)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_child(work: Callable[[], bytes]) -> bytes:
    """Run *work* in a forked process and return what it returns, or its error's words."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = work()
        except BaseException as error:  # noqa: BLE001  # a child must never return into the test run
            answer = repr(error).encode()
        os.write(writer, answer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


def post_once(transport: PooledTransport, url: str, body: bytes) -> bytes:
    """Make a call."""
    response = transport.send(post(url, body))
    answer = b""
    while piece := transport.read(Read(response, 5.0)):
        answer += piece
    return answer


def numbered(peer: Peer) -> None:
    """Answer with the connection's number and the body."""
    while (request := peer.request()) is not None:
        peer.reply(b"%d:%s" % (peer.number, request.body))


@needs_fork
def test_fork_shares_no_connection() -> None:
    """A child opens its own connection, and its parent goes on with the idle one as if nothing had happened."""
    with Server(numbered) as server:
        transport = PooledTransport(server.url, trust_env=False)
        before = post_once(transport, server.url, b"parent")
        child = in_child(lambda: post_once(transport, server.url, b"child"))
        after = post_once(transport, server.url, b"parent again")
        transport.close()

    assert (before, child, after) == (b"1:parent", b"2:child", b"1:parent again")


@needs_fork
def test_open_response_is_the_parents() -> None:
    """A response that is open at a fork can be read by the parent and not by the child."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        go_on.wait(5)
        peer.send(b"def")

    def read_in_child() -> bytes:
        try:
            return transport.read(Read(response, 1.0))
        except TransportFailure as failure:
            return failure.kind.encode()

    go_on = threading.Event()
    with Server(play) as server:
        transport = PooledTransport(server.url, trust_env=False)
        response = transport.send(post(server.url))
        child = in_child(read_in_child)
        go_on.set()
        body = b""
        while piece := transport.read(Read(response, 5.0)):
            body += piece
        transport.close()

    assert (child, body) == (b"fork", b"abcdef")


@needs_fork
def test_fork_inherits_no_locked_lock() -> None:
    """A fork while another thread has the only connection, and others wait for it, leaves the child a pool of its own."""
    with Server(numbered) as server:
        transport = PooledTransport(server.url, ONE, trust_env=False)
        held = transport.send(post(server.url, b"held"))
        waiter = threading.Thread(target=post_once, args=(transport, server.url, b"waits"))
        waiter.start()
        with transport._homes._only._lock, transport._homes._only._slots._lock:
            child = in_child(lambda: post_once(transport, server.url, b"child"))
        while transport.read(Read(held, 5.0)):
            pass
        waiter.join(5)
        transport.close()

    assert child == b"2:child"


@needs_fork
def test_fork_within_a_loop() -> None:
    """A child that was forked by a running loop has its own loop and its own connections."""

    async def scenario() -> tuple[bytes, bytes, bytes]:
        before = await call(transport, post(server.url, b"parent"))
        child = in_child(lambda: _run_in_new_thread(lambda: call(transport, post(server.url, b"child"))))
        return before, child, await call(transport, post(server.url, b"parent again"))

    with Server(numbered) as server:
        transport = AsyncPooledTransport(server.url, trust_env=False)
        answers = asyncio.run(scenario())

    assert answers == (b"1:parent", b"2:child", b"1:parent again")


def _run_in_new_thread(work: Callable[[], Awaitable[bytes]]) -> bytes:
    answers: list[bytes] = []

    async def main() -> None:
        answers.append(await work())

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join(5)
    return answers[0]


def test_after_a_fork_nothing_is_left() -> None:
    """What runs in a child lets go of every connection, open response and waiting call, and does not mind a closed client."""

    async def scenario() -> str:
        transport = AsyncPooledTransport(server.url, ONE, trust_env=False)
        response = await transport.send(post(server.url))
        fork.after_fork()
        with pytest.raises(TransportFailure) as caught:
            await transport.read(Read(response, 1.0))
        await transport.close_response(Close(response))
        await call(transport, post(server.url))
        await transport.close()
        return caught.value.kind

    with Server(numbered) as server:
        closed = PooledTransport(server.url, trust_env=False)
        closed.close()
        blocking = PooledTransport(server.url, trust_env=False)
        answers = [post_once(blocking, server.url, b"x")]
        fork.after_fork()
        answers.append(post_once(blocking, server.url, b"x"))
        blocking.close()
        kind = asyncio.run(scenario())
        with pytest.raises(TransportFailure) as caught:
            closed.send(post(server.url))

    assert answers == [b"1:x", b"2:x"]
    assert (kind, caught.value.kind) == ("fork", "closed")


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """A loop that cannot watch sockets, as the default one on Windows."""

    def add_reader(self, fd: object, callback: object, *args: object) -> None:
        """Refuse."""
        raise NotImplementedError

    def add_writer(self, fd: object, callback: object, *args: object) -> None:
        """Refuse."""
        raise NotImplementedError


def test_loop_that_cannot_watch_sockets() -> None:
    """Where the loop cannot watch a socket, a thread does; limits hold there too."""

    def play(peer: Peer) -> None:
        request = peer.request()
        peer.reply(str(len(request.body)).encode() if request else b"")
        done.wait(5)

    async def scenario() -> tuple[bytes, str]:
        transport = AsyncPooledTransport(server.url, trust_env=False)
        body = await call(transport, post(server.url, bytes(5_000_000)))
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url, bytes(20_000_000), seconds=0.05))
        done.set()
        await transport.close()
        return body, caught.value.kind

    done = threading.Event()
    with Server(play) as server, asyncio.Runner(loop_factory=LoopWithoutReaders) as runner:
        outcome = runner.run(scenario())

    assert outcome == (b"5000000", "timeout")


def test_loops_one_after_another() -> None:
    """One client serves loops that come and go, of both kinds; what an ended loop held is closed without a complaint."""
    with Server(numbered) as server:
        transport = AsyncPooledTransport(server.url, trust_env=False)

        async def scenario() -> bytes:
            return await call(transport, post(server.url, b"x"))

        answers = [asyncio.run(scenario()), asyncio.run(scenario()), trio.run(scenario), asyncio.run(scenario())]
        gc.collect()
        server.wait_closed(3)
        stats = transport.stats()
        asyncio.run(transport.close())

    assert answers == [b"1:x", b"2:x", b"3:x", b"4:x"]
    assert stats.open <= 1


def test_closed_loop_that_is_kept() -> None:
    """The connections of a closed loop are closed with the next one's first call, even if somebody holds on to the loop."""
    with Server(numbered) as server:
        transport = AsyncPooledTransport(server.url, trust_env=False)
        old = asyncio.new_event_loop()
        old.run_until_complete(call(transport, post(server.url)))
        old.close()
        asyncio.run(call(transport, post(server.url)))
        closed = server.wait_closed(1)
        asyncio.run(transport.close())

    assert closed


def test_loops_beside_one_another() -> None:
    """Loops in several threads use one client at a time, each with connections of its own."""
    answers: list[bytes] = []
    both = threading.Barrier(2)

    async def scenario() -> None:
        answers.extend([await call(transport, post(server.url, b"x")) for _ in range(20)])
        await asyncio.to_thread(both.wait, 5)

    with Server(numbered) as server:
        transport = AsyncPooledTransport(server.url, trust_env=False)
        threads = [threading.Thread(target=lambda: asyncio.run(scenario())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        asyncio.run(transport.close())

    assert sorted(answers) == sorted([b"1:x", b"2:x"] * 20)


def test_blocking_inside_a_loop() -> None:
    """A blocking client works where a loop runs, as in a notebook."""

    async def scenario() -> bytes:
        return post_once(transport, server.url, b"x")

    with Server() as server:
        transport = PooledTransport(server.url, trust_env=False)
        answer = asyncio.run(scenario())
        transport.close()

    assert answer == b"x"


def test_close_from_another_loop() -> None:
    """A client that is closed in another loop wakes those who wait for a connection in this one."""
    kinds: list[str] = []

    async def scenario() -> None:
        held = await transport.send(post(server.url))
        threading.Timer(0.03, lambda: asyncio.run(transport.close())).start()
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url))
        await transport.close_response(Close(held))
        kinds.append(caught.value.kind)

    with Server() as server:
        transport = AsyncPooledTransport(server.url, ONE, trust_env=False)
        asyncio.run(scenario())
        transport = AsyncPooledTransport(server.url, ONE, trust_env=False)
        trio.run(scenario)

    assert kinds == ["closed", "closed"]
