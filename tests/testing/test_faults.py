"""Faults as a client meets them, byte by byte."""

from __future__ import annotations

import gzip
import time

import pytest

from tests.testing.rawclient import HELLO, STREAM, ask, chat, connected, read_all
from twinwire.testing import (
    AfterBytes,
    AfterEvents,
    Close,
    EarlyReply,
    Encode,
    ErrorEvent,
    Exchange,
    Fault,
    Framing,
    Insert,
    LoopbackProvider,
    Pieces,
    Raw,
    Reply,
    Reset,
    Stall,
    Status,
    WithoutDone,
)


@pytest.mark.parametrize(
    ("fault", "beginning", "end"),
    [
        (Close(), b"", b""),
        (Close(at="mid_head"), b"HTTP/1.1 200 OK\r\n", b"connection: close\r\n"),
        (Close(at=AfterBytes(5)), b"HTTP/1.1 200 OK\r\n", b"data:\r\n"),
        (Close(at="end_of_body"), b"HTTP/1.1 200 OK\r\n", b"data: [DONE]\n\n\r\n"),
        (Reset(), b"", b"<reset>"),
        (Reset(at="before_body"), b"HTTP/1.1 200 OK\r\n", b"\r\n\r\n<reset>"),
        (Reset(at=AfterEvents(99)), b"HTTP/1.1 200 OK\r\n", b"data: [DONE]\n\n\r\n<reset>"),
        (WithoutDone(), b"HTTP/1.1 200 OK\r\n", b"}\n\n\r\n0\r\n\r\n"),
        (ErrorEvent("named_event"), b"HTTP/1.1 200 OK\r\n", b'"status_code":502}}\n\n\r\n0\r\n\r\n'),
        (Insert(b"data: more\n\n"), b"HTTP/1.1 200 OK\r\n", b"data: more\n\n\r\n0\r\n\r\n"),
        (Framing("close"), b"HTTP/1.1 200 OK\r\n", b"\n\ndata: [DONE]\n\n"),
        (Pieces(1, of="wire"), b"HTTP/1.1 200 OK\r\n", b"data: [DONE]\n\n\r\n0\r\n\r\n"),
    ],
    ids=repr,
)
def test_fault_in_a_stream(fault: Fault, beginning: bytes, end: bytes, twinwire_openai: LoopbackProvider) -> None:
    """What was written before a fault arrives, and nothing after it."""
    twinwire_openai.script(Reply("Hi", faults=[fault]))

    received = ask(twinwire_openai, STREAM)

    assert received.startswith(beginning)
    assert received.endswith(end)


def test_faults_meet_every_endpoint(twinwire_openai: LoopbackProvider) -> None:
    """A reply's faults and headers go with errors and with other endpoints too."""
    twinwire_openai.script(
        Reply(headers={"x-a": "1"}, faults=[Close(at="before_body")]),
        Status(503, headers={"x-a": "1"}, faults=[Close(at="before_body")]),
    )

    bad, failed = ask(twinwire_openai, {}), ask(twinwire_openai)

    assert bad.startswith(b"HTTP/1.1 400 ")
    assert failed.startswith(b"HTTP/1.1 503 ")
    assert all(b"x-a: 1\r\n" in reply and reply.endswith(b"\r\n\r\n") for reply in (bad, failed))


def test_stall_until_the_client_leaves(twinwire_openai: LoopbackProvider) -> None:
    """A stall without end ends when the client closes."""
    twinwire_openai.script(Reply(faults=[Stall(at="end_of_body")]))
    with connected(twinwire_openai) as connection:
        connection.sendall(chat(twinwire_openai, STREAM))
        received = b""
        while b"[DONE]" not in received:
            received += connection.recv(65536)

        assert twinwire_openai.open_connections == 1
    twinwire_openai.wait_for(lambda: twinwire_openai.open_connections == 0)


def test_stall_goes_on(twinwire_openai: LoopbackProvider) -> None:
    """After a stall the reply is whole, and it took that long."""
    twinwire_openai.script(Reply(faults=[Stall(0.03, at="mid_head"), Stall(0.03, at=AfterBytes(20))]))
    started = time.monotonic()

    received = ask(twinwire_openai)

    assert received.endswith(b"}")
    assert time.monotonic() - started >= 0.06


def test_compressed_body(twinwire_openai: LoopbackProvider) -> None:
    """A body is compressed when the request takes it."""
    twinwire_openai.script(Reply("Hi", faults=[Encode("gzip")]))

    received = ask(twinwire_openai, headers="connection: close\r\naccept-encoding: gzip\r\n")
    head, _, body = received.partition(b"\r\n\r\n")

    assert b"content-encoding: gzip" in head
    assert b'"content":"Hi"' in gzip.decompress(body)


def test_early_reply(twinwire_openai: LoopbackProvider) -> None:
    """The reply comes although the body was never sent, and is not lost to a client that goes on writing."""
    twinwire_openai.script(Status(413, faults=[EarlyReply()]))
    data = b"x" * 1_000_000
    head = chat(twinwire_openai, data)[: -len(data)]
    with connected(twinwire_openai) as connection:
        connection.sendall(head)
        received = read_all(connection)
        connection.sendall(data)

    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in received
    assert twinwire_openai.requests[0].body == b""


