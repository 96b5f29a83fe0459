"""A port of this machine that refuses connections."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_HOST = "127.0.0.1"


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
