"""A client that the user hands in: what of it is used, and what is not."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import httpx
import httpx2
import pytest

from tests.io.flavours import Awaited, body_of, call, post, read_until
from tests.io.servers import Peer, Request, Server
from tests.io.test_failures import (
    cuts_chunks,
    cuts_length,
    resets,
    resets_body,
    says_nothing,
    speaks_nonsense,
)
from tests.io.test_limits import comments, silent
from twinwire._core.effects import Close, OpenResponse, Read, Send, TransportFailure, WireRequest
from twinwire._core.timeout import Timeout
from twinwire._io.async_injected import AsyncInjectedTransport
from twinwire._io.injected import InjectedTransport
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.io.conftest import Certificate
    from twinwire._io.async_transport import AsyncTransport

T = TypeVar("T")

Library = Literal["httpx", "httpx2"]


def stays_open(peer: Peer) -> None:
    """Send the beginning of a body, and wait."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
    peer.is_at_end()


class Injection:
    """One library in one flavour, over a client with these options."""

    def __init__(self, library: Library, *, awaited: bool) -> None:
        self.library = httpx if library == "httpx" else httpx2
        self.awaited = awaited

    def run(self, scenario: Callable[[AsyncTransport], Awaitable[T]], **options: Any) -> T:
        """Run a test's body with a transport, and close the client as its owner does."""

        async def main() -> T:
            options.setdefault("trust_env", False)
            if self.awaited:
                async with self.library.AsyncClient(**options) as client:
                    return await scenario(AsyncInjectedTransport(client))
            with self.library.Client(**options) as blocking:
                return await scenario(Awaited(InjectedTransport(blocking)))

        return asyncio.run(main())


@pytest.fixture(params=["httpx", "httpx2", "httpx-async", "httpx2-async"])
def injection(request: pytest.FixtureRequest) -> Injection:
    """Each library in each flavour."""
    name: str = request.param
    library: Library = "httpx2" if name.startswith("httpx2") else "httpx"
    return Injection(library, awaited=name.endswith("async"))


def test_only_our_headers_are_sent(injection: Injection) -> None:
    """The client's default headers, cookies, auth and query are not sent; ours are, as they are."""
    seen: list[Request | None] = []

    def play(peer: Peer) -> None:
        seen.append(peer.request())
        peer.reply(headers="Set-Cookie: a=b\r\nContent-Encoding: gzip\r\nX-A: \xe9\r\n")

    async def scenario(transport: AsyncTransport) -> tuple[OpenResponse, bytes]:
        response = await transport.send(post(server.url, b'{"a": 1}'))
        return response, await body_of(transport, response)

    with Server(play) as server:
        response, body = injection.run(
            scenario, headers={"x-own": "1"}, cookies={"c": "d"}, auth=("u", "p"), params={"q": "1"}
        )

    expected = {"host": f"127.0.0.1:{server.port}", "authorization": "Bearer k", "content-length": "8"}
    assert seen == [Request("POST /v1/x HTTP/1.1", expected, b'{"a": 1}')]
    assert (response.status, dict(response.headers)["x-a"], response.http_version) == (200, "\xe9", "HTTP/1.1")
    assert body == b"hello"


def test_redirect_is_a_reply(injection: Injection) -> None:
    """A redirect is not followed, whatever the client is set to."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.reply(b"", status="302 Found", headers="Location: /elsewhere\r\n")

    async def scenario(transport: AsyncTransport) -> int:
        response = await transport.send(post(server.url))
        await body_of(transport, response)
        return response.status

    with Server(play) as server:
        status = injection.run(scenario, follow_redirects=True)

    assert status == 302


def test_event_hooks_are_called(injection: Injection) -> None:
    """The client's hooks see the exchange; what a hook raises comes out as it is."""
    seen: list[str] = []

    def hook(request: object) -> None:
        seen.append("request")

    async def async_hook(request: object) -> None:
        seen.append("request")

    async def angry_hook(response: object) -> None:
        raise ZeroDivisionError

    def blocking_angry_hook(response: object) -> None:
        raise ZeroDivisionError

    async def scenario(transport: AsyncTransport) -> None:
        await transport.send(post(server.url))

    hooks = {
        "request": [async_hook if injection.awaited else hook],
        "response": [angry_hook if injection.awaited else blocking_angry_hook],
    }
    with Server() as server, pytest.raises(ZeroDivisionError):
        injection.run(scenario, event_hooks=hooks)

    assert seen == ["request"]


