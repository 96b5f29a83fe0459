"""One call after another: what is sent, what comes back, which connection carries it."""

from __future__ import annotations

import anyio
import pytest

from tests.io.flavours import FLAVOURS, Flavour, body_of, call, post
from tests.io.servers import Peer, Request, Server
from twinwire._core.effects import Close, OpenResponse, Read, Send, TransportFailure, WireRequest
from twinwire._core.pool import Pool, PoolStats
from twinwire._core.timeout import Timeout
from twinwire.errors import ConfigError


@pytest.mark.parametrize("engine", ["httpcore", "httpcore2"])
@pytest.mark.parametrize("name", FLAVOURS)
def test_connection_is_reused(name: str, engine: str) -> None:
    """Calls one after the other go over one connection."""
    flavour = Flavour(name, engine)  # type: ignore[arg-type]  # parametrize hands over plain text

    async def scenario() -> tuple[list[bool], PoolStats]:
        transport = flavour.transport(server.url)
        reused: list[bool] = []
        for _ in range(3):
            response = await transport.send(post(server.url))
            reused.append(response.reused)
            await body_of(transport, response)
            await transport.close_response(Close(response))
        stats = transport.stats()
        await transport.close()
        return reused, stats

    with Server() as server:
        reused, stats = flavour.run(scenario)

    assert (reused, server.connections) == ([False, True, True], 1)
    assert stats == PoolStats(open=1, idle=1, waiting=0, longest_wait_seconds=0.0)


def test_request_on_the_wire(flavour: Flavour) -> None:
    """The server gets our headers, Host and Content-Length, and nothing else."""
    seen: list[Request | None] = []

    def play(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply()

    async def scenario() -> None:
        transport = flavour.transport(server.url)
        await call(transport, post(server.url, b'{"a": 1}', path="/v1/x?b=c"))
        await transport.close()

    with Server(play) as server:
        flavour.run(scenario)

    expected = {"host": f"127.0.0.1:{server.port}", "authorization": "Bearer k", "content-length": "8"}
    assert seen == [Request("POST /v1/x?b=c HTTP/1.1", expected, b'{"a": 1}')]


def test_reply_head(flavour: Flavour) -> None:
    """Header names come in lower case, values as Latin-1, repeated ones twice; a redirect is a reply like any other."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.reply(b"", status="307 Go", headers="Location: /y\r\nX-A: 1\r\nX-A: \xe9\r\n")

    async def scenario() -> OpenResponse:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        await transport.close()
        return response

    with Server(play) as server:
        response = flavour.run(scenario)

    assert response.status == 307
    assert response.http_version == "HTTP/1.1"
    assert response.headers == (("content-length", "0"), ("location", "/y"), ("x-a", "1"), ("x-a", "\xe9"))


def test_request_without_body(flavour: Flavour) -> None:
    """A GET has no Content-Length."""
    seen: list[Request | None] = []

    def play(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply()

    async def scenario() -> None:
        transport = flavour.transport(server.url)
        await call(transport, Send(WireRequest(method="GET", url=server.url, headers=(("host", "h"),)), Timeout()))
        await transport.close()

    with Server(play) as server:
        flavour.run(scenario)

    assert seen == [Request("GET / HTTP/1.1", {"host": "h"}, b"")]


def test_chunked_body(flavour: Flavour) -> None:
    """A chunked body comes in pieces without its framing, and the connection is reused."""

    def play(peer: Peer) -> None:
        while peer.request() is not None:
            peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            peer.send(b"4\r\ndefg\r\n0\r\n\r\n")

    async def scenario() -> list[bytes]:
        transport = flavour.transport(server.url)
        bodies = [await call(transport, post(server.url)) for _ in range(2)]
        await transport.close()
        return bodies

    with Server(play) as server:
        bodies = flavour.run(scenario)

    assert bodies == [b"abcdefg", b"abcdefg"]
    assert server.connections == 1


def test_large_request_body(flavour: Flavour) -> None:
    """A body that fits no socket buffer arrives whole."""
    body = bytes(range(256)) * 20_000

    async def scenario() -> bytes:
        transport = flavour.transport(server.url)
        answer = await call(transport, post(server.url, body))
        await transport.close()
        return answer

    with Server() as server:
        answer = flavour.run(scenario)

    assert answer == body


def test_connection_close_is_obeyed(flavour: Flavour) -> None:
    """After `Connection: close` the next call opens another connection."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.reply(headers="Connection: close\r\n")

    async def scenario() -> PoolStats:
        transport = flavour.transport(server.url)
        await call(transport, post(server.url))
        stats = transport.stats()
        await call(transport, post(server.url))
        await transport.close()
        return stats

    with Server(play) as server:
        stats = flavour.run(scenario)

    assert (stats.open, server.connections) == (0, 2)


def test_dead_idle_connection_is_replaced(flavour: Flavour) -> None:
    """A connection that the server has closed meanwhile is not used, and nobody hears of it."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.reply()

    async def scenario() -> list[bytes]:
        transport = flavour.transport(server.url)
        bodies = [await call(transport, post(server.url))]
        server.wait_closed(1)
        bodies.append(await call(transport, post(server.url)))
        await transport.close()
        return bodies

    with Server(play) as server:
        bodies = flavour.run(scenario)

    assert bodies == [b"hello", b"hello"]


def test_unasked_reply_is_never_taken(flavour: Flavour) -> None:
    """Bytes that came with the last reply are not the answer to the next request."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale")
        while (request := peer.request()) is not None:
            peer.reply(request.body)

    async def scenario() -> list[bytes]:
        transport = flavour.transport(server.url)
        bodies = [await call(transport, post(server.url)), await call(transport, post(server.url, b"mine"))]
        await transport.close()
        return bodies

    with Server(lambda peer: play(peer) if peer.number == 1 else _echo_once(peer)) as server:
        bodies = flavour.run(scenario)

    assert bodies == [b"first", b"mine"]


