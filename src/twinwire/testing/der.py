"""As much of DER, the encoding of certificates, as a certificate of a test needs (X.690)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def item(tag: int, *content: bytes) -> bytes:
    """One value: tag, length, content."""
    body = b"".join(content)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def sequence(*items: bytes) -> bytes:
    """A SEQUENCE."""
    return item(0x30, *items)


def integer(value: int) -> bytes:
    """An INTEGER of zero or more; the first bit is its sign."""
    return item(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def name(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER, given as numbers with dots."""
    first, second, *rest = map(int, dotted.split("."))
    encoded = bytearray([first * 40 + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        encoded += bytes(reversed(groups))
    return item(0x06, bytes(encoded))


def bits(value: bytes, unused: int = 0) -> bytes:
    """A BIT STRING."""
    return item(0x03, bytes([unused]), value)


def octets(value: bytes) -> bytes:
    """An OCTET STRING."""
    return item(0x04, value)


def text(value: str) -> bytes:
    """A UTF8String."""
    return item(0x0C, value.encode())


def time(moment: datetime) -> bytes:
    """A UTCTime; *moment* is in UTC, and before 2050."""
    return item(0x17, f"{moment:%y%m%d%H%M%SZ}".encode("ascii"))


def pem(label: str, encoded: bytes) -> str:
    """The text form, for files."""
    lines = base64.encodebytes(encoded).decode("ascii").replace("\n", "")
    body = "\n".join(lines[start : start + 64] for start in range(0, len(lines), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"
