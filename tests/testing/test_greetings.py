"""What becomes of connections before their first request."""

from __future__ import annotations

import socket

import pytest

from tests.testing.rawclient import ask, connected, read_all
from twinwire import OpenAI
from twinwire.errors import APIConnectionError, APITimeoutError, ConfigError
from twinwire.testing import LoopbackProvider

MESSAGES = [{"role": "user", "content": "One two three"}]


@pytest.mark.parametrize("process", [False, True])
def test_each_connection_takes_the_next(process: bool) -> None:
    """The first are treated as was said, and the rest as usual; no request of the former is seen."""
    with LoopbackProvider(greetings=["close"], process=process) as server:
        server.greet("reset", "serve")

        assert [ask(server)[:12] for _ in range(4)] == [b"", b"<reset>", b"HTTP/1.1 200", b"HTTP/1.1 200"]

    assert (len(server.requests), server.connections) == (2, 4)


def test_silence() -> None:
    """A silent connection takes everything and says nothing, until the client leaves."""
    with LoopbackProvider(greetings=["silent"]) as server:
        with connected(server) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            connection.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        server.wait_for(lambda: server.open_connections == 0)

    assert server.requests == ()


@pytest.mark.parametrize(
    ("greeting", "error"), [("close", APIConnectionError), ("reset", APIConnectionError), ("silent", APITimeoutError)]
)
def test_broken_handshake(greeting: str, error: type[Exception]) -> None:
    """With TLS, all this happens to the handshake, and the next connection is a good one."""
    with LoopbackProvider(tls=True) as server:
        server.greet(greeting)  # type: ignore[arg-type]  # one of them
        with OpenAI(
            base_url=server.base_url, api_key="k", verify=server.certificate, max_retries=0, timeout=0.3
        ) as client:
            with pytest.raises(error):
                client.chat.completions.create(model="m", messages=MESSAGES)
            client.with_options(timeout=5).chat.completions.create(model="m", messages=MESSAGES)

    assert len(server.requests) == 1


def test_http_where_tls_is_spoken() -> None:
    """The server can forget that it speaks TLS; it then understands nothing."""
    with LoopbackProvider(tls=True, greetings=["plain", "plain"]) as server:
        with (
            pytest.raises(APIConnectionError, match=r"(?i)ssl|tls"),
            OpenAI(base_url=server.base_url, api_key="k", verify=server.certificate, max_retries=0) as client,
        ):
            client.chat.completions.create(model="m", messages=MESSAGES)

        assert ask(server).startswith(b"HTTP/1.1 200")


def test_client_that_leaves_within_the_handshake() -> None:
    """A connection that says nothing of TLS, or nothing at all, is counted out again."""
    with LoopbackProvider(tls=True) as server:
        with connected(server) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            read_all(connection)
        with connected(server):
            server.wait_for(lambda: server.connections == 2)
        server.wait_for(lambda: server.open_connections == 0)


@pytest.mark.parametrize("process", [False, True])
def test_full_server(process: bool) -> None:
    """A server whose queue is full answers no handshake of TCP, and closes nevertheless."""
    with LoopbackProvider(is_full=True, process=process) as server, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", server.port), timeout=0.2)

    assert server.connections == 0


def test_unknown_greeting() -> None:
    """What is no greeting is refused."""
    with pytest.raises(ConfigError, match="a greeting is 'serve'"):
        LoopbackProvider(greetings=["hello"])  # type: ignore[list-item]  # the point of the test
