"""Base URLs: what is accepted, and whose they are."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit

from twinwire._client.narrow import brief
from twinwire._core.loopback import is_loopback
from twinwire.errors import ConfigError, InvalidRequestError

_SCHEME = re.compile("[a-z]{2,6}")
_HOST = re.compile(r"(?!\.)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f.:]*:[0-9a-f.:]*(%[\w.~-]+)?")
"""A name, an IPv4 or an IPv6 address. Anything else is read differently by different libraries, a backslash for instance."""


class Address:
    """A checked base URL."""

    __slots__ = ("host", "is_loopback", "origin", "url")

    def __init__(self, url: object, *, allow_http: bool) -> None:
        """
        Check *url*.

        Raises:
            ConfigError: no scheme or host, another scheme than http(s), credentials, a query or a fragment inside, or plain
                http to another machine without *allow_http*.
        """
        if not isinstance(url, str):
            raise ConfigError(f"base_url must be text such as 'https://api.openai.com/v1', got {type(url).__name__}")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ConfigError(
                "base_url holds white space, a control character or one that is not ASCII (write an international name as xn--...)"
            )
        parts, host, port = _split(url)
        if parts.username is not None or parts.password is not None:
            raise ConfigError("base_url holds a user name or password; give the key as api_key")
        begin = (
            f"one that begins with {parts.scheme}:" if parts.scheme and _SCHEME.fullmatch(parts.scheme) else "no scheme"
        )
        if parts.scheme not in {"http", "https"} or not host:
            raise ConfigError(f"base_url must begin with https:// (or http://) and a host, got {begin}")
        if parts.query or parts.fragment:
            raise ConfigError("base_url must not hold a query or a fragment; use default_query")
        if not _HOST.fullmatch(host) or port == 0:
            raise ConfigError("base_url has a host or port that cannot be connected to")
        self.host = host
        self.is_loopback = is_loopback(host)
        if parts.scheme == "http" and not self.is_loopback and not allow_http:
            raise ConfigError(
                f"base_url is http:// to {host}, which is not this machine: key and prompts would travel readable; "
                "use https://, or say allow_http=True"
            )
        shown_host = f"[{host}]" if ":" in host else host
        self.origin = f"{parts.scheme}://{shown_host}" + ("" if port is None else f":{port}")
        self.url = self.origin + parts.path.rstrip("/")


def _split(url: str) -> tuple[SplitResult, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.hostname, parts.port
    except ValueError:
        pass
    # Out of the handler, for the error there quotes the port, which may be anything.
    raise ConfigError("base_url is not a URL: its host or its port cannot be read")


def fill_path(path: str, values: dict[str, object]) -> str:
    """
    Put *values* into the braces of *path*, percent-encoded whole, so that none can reach another path.

    Raises:
        InvalidRequestError: a value is not text, empty, or only dots.
    """
    for name, value in values.items():
        if not isinstance(value, str) or not value.strip("."):  # dots alone would climb to another path
            allowed = "text that is not empty and not only dots"
            raise InvalidRequestError(f"{name} must be {allowed}, got {brief(value)}", param=name)
        try:
            path = path.replace("{" + name + "}", quote(value, safe=":@"))
        except UnicodeEncodeError:
            raise InvalidRequestError(f"{name} holds a lone surrogate, which no URL can", param=name) from None
    return path