def test_connection_goes_back(injection: Injection) -> None:
    """Read to the end or drained, the connection serves the next call; left early, it is dropped. The client stays open."""

    async def scenario(transport: AsyncTransport) -> list[int]:
        counts: list[int] = []
        await call(transport, post(server.url))
        drained = await transport.send(post(server.url))
        await transport.close_response(Close(drained, drain_seconds=1.0))
        counts.append(server.connections)
        left = await transport.send(post(server.url, b"x" * 1000))
        counts.append(transport.stats().open)
        await transport.close_response(Close(left))
        await transport.close_response(Close(left))
        await transport.close()
        await call(transport, post(server.url))
        return [*counts, transport.stats().open, server.connections]

    with Server() as server:
        counts = injection.run(scenario)

    assert counts == [1, 1, 0, 2]


def test_drain_is_bounded(injection: Injection) -> None:
    """A body that does not end is waited for only as long as was said, and its connection is dropped."""

    async def scenario(transport: AsyncTransport) -> tuple[int, float]:
        response = await transport.send(post(server.url))
        await transport.read(Read(response, 10.0))
        began = time.monotonic()
        await transport.close_response(Close(response, drain_seconds=0.05))
        return transport.stats().open, time.monotonic() - began

    with Server(stays_open) as server:
        count, took = injection.run(scenario)
        closed = server.wait_closed(1)

    assert (count, closed) == (0, True)
    assert 0.04 < took < 2.0


def test_end_is_stable(injection: Injection) -> None:
    """Reading past the end is fine; after an early close it is not."""

    async def scenario(transport: AsyncTransport) -> tuple[bytes, str]:
        response = await transport.send(post(server.url))
        await body_of(transport, response)
        again = await transport.read(Read(response, 1.0))
        other = await transport.send(post(server.url))
        await transport.close_response(Close(other))
        with pytest.raises(TransportFailure) as caught:
            await transport.read(Read(other, 1.0))
        return again, caught.value.kind

    with Server() as server:
        outcome = injection.run(scenario)

    assert outcome == (b"", "closed")


FAILURES: list[tuple[Callable[[Peer], None], tuple[str, str, bool | None]]] = [
    (says_nothing, ("read", "head", None)),
    (resets, ("read", "head", None)),
    (speaks_nonsense, ("protocol", "head", None)),
    (cuts_length, ("read", "body", True)),
    (cuts_chunks, ("read", "body", True)),
    (resets_body, ("read", "body", True)),
]


@pytest.mark.parametrize(("play", "facts"), FAILURES, ids=lambda value: getattr(value, "__name__", ""))
def test_failure(injection: Injection, play: Callable[[Peer], None], facts: tuple[str, str, bool | None]) -> None:
    """The library's errors become ours, with their cause."""

    async def scenario(transport: AsyncTransport) -> TransportFailure:
        with pytest.raises(TransportFailure) as caught:
            await call(transport, post(server.url))
        return caught.value

    with Server(play) as server:
        failure = injection.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == facts
    assert isinstance(failure.__cause__, injection.library.TransportError)


def test_timeouts_are_ours(injection: Injection) -> None:
    """The client's own timeout is not used; ours is, and not beyond the deadline."""

    async def scenario(transport: AsyncTransport) -> list[tuple[str, str, float | None]]:
        facts: list[tuple[str, str, float | None]] = []
        for timeout, seconds in ((Timeout(first_event=0.05), None), (None, 0.3), (None, -1.0)):
            with pytest.raises(TransportFailure) as caught:
                await transport.send(post(server.url, timeout=timeout, seconds=seconds))
            facts.append((caught.value.kind, caught.value.phase, caught.value.limit_seconds))
        return facts

    with Server(silent) as server:
        facts = injection.run(scenario, timeout=None)

    assert [fact[:2] for fact in facts] == [("timeout", "head"), ("timeout", "head"), ("timeout", "pool")]
    assert facts[0][2] == 0.05
    assert facts[1][2] is not None
    assert 0 < facts[1][2] <= 0.3


def test_deadline_is_asked_between_reads(injection: Injection) -> None:
    """A body that always has a bit more ends soon after the deadline."""

    async def scenario(transport: AsyncTransport) -> TransportFailure:
        response = await transport.send(post(server.url))
        effect = post(server.url, seconds=0.1)
        with pytest.raises(TransportFailure) as caught:
            await read_until(transport, response, effect.deadline)
        return caught.value

    with Server(comments) as server:
        failure = injection.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == ("timeout", "body", True)


