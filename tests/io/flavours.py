"""One text of a test for the blocking transport, and for the awaited one under asyncio and trio."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Literal, TypeVar

import trio

from twinwire._core.effects import Close, OpenResponse, Read, Send, WireRequest
from twinwire._core.timeout import Timeout
from twinwire._io.async_transport import AsyncPooledTransport, AsyncTransport
from twinwire._io.transport import PooledTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from twinwire._core.pool import Pool, PoolStats
    from twinwire._io.engine import EngineName
    from twinwire._io.tls import Verify

T = TypeVar("T")

FlavourName = Literal["blocking", "asyncio", "trio"]
FLAVOURS: tuple[FlavourName, ...] = ("blocking", "asyncio", "trio")


class Awaited:
    """The blocking transport with awaited methods, which never suspend."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, effect: Send) -> OpenResponse:
        """Send."""
        return self._transport.send(effect)

    async def read(self, effect: Read) -> bytes:
        """Read."""
        return self._transport.read(effect)

    async def close_response(self, effect: Close) -> None:
        """Close a response."""
        self._transport.close_response(effect)

    async def close(self) -> None:
        """Close."""
        self._transport.close()

    def stats(self) -> PoolStats:
        """Count."""
        return self._transport.stats()


class Flavour:
    """A way to make a transport and to run a test with it."""

    def __init__(self, name: FlavourName, engine: EngineName = "httpcore") -> None:
        self.name = name
        self.engine: EngineName = engine

    def transport(
        self,
        url: str,
        pool: Pool | None = None,
        *,
        verify: Verify = True,
        proxy: str | None = None,
        http2: bool = False,
        trust_env: bool = False,
    ) -> AsyncTransport:
        """Make one."""
        if self.name == "blocking":
            return Awaited(
                PooledTransport(
                    url, pool, verify=verify, proxy=proxy, http2=http2, trust_env=trust_env, engine=self.engine
                )
            )
        return AsyncPooledTransport(
            url, pool, verify=verify, proxy=proxy, http2=http2, trust_env=trust_env, engine=self.engine
        )

    def run(self, scenario: Callable[[], Awaitable[T]]) -> T:
        """Run the test's body."""

        async def main() -> T:
            return await scenario()

        return trio.run(main) if self.name == "trio" else asyncio.run(main())


def post(
    url: str, body: bytes = b"{}", *, timeout: Timeout | None = None, seconds: float | None = None, path: str = "/v1/x"
) -> Send:
    """Ask for a POST; *seconds* is the deadline from now."""
    request = WireRequest(method="POST", url=url + path, headers=(("authorization", "Bearer k"),), body=body)
    return Send(request, timeout or Timeout(), None if seconds is None else time.monotonic() + seconds)


async def body_of(transport: AsyncTransport, response: OpenResponse) -> bytes:
    """Read a body to its end."""
    body = b""
    while piece := await transport.read(Read(response, 5.0)):
        body += piece
    return body


async def read_until(transport: AsyncTransport, response: OpenResponse, deadline: float | None) -> None:
    """Read pieces for as long as they come before the deadline."""
    while await transport.read(Read(response, 5.0, deadline)):
        pass


async def call(transport: AsyncTransport, effect: Send) -> bytes:
    """Make a whole call."""
    response = await transport.send(effect)
    body = await body_of(transport, response)
    await transport.close_response(Close(response))
    return body
