"""
`python -m codegen ranks FILE`: pack a published `.tiktoken` file for `src/twinwire/_data/`, and check the result.

The file is OpenAI's (https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken, MIT as part of openai/tiktoken); its
sha256 is the one that tiktoken itself demands. Without FILE, the packed file that is there is checked.
"""

from __future__ import annotations

import hashlib
import lzma
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.tools import ToolError
from twinwire._io.encodings import ENCODINGS
from twinwire._io.ranks import FILTERS, PLANES, SINGLES, published_form, read_published, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "o200k_base"
PACKED = Path("src") / "twinwire" / "_data" / f"{NAME}.ranks"


def main(arguments: Sequence[str], root: Path) -> int:
    """Pack, or check; return the exit status."""
    parser = ArgumentParser(prog="python -m codegen ranks", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help=f"the published {NAME}.tiktoken")
    file: Path | None = parser.parse_args(arguments).file
    place = root / PACKED
    if file is not None:
        try:
            published = file.read_bytes()
        except OSError as error:
            raise ToolError(f"{file} cannot be read: {error.strerror}") from error
        if _sha256(published) != ENCODINGS[NAME].sha256:
            raise ToolError(f"{file} is not the published {NAME}: its sha256 is {_sha256(published)}")
        packed = pack(list(read_published(published)))
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(packed)
    packed = place.read_bytes()
    found = _sha256(published_form(unpack(packed)))
    if found != ENCODINGS[NAME].sha256:
        print(f"{PACKED} unpacks to another vocabulary, sha256 {found}", file=sys.stderr)
        return 1
    print(f"{PACKED}: {len(packed):,} bytes, which unpack to the published file, sha256 {found}")
    return 0


def pack(tokens: list[bytes]) -> bytes:
    """
    Pack tokens in the order of their ranks.

    Raises:
        ToolError: a token is not made of two earlier ones, as it is in every vocabulary that byte-pair encoding has learned.
    """
    ranks = {token: rank for rank, token in enumerate(tokens)}
    if any(len(token) != 1 for token in tokens[:SINGLES]):
        raise ToolError("the first 256 tokens are not the single bytes")
    pairs = [_halves(token, rank, ranks) for rank, token in enumerate(tokens[SINGLES:], SINGLES)]
    planes = [bytes(pair[side] >> 8 * plane & 0xFF for pair in pairs) for side in (0, 1) for plane in range(PLANES)]
    return lzma.compress(b"".join([*tokens[:SINGLES], *planes]), format=lzma.FORMAT_RAW, filters=FILTERS)


def _halves(token: bytes, rank: int, ranks: dict[bytes, int]) -> tuple[int, int]:
    """The ranks of the two tokens that were merged into this one: what encoding it with the earlier ranks alone ends with."""
    parts = [token[index : index + 1] for index in range(len(token))]
    while len(parts) > 2:
        merges = [
            (found, index)
            for index in range(len(parts) - 1)
            if (found := ranks.get(parts[index] + parts[index + 1], rank)) < rank
        ]
        if not merges:
            raise ToolError(f"token {rank} is not made of two earlier ones")
        index = min(merges)[1]
        parts[index : index + 2] = [parts[index] + parts[index + 1]]
    return ranks[parts[0]], ranks[parts[1]]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
