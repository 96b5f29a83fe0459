"""The width and height of an image, from the head of a data URL: PNG, JPEG, GIF, WebP. Nothing is fetched or decoded."""

from __future__ import annotations

import binascii
from urllib.parse import unquote_to_bytes

HEAD_BYTES = 49_152
"""Enough for every head but that of a JPEG with a large preview inside."""
MOST_HEAD_BYTES = 6_291_456


def image_size(url: str) -> tuple[int, int] | None:
    """Return the pixels of a `data:` URL's image, or None: a remote image, another format, or no image."""
    head, comma, _ = url[:256].partition(",")
    if not comma or head[:5].lower() != "data:":
        return None
    start = len(head) + 1
    if not head.lower().endswith(";base64"):
        return _size(unquote_to_bytes(url[start : start + 3 * HEAD_BYTES]))
    for most in (HEAD_BYTES, MOST_HEAD_BYTES):
        try:
            decoded = binascii.a2b_base64(_whole(url[start : start + most // 3 * 4]))
        except (binascii.Error, ValueError):
            return None
        found = _size(decoded)
        if found is not None or len(url) - start <= most // 3 * 4:
            return found
    return None


def _whole(text: str) -> str:
    """Base64 that was cut off or has no padding, as whole groups."""
    plain = "".join(text.split())
    return plain[:-1] if len(plain) % 4 == 1 else plain + "=" * (-len(plain) % 4)


def _size(data: bytes) -> tuple[int, int] | None:
    found: tuple[int, int] | None = None
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        found = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    elif data.startswith((b"GIF87a", b"GIF89a")) and len(data) >= 10:
        found = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        found = _webp(data)
    elif data.startswith(b"\xff\xd8"):
        found = _jpeg(data)
    return found if found is not None and min(found) > 0 else None


def _webp(data: bytes) -> tuple[int, int] | None:
    """Source: RFC 9649, 2.5 to 2.7; RFC 6386, 9.1."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Go from segment to segment until the one that begins a frame. Source: ITU-T T.81, B.1.1 and B.2.2."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:  # filling, and markers without a length
            place += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[place + 7 : place + 9]), int.from_bytes(data[place + 5 : place + 7])
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return None
