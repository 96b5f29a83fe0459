"""The event decoder, at every split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinwire._core.sse import Event, SSEDecoder
from twinwire.errors import StreamError


def decode(*pieces: bytes) -> list[Event]:
    """Feed the pieces and the end."""
    decoder = SSEDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.close()


CASES = [
    pytest.param(b"", [], id="nothing"),
    pytest.param(b"data: a\n\n", [Event("a")], id="lf"),
    pytest.param(b"data: a\r\n\r\n", [Event("a")], id="crlf"),
    pytest.param(b"data: a\r\rdata: b\r\r", [Event("a"), Event("b")], id="cr"),
    pytest.param(b"data: a\r\n\ndata: b\n\r\n", [Event("a"), Event("b")], id="mixed ends"),
    pytest.param(b"data:a\n\n", [Event("a")], id="no space"),
    pytest.param(b"data:  a\n\n", [Event(" a")], id="one space is taken"),
    pytest.param(b"data: a\ndata: b\n\n", [Event("a\nb")], id="several data lines"),
    pytest.param(b"data\n\n", [Event("")], id="data without a colon"),
    pytest.param(b"data:\n\n", [Event("")], id="empty data"),
    pytest.param(b"data:\ndata:\n\n", [Event("\n")], id="two empty data lines"),
    pytest.param(b"event: x\n\n", [], id="no data, no event"),
    pytest.param(b"event: x\n\ndata: a\n\n", [Event("a")], id="a type is dropped with its event"),
    pytest.param(b"event: error\ndata: a\n\ndata: b\n\n", [Event("a", "error"), Event("b")], id="type"),
    pytest.param(b"id: 1\ndata: a\n\ndata: b\n\n", [Event("a", "", "1"), Event("b", "", "1")], id="ids stay"),
    pytest.param(b"id: 1\0\ndata: a\n\n", [Event("a")], id="an id with NUL is ignored"),
    pytest.param(b": comment\n\n:\ndata: a\n: more\n\n", [Event("a")], id="comments"),
    pytest.param(b"retry: 10\nother: x\ndata: a\n\n", [Event("a")], id="unknown fields"),
    pytest.param(b"\xef\xbb\xbfdata: a\n\n", [Event("a")], id="byte order mark"),
    pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [Event("a")], id="only the first mark is one"),
    pytest.param("data: žluťoučký 🦊\n\n".encode(), [Event("žluťoučký 🦊")], id="characters of many bytes"),
    pytest.param(b"data: \xff\n\n", [Event("\ufffd")], id="not UTF-8"),
    pytest.param(b"data: a\n\ndata: b", [Event("a"), Event("b")], id="cut before the blank line"),
    pytest.param(b"data: a\n\ndata: b\n", [Event("a"), Event("b")], id="cut after the line"),
    pytest.param(b"data: a\n\nevent: x", [Event("a")], id="cut without data"),
    pytest.param(b"data: a\x0b\x0cb\x1c\xc2\x85\n\n", [Event("a\x0b\x0cb\x1c\x85")], id="other separators are text"),
    pytest.param(b"\n\n\n\ndata: a\n\n\n\n", [Event("a")], id="blank lines"),
]


@pytest.mark.parametrize(("body", "events"), CASES)
def test_decoding(body: bytes, events: list[Event]) -> None:
    """Each form means the same whole, byte by byte, and split in two anywhere."""
    splits = [[body[:at], body[at:]] for at in range(len(body) + 1)]

    assert decode(body) == events
    assert decode(*(bytes([byte]) for byte in body)) == events
    assert all(decode(*split) == events for split in splits)


@given(
    st.lists(st.sampled_from([b"data: x", b"data", b":c", b"event: e", b"\n", b"\r", b"\r\n", b"\xc3\xa9", b" "])),
    st.data(),
)
def test_any_split(parts: list[bytes], data: st.DataObject) -> None:
    """However the bytes are cut, the events are the same."""
    body = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)))))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    assert decode(*pieces) == decode(body)


@pytest.mark.parametrize("piece", [b"data: aaaa", b"aaaa", b"data: aa\n"])
def test_an_event_over_the_cap(piece: bytes) -> None:
    """An event that grows without end is refused, in one line or in many."""
    decoder = SSEDecoder(max_event_bytes=100)

    def feed_on() -> None:
        for _ in range(100):
            decoder.feed(piece)

    with pytest.raises(StreamError, match="limit is 100"):
        feed_on()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_of_the_size_of_its_cap(size: int) -> None:
    """Its bytes count once, in however many pieces they come."""
    line = b"data: " + b"x" * 94
    decoder = SSEDecoder(max_event_bytes=len(line))
    pieces = [(line + b"\n\n")[start : start + size] for start in range(0, len(line) + 2, size)]

    assert [event.data for piece in pieces for event in decoder.feed(piece)] == ["x" * 94]


@pytest.mark.parametrize("line", [b": " + b"x" * 30, b"id: " + b"x" * 30, b"x" * 30, b"data: " + b"x" * 30])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_line_over_the_cap(line: bytes, size: int) -> None:
    """It is refused, kept or not, in however many pieces it comes."""
    decoder = SSEDecoder(max_event_bytes=20)
    body = line + b"\n"

    with pytest.raises(StreamError, match="limit is 20"):
        _ = [decoder.feed(body[start : start + size]) for start in range(0, len(body), size)]


def test_lines_that_are_not_kept_do_not_add_up() -> None:
    """Comments and unknown fields of one event are measured one by one."""
    decoder = SSEDecoder(max_event_bytes=20)

    assert decoder.feed(b": 12345\n" * 10 + b"foo: bar\n" * 10 + b"data: 12345\n\n") == [Event("12345")]


def test_the_cap_is_for_one_event() -> None:
    """Many small events do not add up."""
    decoder = SSEDecoder(max_event_bytes=20)

    assert sum(len(decoder.feed(b"data: 12345\n\n")) for _ in range(100)) == 100
