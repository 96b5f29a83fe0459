"""Content encodings of replies: the ones that we offer, decoded piece by piece with a bound on each piece."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFERED = "gzip, deflate"
BOMB_RATIO = 100
PIECE_BYTES = 1024 * 1024
"""The most that one step unpacks, so that a small body cannot fill the memory before anyone looks at its size."""


class ContentDecoder:
    """
    Undo a `content-encoding`, pushed.

    `feed()` and `close()` yield decoded pieces of at most `PIECE_BYTES`; whoever collects them counts.
    Where they are not collected, *most_bytes* is what may be unpacked without a question. Beyond it, data that unpacks to more
    than `BOMB_RATIO` times its size is refused: events of a model compress ten- to fortyfold, zlib can a thousandfold.

    Raises:
        DecodeError: an encoding that was not offered, corrupt data, a body that ends inside its compressed stream, or a bomb.

    Source: RFC 9110, 8.4.1. `deflate` is the zlib format there; servers that send bare deflate are understood too.
    """

    __slots__ = ("_encoding", "_head", "_is_fresh", "_most_bytes", "_packed_bytes", "_unpacked_bytes", "_unpacker")

    def __init__(self, content_encoding: str | None, *, most_bytes: int | None = None) -> None:
        encoding = (content_encoding or "identity").strip().lower()
        if encoding not in {"identity", "gzip", "x-gzip", "deflate"}:
            raise DecodeError(f"the reply is encoded as {encoding[:40]!r}, offered was {OFFERED!r}")
        self._encoding = encoding.removeprefix("x-")
        self._head = b""
        self._most_bytes = most_bytes
        self._packed_bytes = 0
        self._unpacked_bytes = 0
        self._is_fresh = True
        """Whether the present compressed stream has not begun."""
        self._unpacker = self._new_unpacker()

    @property
    def is_identity(self) -> bool:
        """Whether the bytes pass through as they are."""
        return self._encoding == "identity"

    @property
    def is_whole(self) -> bool:
        """Whether a compressed stream has come to its end, and its checksum was right; where there is none, nothing is missing."""
        return self.is_identity or self._unpacker.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode the next bytes of the body."""
        return iter((data,)) if self.is_identity else self._unpacked(data)

    def close(self) -> None:
        """The body has ended: make sure that the compressed stream has, too."""
        if self.is_identity or (self._is_fresh and not self._head):
            return  # an empty body is nobody's mistake
        if not self._unpacker.eof:
            raise DecodeError(f"the body ends inside its {self._encoding} data", retry_safe=True)

    def _unpacked(self, data: bytes) -> Iterator[bytes]:
        self._packed_bytes += len(data)
        if self._encoding == "deflate" and self._is_fresh:
            data = self._recognised(data)
        while data:
            if self._unpacker.eof:  # a further gzip member follows the first
                self._unpacker = self._new_unpacker()
                self._is_fresh = True
            piece, data = self._unpack(data)
            while piece:
                self._weigh(piece)
                yield piece
                # A full piece may leave output inside the unpacker although all input is taken.
                piece = self._unpacker.decompress(b"", PIECE_BYTES) if len(piece) == PIECE_BYTES and not data else b""

    def _weigh(self, piece: bytes) -> None:
        self._unpacked_bytes += len(piece)
        most = self._most_bytes
        if most is None or self._unpacked_bytes <= max(most, BOMB_RATIO * self._packed_bytes):
            return
        raise DecodeError(
            f"{self._packed_bytes} bytes of {self._encoding} data unpack to {self._unpacked_bytes} or more, "
            f"limit is {most} (caps.max_body_bytes)",
            retry_safe=False,
            possibly_billed=True,
        )

    def _recognised(self, data: bytes) -> bytes:
        """Hold the first two bytes back until they tell the zlib format from bare deflate (RFC 1950, 2.2)."""
        self._head += data
        if len(self._head) < 2:
            return b""
        method_and_size, flags = self._head[:2]
        if method_and_size & 0x0F != 8 or (method_and_size * 256 + flags) % 31:
            self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        return self._head

    def _unpack(self, data: bytes) -> tuple[bytes, bytes]:
        self._is_fresh = False
        try:
            piece = self._unpacker.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            raise DecodeError(f"corrupt {self._encoding} data: {error}", retry_safe=True) from error
        return piece, self._unpacker.unconsumed_tail or self._unpacker.unused_data

    def _new_unpacker(self) -> zlib._Decompress:
        return zlib.decompressobj(zlib.MAX_WBITS | 16 if self._encoding == "gzip" else zlib.MAX_WBITS)