def test_last_used_connection_goes_first(flavour: Flavour) -> None:
    """Of two idle connections the one that came back last is used."""

    def play(peer: Peer) -> None:
        while peer.request() is not None:
            peer.reply(str(peer.number).encode())

    async def scenario() -> bytes:
        transport = flavour.transport(server.url)
        first = await transport.send(post(server.url))
        second = await transport.send(post(server.url))
        await body_of(transport, second)
        await body_of(transport, first)
        answer = await call(transport, post(server.url))
        await transport.close()
        return answer

    with Server(play) as server:
        answer = flavour.run(scenario)

    assert answer == b"1"


def test_keepalive_limits(flavour: Flavour) -> None:
    """No more than `max_keepalive` connections stay open, and none for longer than it may."""

    async def scenario() -> tuple[int, int]:
        transport = flavour.transport(server.url, Pool(max_keepalive=1, keepalive_expiry_seconds=0.02))
        responses = [await transport.send(post(server.url)) for _ in range(3)]
        for response in responses:
            await body_of(transport, response)
        kept = transport.stats().idle
        server.wait_closed(2)
        await anyio.sleep(0.03)
        await call(transport, post(server.url))
        await transport.close()
        return kept, server.connections

    with Server() as server:
        kept, connections = flavour.run(scenario)

    assert (kept, connections) == (1, 4)


def test_end_is_stable(flavour: Flavour) -> None:
    """Reading past the end and closing twice are fine; reading after an early close is not."""

    async def scenario() -> tuple[bytes, str]:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        await body_of(transport, response)
        await transport.close_response(Close(response))
        await transport.close_response(Close(response))
        again = await transport.read(Read(response, 1.0))
        other = await transport.send(post(server.url))
        await transport.close_response(Close(other))
        with pytest.raises(TransportFailure) as caught:
            await transport.read(Read(other, 1.0))
        await transport.close()
        return again, caught.value.kind

    with Server() as server:
        outcome = flavour.run(scenario)

    assert outcome == (b"", "closed")


def test_other_origin_is_refused(flavour: Flavour) -> None:
    """A request for another origin never leaves: it may hold a key."""

    async def scenario() -> None:
        transport = flavour.transport("http://127.0.0.1:1/v1")
        await transport.send(post("http://127.0.0.1:2"))

    with pytest.raises(ConfigError, match=r"serves http://127\.0\.0\.1:1, not http://127\.0\.0\.1:2"):
        flavour.run(scenario)


def test_foreign_response_is_refused(flavour: Flavour) -> None:
    """A response that another kind of transport opened is a mistake of ours."""

    async def scenario() -> None:
        transport = flavour.transport("http://127.0.0.1:1")
        await transport.read(Read(OpenResponse(status=200, headers=()), 1.0))

    with pytest.raises(TypeError, match="another transport"):
        flavour.run(scenario)


def test_closed_transport_refuses(flavour: Flavour) -> None:
    """After close nothing is sent, and an open response fails."""

    async def scenario() -> list[str]:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        await transport.close()
        kinds: list[str] = []
        for effect in (Read(response, 1.0), post(server.url)):
            with pytest.raises(TransportFailure) as caught:
                await (transport.read(effect) if isinstance(effect, Read) else transport.send(effect))
            kinds.append(caught.value.kind)
        await transport.close_response(Close(response))
        return kinds

    with Server() as server:
        kinds = flavour.run(scenario)

    assert kinds == ["closed", "closed"]


def _echo_once(peer: Peer) -> None:
    request = peer.request()
    peer.reply(request.body if request else b"")
