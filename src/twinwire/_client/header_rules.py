"""What may stand in a header that a user gives."""

from __future__ import annotations

import re
from collections.abc import Callable

from twinwire._client.narrow import is_mapping
from twinwire.errors import ConfigError, InvalidRequestError

_WORDS = re.compile(r"[A-Za-z-]{1,20}(?![0-9A-Za-z_])")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

# Where the body ends is for who writes it to say: another length would cut the request, or let one smuggle a second in.
_FRAMING = frozenset({"content-length", "transfer-encoding"})

Refusal = Callable[[str], Exception]


def config_refusal(message: str) -> Exception:
    """The error for an option of a client."""
    return ConfigError(message)


def request_refusal(param: str) -> Refusal:
    """The error for an argument of a call."""
    return lambda message: InvalidRequestError(message, param=param)


def checked_headers(source: str, headers: object, refuse: Refusal) -> dict[str, str | None]:
    """
    Check what a user wants among the headers; None for a value takes out one that would be sent unasked.

    Raises what *refuse* makes: not a mapping, a name that is no token, a value that is not text, or CR, LF, NUL or characters
    beyond Latin-1 in it. A value is never shown.
    """
    if headers is None:
        return {}
    if not is_mapping(headers):
        raise refuse(f"{source} must be a mapping of header names to values, got {type(headers).__name__}")
    checked: dict[str, str | None] = {}
    for name, value in headers.items():
        if not isinstance(name, str):
            raise refuse(f"{source} holds a name that is no text, but {type(name).__name__}")
        token = _TOKEN.match(name)
        if token is None or token.end() < len(name):
            words = _WORDS.match(name)  # no more of it: what follows may be the value, and that a key
            begin = "" if words is None else f" that begins with {words[0]!r}"
            raise refuse(f"{source} holds a name{begin}, which is no header name")
        if name.lower() in _FRAMING:
            raise refuse(f"{source} holds {name!r:.40}, which is set by twinwire alone")
        if value is not None and not isinstance(value, str):
            raise refuse(
                f"{source}[{name!r}] must be text, or None to leave the header out, got {type(value).__name__}"
            )
        if value is not None and not _VALUE.fullmatch(value):
            raise refuse(f"{source}[{name!r}] holds a line break, NUL, or another character that no header may hold")
        if value is not None and value != value.strip(" \t"):
            raise refuse(f"{source}[{name!r}] begins or ends with white space")
        checked[name] = value
    return checked
