"""A client on a bare socket, which sees every byte that the server writes."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from twinwire.testing import LoopbackProvider

HELLO: dict[str, object] = {"model": "m", "messages": [{"role": "user", "content": "One two three"}]}
STREAM: dict[str, object] = {**HELLO, "stream": True}


def chat(
    server: LoopbackProvider, body: object = HELLO, *, path: str = "/chat/completions", headers: str = ""
) -> bytes:
    """The bytes of a chat call; *headers* are whole lines."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    target = server.base_url.removeprefix(server.origin) + path
    head = f"POST {target} HTTP/1.1\r\nhost: loopback\r\ncontent-length: {len(data)}\r\n{headers}\r\n"
    return head.encode() + data


@contextmanager
def connected(server: LoopbackProvider) -> Generator[socket.socket]:
    """A connection; reading from it takes two seconds at most."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Everything until the server closes, or resets, the connection."""
    received = bytearray()
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return bytes(received) + b"<reset>"
        if not piece:
            return bytes(received)
        received += piece


def ask(server: LoopbackProvider, body: object = HELLO, headers: str = "connection: close\r\n") -> bytes:
    """Make one chat call on a connection of its own → all that came back."""
    with connected(server) as connection:
        connection.sendall(chat(server, body, headers=headers))
        return read_all(connection)
