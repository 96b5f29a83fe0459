"""Fixtures of the transports' tests."""

from __future__ import annotations

import ssl

import pytest
from attrs import frozen

from tests.io.flavours import FLAVOURS, Flavour, FlavourName
from twinwire.testing.certificates import make


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Each flavour in turn."""
    name: FlavourName = request.param
    return Flavour(name)


@frozen
class Certificate:
    """A certificate for 127.0.0.1, and the authority that vouches for it."""

    path: str
    """The authority's certificate."""
    server_path: str
    key_path: str

    def server_context(self, *alpn: str) -> ssl.SSLContext:
        """Make a server's context."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_path, self.key_path)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate of this test run."""
    made = make(tmp_path_factory.mktemp("tls"))
    return Certificate(made.authority_path, made.path, made.key_path)