def test_early_reply_as_the_default(twinwire_openai: LoopbackProvider) -> None:
    """The default answer may be early too, and may end in a reset."""
    twinwire_openai.default = Exchange(500, faults=[EarlyReply(), Reset(at="end_of_body")])

    assert ask(twinwire_openai).endswith(b"<reset>")


def test_exchange_is_sent_as_it_stands(twinwire_openai: LoopbackProvider) -> None:
    """Only framing is added to a given reply; its pieces are chunks."""
    headers = [("X-A", "1"), ("x-a", "2"), ("content-type", "text/event-stream;charset=UTF-8")]
    twinwire_openai.script(Exchange(200, headers, "data: 1\r\n\r\ndata: 2\n\nrest", pieces=[4, 3], reason="Fine"))

    assert ask(twinwire_openai) == (
        b"HTTP/1.1 200 Fine\r\nx-a: 1\r\nx-a: 2\r\ncontent-type: text/event-stream;charset=UTF-8\r\n"
        b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        b"4\r\ndata\r\n3\r\n: 1\r\n11\r\n\r\n\r\ndata: 2\n\nrest\r\n0\r\n\r\n"
    )


def test_exchange_splits_streams_into_events(twinwire_openai: LoopbackProvider) -> None:
    """Faults find their places in a recorded stream too, whatever its line ends."""
    body = b"data: 1\r\n\r\ndata: 2\n\ndata: 3"
    stream = {"content-type": "text/event-stream"}
    twinwire_openai.script(*[Exchange(200, stream, body, faults=[Close(at=AfterEvents(count))]) for count in (1, 2, 3)])

    first, second, third = (ask(twinwire_openai) for _ in range(3))

    assert first.endswith(b"\r\n\r\nb\r\ndata: 1\r\n\r\n\r\n")
    assert second.endswith(b"\r\n9\r\ndata: 2\n\n\r\n")
    assert third.endswith(b"\r\n7\r\ndata: 3\r\n")


@pytest.mark.parametrize(
    ("exchange", "body"),
    [
        (Exchange(502, {"content-type": "text/html"}, "<html>Bad gateway</html>"), b"<html>Bad gateway</html>"),
        (Exchange(200, body={"a": 1}), b'{"a":1}'),
        (Exchange(200), b""),
    ],
    ids=repr,
)
def test_exchange_bodies(exchange: Exchange, body: bytes, twinwire_openai: LoopbackProvider) -> None:
    """Text, a mapping and nothing are bodies."""
    twinwire_openai.script(exchange)

    assert ask(twinwire_openai).partition(b"\r\n\r\n")[2] == body


def test_raw_bytes(twinwire_openai: LoopbackProvider) -> None:
    """Bytes go out exactly as they are; the connection closes, or serves the next request."""
    ok = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    twinwire_openai.script(Raw([ok[:10], ok[10:]], close=False, delay_seconds=0.001), Raw([b"HTTP/9 nonsense\r\n"]))
    with connected(twinwire_openai) as connection:
        connection.sendall(chat(twinwire_openai) + chat(twinwire_openai))

        assert read_all(connection) == ok + b"HTTP/9 nonsense\r\n"


def test_endless_body_waits_for_its_reader(twinwire_openai: LoopbackProvider) -> None:
    """A body without end is written as fast as it is read, and ends with the client."""
    twinwire_openai.script(Reply(faults=[Insert(b":" * 8_000_000 + b"\n\n", times=None)]))
    with connected(twinwire_openai) as connection:
        connection.sendall(chat(twinwire_openai, STREAM))
        received = 0
        while received < 20_000_000:
            received += len(connection.recv(1_000_000))
    twinwire_openai.wait_for(lambda: twinwire_openai.open_connections == 0)

    assert received >= 20_000_000


def test_delay_between_events(twinwire_openai: LoopbackProvider) -> None:
    """A stream's events can be spread over time."""
    twinwire_openai.script(Reply("One two", delay_seconds=0.01))
    started = time.monotonic()
    ask(twinwire_openai, STREAM)

    assert time.monotonic() - started >= 0.04


def test_headers_can_be_replaced_and_taken_out(twinwire_openai: LoopbackProvider) -> None:
    """A scripted header stands instead of the server's own."""
    twinwire_openai.script(Reply(headers={"Content-Type": "text/html", "date": None, "x-b": "ü"}))

    head = ask(twinwire_openai, HELLO).partition(b"\r\n\r\n")[0]

    assert head.count(b"content-type: ") == 1
    assert b"content-type: text/html\r\n" in head
    assert b"date: " not in head
    assert b"x-b: \xfc" in head


def test_idle_connection_is_closed(twinwire_openai: LoopbackProvider) -> None:
    """A connection can end some time after a whole reply that said nothing of it."""
    twinwire_openai.script(Reply(faults=[Stall(0.05, at="after_reply"), Close(at="after_reply")]))
    with connected(twinwire_openai) as connection:
        connection.sendall(chat(twinwire_openai))
        started = time.monotonic()
        reply = read_all(connection)

    assert time.monotonic() - started >= 0.04
    assert reply.startswith(b"HTTP/1.1 200 OK")
    assert reply.endswith(b"}")
    assert b"connection: close" not in reply
