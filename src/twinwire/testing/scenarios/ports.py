"""Ports of this machine where no answer comes from, each in a way of its own."""

from __future__ import annotations

import select
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_HOST = "127.0.0.1"
_MOST_IN_LINE = 300
_CONNECTING_SECONDS = 0.05


class Ports:
    """Opens what is asked for, and closes it at the end of its `with` block."""

    def __init__(self) -> None:
        self._sockets = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._sockets.close()

    def refusing(self) -> int:
        """Where nobody listens, and nobody else can begin to."""
        reserved = self._sockets.enter_context(socket.socket())
        reserved.bind((_HOST, 0))
        port: int = reserved.getsockname()[1]
        return port

    def silent(self) -> int:
        """Where connections are accepted, and nothing is ever read or written."""
        return self._listening(100)

    def full(self) -> int:
        """Where connecting never ends, because the line of those who wait to be accepted is full."""
        port = self._listening(0)
        for _ in range(_MOST_IN_LINE):
            one = self._sockets.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex((_HOST, port))
            if not select.select([], [one], [], _CONNECTING_SECONDS)[1]:
                break
        return port

    def _listening(self, backlog: int) -> int:
        server = self._sockets.enter_context(socket.socket())
        server.bind((_HOST, 0))
        server.listen(backlog)
        port: int = server.getsockname()[1]
        return port
