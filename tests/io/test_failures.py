"""Each way in which the wire can fail is told apart, and says whether the request was written."""

from __future__ import annotations

import socket
import struct
import traceback
from typing import TYPE_CHECKING

import pytest

from tests.io.flavours import Flavour, body_of, call, post
from tests.io.servers import Peer, Server
from twinwire._core.effects import Close, Read, Send, TransportFailure, WireRequest
from twinwire._core.timeout import Timeout

if TYPE_CHECKING:
    from collections.abc import Callable

Facts = tuple[str, str, bool | None, bool]


def reset(peer: Peer) -> None:
    """Drop the connection with a reset."""
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()


def says_nothing(peer: Peer) -> None:
    """Close instead of replying."""
    peer.request()


def resets(peer: Peer) -> None:
    """Reset instead of replying."""
    peer.request()
    reset(peer)


def cuts_head(peer: Peer) -> None:
    """Close within the head."""
    peer.request()
    peer.send(b"HTTP/1.1 200 O")


def speaks_nonsense(peer: Peer) -> None:
    """Reply with something else than HTTP."""
    peer.request()
    peer.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def has_huge_head(peer: Peer) -> None:
    """Send a head of 70 kB, which h11 alone would still take."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(70)) + b"\r\n")
    peer.is_at_end()


def cuts_length(peer: Peer) -> None:
    """Close before the promised length."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")


def cuts_chunks(peer: Peer) -> None:
    """Close between two chunks."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")


def resets_body(peer: Peer) -> None:
    """Reset within the body."""
    cuts_length(peer)
    reset(peer)


def breaks_chunks(peer: Peer) -> None:
    """Send a chunk length that is none."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    peer.is_at_end()


ONE_CALL: list[tuple[Callable[[Peer], None], Facts]] = [
    (says_nothing, ("read", "head", True, False)),
    (resets, ("read", "head", True, False)),
    (cuts_head, ("read", "head", True, False)),
    (speaks_nonsense, ("protocol", "head", True, False)),
    (has_huge_head, ("too_large", "head", True, False)),
    (cuts_length, ("read", "body", True, False)),
    (cuts_chunks, ("read", "body", True, False)),
    (resets_body, ("read", "body", True, False)),
    (breaks_chunks, ("protocol", "body", True, False)),
]


@pytest.mark.parametrize(("play", "facts"), ONE_CALL, ids=lambda value: getattr(value, "__name__", ""))
def test_failure_of_one_call(flavour: Flavour, play: Callable[[Peer], None], facts: Facts) -> None:
    """A failure says what failed, when, and whether the request was written; its cause is kept, its connection not."""

    async def scenario() -> tuple[TransportFailure, int]:
        transport = flavour.transport(server.url)
        with pytest.raises(TransportFailure) as caught:
            await call(transport, post(server.url))
        count = transport.stats().open
        await transport.close()
        return caught.value, count

    with Server(play) as server:
        failure, count = flavour.run(scenario)

    assert facts == (failure.kind, failure.phase, failure.written, failure.reused)
    assert count == 0
    assert failure.kind == "too_large" or failure.__cause__ is not None


def test_refused_connection(flavour: Flavour) -> None:
    """A port where nobody listens is a failure to connect; nothing was written."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def scenario() -> TransportFailure:
        transport = flavour.transport(url)
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(url))
        await transport.close()
        return caught.value

    failure = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == ("connect", "connect", False)
    assert isinstance(failure.__cause__, ConnectionRefusedError)


def test_unknown_name(flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve is a failure to connect."""

    def getaddrinfo(*args: object, **options: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def scenario() -> TransportFailure:
        transport = flavour.transport("http://nowhere.example")
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post("http://nowhere.example"))
        await transport.close()
        return caught.value

    failure = flavour.run(scenario)

    assert (failure.kind, failure.phase) == ("connect", "connect")
    assert "nowhere.example:80" in str(failure)


def test_second_address_is_tried(flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the first address of a name refuses, the next one is used."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead: int = listener.getsockname()[1]
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: object, **options: object) -> object:
        if host != "two.example":
            return real(host, port, *args, **options)  # type: ignore[arg-type]  # passed on as they came
        if options.get("flags"):
            raise socket.gaierror(socket.EAI_NONAME, "not a number")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", at)) for at in (dead, port)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def scenario() -> bytes:
        url = f"http://two.example:{server.port}"
        transport = flavour.transport(url)
        body = await call(transport, post(url, b"x"))
        await transport.close()
        return body

    with Server() as server:
        body = flavour.run(scenario)

    assert body == b"x"


def test_early_reply_beats_write_failure(flavour: Flavour) -> None:
    """A server that refuses a large body and closes is heard; its connection is not used again."""

    def play(peer: Peer) -> None:
        while b"\r\n\r\n" not in peer.buffer:
            peer.more()
        peer.reply(b"too large", status="413 Content Too Large")

    async def scenario() -> tuple[int, bytes, int]:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url, bytes(20_000_000)))
        body = await body_of(transport, response)
        count = transport.stats().open
        await transport.close()
        return response.status, body, count

    with Server(play) as server:
        outcome = flavour.run(scenario)

    assert outcome == (413, b"too large", 0)


def test_write_failure(flavour: Flavour) -> None:
    """When the connection breaks within the request, and nothing explains it, the request counts as not written."""

    def play(peer: Peer) -> None:
        peer.sock.recv(100)
        reset(peer)

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url)
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url, bytes(20_000_000)))
        await transport.close()
        return caught.value

    with Server(play) as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.written, failure.reused) == ("write", False, False)
    assert isinstance(failure.__cause__, OSError)


def test_reused_connection_dies(flavour: Flavour) -> None:
    """A failure on an old connection says so."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.reply()
        peer.request()

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url)
        await call(transport, post(server.url))
        with pytest.raises(TransportFailure) as caught:
            await call(transport, post(server.url))
        await transport.close()
        return caught.value

    with Server(play) as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.written, failure.reused) == ("read", "head", True, True)


@pytest.mark.parametrize("value", ["Bearer sk-secret\n", "Bearer sk-secret\u2026"])
def test_bad_header_is_not_quoted(flavour: Flavour, value: str) -> None:
    """A key that cannot be sent appears in no message, and in nothing that the failure is chained to."""

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url)
        request = WireRequest(method="POST", url=server.url, headers=(("authorization", value),), body=b"")
        with pytest.raises(TransportFailure) as caught:
            await transport.send(Send(request, Timeout()))
        await transport.close()
        return caught.value

    with Server() as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.written) == ("protocol", False)
    assert failure.__cause__ is None
    assert failure.__context__ is None
    assert "secret" not in "".join(traceback.format_exception(failure))


@pytest.mark.parametrize("pieces", [0, 1])
def test_leaving_a_body_closes_at_once(flavour: Flavour, pieces: int) -> None:
    """Closing before the end of a body frees the slot, and the server sees the end of the connection."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n")
        ended.append(peer.is_at_end())

    async def scenario() -> int:
        transport = flavour.transport(server.url)
        response = await transport.send(post(server.url))
        for _ in range(pieces):
            await transport.read(Read(response, 1.0))
        await transport.close_response(Close(response))
        server.wait_closed(1)
        count = transport.stats().open
        await transport.close()
        return count

    ended: list[bool] = []
    with Server(play) as server:
        count = flavour.run(scenario)

    assert (count, ended) == (0, [True])
