"""Properties of content decoding."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from tests.fuzz import mutate
from twinwire._core.encoding import PIECE_BYTES, ContentDecoder
from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.chance import Chance

ENCODINGS = ("gzip", "deflate", "bare", "identity")


def packed(chance: Chance, data: bytes, encoding: str) -> bytes:
    """The data under an encoding, with flushes inside as a server that streams makes them."""
    if encoding == "identity":
        return data
    if encoding == "gzip" and chance.hit(4):  # in members
        return b"".join(gzip.compress(part, 1, mtime=0) for part in chance.cut(data, 2))
    window = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS, "bare": -zlib.MAX_WBITS}[encoding]
    packer = zlib.compressobj(chance.pick((1, 0, 6)), wbits=window)
    parts: list[bytes] = []
    for part in chance.cut(data, 3):
        parts += [packer.compress(part), packer.flush(zlib.Z_SYNC_FLUSH)]
    return b"".join([*parts, packer.flush()])


def header(encoding: str) -> str:
    """What the header says of it."""
    return "deflate" if encoding == "bare" else encoding


def unpacked(pieces: Sequence[bytes], encoding: str) -> bytes:
    """What our decoder makes of the pieces."""
    decoder = ContentDecoder(header(encoding))
    found: list[bytes] = []
    for piece in pieces:
        for part in decoder.feed(piece):
            assert len(part) <= max(PIECE_BYTES, len(piece))
            found.append(part)
    decoder.close()
    return b"".join(found)


def check_round_trip(chance: Chance) -> None:
    """What was packed comes out again, however it was packed and cut."""
    data = chance.take(chance.between(0, 40)) * chance.pick((1, 1, 7, 300))
    encoding = chance.pick(ENCODINGS)
    wire = packed(chance, data, encoding)
    chance.note("encoding", encoding)
    chance.note("wire", wire)

    assert unpacked([wire], encoding) == data
    assert unpacked(chance.cut(wire), encoding) == data
    if len(wire) < 400:
        assert unpacked([bytes([byte]) for byte in wire], encoding) == data


def check_corrupt(chance: Chance) -> None:
    """What was packed and then damaged is decoded or refused; what is cut short is refused."""
    data = chance.take(chance.between(1, 40)) * chance.pick((1, 5))
    encoding = chance.pick(ENCODINGS[:3])
    wire = packed(chance, data, encoding)
    is_cut = chance.hit(3) and wire.count(b"\x1f\x8b\x08") < 2  # several members may be cut between two of them
    damaged = wire[: chance.below(len(wire))] if is_cut else mutate.damage(chance, wire)
    chance.note("encoding", encoding)
    chance.note("wire", damaged)
    for pieces in ([damaged], chance.cut(damaged)):
        try:
            found = unpacked(pieces, encoding)
        except DecodeError:
            continue
        assert found == data or not is_cut or not damaged
