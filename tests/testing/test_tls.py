"""A loopback provider that speaks TLS, well and badly."""

from __future__ import annotations

import os
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.testing.rawclient import HELLO, STREAM, chat, connected, read_all
from twinwire import OpenAI
from twinwire.errors import APIConnectionError, ConfigError
from twinwire.testing import AfterEvents, Close, EarlyReply, Insert, LoopbackProvider, Reply, Reset
from twinwire.testing.certificates import HOSTS, CertificateKind, make

if TYPE_CHECKING:
    from twinwire.testing import Fault

MESSAGES = [{"role": "user", "content": "One two three"}]


def strict(path: str) -> ssl.SSLContext:
    """A context that insists on what RFC 5280 says, as Python's own does from 3.13 on."""
    context = ssl.create_default_context(cafile=path)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.mark.parametrize("process", [False, True])
def test_client_that_trusts_it(process: bool) -> None:
    """A client that is told whom to trust talks to it as to any other, on one connection."""
    with (
        LoopbackProvider(tls=True, process=process) as server,
        OpenAI(base_url=server.base_url, api_key="k", verify=server.certificate) as client,
    ):
        replies = [client.chat.completions.create(model="m", messages=MESSAGES).text for _ in range(2)]
        connections = server.connections

    assert server.requests[0].method == "POST"
    assert (replies, connections) == (["One two three"] * 2, 1)


def test_other_clients() -> None:
    """Any client can be handed a context."""
    with LoopbackProvider(tls=True) as server:
        assert server.base_url.startswith("https://127.0.0.1:")
        response = httpx.post(f"{server.base_url}/chat/completions", json=HELLO, verify=server.ssl_context())

    assert response.status_code == 200


def test_files_go_with_the_server() -> None:
    """The certificate is there while the server is."""
    with LoopbackProvider(tls=True) as server:
        path = Path(server.certificate)
        assert path.exists()

    assert not path.parent.exists()
    with pytest.raises(ConfigError, match="no certificate"):
        _ = server.certificate


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings(
    "ignore:.*multi-threaded.*fork:DeprecationWarning"
)  # Python 3.12 warns; here it is the point
def test_files_stay_when_a_child_leaves() -> None:
    """A forked child that ends the server's block takes no file away."""
    with LoopbackProvider(tls=True) as server:
        child = os.fork()
        if child == 0:
            server.close()
            os._exit(0)
        os.waitpid(child, 0)

        assert Path(server.certificate).exists()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("wrong_host", "IP address mismatch"),
        ("expired", "certificate has expired"),
        ("self_signed", "self-signed certificate"),
    ],
)
def test_certificates_that_nobody_should_trust(kind: CertificateKind, reason: str) -> None:
    """Each is refused for its own reason, and no request is sent."""
    with LoopbackProvider(tls=kind) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match=reason), connected(server) as connection:
            strict(server.certificate).wrap_socket(connection, server_hostname="127.0.0.1")
        server.wait_for(lambda: server.open_connections == 0)

    assert (server.requests, server.connections) == ((), 1)


def test_authority_that_nobody_knows() -> None:
    """A client that was told nothing does not trust the server."""
    with (
        LoopbackProvider(tls=True) as server,
        OpenAI(base_url=server.base_url, api_key="k", max_retries=0) as client,
        pytest.raises(APIConnectionError, match="certificate"),
    ):
        client.chat.completions.create(model="m", messages=MESSAGES)

    assert server.requests == ()


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_of_the_certificate(host: str, tmp_path: Path) -> None:
    """It is good for every name of this machine, also by the strict rules."""
    made = make(tmp_path)
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(made.path, made.key_path)
    client = strict(made.authority_path).wrap_bio(ours, theirs, server_hostname=host)
    server = server_context.wrap_bio(theirs, ours, server_side=True)
    for _ in range(2):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()

    assert client.getpeercert() is not None  # there is one where the handshake is over, and it was good


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        (Close(at=AfterEvents(3)), b""),
        (Insert(b":" * 1_000_000 + b"\n\n", at="end_of_body"), b"0\r\n\r\n"),
        (EarlyReply(), b"}}"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_faults_under_tls(fault: Fault, end: bytes) -> None:
    """Faults do what they do without it, and nothing that was written before gets lost."""
    with LoopbackProvider(tls=True) as server, connected(server) as bare:
        server.script(Reply("One two three", faults=[fault], headers={"connection": "close"}))
        with server.ssl_context().wrap_socket(bare, server_hostname="127.0.0.1") as connection:
            connection.sendall(chat(server, STREAM))
            received = read_all(connection)

    # Without the body, all that the server can say is that there was none.
    assert (b'"One"' in received) is not isinstance(fault, EarlyReply)
    assert received.endswith(end or b"\r\n")
    assert (len(received) > 1_000_000) is isinstance(fault, Insert)


@pytest.mark.parametrize(("fault", "says_goodbye"), [(Close(), True), (Reset(), False)])
def test_ends_under_tls(fault: Fault, says_goodbye: bool) -> None:
    """A connection that is closed says so; one that is reset does not."""
    with LoopbackProvider(tls=True, default=Reply(faults=[fault])) as server, connected(server) as bare:
        context = server.ssl_context()
        connection = context.wrap_socket(bare, server_hostname="127.0.0.1", suppress_ragged_eofs=False)
        connection.sendall(chat(server))
        try:
            was_told = connection.recv(1) == b""
        except OSError:  # what it is, depends on the version of OpenSSL
            was_told = False
        connection.close()

    assert was_told is says_goodbye


def test_without_what_makes_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the package, and how to install it."""
    monkeypatch.setitem(sys.modules, "trustme", None)

    with pytest.raises(ConfigError, match=r"pip install \"twinwire\[testing\]\""):
        LoopbackProvider(tls=True).start()


def test_unknown_kind() -> None:
    """What is no kind of certificate is refused."""
    with pytest.raises(ConfigError, match="tls is True, False, 'valid'"):
        LoopbackProvider(tls="maybe")  # type: ignore[arg-type]  # the point of the test
