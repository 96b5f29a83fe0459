"""Small bodies that unpack to large ones, made without the work of packing them."""

from __future__ import annotations

import zlib
from typing import Literal

MB = 1_000_000
_WRAPPERS = {"gzip": 31, "deflate": 15}


def bomb(begin: bytes, filling: bytes, megabytes: int, coding: Literal["gzip", "deflate"] = "gzip") -> bytes:
    """About a thousandth of *megabytes*, which unpacks to *begin* and then that much of *filling*; its checksum is never reached."""
    packer = zlib.compressobj(9, wbits=_WRAPPERS[coding])
    head = packer.compress(begin) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers back, so what one block came to can be repeated.
    block = packer.compress(filling * (4 * MB // len(filling))) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (megabytes // 4)
