"""Runs a server in a thread of its own, with an event loop of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING

from twinwire.testing.connection import Connection
from twinwire.testing.service import Service, Settings

if TYPE_CHECKING:
    from twinwire.testing.certificates import Certificate

_BACKLOG = 1024
_UNANSWERED = 4
"""So many connections fill the queue of a listener that has no room for any."""


class ThreadHost:
    """A server in this process; it listens as soon as this exists."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.service = Service(settings)
        self._context = None if settings.certificate is None else _context(settings.certificate)
        self._is_full = settings.is_full
        listening = socket.create_server(("127.0.0.1", port), backlog=0 if settings.is_full else _BACKLOG)
        self.port: int = listening.getsockname()[1]
        self._pid = os.getpid()
        self._started: Future[None] = Future()
        # A daemon, so that a server that nobody closed does not keep the interpreter from ending.
        self._thread = threading.Thread(
            target=self._run, args=(listening,), name=f"twinwire-loopback-{self.port}", daemon=True
        )
        self._thread.start()
        self._started.result()

    def close(self) -> None:
        """End every connection and the thread. A forked child has neither."""
        if os.getpid() == self._pid and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self, listening: socket.socket) -> None:
        try:
            asyncio.run(self._be_full(listening) if self._is_full else self._serve(listening), debug=False)
        except BaseException as error:
            if self._started.done():
                raise
            listening.close()
            self._started.set_exception(error)

    async def _be_full(self, listening: socket.socket) -> None:
        """Have the queue full, and accept nobody: the system then answers no further handshake."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        with ExitStack() as stack:
            stack.enter_context(listening)
            for _ in range(_UNANSWERED):
                queued = stack.enter_context(socket.socket())
                queued.setblocking(False)
                queued.connect_ex(("127.0.0.1", self.port))
            self._started.set_result(None)
            await self._stop.wait()

    async def _serve(self, listening: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        connections: set[Connection] = set()
        server = await self._loop.create_server(
            lambda: Connection(self.service, connections, self._context), sock=listening, backlog=_BACKLOG
        )
        self._started.set_result(None)
        await self._stop.wait()
        server.close()
        # Connections accepted in this very turn are made in the next one.
        await asyncio.sleep(0)
        tasks = [connection.task for connection in connections]
        for connection in list(connections):
            connection.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    context.set_alpn_protocols(["http/1.1"])
    return context
