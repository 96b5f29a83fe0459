"""What files and audio may cost: guesses with bounds, for their text is not read here and nobody documents their price in tokens."""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

AUDIO_TOKENS_PER_SECOND = 10
"""Measured on two recordings with gpt-4o-audio-preview, 0.2 s and 4.4 s (2026-11-20)."""
PAGE_TOKENS = 600
"""Of a page of a PDF: its text and a picture of it. Nearly empty ones took 220 (gpt-4o, 2026-11-20)."""
LEAST_PAGE_TOKENS = 150
UNKNOWN_FILE_TOKENS = 2 * PAGE_TOKENS

_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_WAV_HEAD_BYTES = 32
_MP3_BYTES_PER_SECOND = 16_000
_MP3_MOST_BYTES_PER_SECOND = 40_000
_MP3_LEAST_BYTES_PER_SECOND = 4_000


class Guess(NamedTuple):
    """Tokens: likely, at least, and at most, if there is a bound."""

    likely: int
    low: int
    high: int | None


def audio(data: str) -> Guess:
    """Guess what base64 of a WAV or MP3 costs."""
    size = len(data) * 3 // 4
    try:
        head = binascii.a2b_base64(data[:64])
    except (binascii.Error, ValueError):
        head = b""
    if head[:4] == b"RIFF" and len(head) >= _WAV_HEAD_BYTES and (per_second := int.from_bytes(head[28:32], "little")):
        likely = _audio_tokens(size, per_second)
        return Guess(likely, likely * 3 // 4, likely * 3 // 2 + 4)
    return Guess(
        _audio_tokens(size, _MP3_BYTES_PER_SECOND),
        _audio_tokens(size, _MP3_MOST_BYTES_PER_SECOND),
        _audio_tokens(size, _MP3_LEAST_BYTES_PER_SECOND),
    )


def file(data: str) -> Guess:
    """Guess what a file costs, by the pages of a PDF in a data URL; *data* is empty for one that is only named."""
    _, _, encoded = data.partition(",")
    try:
        content = binascii.a2b_base64(encoded)
    except (binascii.Error, ValueError):
        content = b""
    pages = len(_PAGE.findall(content))  # 0 where they are compressed
    if pages:
        return Guess(pages * PAGE_TOKENS, pages * LEAST_PAGE_TOKENS, None)
    return Guess(max(UNKNOWN_FILE_TOKENS, len(content) // 40), 0, None)


def _audio_tokens(size: int, per_second: int) -> int:
    return max(1, size * AUDIO_TOKENS_PER_SECOND // per_second)
