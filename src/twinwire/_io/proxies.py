"""Which proxy a connection goes through, if any."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from twinwire._core.loopback import is_loopback
from twinwire.errors import ConfigError

_KINDS: dict[str, Literal["http", "socks"]] = {"http": "http", "https": "http", "socks5": "socks", "socks5h": "socks"}


@frozen(kw_only=True)
class Proxy:
    """One proxy, with what it wants to know of us."""

    kind: Literal["http", "socks"]
    scheme: str
    host: str
    port: int | None
    auth: tuple[bytes, bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The proxy without its credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port is None else f":{self.port}")


def parse(text: str, *, source: str) -> Proxy:
    """
    Read a proxy's URL; one without a scheme is taken for http, as curl does.

    Raises:
        ConfigError: it cannot be used. The message names *source* and never the URL, which may hold a password.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"{source} is not a URL: {type(error).__name__}") from None
    kind = _KINDS.get(parts.scheme)
    if kind is None:
        raise ConfigError(f"{source} has the scheme {parts.scheme!r}; allowed are {', '.join(_KINDS)}")
    if not host or not host.isascii():
        raise ConfigError(f"{source} has no host that is written in ASCII")
    if kind == "socks" and find_spec("socksio") is None:
        raise ConfigError(f"{source} is a SOCKS proxy, which needs another package: pip install 'twinwire[socks]'")
    auth = None
    if parts.username is not None:
        auth = unquote(parts.username).encode(), unquote(parts.password or "").encode()
    return Proxy(kind=kind, scheme=parts.scheme, host=host, port=port, auth=auth)


def find(scheme: str, host: str, port: int, *, proxy: str | None, trust_env: bool) -> Proxy | None:
    """
    Choose the proxy for an origin: *proxy* if given, else what `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say (or, on macOS and
    Windows, the system's settings) if *trust_env*; these are not asked about this machine. `.netrc` is never read.
    """
    if proxy is not None:
        return parse(proxy, source="proxy")
    if not trust_env or is_loopback(host):  # a proxy elsewhere has another idea of what this machine is
        return None
    # Not at the head of the file: it loads much that a process without proxies has no use for.
    from urllib.request import getproxies, proxy_bypass

    known = getproxies()
    text = known.get(scheme) or known.get("all")
    if not text or proxy_bypass(f"{host}:{port}"):
        return None
    return parse(text, source=f"{scheme.upper() if known.get(scheme) else 'ALL'}_PROXY")
