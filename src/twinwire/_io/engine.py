"""
The HTTP engine behind the default transport: httpcore, or httpcore2, which is the same API under another name.

Only public names are used, and only through these types, so that the transport is one text for both.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from attrs import frozen

from twinwire._io.tidy import TidyConnection
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Coroutine, Iterable
    from types import ModuleType

EngineName = Literal["httpcore", "httpcore2"]


class EngineRequest(Protocol):
    """A request in the engine's form."""

    method: bytes
    headers: list[tuple[bytes, bytes]]
    extensions: dict[str, object]


class State(Protocol):
    """What a connection says of itself; the same for both flavours."""

    def is_idle(self) -> bool: ...
    def has_expired(self) -> bool: ...


class Response(Protocol):
    """A reply whose head has arrived."""

    status: int
    headers: list[tuple[bytes, bytes]]
    extensions: dict[str, object]
    stream: Iterable[bytes]

    def close(self) -> None: ...


class AsyncResponse(Protocol):
    """The awaited twin of `Response`."""

    status: int
    headers: list[tuple[bytes, bytes]]
    extensions: dict[str, object]
    stream: AsyncIterable[bytes]

    def aclose(self) -> Coroutine[object, object, None]: ...


class Connection(State, Protocol):
    """One connection, which connects on its first request."""

    def handle_request(self, request: EngineRequest) -> Response: ...


class AsyncConnection(State, Protocol):
    """The awaited twin of `Connection`."""

    def handle_async_request(self, request: EngineRequest) -> Coroutine[object, object, AsyncResponse]: ...


class Droppable(Protocol):
    """A network for one connection."""

    def drop(self) -> None: ...


ConnectionT_co = TypeVar("ConnectionT_co", bound=State, covariant=True)


class ProxyPool(Protocol[ConnectionT_co]):
    """The engine's pool for a proxy, of which only the making of connections is used."""

    def create_connection(self, origin: object) -> ConnectionT_co: ...


@frozen(kw_only=True)
class Engine(Generic[ConnectionT_co]):
    """The engine's public names, for one flavour."""

    url: Callable[..., object]
    origin: Callable[..., object]
    request: Callable[..., EngineRequest]
    connection: Callable[..., ConnectionT_co]
    wrapped: Callable[[ConnectionT_co, Droppable], ConnectionT_co]
    """What is made of each connection, and of the network below it, before it is used."""
    http_proxy: Callable[..., ProxyPool[ConnectionT_co]]
    socks_proxy: Callable[..., ProxyPool[ConnectionT_co]]
    write_error: type[Exception]
    not_available: type[Exception]
    remote_protocol_error: type[Exception]
    local_protocol_error: type[Exception]
    proxy_error: type[Exception]


def blocking_engine(name: EngineName) -> Engine[Connection]:
    """Load the engine for blocking calls."""
    module = _module(name)
    return _engine(module, module.HTTPConnection, _as_it_is, module.HTTPProxy, module.SOCKSProxy)


def awaited_engine(name: EngineName) -> Engine[AsyncConnection]:
    """Load the engine for awaited calls."""
    module = _module(name)
    return _engine(module, module.AsyncHTTPConnection, TidyConnection, module.AsyncHTTPProxy, module.AsyncSOCKSProxy)


def _as_it_is(connection: Connection, network: Droppable) -> Connection:  # noqa: ARG001  # its twin needs it
    return connection


def _module(name: EngineName) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigError(f"the {name} transport needs the package {name}: pip install {name}") from error


def _engine(
    module: ModuleType,
    connection: Callable[..., ConnectionT_co],
    wrapped: Callable[[ConnectionT_co, Droppable], ConnectionT_co],
    http_proxy: Callable[..., ProxyPool[ConnectionT_co]],
    socks_proxy: Callable[..., ProxyPool[ConnectionT_co]],
) -> Engine[ConnectionT_co]:
    return Engine(
        url=module.URL,
        origin=module.Origin,
        request=module.Request,
        connection=connection,
        wrapped=wrapped,
        http_proxy=http_proxy,
        socks_proxy=socks_proxy,
        write_error=module.WriteError,
        not_available=module.ConnectionNotAvailable,
        remote_protocol_error=module.RemoteProtocolError,
        local_protocol_error=module.LocalProtocolError,
        proxy_error=module.ProxyError,
    )
