"""How to reach one origin: what a connection is made of, and what a request looks like to the engine."""

from __future__ import annotations

import ssl
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Generic
from urllib.parse import urlsplit

from twinwire._io import proxies, tls
from twinwire._io.content import Content
from twinwire._io.engine import ConnectionT_co, Droppable, Engine, EngineRequest
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from twinwire._core.effects import WireRequest
    from twinwire._io.proxies import Proxy
    from twinwire._io.tls import Verify

_DEFAULT_PORTS = {"http": 80, "https": 443}
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Route(Generic[ConnectionT_co]):
    """The way to one origin. Proxies and TLS are looked up for the first connection and kept."""

    def __init__(
        self,
        engine: Engine[ConnectionT_co],
        origin_url: str,
        *,
        verify: Verify,
        proxy: str | None,
        http2: bool,
        trust_env: bool,
    ) -> None:
        self._engine = engine
        self._scheme, self._host, self._port = _split(origin_url)
        self._origin = engine.origin(self._scheme.encode(), self._host.encode(), self._port)
        self._verify = _checked_verify(verify)
        self._proxy = proxy
        self._http2 = http2
        self._trust_env = trust_env
        self._found: tuple[Proxy | None] | None = None
        self._url = lru_cache(maxsize=64)(self._split_target)
        if http2 and find_spec("h2") is None:
            raise ConfigError("http2=True needs another package: pip install 'twinwire[http2]'")
        if proxy is not None:
            proxies.parse(proxy, source="proxy")

    def is_traced(self) -> bool:
        """Whether only the engine's trace can tell connecting from writing, and writing from waiting."""
        return self._http2 or self._find_proxy() is not None

    def connection(self, network: Droppable) -> ConnectionT_co:
        """Make a connection over *network*; it connects on its first request."""
        return self._engine.wrapped(self._connection(network), network)

    def _connection(self, network: Droppable) -> ConnectionT_co:
        engine = self._engine
        context = self._context(http2=self._http2) if self._scheme == "https" else None
        proxy = self._find_proxy()
        if proxy is None:
            return engine.connection(
                origin=self._origin, ssl_context=context, http2=self._http2, network_backend=network
            )
        options: dict[str, object] = {
            "proxy_url": proxy.url,
            "proxy_auth": proxy.auth,
            "ssl_context": context,
            "http2": self._http2,
            "network_backend": network,
        }
        if proxy.kind == "socks":
            return engine.socks_proxy(**options).create_connection(self._origin)
        if proxy.scheme == "https":
            options["proxy_ssl_context"] = self._context(http2=False)
        return engine.http_proxy(**options).create_connection(self._origin)

    def request(self, request: WireRequest, extensions: dict[str, object] | None) -> EngineRequest:
        """
        Put a request into the engine's form.

        `Host` and `Content-Length` are added where they are missing; nothing else is.
        """
        names = {name for name, _ in request.headers}
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
        if "host" not in names:
            headers.insert(0, (b"host", self._authority()))
        if "content-length" not in names and (request.body is not None or request.method in _WITH_BODY):
            headers.append((b"content-length", b"%d" % len(request.body or b"")))
        made = self._engine.request(
            request.method, self._url(request.url), content=Content(request.body or b""), extensions=extensions
        )
        made.headers = headers  # not handed over above, where each would be looked at again
        return made

    def _find_proxy(self) -> Proxy | None:
        if self._found is None:
            found = proxies.find(self._scheme, self._host, self._port, proxy=self._proxy, trust_env=self._trust_env)
            self._found = (found,)
        return self._found[0]

    def _context(self, *, http2: bool) -> ssl.SSLContext:
        # The engine sets these protocols on the context again, so a context is shared only by those who want the same.
        alpn = ("http/1.1", "h2") if http2 else ("http/1.1",)
        return tls.context(self._verify, trust_env=self._trust_env, alpn=alpn)

    def _authority(self) -> bytes:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return (host if self._port == _DEFAULT_PORTS[self._scheme] else f"{host}:{self._port}").encode()

    def _split_target(self, url: str) -> object:
        scheme, host, port = _split(url)
        if (scheme, host, port) != (self._scheme, self._host, self._port):
            raise ConfigError(
                f"this transport serves {self._scheme}://{self._host}:{self._port}, not {scheme}://{host}:{port}"
            )
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # A port that goes without saying is left out of the URL that a proxy is asked for.
        named_port = None if port == _DEFAULT_PORTS[scheme] else port
        return self._engine.url(
            scheme=scheme.encode(), host=host.encode(), port=named_port, target=target.encode("ascii")
        )


def _split(url: str) -> tuple[str, str, int]:
    """Take an origin out of a URL, with a host that is ready for the wire."""
    shown = url.rpartition("@")[2]  # a message must not show a password
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError as error:  # UnicodeError is one
        raise ConfigError(f"not a URL: {shown!r} ({error})") from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ConfigError(f"expected an http or https URL with a host, got {shown!r}")
    return parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port


def _checked_verify(verify: object) -> Verify:
    if isinstance(verify, bool | str | ssl.SSLContext):
        return verify
    raise ConfigError(f"verify must be True, False, a path or an ssl.SSLContext, got {type(verify).__name__}")
