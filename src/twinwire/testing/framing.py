"""Compression of a body, and how its end is marked on the wire."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Literal

from twinwire.testing.steps import Step, Write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The argument that zlib calls wbits: which wrapper goes around the deflated bytes.
_WRAPPERS = {"gzip": 31, "deflate": 15, "deflate-raw": -15}


def encode(items: Iterable[Step], coding: Literal["gzip", "deflate", "deflate-raw"]) -> Iterator[Step]:
    """Compress what is written; each piece can be decoded when it arrives."""
    compressor = zlib.compressobj(wbits=_WRAPPERS[coding])
    for item in items:
        if isinstance(item, Write) and item.is_encoded:
            yield Write(compressor.compress(item.data) + compressor.flush(zlib.Z_SYNC_FLUSH))
        else:
            yield item
    yield Write(compressor.flush())


def chunked(items: Iterable[Step]) -> Iterator[Step]:
    """One HTTP chunk for each piece, and the last one."""
    for item in items:
        if isinstance(item, Write):
            yield Write(b"%x\r\n%s\r\n" % (len(item.data), item.data))
        else:
            yield item
    yield Write(b"0\r\n\r\n")


def joined(items: Iterable[Step]) -> Iterator[Step]:
    """Write what follows each other without a pause at once, as a server does with a small body and its head."""
    pending: list[bytes] = []
    for item in items:
        if isinstance(item, Write):
            pending.append(item.data)
            continue
        if pending:
            yield Write(b"".join(pending))
            pending.clear()
        yield item
    if pending:
        yield Write(b"".join(pending))
