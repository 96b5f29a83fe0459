"""From an answer and its faults to steps on the wire."""

from __future__ import annotations

import math
import zlib
from itertools import islice

import pytest

from twinwire.testing import (
    AfterBytes,
    AfterEvents,
    Close,
    Encode,
    ErrorEvent,
    Fault,
    Framing,
    Insert,
    Pieces,
    Reset,
    Stall,
    Truncate,
    WithoutDone,
)
from twinwire.testing.steps import End, Pause, Step, Write
from twinwire.testing.wire import Outgoing, steps

JSON = b'{"a":1}'
COMMENT = b": wait\n\n"
ONE = b'data: {"id":"x","model":"m","n":1}\n\n'
TWO = b'data: {"id":"x","model":"m","n":2}\n\n'
DONE = b"data: [DONE]\n\n"


def plain(*faults: Fault) -> list[Step]:
    """The steps of a small JSON body."""
    return list(steps(Outgoing(status=200, parts=(JSON,), faults=faults)))


def stream(*faults: Fault, delay_seconds: float = 0.0) -> list[Step]:
    """The steps of a small stream, framed so that the body stands as it is, without the head."""
    outgoing = Outgoing(
        status=200,
        parts=(COMMENT, ONE, TWO, DONE),
        is_stream=True,
        delay_seconds=delay_seconds,
        faults=(*faults, Framing("close")),
    )
    return list(steps(outgoing))[2:]


def test_after_the_reply() -> None:
    """What happens to an idle connection comes after all of the reply, and not joined to it."""
    steps = plain(Insert(b"HTTP/1.1 408 Request Timeout\r\n\r\n", at="after_reply"), Close(at="after_reply"))

    assert steps == [
        Write(b'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"a":1}'),
        Write(b"HTTP/1.1 408 Request Timeout\r\n\r\n"),
        End("close"),
    ]
    assert stream(Stall(2.0, at="after_reply"), Reset(at="after_reply"))[-2:] == [Pause(2.0), End("reset")]


def test_small_body_is_written_at_once() -> None:
    """Head and body of a plain reply leave in one piece."""
    assert plain() == [Write(b'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"a":1}')]


def test_stream_is_chunked_by_events() -> None:
    """Each event is a chunk of its own, and the last chunk ends the body."""
    written = list(steps(Outgoing(status=200, parts=(ONE, DONE), is_stream=True)))

    assert written == [
        Write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"),
        Write(b"\r\n"),
        Write(b"24\r\n" + ONE + b"\r\n"),
        Write(b"e\r\n" + DONE + b"\r\n"),
        Write(b"0\r\n\r\n"),
    ]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Close(at="before_body"), [End("close")]),
        (Close(at=AfterEvents(0)), [Write(COMMENT), End("close")]),
        (Close(at=AfterEvents(1)), [Write(COMMENT), Write(ONE), End("close")]),
        (Reset(at=AfterEvents(9)), [Write(COMMENT), Write(ONE), Write(TWO), Write(DONE), End("reset")]),
        (Reset(at=AfterBytes(10)), [Write(COMMENT), Write(ONE[:2]), End("reset")]),
        (Close(at="end_of_body"), [Write(COMMENT), Write(ONE), Write(TWO), Write(DONE), End("close")]),
        (Stall(0.5, at=AfterBytes(0)), [Pause(0.5), Write(COMMENT), Write(ONE), Write(TWO), Write(DONE), End()]),
        (Stall(at="end_of_body"), [Write(COMMENT), Write(ONE), Write(TWO), Write(DONE), Pause(math.inf), End()]),
        (
            Insert(b"!", at=AfterEvents(2), times=2, every_seconds=1),
            [
                *[Write(COMMENT), Write(ONE), Write(TWO), Write(b"!"), Pause(1), Write(b"!"), Pause(1)],
                *[Write(DONE), End()],
            ],
        ),
        (Truncate(at=AfterBytes(11)), [Write(COMMENT), Write(ONE[:3]), End()]),
        (Truncate(at=AfterEvents(1)), [Write(COMMENT), Write(ONE), End()]),
        (WithoutDone(), [Write(COMMENT), Write(ONE), Write(TWO), End()]),
    ],
    ids=repr,
)
def test_place_in_the_body(fault: Fault, expected: list[Step]) -> None:
    """A fault strikes where it is placed, in the middle of an event too."""
    assert stream(fault) == expected


def test_place_of_events_in_an_empty_stream() -> None:
    """A stream without events has its first event at its beginning."""
    outgoing = Outgoing(status=200, parts=(JSON,), faults=(Close(at=AfterEvents(0)),))

    assert list(steps(outgoing))[-1] == End("close")
    assert Write(JSON) not in steps(outgoing)


