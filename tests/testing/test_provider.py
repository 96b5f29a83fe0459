"""The server's life, its script and what it remembers."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.testing.rawclient import HELLO, STREAM, ask, chat, connected, read_all
from twinwire.errors import ConfigError
from twinwire.testing import LoopbackProvider, RecordedRequest, Reply, Stall, Status


def content(server: LoopbackProvider) -> str:
    """What a plain chat call says."""
    body = httpx.post(f"{server.base_url}/chat/completions", json=HELLO).json()
    return str(body["choices"][0]["message"]["content"])


def test_script_is_played_in_order(twinwire_openai: LoopbackProvider) -> None:
    """Each request takes the next answer; then comes the default."""
    twinwire_openai.script(Reply("First"), Reply("Second"))
    twinwire_openai.default = Reply("Always")

    assert twinwire_openai.remaining == 2
    assert [content(twinwire_openai) for _ in range(4)] == ["First", "Second", "Always", "Always"]
    assert twinwire_openai.remaining == 0
    assert twinwire_openai.default == Reply("Always")


def test_default_may_be_given_at_the_start() -> None:
    """The default answer is an option too."""
    with LoopbackProvider(default=Reply("Mine")) as server:
        assert content(server) == "Mine"


def test_function_as_an_answer(twinwire_openai: LoopbackProvider) -> None:
    """A function sees the request and says what to answer."""

    def answer(request: RecordedRequest) -> Reply:
        return Reply(f"You asked {request.json['model']}.")

    twinwire_openai.default = answer

    assert content(twinwire_openai) == "You asked m."


def test_function_that_raises() -> None:
    """The client gets a 500, and the user the exception, when the server is closed."""
    server = LoopbackProvider(default=raising).start()
    response = httpx.post(f"{server.base_url}/chat/completions", json=HELLO)

    assert response.status_code == 500
    assert "LookupError" in response.text
    with pytest.raises(LookupError, match="mine"):
        server.close()


def raising(_: RecordedRequest) -> Reply:
    """A user's mistake."""
    raise LookupError("mine")


def test_function_that_raises_in_a_with_block() -> None:
    """The block ends with what the function raised."""
    with pytest.raises(LookupError, match="mine"), LoopbackProvider(default=raising) as server:
        ask(server)


def test_block_that_raises_too() -> None:
    """The block's own exception goes first."""
    with pytest.raises(pytest.fail.Exception, match="the test's own"), LoopbackProvider(default=raising) as server:
        pytest.fail(f"the test's own: {ask(server)[:12]!r}")


def test_answer_that_cannot_be_played() -> None:
    """A mistake in an answer ends the connection and is raised when the server is closed."""
    with pytest.raises(TypeError), LoopbackProvider(default=Reply("Hi", extra={"x": object()})) as server:
        assert ask(server) == b""


def test_clear(twinwire_openai: LoopbackProvider) -> None:
    """A cleared server has no script and no memory."""
    twinwire_openai.script(Reply("Never"))
    twinwire_openai.clear()

    assert content(twinwire_openai) == "One two three"
    twinwire_openai.clear()
    assert twinwire_openai.requests == ()


def test_keep_alive(twinwire_openai: LoopbackProvider) -> None:
    """One connection carries many exchanges, streams and errors too."""
    twinwire_openai.script(Reply(), Status(503), Reply())
    with httpx.Client() as client:
        for body in (HELLO, HELLO, STREAM):
            client.post(f"{twinwire_openai.base_url}/chat/completions", json=body)

        assert (twinwire_openai.connections, twinwire_openai.open_connections) == (1, 1)
    twinwire_openai.wait_for(lambda: twinwire_openai.open_connections == 0)
    assert [request.connection for request in twinwire_openai.requests] == [1, 1, 1]


def test_pipelined_requests_are_answered_in_order(twinwire_openai: LoopbackProvider) -> None:
    """Requests that arrive together are served one after the other."""
    twinwire_openai.script(Reply("First"), Reply("Second"))
    with connected(twinwire_openai) as connection:
        connection.sendall(chat(twinwire_openai) + chat(twinwire_openai, headers="connection: close\r\n"))
        received = read_all(connection)

    assert 0 < received.index(b"First") < received.index(b"Second")


def test_request_in_pieces(twinwire_openai: LoopbackProvider) -> None:
    """A request may arrive byte by byte."""
    with connected(twinwire_openai) as connection:
        for byte in chat(twinwire_openai, headers="connection: close\r\n"):
            connection.send(bytes([byte]))

        assert b"One two three" in read_all(connection)


def test_chunked_request(twinwire_openai: LoopbackProvider) -> None:
    """A request's body may be chunked."""
    url = f"{twinwire_openai.base_url}/chat/completions"
    pieces = (piece for piece in (b'{"model": "m", "messages": ', b'[{"role": "user", "content": "Hi"}]}'))

    assert httpx.post(url, content=pieces).json()["choices"][0]["message"]["content"] == "Hi"


def test_expect_continue(twinwire_openai: LoopbackProvider) -> None:
    """A client that waits for leave to send the body gets it."""
    request = chat(twinwire_openai, headers="expect: 100-continue\r\nconnection: close\r\n")
    head, _, body = request.partition(b"\r\n\r\n")
    with connected(twinwire_openai) as connection:
        connection.sendall(head + b"\r\n\r\n")
        allowed = connection.recv(100)
        connection.sendall(body)

        assert allowed == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert read_all(connection).startswith(b"HTTP/1.1 200 OK\r\n")


