"""The engine's network, with every operation clamped to what the wire has left: the awaited twin."""

from __future__ import annotations

import ssl
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from twinwire._io.sockets import Channel, TlsOverTls, configure, is_readable, new_socket, tls_or, wrap

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable

    from twinwire._io.addresses import Address
    from twinwire._io.async_runtime import AsyncRuntime
    from twinwire._io.wire import Wire

T = TypeVar("T")

PIECE_BYTES = 64 * 1024
"""The most that is written in one stretch; each has the write limit to itself."""


class AsyncNetwork:
    """A network backend of the engine for one connection."""

    def __init__(self, wire: Wire, runtime: AsyncRuntime, write_error: type[Exception]) -> None:
        self._wire = wire
        self._runtime = runtime
        self._write_error = write_error

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[object] | None = None,
    ) -> AsyncStream:
        """Connect to the first address of *host* that answers."""
        wire = self._wire
        try:
            found = await self._runtime.resolve(host, port, wire.seconds_left())
            sock = await self._connect_to_one(found)
            configure(sock)
        except (OSError, UnicodeError) as error:
            wire.seconds_left()  # raises if the time is over, which is then the better word for it
            raise wire.failure("connect", f"cannot connect to {host}:{port}: {error}") from error
        return AsyncStream(sock, wire, self._runtime, self._write_error)

    def drop(self) -> None:
        """Close the connection, because nobody is left to use it."""
        self._wire.take_away("the response is lost")

    async def _connect_to_one(self, found: list[Address]) -> socket.socket:
        """Try them in order. Each has its share of the time that is left, so that a dead address does not use up all of it."""
        tries_left = len(found)
        while True:
            sock = self._wire.sock = new_socket(found[-tries_left])
            left = self._wire.seconds_left()
            try:
                await self._runtime.connect(sock, found[-tries_left], None if left is None else left / tries_left)
            except OSError:
                sock.close()
                tries_left -= 1
                if not tries_left:
                    raise
            else:
                return sock


class AsyncStream:
    """
    A network stream of the engine.

    Writes are held until the first read, so that a request leaves in one piece; the failure of a write is kept back too, because a server
    that refuses a large body replies first and closes then, and its reply is worth more than the failure.
    """

    def __init__(self, channel: Channel, wire: Wire, runtime: AsyncRuntime, write_error: type[Exception]) -> None:
        self._channel = channel
        self._wire = wire
        self._runtime = runtime
        self._write_error = write_error
        self._held: list[bytes] = []

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take the next part of a request."""
        self._held.append(buffer)
        if not self._wire.holds_writes:
            await self._flush()
            if self._wire.write_error is not None:
                raise self._write_error from self._wire.write_error

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Write what is held, then wait for the next part of the reply."""
        wire = self._wire
        if self._held:
            await self._flush()
        if wire.phase == "write" and (wire.request_complete or not wire.traced):
            wire.begin_head()
        if wire.phase == "head":
            max_bytes = min(max_bytes, wire.max_head_bytes - wire.head_bytes)
            if not max_bytes:
                raise wire.failure(
                    "too_large", f"the reply's head is larger than {wire.max_head_bytes} bytes (caps.max_head_bytes)"
                )
        try:
            data = await self._perform(partial(self._channel.recv, max_bytes))
        except OSError as error:
            if wire.write_error is None:
                raise wire.failure(tls_or("read", error), f"the connection broke: {error}") from error
            data = b""
        if not data and wire.write_error is not None:
            raise wire.write_failure() from wire.write_error
        wire.count(data)
        return data

    async def _flush(self) -> None:
        held, self._held = self._held, []
        parts = [b"".join(held)] if sum(map(len, held)) <= PIECE_BYTES else held
        try:
            for part in parts:
                await self._send(memoryview(part))
        except OSError as error:
            # Without its traceback, whose frames would hold the wire that holds the error.
            self._wire.write_error = error.with_traceback(None)

    async def _send(self, rest: memoryview) -> None:
        wire = self._wire
        while rest:
            if wire.phase == "write" or (wire.phase == "connect" and not wire.traced):
                wire.begin_write()
            rest = rest[await self._perform(partial(self._channel.send, rest[:PIECE_BYTES]), reading=False) :]

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> AsyncStream:
        """Shake hands, inside another TLS connection if there is one already (a proxy that is reached by TLS)."""
        wire = self._wire
        try:
            channel = wrap(wire.open_socket(), ssl_context, server_hostname)
            if isinstance(channel, ssl.SSLSocket):
                wire.sock = channel  # it has taken the descriptor over
            await self._perform(channel.do_handshake)
        except (OSError, ValueError) as error:  # ValueError: a hostname that TLS cannot check
            raise wire.failure(tls_or("connect", error), f"TLS failed: {error}") from error
        wire.holds_writes = channel.selected_alpn_protocol() != "h2"  # it must not hold back what the peer waits for
        return AsyncStream(channel, wire, self._runtime, self._write_error)

    async def _perform(self, operation: Callable[[], T], *, reading: bool = True) -> T:
        """Do it, waiting as often as it takes within what the wire has left."""
        wire = self._wire
        while True:
            sock = wire.open_socket()
            try:
                return operation()
            except BlockingIOError:
                pass
            except ssl.SSLWantReadError:
                reading = True
            except ssl.SSLWantWriteError:
                reading = False
            left = wire.seconds_left()
            wire.waiting = True
            try:
                if reading:
                    await self._runtime.wait_readable(sock, left)
                else:
                    await self._runtime.wait_writable(sock, left)
            finally:
                wire.waiting = False

    async def aclose(self) -> None:
        """Close at once."""
        self._wire.close()

    def get_extra_info(self, info: str) -> object:
        """Answer the two questions that the engine asks."""
        if info == "ssl_object":
            return self._channel if isinstance(self._channel, ssl.SSLSocket | TlsOverTls) else None
        if info == "is_readable":
            return is_readable(self._wire.sock)
        return None