def test_place_in_the_head() -> None:
    """Before the head nothing was said; in its middle the header lines were."""
    faults = (Insert(b"HTTP/1.1 103 Early Hints\r\n\r\n", at="before_head"), Insert(b"a: b\r\n", at="mid_head"))

    assert plain(*faults, Stall(1, at="mid_head")) == [
        Write(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 7\r\na: b\r\n"),
        Pause(1),
        Write(b'\r\n{"a":1}'),
    ]


def test_faults_at_one_place_keep_their_order() -> None:
    """What is listed first happens first."""
    assert plain(Stall(1), Reset()) == [Pause(1), End("reset")]


def test_delay_between_events() -> None:
    """The wait lies between events, not after the last."""
    assert stream(delay_seconds=0.5) == [
        Write(COMMENT),
        Write(ONE),
        Pause(0.5),
        Write(TWO),
        Pause(0.5),
        Write(DONE),
        End(),
    ]


def test_truncated_body_is_framed_as_whole() -> None:
    """Its content length is what is left."""
    assert plain(Truncate(at=AfterBytes(3))) == [Write(b'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{"a')]


def test_closed_body_is_framed_as_it_should_have_been() -> None:
    """A cut keeps the content length of the whole."""
    assert plain(Close(at=AfterBytes(3))) == [
        Write(b'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"a'),
        End("close"),
    ]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (3, [b'{"a', b'":1', b"}"]),
        (1, [b"{", b'"', b"a", b'"', b":", b"1", b"}"]),
        ((2, 1), [b'{"', b"a", b'":1}']),
        ((), [JSON]),
        ((7, 5), [JSON]),
    ],
    ids=repr,
)
def test_pieces_of_the_body(sizes: int | tuple[int, ...], expected: list[bytes]) -> None:
    """A number is the size of each piece; what a list does not cover comes whole."""
    assert plain(Pieces(sizes))[2:] == [Write(piece) for piece in expected]


def test_pieces_cross_events_but_not_pauses() -> None:
    """Pieces are counted over the whole body, and a stall flushes what is there."""
    assert stream(Pieces(40), Stall(1, at=AfterEvents(1))) == [
        Write((COMMENT + ONE)[:40]),
        Write((COMMENT + ONE)[40:]),
        Pause(1),
        Write((TWO + DONE)[:40]),
        Write((TWO + DONE)[40:]),
        End(),
    ]


def test_pieces_of_the_wire_cut_the_head_too() -> None:
    """Byte by byte means every byte, with the wait after each."""
    written = plain(Pieces(1, delay_seconds=0.5, of="wire"))

    assert written[:4] == [Write(b"H"), Pause(0.5), Write(b"T"), Pause(0.5)]


def test_endless_insert_is_not_built_beforehand() -> None:
    """A body without end is chunked and written piece by piece."""
    outgoing = Outgoing(status=200, parts=(JSON,), faults=(Insert(b"x", times=None),))

    written = list(islice(steps(outgoing), 1000))

    assert written[0] == Write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n")
    assert written[-1] == Write(b"1\r\nx\r\n")


@pytest.mark.parametrize(
    ("framing", "head", "last"),
    [
        (Framing("content-length", length_error=5), b"content-length: 12\r\nconnection: close\r\n", End()),
        (Framing("content-length", length_error=-2), b"content-length: 5\r\nconnection: close\r\n", End()),
        (Framing("chunked"), b"transfer-encoding: chunked\r\n", Write(b"0\r\n\r\n")),
        (Framing("close"), b"connection: close\r\n", End()),
    ],
    ids=repr,
)
def test_framing(framing: Framing, head: bytes, last: Step) -> None:
    """The end of the body is marked as asked; a wrong length closes the connection."""
    written = plain(framing)

    assert isinstance(written[0], Write)
    assert written[0].data.startswith(b"HTTP/1.1 200 OK\r\n" + head)
    assert written[-1] == last


@pytest.mark.parametrize(("coding", "bits"), [("gzip", 31), ("deflate", 15), ("deflate-raw", -15)])
def test_compressed_pieces_can_be_read_as_they_come(coding: str, bits: int) -> None:
    """Each piece of a compressed stream holds its whole event."""
    encode = Encode("gzip" if coding == "gzip" else "deflate" if coding == "deflate" else "deflate-raw", is_forced=True)
    decompressor = zlib.decompressobj(wbits=bits)

    pieces = [decompressor.decompress(step.data) for step in stream(encode) if isinstance(step, Write)]

    assert pieces == [COMMENT, ONE, TWO, DONE, b""]
    assert decompressor.eof