def test_old_http(twinwire_openai: LoopbackProvider) -> None:
    """An HTTP/1.0 client's connection is closed after the reply."""
    with connected(twinwire_openai) as connection:
        connection.sendall(chat(twinwire_openai).replace(b"HTTP/1.1", b"HTTP/1.0"))

        assert b"One two three" in read_all(connection)


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n"])
def test_not_http(data: bytes, twinwire_openai: LoopbackProvider) -> None:
    """What is no HTTP gets a 400 and the connection closes."""
    with connected(twinwire_openai) as connection:
        connection.sendall(data)

        assert read_all(connection).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_client_that_leaves_in_the_middle(twinwire_openai: LoopbackProvider) -> None:
    """A request that never became whole is not recorded."""
    with connected(twinwire_openai) as connection:
        connection.sendall(chat(twinwire_openai)[:-5])
    twinwire_openai.wait_for(lambda: twinwire_openai.connections == 1 and twinwire_openai.open_connections == 0)

    assert twinwire_openai.requests == ()


def test_many_connections_at_once(twinwire_openai: LoopbackProvider) -> None:
    """Sixty callers are served side by side: none is answered before all have asked."""
    arrived = threading.Barrier(60)
    twinwire_openai.default = Reply("Hi", faults=[Stall(0.05)])

    def call(_: int) -> bytes:
        with connected(twinwire_openai) as connection:
            arrived.wait()
            connection.sendall(chat(twinwire_openai, STREAM, headers="connection: close\r\n"))
            return read_all(connection)

    with ThreadPoolExecutor(60) as pool:
        replies = list(pool.map(call, range(60)))

    assert all(reply.endswith(b"0\r\n\r\n") for reply in replies)
    assert twinwire_openai.connections == 60


def test_closing_ends_stalls_and_threads() -> None:
    """The server ends at once with connections open, and its thread with it."""
    before = threading.active_count()
    with LoopbackProvider(default=Reply(faults=[Stall()])) as server, connected(server) as connection:
        connection.sendall(chat(server))
        server.wait_for(lambda: len(server.requests) == 1)
        server.close()

        assert read_all(connection) in (b"", b"<reset>")
        assert threading.active_count() == before


def test_loop_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that fails to start raises where it was started."""

    async def fail(*_: object) -> None:
        raise OSError("too many open files")

    monkeypatch.setattr("twinwire.testing.thread_host.ThreadHost._serve", fail)
    with pytest.raises(OSError, match="too many open files"):
        LoopbackProvider().start()


@pytest.mark.parametrize("process", [False, True])
def test_what_it_saw_stays(process: bool) -> None:
    """After its end a server still knows what it was asked."""
    with LoopbackProvider(process=process) as server:
        server.script(Reply(), Reply())
        ask(server)

    assert [request.json for request in server.requests] == [HELLO]
    assert (server.connections, server.open_connections, server.remaining) == (1, 0, 1)


def test_port_is_free_again() -> None:
    """A closed server's port can be taken by the next, and nobody answers in between."""
    with LoopbackProvider() as first:
        port = first.port
        content(first)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    with LoopbackProvider(port=port) as second:
        assert second.base_url == f"http://127.0.0.1:{port}/v1"
        assert content(second) == "One two three"


def test_wait_for_gives_up(twinwire_openai: LoopbackProvider) -> None:
    """Waiting in vain says what the server saw."""
    ask(twinwire_openai)

    with pytest.raises(TimeoutError, match=r"not so within 0\.01 s: 1 requests, 1 connections"):
        twinwire_openai.wait_for(lambda: False, timeout=0.01)


def test_wait_for_is_woken(twinwire_openai: LoopbackProvider) -> None:
    """Waiting ends with the event that was waited for."""
    timer = threading.Timer(0.01, ask, (twinwire_openai,))
    timer.start()
    twinwire_openai.wait_for(lambda: len(twinwire_openai.requests) == 1)
    timer.join()

    assert len(twinwire_openai.requests) == 1


def test_life_of_a_server() -> None:
    """It is started once, has no address before and none after, and may be closed twice."""
    server = LoopbackProvider()
    with pytest.raises(ConfigError, match="not running"):
        _ = server.base_url
    with server, pytest.raises(ConfigError, match="started already"):
        server.start()
    server.close()
    with pytest.raises(ConfigError, match="not running"):
        _ = server.port


def test_unknown_dialect() -> None:
    """A dialect that nobody speaks is refused at once."""
    with pytest.raises(ConfigError, match="'openai' or 'openrouter', got 'french'"):
        LoopbackProvider(dialect="french")  # type: ignore[arg-type]  # the mistake under test


def test_nothing_is_printed_and_nothing_leaks() -> None:
    """A script that forgets nothing and one that forgets to close both end in silence."""
    script = """
import socket
from twinwire.testing import LoopbackProvider, Reply, Stall
with LoopbackProvider(default=Reply(faults=[Stall()])) as server:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /v1/models HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n")
        server.wait_for(lambda: len(server.requests) == 1)
forgotten = LoopbackProvider().start()
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script], capture_output=True, timeout=20, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_names_are_loaded_on_first_use() -> None:
    """Every public name is there, no other is, and importing the package loads neither attrs nor asyncio."""
    import twinwire.testing

    assert all(hasattr(twinwire.testing, name) for name in twinwire.testing.__all__)
    assert dir(twinwire.testing) == sorted(twinwire.testing.__all__)
    assert not hasattr(twinwire.testing, "nothing")
    script = "import sys, twinwire.testing; print({'attrs', 'asyncio', 'h11', 'socket'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=20, check=True, text=True)
    assert done.stdout == "set()\n"


def test_repr_says_where_it_is() -> None:
    """Shown in a notebook, a server says its dialect and its address, and whether it runs."""
    with LoopbackProvider(dialect="openrouter") as server:
        assert repr(server) == f"<LoopbackProvider openrouter {server.base_url}>"
    assert repr(server) == "<LoopbackProvider openrouter not running>"
