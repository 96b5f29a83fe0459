"""Content encodings: whole, split, cut, corrupt and explosive."""

from __future__ import annotations

import gzip
import zlib

import pytest

from twinwire._core.encoding import PIECE_BYTES, ContentDecoder
from twinwire.errors import DecodeError

TEXT = b"the quick brown fox " * 50


def bare_deflate(data: bytes) -> bytes:
    """Deflate without the zlib frame, as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


BODIES = [
    pytest.param(None, TEXT, id="none"),
    pytest.param("identity", TEXT, id="identity"),
    pytest.param("gzip", gzip.compress(TEXT), id="gzip"),
    pytest.param("GZIP ", gzip.compress(TEXT), id="gzip, oddly spelled"),
    pytest.param("x-gzip", gzip.compress(TEXT), id="x-gzip"),
    pytest.param("gzip", gzip.compress(TEXT[:300]) + gzip.compress(TEXT[300:]), id="gzip in members"),
    pytest.param("deflate", zlib.compress(TEXT), id="deflate"),
    pytest.param("deflate", bare_deflate(TEXT), id="bare deflate"),
]


@pytest.mark.parametrize(("encoding", "body"), BODIES)
def test_decoding(encoding: str | None, body: bytes) -> None:
    """The text comes out whole, byte by byte and split anywhere."""
    for cut in range(0, len(body), max(1, len(body) // 40)):
        decoder = ContentDecoder(encoding)
        text = b"".join(piece for part in (body[:cut], body[cut:]) for piece in decoder.feed(part))
        decoder.close()

        assert text == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_cut_body(encoding: str) -> None:
    """A body that ends inside its compressed data is no body."""
    packed = gzip.compress(TEXT) if encoding == "gzip" else zlib.compress(TEXT)
    decoder = ContentDecoder(encoding)
    list(decoder.feed(packed[:-3]))

    with pytest.raises(DecodeError, match="ends inside"):
        decoder.close()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_corrupt_data(encoding: str) -> None:
    """Bytes that are not what the header says are refused."""
    with pytest.raises(DecodeError, match="corrupt"):
        list(ContentDecoder(encoding).feed(b"this is not compressed at all"))


def test_corruption_in_the_middle() -> None:
    """A flipped byte does not pass."""
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 0xFF

    with pytest.raises(DecodeError, match="corrupt"):
        list(ContentDecoder("gzip").feed(bytes(packed)))


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br"])
def test_an_encoding_that_was_not_offered(encoding: str) -> None:
    """It is named, and nothing is guessed."""
    with pytest.raises(DecodeError, match="offered was"):
        ContentDecoder(encoding)


@pytest.mark.parametrize("encoding", [None, "gzip", "deflate"])
def test_an_empty_body(encoding: str | None) -> None:
    """No bytes at all are fine: whether a body was due is another's question."""
    decoder = ContentDecoder(encoding)

    assert b"".join(decoder.feed(b"")) == b""
    decoder.close()


def test_a_bomb_comes_in_pieces() -> None:
    """A small body that unpacks to much never makes more than one bounded piece at a time."""
    packed = gzip.compress(b"\0" * (20 * PIECE_BYTES))
    sizes = [len(piece) for piece in ContentDecoder("gzip").feed(packed)]

    assert max(sizes) <= PIECE_BYTES
    assert sum(sizes) == 20 * PIECE_BYTES


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_that_nobody_collects(encoding: str) -> None:
    """Beyond the free size, data that unpacks a hundredfold is refused; an answer, which packs less well, is not."""
    bomb = (
        gzip.compress(b"\0" * (20 * PIECE_BYTES)) if encoding == "gzip" else zlib.compress(b"\0" * (20 * PIECE_BYTES))
    )
    words = b" ".join(b"%d" % (number * 2654435761 % 1000003) for number in range(100_000))
    decoder = ContentDecoder("gzip", most_bytes=1000)

    with pytest.raises(DecodeError, match="limit is 1000"):
        list(ContentDecoder(encoding, most_bytes=1000).feed(bomb))
    assert b"".join(decoder.feed(gzip.compress(words))) == words
