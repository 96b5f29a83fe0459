"""Certificates for a server of a test: an authority that is made and thrown away, and what it vouches for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

CertificateKind = Literal["valid", "wrong_host", "expired", "self_signed"]
"""What is the matter with a server's certificate."""

HOSTS = ("127.0.0.1", "::1", "localhost")


@frozen
class Certificate:
    """Files for one server."""

    path: str
    """The server's certificate."""
    key_path: str
    authority_path: str
    """The authority that a client is to trust. It vouches for no `self_signed` certificate."""


def make(folder: Path, kind: CertificateKind = "valid") -> Certificate:
    """
    Make an authority and a server's certificate, and write them to *folder*.

    Raises:
        ConfigError: trustme is not installed.
    """
    try:
        import trustme
    except ImportError as error:
        raise ConfigError('tls needs trustme, which makes the certificates: pip install "twinwire[testing]"') from error
    authority = trustme.CA()
    if kind == "self_signed":
        itself = trustme.CA()
        certificate, key = itself.cert_pem, itself.private_key_pem
    else:
        hosts = ("twinwire.invalid",) if kind == "wrong_host" else HOSTS
        end = datetime.now(UTC) - timedelta(days=1) if kind == "expired" else None
        issued = authority.issue_cert(*hosts, not_after=end)
        certificate, key = issued.cert_chain_pems[0], issued.private_key_pem
    made = Certificate(str(folder / "server.pem"), str(folder / "server.key"), str(folder / "authority.pem"))
    certificate.write_to_path(made.path)
    key.write_to_path(made.key_path)
    authority.cert_pem.write_to_path(made.authority_path)
    return made
