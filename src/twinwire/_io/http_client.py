"""
What we ask of an HTTP client that a user hands in, and what its errors mean.

httpx and httpx2 are the same API under two names; nothing here imports either, for the one in use is where the client came from.
"""

from __future__ import annotations

import ssl
import sys
from typing import TYPE_CHECKING, Protocol

from twinwire._core.effects import TransportFailure
from twinwire._io.failures import is_final
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from twinwire._core.effects import Kind, Phase, WireRequest
    from twinwire._core.timeout import Timeout

_LIBRARIES = ("httpx", "httpx2")

_FAILURES: dict[str, tuple[Kind, Phase, bool | None]] = {
    "PoolTimeout": ("pool_timeout", "pool", False),
    "ConnectTimeout": ("timeout", "connect", False),
    "WriteTimeout": ("timeout", "write", False),
    "ReadTimeout": ("timeout", "head", True),
    "ConnectError": ("connect", "connect", False),
    "ProxyError": ("connect", "connect", False),
    "UnsupportedProtocol": ("protocol", "connect", False),
    "LocalProtocolError": ("protocol", "write", False),
    "WriteError": ("write", "write", False),
    "ReadError": ("read", "head", None),
    "RemoteProtocolError": ("protocol", "head", None),
    "StreamClosed": ("closed", "body", True),
    "TransportError": ("protocol", "head", None),
}
"""Kind, phase and whether the request was written, by the name of the error class or of its nearest base."""

_LIMITS: dict[str, str] = {"pool": "pool", "connect": "connect", "write": "write", "head": "read", "body": "read"}

_CUT = ("disconnected", "peer closed connection", "connection closed")
"""How h11 and h2 word it that a reply ended early (h11 0.16, httpcore 1.0.9 and 2.16, read in November 2026)."""


class RawHeaders(Protocol):
    """The headers of a reply."""

    @property
    def raw(self) -> list[tuple[bytes, bytes]]: ...


class Reply(Protocol):
    """A reply's head."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> RawHeaders: ...
    @property
    def http_version(self) -> str: ...


class NetworkStream(Protocol):
    """The connection below a reply."""

    def get_extra_info(self, info: str) -> object: ...


class StreamedReply(Reply, Protocol):
    """A reply whose body may be read, before its content encoding is undone."""

    @property
    def extensions(self) -> Mapping[str, NetworkStream | None]: ...
    def iter_raw(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class AsyncStreamedReply(Reply, Protocol):
    """The awaited twin of `StreamedReply`."""

    def aiter_raw(self) -> AsyncIterator[bytes]: ...
    async def aclose(self) -> None: ...


class HTTPClient(Protocol):
    """`httpx.Client` or `httpx2.Client`."""

    @property
    def is_closed(self) -> bool: ...
    @property
    def send(self) -> Callable[..., StreamedReply]: ...


class AsyncHTTPClient(Protocol):
    """`httpx.AsyncClient` or `httpx2.AsyncClient`."""

    @property
    def is_closed(self) -> bool: ...
    @property
    def send(self) -> Callable[..., Awaitable[AsyncStreamedReply]]: ...


def request_class(http_client: object, *, flavour: str) -> Callable[..., object]:
    """
    Return the request class of the library that the client comes from.

    Raises:
        ConfigError: it comes from another library, or is of the other flavour.
    """
    ours = {f"{library}.{flavour}" for library in _LIBRARIES}
    for base in type(http_client).__mro__:
        library = base.__module__.partition(".")[0]
        if f"{library}.{base.__qualname__}" in ours:
            make: Callable[..., object] = sys.modules[library].Request
            return make
    found = f"{type(http_client).__module__.partition('.')[0]}.{type(http_client).__qualname__}"
    raise ConfigError(f"http_client must be an {' or '.join(sorted(ours))} here, got {found}")


def build(make: Callable[..., object], request: WireRequest, timeouts: dict[str, float | None]) -> object:
    """Build a request that has our headers, and none of the client's own, such as `Accept-Encoding` or cookies."""
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
    return make(request.method, request.url, headers=headers, content=request.body, extensions={"timeout": timeouts})


def timeouts(timeout: Timeout, left_seconds: float | None) -> dict[str, float | None]:
    """Put our limits into the library's form, none of them longer than what is left of the deadline."""
    return {
        "pool": least(timeout.pool, left_seconds),
        "connect": least(timeout.connect, left_seconds),
        "write": least(timeout.write, left_seconds),
        "read": least(timeout.first_event, left_seconds),
    }


def least(*limits: float | None) -> float | None:
    """Return the shortest limit; None is no limit."""
    return min((limit for limit in limits if limit is not None), default=None)


def translate(error: Exception, limits: dict[str, float | None], *, in_body: bool) -> Exception:
    """
    Return what to raise for *error*, with its cause set.

    What is no error of the library's transport, such as one that an event hook raises, is returned as it is.
    """
    names = [base.__name__ for base in type(error).__mro__]
    name = next((name for name in names if name in _FAILURES), None)
    if isinstance(error, UnicodeError):
        name = "LocalProtocolError"
    if name is None:
        return error
    kind, phase, written = _FAILURES[name]
    message = str(error) or name
    if name == "LocalProtocolError":  # its words quote the header that it refuses, which may be the key
        return TransportFailure(kind, "the request's method, URL or headers are not valid HTTP", phase=phase)
    if name == "ConnectError" and _is_tls(error):
        kind = "tls"
    elif name == "ProxyError" and is_final(message):
        kind = "refused"
    elif name == "RemoteProtocolError" and any(words in message.lower() for words in _CUT):
        kind = "read"
    if in_body:
        phase, written = "body", True
    limit_seconds = limits.get(_LIMITS[phase]) if kind in {"timeout", "pool_timeout"} else None
    failure = TransportFailure(kind, message, phase=phase, written=written, limit_seconds=limit_seconds)
    failure.__cause__ = error
    return failure


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
