"""Fixtures of the transports' tests."""

from __future__ import annotations

import shutil
import ssl
import subprocess

import pytest
from attrs import frozen

from tests.io.flavours import FLAVOURS, Flavour, FlavourName


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Each flavour in turn."""
    name: FlavourName = request.param
    return Flavour(name)


@frozen
class Certificate:
    """A certificate for 127.0.0.1 that only itself vouches for."""

    path: str
    key_path: str

    def server_context(self, *alpn: str) -> ssl.SSLContext:
        """Make a server's context."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key_path)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate of this test run."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    made = Certificate(str(folder / "cert.pem"), str(folder / "key.pem"))
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([*command, "-out", made.path, "-keyout", made.key_path], check=True, capture_output=True)
    return made