def test_tls_failure(injection: Injection, certificate: Certificate) -> None:
    """A certificate that nobody vouches for is a TLS failure."""

    async def scenario(transport: AsyncTransport) -> TransportFailure:
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url))
        return caught.value

    with Server(tls=certificate.server_context()) as server:
        failure = injection.run(scenario, verify=ssl.create_default_context())

    assert (failure.kind, failure.phase, failure.written) == ("tls", "connect", False)


@pytest.mark.parametrize(("status", "kind"), [("407 Who are you", "refused"), ("503 Busy", "connect")])
def test_proxy_refuses(injection: Injection, status: str, kind: str) -> None:
    """A proxy that would say the same again is told from one that may help later."""

    def forbid(peer: Peer) -> None:
        peer.request()
        peer.send(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    async def scenario(transport: AsyncTransport) -> TransportFailure:
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post("https://origin.example"))
        return caught.value

    with Server(forbid) as proxy:
        failure = injection.run(scenario, proxy=proxy.url)

    assert (failure.kind, failure.phase, failure.written) == (kind, "connect", False)


@pytest.mark.parametrize("value", ["Bearer sk-secret\n", "Bearer sk-secret\u2026"])
def test_bad_header_is_not_quoted(injection: Injection, value: str) -> None:
    """A key that cannot be sent appears nowhere in the failure."""

    async def scenario(transport: AsyncTransport) -> TransportFailure:
        request = WireRequest(method="POST", url=server.url, headers=(("authorization", value),), body=b"")
        with pytest.raises(TransportFailure) as caught:
            await transport.send(Send(request, Timeout()))
        return caught.value

    with Server() as server:
        failure = injection.run(scenario)

    assert failure.kind == "protocol"
    assert (failure.__cause__, failure.__context__) == (None, None)


def test_mounted_transport_is_used() -> None:
    """A user's own transport answers, as in tests without a network."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=pieces(), request=request)

    def pieces() -> Iterator[bytes]:
        yield from (b"a", b"", b"b")

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        transport = InjectedTransport(client)
        response = transport.send(post("https://api.example"))
        read = [transport.read(Read(response, 1.0)) for _ in range(3)]

    assert read == [b"a", b"b", b""]


def test_interrupted_read_closes() -> None:
    """What stops a read also ends the response."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=pieces(), request=request)

    def pieces() -> Iterator[bytes]:
        yield b"a"
        raise KeyboardInterrupt

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        transport = InjectedTransport(client)
        response = transport.send(post("https://api.example"))
        transport.read(Read(response, 1.0))
        with pytest.raises(KeyboardInterrupt):
            transport.read(Read(response, 1.0))

    assert transport.stats().open == 0


def test_wrong_clients_are_refused() -> None:
    """A client of the other flavour or of another library is refused at once, a closed one at the first call."""
    with pytest.raises(ConfigError, match=r"must be an httpx.Client or httpx2.Client here, got httpx.AsyncClient"):
        InjectedTransport(httpx.AsyncClient())  # type: ignore[arg-type]  # that is the point
    with pytest.raises(
        ConfigError, match=r"must be an httpx.AsyncClient or httpx2.AsyncClient here, got httpx2.Client"
    ):
        AsyncInjectedTransport(httpx2.Client())  # type: ignore[arg-type]  # that is the point
    with pytest.raises(ConfigError, match=r"got builtins.object"):
        InjectedTransport(object())  # type: ignore[arg-type]  # that is the point

    class Own(httpx.Client):
        """A subclass is fine."""

    async def use_closed() -> None:
        async with httpx.AsyncClient() as awaited_client:
            awaited = AsyncInjectedTransport(awaited_client)
        await awaited.send(post("https://api.example"))

    with pytest.raises(ConfigError, match="is closed"):
        asyncio.run(use_closed())

    client = Own()
    transport = InjectedTransport(client)
    client.close()
    with pytest.raises(ConfigError, match="is closed"):
        transport.send(post("https://api.example"))


def test_foreign_response_is_refused() -> None:
    """A response that another transport opened is a mistake of ours."""
    with httpx.Client() as client, pytest.raises(TypeError, match="another transport"):
        InjectedTransport(client).read(Read(OpenResponse(status=200, headers=()), 1.0))
