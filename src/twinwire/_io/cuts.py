"""An end to what a library does with its connection, where it takes no time limit itself. The blocking half."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from twinwire._io.http_client import StreamedReply


@contextmanager
def cut_after(reply: StreamedReply, seconds: float) -> Generator[None]:
    """Shut the reply's socket when the time is over, so that a read of it ends. A reply without one (a mock's) cannot block."""
    stream = reply.extensions.get("network_stream")
    sock: object = stream.get_extra_info("socket") if stream is not None else None
    if not isinstance(sock, socket.socket):
        yield
        return
    timer = Timer(seconds, _shut, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of an SSLSocket, which also takes away what the reading thread is using.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
