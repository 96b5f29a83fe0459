"""One accepted connection: requests in through h11, steps out as they are told."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, assert_never

import h11

from twinwire.testing.requests import RecordedRequest
from twinwire.testing.steps import End, Pause, Step, Write

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from twinwire.testing.answering import Answering
    from twinwire.testing.answers import FixedAnswer
    from twinwire.testing.service import Service

_MAX_HEAD_BYTES = 1_048_576
_LINGER_SECONDS = 1.0
_WRITES_PER_TURN = 32
"""After so many writes in a row the other connections get their turn."""
_CHECK_SECONDS = 0.001


class Connection(asyncio.Protocol):
    """Serves one connection until either side ends it."""

    def __init__(self, service: Service, connections: set[Connection], context: ssl.SSLContext | None = None) -> None:
        self._service = service
        self._context = context
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._parser = _parser()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_deaf = False
        self._is_tls = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start serving."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = self._bare = transport
        # asyncio does it only for sockets that name TCP; without it, each small event waits 40 ms for the client's delayed ACK.
        connected: socket.socket = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A write then waits until the kernel has taken everything, so a reset loses nothing that was written before it.
        transport.set_write_buffer_limits(high=0)
        self._number = self._service.connection_opened()
        self._connections.add(self)
        # What arrives belongs to the handshake, if there is one.
        transport.pause_reading()
        self.task = self._loop.create_task(self._live())

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        if self._is_deaf:
            return
        self._parser.receive_data(data)
        self._arrived.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop serving, whatever is going on."""
        del exc  # a client that resets the connection is no news
        self._forget()
        self.task.cancel()

    def _forget(self) -> None:
        """Count it out, once: asyncio does not tell of a connection that ends within its handshake."""
        if self in self._connections:
            self._connections.discard(self)
            self._service.connection_closed()

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The client has read."""
        self._writable.set()

    # What happens on it.

    def abort(self) -> None:
        """End it at once."""
        self._transport.abort()

    async def _live(self) -> None:
        greeting = self._service.take_greeting()
        match greeting:
            case "serve":
                if self._context is None or await self._shake_hands(self._context):
                    await self._serve()
            case "plain":
                self._transport.resume_reading()
                await self._serve()
            case "close" | "reset":
                self._transport.resume_reading()
                await self._arrived.wait()
                await self._end(greeting)
            case "silent":
                self._is_deaf = True
                self._transport.resume_reading()
                await self._loop.create_future()
            case _:
                assert_never(greeting)

    async def _shake_hands(self, context: ssl.SSLContext) -> bool:
        """Begin TLS → whether the client agreed."""
        try:
            wrapped = await self._loop.start_tls(
                self._bare, self, context, server_side=True, ssl_shutdown_timeout=_LINGER_SECONDS
            )
        except OSError:  # ssl.SSLError is one
            wrapped = None
        if wrapped is None:  # the connection ended meanwhile
            self._bare.abort()
            self._forget()
            return False
        self._transport, self._is_tls = wrapped, True
        # Not 0 as for a bare connection: asyncio's TLS would then take an empty buffer for a full one.
        wrapped.set_write_buffer_limits(high=1, low=0)
        return True

    async def _serve(self) -> None:
        self._bare.resume_reading()
        try:
            while await self._exchange():
                # A fresh parser for each exchange: its sending half never learns what the faults really send.
                rest, _ = self._parser.trailing_data
                self._parser = _parser()
                if rest:
                    self._parser.receive_data(rest)
        except h11.RemoteProtocolError:
            await self._play(
                [Write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"), End()]
            )
        except Exception as error:  # noqa: BLE001  # raised again in the user's thread, when the server is closed
            self._service.fail(error)
        finally:
            self._transport.close()

    async def _exchange(self) -> bool:
        """Answer one request → whether another may follow."""
        head = await self._event()
        assert isinstance(head, h11.Request)
        early = self._service.take_early()
        if early is not None:
            return await self._answer_early(head, early)
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
        assert isinstance(event, h11.EndOfMessage)
        ended = await self._give(self._service.answer(self._record(head, bytes(body))))
        return not ended and head.http_version != b"1.0"

    async def _answer_early(self, head: h11.Request, early: FixedAnswer) -> bool:
        self._transport.pause_reading()
        self._is_deaf = True
        await self._give(self._service.answer(self._record(head, b""), early))
        return False

    async def _give(self, answering: Answering) -> bool:
        """Give an answer, and settle it also when the client leaves in the middle → whether the connection has ended."""
        try:
            return await self._play(answering)
        finally:
            answering.close()

    async def _event(self) -> h11.Event:
        while True:
            event = self._parser.next_event()
            if isinstance(event, h11.Event):
                return event
            if self._parser.they_are_waiting_for_100_continue:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._arrived.clear()
            await self._arrived.wait()

    def _record(self, head: h11.Request, body: bytes) -> RecordedRequest:
        headers: dict[str, str] = {}
        for name, value in head.headers:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        return RecordedRequest(
            method=head.method.decode("ascii"),
            target=head.target.decode("latin-1"),
            headers=headers,
            body=body,
            connection=self._number,
            received_at=time.monotonic(),
        )

    async def _play(self, steps: Iterable[Step]) -> bool:
        """Obey → whether the connection has ended."""
        for count, step in enumerate(steps, 1):
            match step:
                case Write(data):
                    if (
                        self._transport.is_closing()
                    ):  # the client is gone; asyncio would complain of every further write
                        return True
                    if (
                        count % _WRITES_PER_TURN == 0
                    ):  # before the last write, after which the client is free to ask again
                        await asyncio.sleep(0)
                    self._transport.write(data)
                    await self._writable.wait()
                case Pause(math.inf):
                    await self._loop.create_future()
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case End(how):
                    await self._end(how)
                    return True
        return False

    async def _end(self, how: Literal["close", "reset"]) -> None:
        connected: socket.socket = self._transport.get_extra_info("socket")
        while self._is_tls and self._bare.get_write_buffer_size():  # noqa: ASYNC110  # nobody tells when TLS's bytes have left
            await asyncio.sleep(_CHECK_SECONDS)
        if how == "reset":
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
        elif self._is_deaf:
            # Closing with unread bytes would reset the connection and take the reply away from a client that is still
            # writing: end our half, and let it finish.
            if self._transport.can_write_eof():  # with TLS one cannot
                with suppress(OSError):  # the client is gone
                    self._transport.write_eof()
            self._transport.resume_reading()
            await asyncio.sleep(_LINGER_SECONDS)
        else:
            if self._is_tls:
                self._transport.close()  # which says goodbye
            # Not closing alone: a child that was forked meanwhile holds the socket too, and would keep it open.
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
            self._transport.close()


def _parser() -> h11.Connection:
    return h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
