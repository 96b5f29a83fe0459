"""What a reply's head says, in the core's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from twinwire._core.effects import HeaderPairs


def header_pairs(headers: Iterable[tuple[bytes, bytes]]) -> HeaderPairs:
    """Lower the names; take each byte of a value as the character of its number, which loses nothing (RFC 9110, 5.5)."""
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)


def http_version(extensions: Mapping[str, object]) -> str:
    """Return the version as the engine reports it."""
    version = extensions.get("http_version")
    return version.decode("ascii") if isinstance(version, bytes) else "HTTP/1.1"
