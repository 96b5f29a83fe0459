"""Proxies: which one is used, and what goes over it."""

from __future__ import annotations

import base64
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.io.flavours import Flavour, call, post
from tests.io.servers import Peer, Server
from twinwire._core.effects import TransportFailure
from twinwire._core.timeout import Timeout
from twinwire._io import proxies
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from tests.io.conftest import Certificate

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD")


@pytest.fixture(autouse=True)
def no_proxy_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own variables are the only ones."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes on until the end."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def join(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes both ways until both ends are closed."""
    thread = threading.Thread(target=pump, args=(one, other), daemon=True)
    thread.start()
    pump(other, one)
    thread.join(5)


class Tunnel:
    """An HTTP proxy that knows CONNECT."""

    def __init__(self, status: str = "200 Connection established") -> None:
        self.status = status
        self.seen: list[tuple[str, str | None]] = []

    def __call__(self, peer: Peer) -> None:
        """Serve one connection."""
        request = peer.request()
        assert request is not None
        self.seen.append((request.line, request.headers.get("proxy-authorization")))
        peer.send(f"HTTP/1.1 {self.status}\r\n\r\n".encode())
        if self.status.startswith("200"):
            host, _, port = request.line.split()[1].rpartition(":")
            with socket.create_connection((host, int(port))) as target:
                join(peer.sock, target)


@pytest.mark.parametrize("proxy_has_tls", [False, True])
def test_tunnel(flavour: Flavour, certificate: Certificate, proxy_has_tls: bool) -> None:
    """An https origin is reached through CONNECT, with the proxy's own credentials, and through a proxy that has TLS itself."""
    tunnel = Tunnel()
    context = certificate.server_context() if proxy_has_tls else None

    async def scenario() -> bytes:
        scheme, _, host = proxy.url.partition("://")
        transport = flavour.transport(server.url, verify=certificate.path, proxy=f"{scheme}://me:p%40ss@{host}")
        await call(transport, post(server.url))
        body = await call(transport, post(server.url, b"again" * 100_000))
        await transport.close()
        return body

    with Server(tls=certificate.server_context()) as server, Server(tunnel, tls=context) as proxy:
        body = flavour.run(scenario)

    credentials = "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert body == b"again" * 100_000
    assert tunnel.seen == [(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1", credentials)]


def test_forwarding(flavour: Flavour) -> None:
    """A plain http origin is asked for by its whole URL."""
    lines: list[str] = []

    def forward(peer: Peer) -> None:
        while (request := peer.request()) is not None:
            lines.append(request.line)
            peer.reply(b"by proxy")

    async def scenario() -> list[bytes]:
        transport = flavour.transport("http://origin.example", proxy=proxy.url)
        bodies = [await call(transport, post("http://origin.example")) for _ in range(2)]
        await transport.close()
        return bodies

    with Server(forward) as proxy:
        bodies = flavour.run(scenario)

    assert bodies == [b"by proxy", b"by proxy"]
    assert lines == ["POST http://origin.example/v1/x HTTP/1.1"] * 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("407 Proxy Authentication Required", "refused"),
        ("403 Forbidden", "refused"),
        ("429 Too Many Requests", "connect"),
        ("502 Bad Gateway", "connect"),
    ],
)
def test_proxy_refuses(flavour: Flavour, certificate: Certificate, status: str, kind: str) -> None:
    """A proxy that says no is a failure to connect, with its words; one that would say so again is not asked again."""

    async def scenario() -> None:
        transport = flavour.transport("https://origin.example", proxy=proxy.url)
        await transport.send(post("https://origin.example"))

    with Server(Tunnel(status)) as proxy, pytest.raises(TransportFailure) as caught:
        flavour.run(scenario)

    failure = caught.value
    assert (failure.kind, failure.phase, failure.written) == (kind, "connect", False)
    assert status in str(failure)


def test_proxy_is_silent(flavour: Flavour) -> None:
    """The dialogue with a proxy is part of connecting, and bounded with it."""

    def play(peer: Peer) -> None:
        peer.request()
        for _ in range(200):
            peer.send(b"H")
            time.sleep(0.005)

    async def scenario() -> None:
        transport = flavour.transport("https://origin.example", proxy=proxy.url)
        await transport.send(post("https://origin.example", timeout=Timeout(connect=0.1)))

    with Server(play) as proxy, pytest.raises(TransportFailure) as caught:
        flavour.run(scenario)

    assert (caught.value.kind, caught.value.phase, caught.value.limit_seconds) == ("timeout", "connect", 0.1)


def test_body_ends_with_the_connection(flavour: Flavour, certificate: Certificate) -> None:
    """Inside two layers of TLS, too, a body may end with its connection."""

    def play(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nto the end")

    async def scenario() -> bytes:
        transport = flavour.transport(server.url, verify=certificate.path, proxy=proxy.url)
        body = await call(transport, post(server.url))
        await transport.close()
        return body

    with (
        Server(play, tls=certificate.server_context()) as server,
        Server(Tunnel(), tls=certificate.server_context()) as proxy,
    ):
        body = flavour.run(scenario)

    assert body == b"to the end"


def test_socks_proxy_that_is_none(flavour: Flavour) -> None:
    """A server that does not speak SOCKS is a failure to connect."""

    def play(peer: Peer) -> None:
        peer.more()
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def scenario() -> None:
        transport = flavour.transport("http://origin.example", proxy=proxy.url.replace("http", "socks5"))
        await transport.send(post("http://origin.example"))

    with Server(play) as proxy, pytest.raises(TransportFailure) as caught:
        flavour.run(scenario)

    assert (caught.value.kind, caught.value.phase) == ("connect", "connect")


@pytest.mark.parametrize("works", [True, False])
def test_socks(flavour: Flavour, works: bool) -> None:
    """A SOCKS5 proxy is asked for the origin by name; one that refuses is a failure to connect."""

    def socks(peer: Peer) -> None:
        peer.more()
        peer.send(b"\x05\x00")
        peer.buffer = b""
        peer.more()
        asked.append(peer.buffer)
        peer.send((b"\x05\x00" if works else b"\x05\x02") + b"\x00\x01\x7f\x00\x00\x01\x00\x50")
        peer.buffer = b""
        while (request := peer.request()) is not None:
            peer.reply(request.body)

    async def scenario() -> bytes:
        transport = flavour.transport("http://origin.example", proxy=proxy.url.replace("http", "socks5"))
        body = await call(transport, post("http://origin.example", b"x"))
        await transport.close()
        return body

    asked: list[bytes] = []
    with Server(socks) as proxy:
        if works:
            assert flavour.run(scenario) == b"x"
        else:
            with pytest.raises(TransportFailure) as caught:
                flavour.run(scenario)
            assert (caught.value.kind, caught.value.phase) == ("connect", "connect")

    assert asked == [b"\x05\x01\x00\x03\x0eorigin.example\x00\x50"]


CHOICES: list[tuple[dict[str, str], str, str | None]] = [
    ({}, "https", None),
    ({"HTTPS_PROXY": "http://p:1"}, "https", "http://p:1"),
    ({"https_proxy": "p:1"}, "https", "http://p:1"),
    ({"HTTPS_PROXY": "http://p:1"}, "http", None),
    ({"HTTP_PROXY": "http://p:1"}, "http", "http://p:1"),
    ({"ALL_PROXY": "socks5://p"}, "https", "socks5://p"),
    ({"ALL_PROXY": "socks5://p", "HTTPS_PROXY": "https://[::1]:2"}, "https", "https://[::1]:2"),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other,.example"}, "https", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:443"}, "https", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:80"}, "https", "http://p:1"),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example"}, "https", None),
]


@pytest.mark.parametrize(("variables", "scheme", "expected"), CHOICES)
def test_choice(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], scheme: str, expected: str | None) -> None:
    """The environment's variables choose the proxy."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    port = {"http": 80, "https": 443}[scheme]
    found = proxies.find(scheme, "api.example", port, proxy=None, trust_env=True)

    assert (found.url if found else None) == expected


def test_environment_can_be_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `trust_env` only an explicit proxy counts, and with it an explicit one comes first."""
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")

    explicit = proxies.find("https", "h", 443, proxy="http://q", trust_env=True)

    assert proxies.find("https", "h", 443, proxy=None, trust_env=False) is None
    assert explicit is not None
    assert explicit.url == "http://q"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ftp://u:secret@p", "scheme 'ftp'"),
        ("http://u:secret@", "no host"),
        ("http://u:secret@p:port", "not a URL"),
        ("http://u:secret@\xe4.example", "no host that is written in ASCII"),
    ],
)
def test_bad_proxy(text: str, message: str) -> None:
    """A proxy that cannot be used is refused at once, without its password."""
    with pytest.raises(ConfigError, match=message) as caught:
        Flavour("blocking").transport("https://h", proxy=text)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("option", "package"), [("proxy", "socksio"), ("http2", "h2")])
def test_missing_package(monkeypatch: pytest.MonkeyPatch, option: str, package: str) -> None:
    """An option that needs another package says which."""
    found = {"socksio", "h2"} - {package}

    def find_spec(name: str) -> str | None:
        return name if name in found else None

    monkeypatch.setattr(proxies, "find_spec", find_spec)
    monkeypatch.setattr("twinwire._io.route.find_spec", find_spec)
    proxy = "socks5://p" if option == "proxy" else None

    with pytest.raises(ConfigError, match="needs another package: pip install 'twinwire"):
        Flavour("blocking").transport("https://h", proxy=proxy, http2=option == "http2")


def test_credentials_are_not_shown() -> None:
    """A proxy's password is in no repr."""
    proxy = proxies.parse("http://u:secret@p", source="proxy")

    assert "secret" not in repr(proxy)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_is_reached_directly(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is not asked about this machine; one that was given is."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")

    assert proxies.find("http", host, 80, proxy=None, trust_env=True) is None
    assert proxies.find("http", host, 80, proxy="http://given.example:3128", trust_env=True) is not None
