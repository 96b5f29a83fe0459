"""
How a program asks what the server saw: one question per connection, so that threads and forked processes may ask too.

The runner answers, because only it holds the server's handle.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from twinwire.testing import LoopbackProvider


class Control:
    """Answers questions about one server while it is entered."""

    def __init__(self, server: LoopbackProvider) -> None:
        self._server = server
        self._connections_before = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        """Where to ask."""
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()

    def begin(self) -> None:
        """Count connections from now."""
        self._connections_before = self._server.connections

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                question = connection.recv(100).decode()
                connection.sendall(json.dumps(self._answer(question)).encode())

    def _answer(self, question: str) -> object:
        server = self._server
        if question == "open":
            return server.open_connections
        if question == "connections":
            return server.connections - self._connections_before
        return len(server.requests)
