"""TLS: who is trusted, what is told of failures, and that contexts are shared."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from tests.io.flavours import Flavour, call, post
from tests.io.servers import Peer, Server
from twinwire._core.effects import TransportFailure
from twinwire._io import tls
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from tests.io.conftest import Certificate
    from twinwire._io.tls import Verify


def answer(flavour: Flavour, server: Server, verify: Verify, *, trust_env: bool = False) -> bytes:
    """Make two calls and return the second answer."""

    async def scenario() -> bytes:
        transport = flavour.transport(server.url, verify=verify, trust_env=trust_env)
        await call(transport, post(server.url, b"first"))
        body = await call(transport, post(server.url, b"second" * 100_000))
        await transport.close()
        return body

    return flavour.run(scenario)


@pytest.mark.parametrize("kind", ["path", "context", "unchecked"])
def test_trusted_server(flavour: Flavour, certificate: Certificate, kind: str) -> None:
    """A server is trusted by a path of authorities, by the user's own context, or without a check if the user says so."""
    choices: dict[str, Verify] = {
        "path": certificate.path,
        "context": ssl.create_default_context(cafile=certificate.path),
        "unchecked": False,
    }

    with Server(tls=certificate.server_context()) as server:
        body = answer(flavour, server, choices[kind])

    assert body == b"second" * 100_000
    assert server.connections == 1


def test_authorities_of_the_environment(
    flavour: Flavour, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SSL_CERT_FILE` names other authorities, for who trusts the environment."""
    monkeypatch.setenv("SSL_CERT_FILE", certificate.path)
    monkeypatch.setenv("NO_PROXY", "*")

    with Server(tls=certificate.server_context()) as server:
        body = answer(flavour, server, True, trust_env=True)

    assert body == b"second" * 100_000


def test_unknown_authority_is_refused(flavour: Flavour, certificate: Certificate) -> None:
    """A certificate that nobody vouches for ends the call; nothing was written."""
    with Server(tls=certificate.server_context()) as server, pytest.raises(TransportFailure) as caught:
        answer(flavour, server, True)

    failure = caught.value
    assert (failure.kind, failure.phase, failure.written) == ("tls", "connect", False)
    assert isinstance(failure.__cause__, ssl.SSLCertVerificationError)


def test_server_without_tls(flavour: Flavour) -> None:
    """A server that does not speak TLS is a TLS failure."""

    def play(peer: Peer) -> None:
        peer.more()
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def scenario() -> None:
        url = server.url.replace("http:", "https:")
        await flavour.transport(url).send(post(url))

    with Server(play) as server, pytest.raises(TransportFailure) as caught:
        flavour.run(scenario)

    assert (caught.value.kind, caught.value.phase) == ("tls", "connect")


def test_connection_cut_within_the_handshake(flavour: Flavour) -> None:
    """A connection that ends within the handshake is a failure to connect, which a retry may mend."""

    async def scenario() -> None:
        url = server.url.replace("http:", "https:")
        await flavour.transport(url).send(post(url))

    def hang_up(peer: Peer) -> None:
        peer.more()

    with Server(hang_up) as server, pytest.raises(TransportFailure) as caught:
        flavour.run(scenario)

    assert (caught.value.kind, caught.value.phase) == ("connect", "connect")


def test_http2_falls_back(flavour: Flavour, certificate: Certificate) -> None:
    """With `http2` a server that only knows HTTP/1.1 is spoken to in HTTP/1.1."""

    async def scenario() -> bytes:
        transport = flavour.transport(server.url, verify=certificate.path, http2=True)
        await call(transport, post(server.url))
        body = await call(transport, post(server.url, b"again"))
        await transport.close()
        return body

    with Server(tls=certificate.server_context("http/1.1")) as server:
        body = flavour.run(scenario)

    assert (body, server.connections) == (b"again", 1)


def test_context_is_made_once(certificate: Certificate) -> None:
    """Clients with the same setting share a context, others do not; the user's own is used as it is."""
    own = ssl.create_default_context()
    first = tls.context(True, trust_env=False)

    assert tls.context(True, trust_env=False) is first
    assert tls.context(certificate.path, trust_env=False) is not first
    assert tls.context(True, trust_env=False, alpn=("http/1.1", "h2")) is not first
    assert tls.context(own, trust_env=False) is own


def test_folder_of_authorities(tmp_path: object) -> None:
    """A path may be a folder."""
    context = tls.context(str(tmp_path), trust_env=False)

    assert context.verify_mode is ssl.CERT_REQUIRED


def test_missing_authorities() -> None:
    """A path that cannot be loaded is named."""
    with pytest.raises(ConfigError, match=r"cannot load certificate authorities from '/nowhere\.pem'"):
        tls.context("/nowhere.pem", trust_env=False)
