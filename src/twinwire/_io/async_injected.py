"""
A transport over an HTTP client that the user hands in. The awaited twin.

Its mounts, proxies, TLS settings and event hooks are used. Its auth, cookies, default headers and redirects are not, and it is never closed
here. What it cannot promise, because it does not pass a deadline to its sockets: that a call ends exactly at its deadline (it is
asked between two reads), that a fork shares no socket, and that one async client serves several event loops.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from attrs import define

from twinwire._core.effects import Close, OpenResponse, Read, Send, TransportFailure
from twinwire._core.pool import PoolStats
from twinwire._io.async_cuts import cut_after
from twinwire._io.clock import Clock, monotonic
from twinwire._io.http_client import (
    AsyncHTTPClient,
    AsyncStreamedReply,
    build,
    least,
    request_class,
    timeouts,
    translate,
)
from twinwire._io.replies import header_pairs
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@define(eq=False)
class AsyncInjectedExchange:
    """What an open response holds on to."""

    reply: AsyncStreamedReply
    body: AsyncIterator[bytes]
    limits: dict[str, float | None]
    is_complete: bool = False
    is_closed: bool = False


class AsyncInjectedTransport:
    """Sends through *http_client*, an `httpx.AsyncClient` or `httpx2.AsyncClient`."""

    def __init__(self, http_client: AsyncHTTPClient, *, clock: Clock = monotonic) -> None:
        self._client = http_client
        self._request_class = request_class(http_client, flavour="AsyncClient")
        self._clock = clock
        self._open: set[AsyncInjectedExchange] = set()

    async def send(self, effect: Send) -> OpenResponse:
        """Send the request and read the head of the reply."""
        if self._client.is_closed:
            raise ConfigError("the http_client that was handed in is closed")
        limits = timeouts(effect.timeout, self._left(effect.deadline, "pool"))
        try:
            request = build(self._request_class, effect.request, limits)
            reply = await self._client.send(request, stream=True, auth=None, follow_redirects=False)
        except Exception as error:  # noqa: BLE001  # translated, or raised as it is
            failure = translate(error, limits, in_body=False)
        else:
            exchange = AsyncInjectedExchange(reply, reply.aiter_raw(), limits)
            self._open.add(exchange)
            return OpenResponse(
                status=reply.status_code,
                headers=header_pairs(reply.headers.raw),
                http_version=reply.http_version,
                handle=exchange,
            )
        raise failure  # out of the handler, so that an error which quotes the key is not even its context

    async def read(self, effect: Read) -> bytes:
        """Read the next piece of the body as it came, empty at its end."""
        exchange = _exchange_of(effect.response)
        if exchange.is_complete:
            return b""
        if exchange.is_closed:
            raise TransportFailure("closed", "the response is closed", phase="body", written=True)
        try:
            # The library looks at the limit when it begins to read the body, and not again.
            exchange.limits["read"] = least(effect.idle_seconds, self._left(effect.deadline, "body"))
            async for piece in exchange.body:
                if piece:
                    return piece
        except BaseException as error:
            await self._end(exchange)
            if not isinstance(error, Exception):
                raise
            failure = translate(error, exchange.limits, in_body=True)
        else:
            exchange.is_complete = True
            await self._end(exchange)
            return b""
        raise failure

    async def close_response(self, effect: Close) -> None:
        """Give the connection back, or have it dropped if the body does not end in time."""
        exchange = _exchange_of(effect.response)
        if exchange.is_closed:
            return
        # A stream of HTTP/2 leaves its connection open in any case.
        if effect.drain_seconds > 0 and exchange.reply.http_version != "HTTP/2":
            await self._drain(exchange, effect)
        await self._end(exchange)

    async def close(self) -> None:
        """Do nothing: the client is its owner's to close."""

    def stats(self) -> PoolStats:
        """Count the responses that are open through this transport; the client's own pool keeps its numbers to itself."""
        return PoolStats(open=len(self._open), idle=0, waiting=0, longest_wait_seconds=0.0)

    async def _end(self, exchange: AsyncInjectedExchange) -> None:
        exchange.is_closed = True
        self._open.discard(exchange)
        with suppress(Exception):  # whatever closing finds wrong, the exchange is over
            await exchange.reply.aclose()

    async def _drain(self, exchange: AsyncInjectedExchange, effect: Close) -> None:
        until = self._clock() + effect.drain_seconds
        # The library looks at its read limit only when it begins to read the body; this one is for the rest.
        with suppress(TransportFailure), cut_after(exchange.reply, effect.drain_seconds):
            while await self.read(Read(effect.response, effect.drain_seconds, until)):
                if self._clock() >= until:
                    return

    def _left(self, deadline: float | None, phase: Literal["pool", "body"]) -> float | None:
        if deadline is None:
            return None
        left = deadline - self._clock()
        if left <= 0:
            raise TransportFailure(
                "timeout", "the deadline is over", phase=phase, written=phase == "body", limit_seconds=0.0
            )
        return left


def _exchange_of(response: OpenResponse) -> AsyncInjectedExchange:
    if not isinstance(response.handle, AsyncInjectedExchange):
        raise TypeError("the response was opened by another transport")
    return response.handle
