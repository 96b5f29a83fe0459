"""Which transport a client's options ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from twinwire._core.pool import Pool
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    import ssl  # noqa: TID251  # for the annotation only

    from twinwire._client.settings import Settings
    from twinwire._io.async_transport import AsyncTransport
    from twinwire._io.http_client import AsyncHTTPClient, HTTPClient
    from twinwire._io.transport import Transport

EngineName = Literal["httpcore", "httpcore2"]
_METHODS = ("send", "read", "close_response", "close", "stats")


def make_transport(settings: Settings) -> Transport:
    """Make the blocking transport; nothing is opened yet."""
    if settings.http_client is not None:
        from twinwire._io.injected import InjectedTransport

        client: HTTPClient = settings.http_client  # type: ignore[assignment]  # the transport looks at what it is
        return InjectedTransport(client)
    engine = _engine(settings.transport)
    if engine is None:
        own: Transport = settings.transport  # type: ignore[assignment]  # its methods were looked at
        return own
    from twinwire._io.transport import PooledTransport

    return PooledTransport(
        settings.address.origin,
        settings.pool or default_pool(settings),
        verify=_verify(settings.verify),
        proxy=settings.proxy,
        http2=settings.http2,
        trust_env=settings.trust_env,
        engine=engine,
    )


def make_async_transport(settings: Settings) -> AsyncTransport:
    """Make the awaited transport; nothing is opened yet."""
    if settings.http_client is not None:
        from twinwire._io.async_injected import AsyncInjectedTransport

        client: AsyncHTTPClient = settings.http_client  # type: ignore[assignment]  # the transport looks at what it is
        return AsyncInjectedTransport(client)
    engine = _engine(settings.transport)
    if engine is None:
        own: AsyncTransport = settings.transport  # type: ignore[assignment]  # its methods were looked at
        return own
    from twinwire._io.async_transport import AsyncPooledTransport

    return AsyncPooledTransport(
        settings.address.origin,
        settings.pool or default_pool(settings),
        verify=_verify(settings.verify),
        proxy=settings.proxy,
        http2=settings.http2,
        trust_env=settings.trust_env,
        engine=engine,
    )


def default_pool(settings: Settings) -> Pool:
    """The provider's own limits."""
    provider = settings.provider
    return Pool(
        max_connections=provider.max_connections,
        max_keepalive=provider.max_keepalive,
        keepalive_expiry_seconds=provider.keepalive_expiry_seconds,
    )


def _engine(transport: object) -> EngineName | None:
    """The engine of the default transport, or None for a transport of the user's own."""
    if transport is None or transport == "httpcore":
        return "httpcore"
    if transport == "httpcore2":
        return "httpcore2"
    missing = [name for name in _METHODS if not callable(getattr(transport, name, None))]
    if missing:
        raise ConfigError(f"transport must be 'httpcore', 'httpcore2' or a transport; it has no {', '.join(missing)}")
    return None


def _verify(verify: object) -> bool | str | ssl.SSLContext:
    known: bool | str | ssl.SSLContext = verify  # type: ignore[assignment]  # looked at by the transport, which knows ssl
    return known
