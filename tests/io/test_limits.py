"""No wait is longer than its limit or the deadline, whatever the server does meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.io.flavours import Flavour, body_of, call, post, read_until
from tests.io.servers import Peer, Server, full_server
from twinwire._core.effects import Close, Read, TransportFailure
from twinwire._core.pool import Pool
from twinwire._core.timeout import Timeout

if TYPE_CHECKING:
    from collections.abc import Callable

SLACK_SECONDS = 0.5
"""Machines that run tests are busy; a limit that does not hold would be missed by seconds."""


def silent(peer: Peer) -> None:
    """Take the request and say nothing."""
    peer.request()
    peer.is_at_end()


def dribbled_head(peer: Peer) -> None:
    """Send a head that never ends, a byte at a time."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(1000):
        peer.send(b"x")
        time.sleep(0.005)


def interim_replies(peer: Peer) -> None:
    """Send interim replies for ever."""
    peer.request()
    for _ in range(1000):
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        time.sleep(0.005)


def dribbled_chunk(peer: Peer) -> None:
    """Send a chunk's length that never ends."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    for _ in range(1000):
        peer.send(b"x")
        time.sleep(0.005)


def comments(peer: Peer) -> None:
    """Send a stream of keep-alive comments."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(1000):
        peer.send(b": alive\n\n")
        time.sleep(0.005)


def does_not_read(peer: Peer) -> None:
    """Leave the request in the socket, for longer than a busy machine needs to fill it."""
    time.sleep(1.5)


def failure_of(flavour: Flavour, url: str, **options: object) -> tuple[TransportFailure, float]:
    """Make one call that must fail, and say how long it took."""

    async def scenario() -> tuple[TransportFailure, float]:
        transport = flavour.transport(url)
        began = time.monotonic()
        with pytest.raises(TransportFailure) as caught:
            await call(transport, post(url, **options))  # type: ignore[arg-type]  # passed on as they are
        took = time.monotonic() - began
        stats = transport.stats()
        await transport.close()

        assert (stats.open, stats.idle) == (0, 0)
        return caught.value, took

    return flavour.run(scenario)


@pytest.mark.parametrize("play", [silent, dribbled_head, interim_replies])
@pytest.mark.parametrize("by", ["deadline", "first_event"])
def test_head_is_bounded(flavour: Flavour, play: Callable[[Peer], None], by: str) -> None:
    """Neither silence nor a dribbled head outlives the deadline or `first_event`."""
    options: dict[str, object] = {"seconds": 0.1} if by == "deadline" else {"timeout": Timeout(first_event=0.1)}

    with Server(play) as server:
        failure, took = failure_of(flavour, server.url, **options)

    assert (failure.kind, failure.phase, failure.written, failure.reused) == ("timeout", "head", True, False)
    assert failure.limit_seconds is not None
    assert 0 < failure.limit_seconds <= 0.1  # of a deadline, what was left
    assert 0.09 < took < 0.1 + SLACK_SECONDS


@pytest.mark.parametrize("play", [comments, dribbled_chunk])
def test_body_is_bounded_by_the_deadline(flavour: Flavour, play: Callable[[Peer], None]) -> None:
    """A body that always has a bit more ends at the deadline."""

    async def scenario() -> tuple[TransportFailure, float]:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        began = time.monotonic()
        with pytest.raises(TransportFailure) as caught:
            await read_until(transport, response, began + 0.1)
        await transport.close()
        return caught.value, time.monotonic() - began

    with Server(play) as server:
        failure, took = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == ("timeout", "body", True)
    assert 0.09 < took < 0.1 + SLACK_SECONDS


@pytest.mark.parametrize("play", [silent, dribbled_chunk])
def test_silent_body_is_bounded(flavour: Flavour, play: Callable[[Peer], None]) -> None:
    """Silence in a body lasts for `idle_seconds` at most; bytes that are no content do not break it."""

    def headed(peer: Peer) -> None:
        if play is silent:
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        play(peer)

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        with pytest.raises(TransportFailure) as caught:
            await transport.read(Read(response, 0.05))
        await transport.close()
        return caught.value

    with Server(headed) as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.limit_seconds) == ("timeout", "body", 0.05)


