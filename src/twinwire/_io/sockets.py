"""Sockets that never block, with and without TLS."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from twinwire._core.effects import Kind
    from twinwire._io.addresses import Address

_TLS_BYTES = 64 * 1024
_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5))


class Channel(Protocol):
    """What bytes go through: a socket, or TLS over one. Both methods raise instead of blocking."""

    def recv(self, bufsize: int, /) -> bytes: ...
    def send(self, data: memoryview, /) -> int: ...


class Socket(socket.socket):
    """
    A socket that is closed without a word when it is collected open: with its loop, a forgotten client, or the whole interpreter.

    The finalizer has no line of Python, because a Ctrl-C that meets one is lost, and so is its work at the end of the stack.
    """

    __slots__ = ()
    __del__ = socket.SocketType.close


class TlsSocket(ssl.SSLSocket):
    """The same, with TLS."""

    __slots__ = ()
    __del__ = socket.SocketType.close


def new_socket(address: Address) -> socket.socket:
    """Make a socket for this address."""
    sock = Socket(address.family, socket.SOCK_STREAM)
    sock.setblocking(False)
    return sock


def configure(sock: socket.socket) -> None:
    """
    Send at once, and let the system probe a silent peer.

    A reasoning model may think for minutes without a byte, for longer than many a router keeps a silent connection in mind.
    """
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        option: int | None = getattr(socket, name, None)  # not every system has every one
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def is_readable(sock: socket.socket | None) -> bool:
    """Say whether reading would not wait: an idle connection is dead then, or has been sent what nobody asked for."""
    if sock is None or sock.fileno() < 0:
        return True
    if not hasattr(select, "poll"):  # pragma: no cover  (Windows)
        return bool(select.select([sock], [], [], 0)[0])
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(0))


def tls_or(kind: Kind, error: Exception) -> Kind:
    """Tell a peer that TLS refuses, which no retry will change, from a connection that broke during TLS."""
    broken = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)
    return "tls" if isinstance(error, ssl.SSLError) and not broken else kind


def wrap(sock: socket.socket, context: ssl.SSLContext, hostname: str | None) -> ssl.SSLSocket | TlsOverTls:
    """Put TLS on a connected socket; the handshake is still to be done."""
    if isinstance(sock, ssl.SSLSocket):
        return TlsOverTls(sock, context, hostname)
    wrapped = context.wrap_socket(sock, server_hostname=hostname, do_handshake_on_connect=False)
    if type(wrapped) is ssl.SSLSocket:
        wrapped.__class__ = TlsSocket  # and not by an attribute of the context, which may be the user's
    return wrapped


class TlsOverTls:
    """TLS inside a TLS connection, which `ssl` has no socket for. Raises what an `SSLSocket` that does not block would raise."""

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, hostname: str | None) -> None:
        self._outer = outer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._unsent = b""
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    def do_handshake(self) -> None:
        """Go on with the handshake."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._push()
                self._pull()
            else:
                self._push()
                return

    def recv(self, bufsize: int, /) -> bytes:
        """Read what has arrived."""
        self._push()
        while True:
            try:
                return self._tls.read(bufsize)
            except ssl.SSLWantReadError:
                self._push()
                self._pull()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def send(self, data: memoryview, /) -> int:
        """Write it; what the socket does not take yet goes ahead of the next operation."""
        self._push()
        count = self._tls.write(data)
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._push()
        return count

    def selected_alpn_protocol(self) -> str | None:
        """Return what the inner handshake agreed on."""
        return self._tls.selected_alpn_protocol()

    def _push(self) -> None:
        self._unsent += self._outgoing.read()
        while self._unsent:
            self._unsent = self._unsent[self._outer.send(self._unsent) :]

    def _pull(self) -> None:
        data = self._outer.recv(_TLS_BYTES)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