@pytest.mark.parametrize(
    ("offered", "is_used"), [("gzip, deflate", True), ("br;q=1, GZIP;q=0.5", True), ("br", False), ("", False)]
)
def test_compression_needs_consent(offered: str, is_used: bool) -> None:
    """A coding is used if the request offers it."""
    outgoing = Outgoing(status=200, parts=(JSON,), faults=(Encode("gzip"),))

    written = list(steps(outgoing, accept_encoding=offered))

    assert isinstance(written[0], Write)
    assert (b"content-encoding: gzip\r\n" in written[0].data) is is_used


def test_insert_beside_the_compression() -> None:
    """Bytes that are not encoded damage a compressed body."""
    damage = Insert(b"\xff\xff", at=AfterEvents(1), is_encoded=False)

    assert Write(b"\xff\xff", is_encoded=False) in stream(Encode(is_forced=True), damage)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            ErrorEvent("top_level"),
            [b'data: {"id":"x","model":"m","error":{"code":502,"message":"no"}}\n\n'],
        ),
        (
            ErrorEvent("with_choice", code=400),
            [
                (
                    b'data: {"id":"x","model":"m","error":{"code":400,"message":"no"},"choices":[{"index":0,'
                    b'"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n'
                ),
                DONE,
            ],
        ),
        (
            ErrorEvent("named_event", status=400, code="tool_use_failed"),
            [
                (
                    b'event: error\ndata: {"error":{"message":"no","type":"server_error","code":"tool_use_failed",'
                    b'"status_code":400}}\n\n'
                )
            ],
        ),
        (
            ErrorEvent("finish_reason", has_done=True),
            [
                (
                    b'data: {"id":"x","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},'
                    b'"finish_reason":"error","native_finish_reason":"error","error":{"code":502,"message":"no"}}]}\n\n'
                ),
                DONE,
            ],
        ),
        (
            ErrorEvent("empty_choices"),
            [b'data: {"id":"x","model":"m","error":{"code":502,"message":"no"},"choices":[]}\n\n'],
        ),
        (
            ErrorEvent("error_type", code="provider_overloaded", status=503),
            [
                (
                    b'data: {"id":"x","model":"m","error":{"code":503,"message":"no","metadata":'
                    b'{"error_type":"provider_overloaded"}},"choices":[{"index":0,"delta":{"role":"assistant","content":""},'
                    b'"finish_reason":"error","native_finish_reason":"error"}]}\n\n'
                )
            ],
        ),
        (
            ErrorEvent("nested", status=402),
            [b'data: {"id":"x","model":"m","error":{"error":{"code":402,"message":"no"},"code":402}}\n\n'],
        ),
        (ErrorEvent("text"), [b'data: {"id":"x","model":"m","error":"no","code":"server_error"}\n\n']),
        (
            ErrorEvent("flat"),
            [b'data: {"object":"error","message":"no","type":"server_error","code":502}\n\n'],
        ),
    ],
    ids=lambda value: value.dress if isinstance(value, ErrorEvent) else "",
)
def test_error_event(fault: ErrorEvent, expected: list[bytes]) -> None:
    """An error takes the place of the rest of the stream, in the dress that was chosen."""
    fault = ErrorEvent(fault.dress, 1, fault.status, fault.code, "no", fault.has_done)

    assert stream(fault) == [Write(COMMENT), Write(ONE), *map(Write, expected), End()]


def test_error_event_in_a_stream_without_chunks() -> None:
    """Where there is no chunk to resemble, the error stands alone."""
    outgoing = Outgoing(status=200, parts=(COMMENT, b"data: 1\n\n"), faults=(ErrorEvent(message="no"), Pieces(())))

    assert Write(COMMENT + b'data: 1\n\ndata: {"error":{"code":502,"message":"no"}}\n\n') in steps(outgoing)


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_a_body(status: int) -> None:
    """Neither a body nor its framing is sent where HTTP has none."""
    written = list(steps(Outgoing(status=status, parts=(JSON,))))

    assert len(written) == 1
    assert isinstance(written[0], Write)
    assert b"content-length" not in written[0].data
    assert written[0].data.endswith(b"\r\n\r\n")


def test_connection_header_closes_once() -> None:
    """A scripted `connection: close` is not said twice, and is meant."""
    written = list(steps(Outgoing(status=200, headers=(("connection", "close"),), parts=(JSON,)), closes=True))

    assert isinstance(written[0], Write)
    assert written[0].data.count(b"connection: close") == 1
    assert written[-1] == End()


@pytest.mark.parametrize(
    "make", [lambda: AfterEvents(-1), lambda: Pieces(0), lambda: Pieces((3, 0)), lambda: Stall(-1)]
)
def test_impossible_faults_are_refused(make: object) -> None:
    """A negative place, an empty piece and a negative wait do not exist."""
    assert callable(make)
    with pytest.raises(ValueError, match=r"1 or more|must be >= 0"):
        make()