def test_write_is_bounded(flavour: Flavour) -> None:
    """A server that does not read is given up; the request counts as not written."""
    with Server(does_not_read) as server:
        failure, took = failure_of(flavour, server.url, body=bytes(20_000_000), timeout=Timeout(write=0.1))

    assert (failure.kind, failure.phase, failure.written) == ("timeout", "write", False)
    assert failure.limit_seconds == 0.1
    assert took < 0.1 + SLACK_SECONDS


@pytest.mark.parametrize("by", ["deadline", "connect"])
def test_tls_handshake_is_bounded(flavour: Flavour, by: str) -> None:
    """A server that accepts and does not shake hands is given up within the connect limit."""
    options: dict[str, object] = {"seconds": 0.1} if by == "deadline" else {"timeout": Timeout(connect=0.1)}

    with Server(silent) as server:
        failure, took = failure_of(flavour, server.url.replace("http:", "https:"), **options)

    assert (failure.kind, failure.phase, failure.written) == ("timeout", "connect", False)
    assert took < 0.1 + SLACK_SECONDS


def test_connecting_is_bounded(flavour: Flavour) -> None:
    """An address that swallows the handshake is given up within the connect limit."""
    with full_server() as url:

        async def scenario() -> TransportFailure:
            transport = flavour.transport(url)
            with pytest.raises(TransportFailure) as caught:
                await transport.send(post(url, timeout=Timeout(connect=0.05)))
            await transport.close()
            return caught.value

        failure = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == ("timeout", "connect", False)


def test_past_deadline_sends_nothing(flavour: Flavour) -> None:
    """A call whose deadline is over does not reach the server, not even over an idle connection."""
    seen: list[bytes] = []

    def play(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            seen.append(request.body)
            peer.reply()

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url)
        await call(transport, post(server.url, b"first"))
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url, b"second", seconds=-1.0))
        await transport.close()
        return caught.value

    with Server(play) as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.written, seen) == ("timeout", False, [b"first"])


@pytest.mark.parametrize("by", ["deadline", "pool"])
def test_waiting_for_a_slot_is_bounded(flavour: Flavour, by: str) -> None:
    """A call that finds all connections in use waits for `timeout.pool` or its deadline."""

    async def scenario() -> tuple[TransportFailure, int, float]:
        transport = flavour.transport(server.url, Pool(max_connections=1))
        response = await transport.send(post(server.url))
        effect = post(server.url, seconds=0.05) if by == "deadline" else post(server.url, timeout=Timeout(pool=0.05))
        with pytest.raises(TransportFailure) as caught:
            await transport.send(effect)
        waiting, waited = transport.stats().waiting, transport.stats().longest_wait_seconds
        await body_of(transport, response)
        await call(transport, post(server.url))
        await transport.close()
        return caught.value, waiting, waited

    with Server() as server:
        failure, waiting, waited = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == ("pool_timeout", "pool", False)
    assert failure.limit_seconds is not None
    assert 0 < failure.limit_seconds <= 0.05
    assert waiting == 0
    assert 0.04 < waited < 0.05 + SLACK_SECONDS


def test_drain_is_bounded(flavour: Flavour) -> None:
    """Draining ends with its time, and drops the connection."""

    async def scenario() -> tuple[int, float]:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        began = time.monotonic()
        await transport.close_response(Close(response, drain_seconds=0.05))
        took = time.monotonic() - began
        count = transport.stats().open
        await transport.close()
        return count, took

    with Server(comments) as server:
        count, took = flavour.run(scenario)

    assert count == 0
    assert 0.04 < took < 0.05 + SLACK_SECONDS


def test_drain_saves_the_connection(flavour: Flavour) -> None:
    """A rest that comes in time is read, and the connection is kept."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        peer.send(b"0\r\n\r\n")
        peer.is_at_end()

    async def scenario() -> int:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        await transport.read(Read(response, 1.0))
        await transport.close_response(Close(response, drain_seconds=1.0))
        idle = transport.stats().idle
        await transport.close()
        return idle

    with Server(play) as server:
        idle = flavour.run(scenario)

    assert idle == 1
