"""
ECDSA on the curve P-256 (FIPS 186-4), for certificates that live as long as a test.

Python has no function that makes a key or a certificate, and a test should need neither a package nor a program for it.
Fit for nothing else: it takes longer for some keys than for others, which tells them to whoever measures.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TypeAlias

from attrs import field, frozen

from twinwire.testing import der

# SEC 2, 2.4.2.
_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

_Point: TypeAlias = tuple[int, int] | None
"""None is the point at infinity."""


@frozen
class Key:
    """A private key and its public point."""

    secret: int = field(repr=False)
    point: bytes
    """Uncompressed, as certificates hold it."""

    @classmethod
    def made(cls) -> Key:
        """Make a new one."""
        return cls.of(secrets.randbelow(_ORDER - 1) + 1)

    @classmethod
    def of(cls, secret: int) -> Key:
        """The key with this *secret*, from 1 to the order of the curve less 1."""
        x, y = _times(secret, _BASE)
        return cls(secret, b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big"))

    def sign(self, message: bytes) -> bytes:
        """Sign the SHA-256 of *message* → the signature in DER."""
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        while True:
            once = secrets.randbelow(_ORDER - 1) + 1
            r = _times(once, _BASE)[0] % _ORDER
            s = pow(once, -1, _ORDER) * (digest + r * self.secret) % _ORDER
            if r and s:
                return der.sequence(der.integer(r), der.integer(s))


def _times(count: int, point: tuple[int, int]) -> tuple[int, int]:
    total: _Point = None
    doubled: _Point = point
    while count:
        if count & 1:
            total = _sum(total, doubled)
        doubled = _sum(doubled, doubled)
        count >>= 1
    assert total is not None, "a multiple below the order is never infinite"
    return total


def _sum(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % _P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, _P) if one == other else (y2 - y1) * pow(x2 - x1, -1, _P)
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P
