"""
The packed form of a vocabulary: which two earlier tokens each token is made of.

A vocabulary of byte-pair encoding is a list of byte strings; its order is the order in which the encoder merges. The first 256 are
the single bytes, and every later one is the concatenation of two earlier ones, so a pair of numbers tells it: 709 kB after LZMA
where the bytes themselves take 815 kB. The numbers are stored as planes (all low bytes of the left ones, all middle bytes, ...),
since bytes of one significance resemble each other.

`python -m codegen ranks` writes the file, and checks that it gives back the published one byte for byte.
"""

from __future__ import annotations

import binascii
import lzma
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

SINGLES = 256
PLANES = 3
"""Bytes of one number: 24 bits are enough for 16 million tokens."""

FILTERS = [
    {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 0, "lp": 0, "pb": 0, "dict_size": 1 << 21}
]
"""Raw LZMA2 without a container: the sha256 of what comes out is a better check than its CRC. Best of five settings measured."""


def unpack(packed: bytes) -> list[bytes]:
    """
    Return the tokens in the order of their ranks.

    Raises:
        ValueError: these are not packed ranks.
    """
    try:
        plain = lzma.decompress(packed, format=lzma.FORMAT_RAW, filters=FILTERS)
    except (lzma.LZMAError, EOFError) as error:
        raise ValueError(f"the packed vocabulary cannot be decompressed: {error}") from error
    count, rest = divmod(len(plain) - SINGLES, 2 * PLANES)
    if rest or count < 0:
        raise ValueError(f"a packed vocabulary of {len(plain)} bytes is not whole")
    tokens: list[bytes] = [plain[index : index + 1] for index in range(SINGLES)]
    columns = [plain[start : start + count] for start in range(SINGLES, len(plain), count)] if count else []
    append = tokens.append
    try:
        rows = cast("Iterator[tuple[int, ...]]", zip(*columns, strict=True))
        for low, middle, high, right_low, right_middle, right_high in rows:
            append(tokens[low | middle << 8 | high << 16] + tokens[right_low | right_middle << 8 | right_high << 16])
    except IndexError:
        raise ValueError(f"token {len(tokens)} of the packed vocabulary is made of later ones") from None
    return tokens


def published_form(tokens: list[bytes]) -> bytes:
    """Write tokens as the published `.tiktoken` file has them: base64, a space, the rank, a line each."""
    encode = binascii.b2a_base64
    return b"".join([b"%b %d\n" % (encode(token, newline=False), rank) for rank, token in enumerate(tokens)])


def read_published(data: bytes) -> dict[bytes, int]:
    """
    Read a published `.tiktoken` file.

    Raises:
        ValueError: a line is not base64, a space and a number.
    """
    decode = binascii.a2b_base64
    return {decode(token): int(rank) for token, rank in (line.split() for line in data.splitlines())}
