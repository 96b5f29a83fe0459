"""
TLS contexts, made once per process for each setting.

Loading the certificates takes tens of milliseconds, so a context is made for the first connection that needs it and shared by all clients.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import TypeAlias

import certifi

from twinwire._io import environment
from twinwire.errors import ConfigError

Verify: TypeAlias = bool | str | ssl.SSLContext
"""True for the usual authorities, a path of a file or folder of authorities, False for no check, or a context."""

_contexts: dict[tuple[object, ...], ssl.SSLContext] = {}


def context(verify: Verify, *, trust_env: bool, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
    """
    Return the context for this setting; a context of the user's is returned as it is.

    The authorities are certifi's, as with httpx, unless *trust_env* and `SSL_CERT_FILE` or `SSL_CERT_DIR` name others.

    Raises:
        ConfigError: the named authorities cannot be loaded.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    authorities = _authorities(verify, trust_env=trust_env)
    key = (verify is False, authorities, alpn)
    known = _contexts.get(key)
    if known is not None:
        return known
    made = _unchecked() if authorities is None else _checked(authorities)
    made.set_alpn_protocols(list(alpn))
    # Two threads may both have made one; both use the first. No lock, because a fork could inherit it locked.
    return _contexts.setdefault(key, made)


def _authorities(verify: bool | str, *, trust_env: bool) -> str | None:
    """Return the path of the authorities, None for no check."""
    if isinstance(verify, str):
        return verify
    if not verify:
        return None
    named = (environment.get("SSL_CERT_FILE") or environment.get("SSL_CERT_DIR")) if trust_env else None
    return named or certifi.where()


def _checked(authorities: str) -> ssl.SSLContext:
    # Not `create_default_context`, which has SSLKEYLOGFILE write the secrets of every connection into a file.
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    try:
        if Path(authorities).is_dir():
            made.load_verify_locations(capath=authorities)
        else:
            made.load_verify_locations(cafile=authorities)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"cannot load certificate authorities from {authorities!r}: {error}") from error
    return made


def _unchecked() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made
