"""Certificates for a server of a test: an authority that is made and thrown away, and what it vouches for (RFC 5280)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from twinwire.testing import der
from twinwire.testing.p256 import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

CertificateKind = Literal["valid", "wrong_host", "expired", "self_signed"]
"""What is the matter with a server's certificate."""

HOSTS = ("127.0.0.1", "::1", "localhost")
_DAY = timedelta(days=1)

_EC_KEY, _P256 = der.name("1.2.840.10045.2.1"), der.name("1.2.840.10045.3.1.7")
_ECDSA_SHA256 = der.sequence(der.name("1.2.840.10045.4.3.2"))
_COMMON_NAME = der.name("2.5.4.3")
_TRUE = b"\x01\x01\xff"


@frozen
class Certificate:
    """Files for one server."""

    path: str
    """The server's certificate."""
    key_path: str
    authority_path: str
    """The authority that a client is to trust. It vouches for no `self_signed` certificate."""


def make(folder: Path, kind: CertificateKind = "valid") -> Certificate:
    """Make an authority and a server's certificate, and write them to *folder*."""
    now = datetime.now(UTC)
    authority, key = Key.made(), Key.made()
    root = _signed("twinwire test authority", authority, "twinwire test authority", authority, _for_authority(), now)
    hosts = ("twinwire.invalid",) if kind == "wrong_host" else HOSTS
    start = now - 30 * _DAY if kind == "expired" else now
    issuer, signer = ("localhost", key) if kind == "self_signed" else ("twinwire test authority", authority)
    leaf = _signed("localhost", key, issuer, signer, _for_server(hosts), start)
    made = Certificate(str(folder / "server.pem"), str(folder / "server.key"), str(folder / "authority.pem"))
    Path(made.path).write_text(der.pem("CERTIFICATE", leaf), encoding="ascii")
    Path(made.key_path).write_text(der.pem("EC PRIVATE KEY", _private(key)), encoding="ascii")
    Path(made.authority_path).write_text(der.pem("CERTIFICATE", root), encoding="ascii")
    return made


def _signed(subject: str, key: Key, issuer: str, signer: Key, extensions: Sequence[bytes], start: datetime) -> bytes:
    """One certificate, good for two days from the day before *start*."""
    identifiers = (
        _extension("2.5.29.14", der.octets(_identifier(key))),
        _extension("2.5.29.35", der.sequence(der.item(0x80, _identifier(signer)))),
    )
    body = der.sequence(
        der.item(0xA0, der.integer(2)),  # version 3
        der.integer(secrets.randbits(127) + 1),
        _ECDSA_SHA256,
        _named(issuer),
        der.sequence(der.time(start - _DAY), der.time(start + _DAY)),
        _named(subject),
        der.sequence(der.sequence(_EC_KEY, _P256), der.bits(key.point)),
        der.item(0xA3, der.sequence(*extensions, *identifiers)),
    )
    return der.sequence(body, _ECDSA_SHA256, der.bits(signer.sign(body)))


def _named(common_name: str) -> bytes:
    return der.sequence(der.item(0x31, der.sequence(_COMMON_NAME, der.text(common_name))))


def _identifier(key: Key) -> bytes:
    return hashlib.sha1(key.point, usedforsecurity=False).digest()  # RFC 5280, 4.2.1.2: a name, no protection


def _extension(number: str, value: bytes, *, is_critical: bool = False) -> bytes:
    return der.sequence(der.name(number), _TRUE if is_critical else b"", der.octets(value))


def _for_authority() -> tuple[bytes, ...]:
    return (
        _extension("2.5.29.19", der.sequence(_TRUE), is_critical=True),  # it is an authority
        _extension("2.5.29.15", der.bits(b"\x06", 1), is_critical=True),  # and signs certificates
    )


def _for_server(hosts: Sequence[str]) -> tuple[bytes, ...]:
    return (
        _extension("2.5.29.15", der.bits(b"\x80", 7), is_critical=True),  # it signs handshakes
        _extension("2.5.29.37", der.sequence(der.name("1.3.6.1.5.5.7.3.1"))),  # as a server
        _extension("2.5.29.17", der.sequence(*map(_host, hosts))),
    )


def _host(host: str) -> bytes:
    try:
        return der.item(0x87, ip_address(host).packed)
    except ValueError:
        return der.item(0x82, host.encode("ascii"))


def _private(key: Key) -> bytes:
    """RFC 5915."""
    return der.sequence(
        der.integer(1),
        der.octets(key.secret.to_bytes(32, "big")),
        der.item(0xA0, _P256),
        der.item(0xA1, der.bits(key.point)),
    )
