"""Small servers on real sockets, each connection played by a function in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self, TypeAlias

from attrs import define, field, frozen

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

PATIENCE_SECONDS = 10.0


@frozen
class Request:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@define
class Peer:
    """The server's end of one connection."""

    sock: socket.socket
    number: int
    """Its place in the order of connections, from 1."""
    buffer: bytes = b""

    def more(self) -> bool:
        """Read what comes next; False at the end."""
        data = self.sock.recv(65536)
        self.buffer += data
        return bool(data)

    def request(self) -> Request | None:
        """Read one request, None if the client has closed."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in fields)}
        length = int(headers.get("content-length", "0"))
        while len(self.buffer) < length:
            if not self.more():
                return None
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Request(line, headers, body)

    def send(self, data: bytes) -> None:
        """Send it as it is."""
        self.sock.sendall(data)

    def reply(self, body: bytes = b"hello", *, status: str = "200 OK", headers: str = "") -> None:
        """Send a whole reply."""
        self.send(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode("latin-1") + body)

    def is_at_end(self) -> bool:
        """Wait until the client closes; False if it sends something instead."""
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands as the server."""
        self.sock = context.wrap_socket(self.sock, server_side=True)


Play: TypeAlias = Callable[[Peer], None]


def echo(peer: Peer) -> None:
    """Answer each request with its own body."""
    while (request := peer.request()) is not None:
        peer.reply(request.body)


@define
class Server:
    """Listens on a loopback port and plays *play* for each connection."""

    play: Play = echo
    tls: ssl.SSLContext | None = None
    connections: int = 0
    closed: int = 0
    _listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _threads: list[threading.Thread] = field(factory=list[threading.Thread])
    _change: threading.Condition = field(factory=threading.Condition)

    port: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.port = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """Its origin."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def wait_closed(self, count: int) -> bool:
        """Wait until this many connections are over."""
        with self._change:
            return self._change.wait_for(lambda: self.closed >= count, PATIENCE_SECONDS)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, sock, self.connections)

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.settimeout(PATIENCE_SECONDS)
        peer = Peer(sock, number)
        with suppress(OSError):  # what the client does to its server is for the client's test to say
            if self.tls is not None:
                peer.start_tls(self.tls)
            self.play(peer)
        peer.sock.close()
        with self._change:
            self.closed += 1
            self._change.notify_all()


@contextmanager
def full_server() -> Generator[str]:
    """A listener whose queue is full, so that the system answers no further handshake."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    port: int = listener.getsockname()[1]
    queued = [socket.socket() for _ in range(4)]
    for sock in queued:
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", port))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        for sock in (*queued, listener):
            sock.close()
