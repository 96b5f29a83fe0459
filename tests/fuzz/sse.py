"""Properties of the event decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz import reference_sse
from twinwire._core.sse import SSEDecoder
from twinwire.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.chance import Chance

MAX_EVERY_CUT = 60
"""A body up to this long is cut in two at every place."""
LINES = (
    b"data: a", b"data", b"data:", b"data: {\"b\": [1]}", b"data:  two spaces", b":", b": comment", b"event: error", b"event", b"id: 7",
    b"id: a\0b", b"id", b"retry: 10", b"unknown: x", b"Data: no", b" data: no", b"data : no", b"\xef\xbb\xbfdata: mark", b"\xef\xbb\xbf",
    b"data: \xc5\xbelu\xc5\xa5\xf0\x9f\xa6\x8a", b"data: \xe2\x82", b"data: \xff\xfe", b"data: \xed\xa0\x80", b"data: a\0b",
    b"data: \xe2\x80\xa8\xc2\x85\x0b\x0c\x1c", b"data: [DONE]", b"event: \xc3", b"data:x:y", b"data: " + b"x" * 40,
)  # fmt: skip
TOKENS = (
    b"\n", b"\r", b"\r\n", b"data:", b"data", b":", b" ", b"x", b"\n\n", b"event:", b"id:", b"\0", b"\xef\xbb\xbf", b"\xc3", b"\xa9", b"\x85",
)  # fmt: skip
ENDS = (b"\n", b"\n\n", b"\r\n", b"\r\n\r\n", b"\r", b"\r\r", b"\n\r\n", b"\r\n\r", b"\n\r", b"")


def decode(pieces: Sequence[bytes]) -> list[tuple[str, str, str]]:
    """What our decoder makes of the pieces and the end."""
    decoder = SSEDecoder()
    found: list[tuple[str, str, str]] = [event for piece in pieces for event in decoder.feed(piece)]
    return [*found, *decoder.close()]


def check_splits(chance: Chance, body: bytes) -> None:
    chance.note("body", body)
    expected = reference_sse.events(body)

    assert decode([body]) == expected
    assert decode([bytes([byte]) for byte in body]) == expected
    for _ in range(3):
        assert decode(chance.cut(body)) == expected
    if len(body) <= MAX_EVERY_CUT:
        for place in range(len(body) + 1):
            assert decode([body[:place], body[place:]]) == expected


def check_bytes(chance: Chance) -> None:
    """Any bytes, cut anywhere, are the events that the standard says."""
    raw = chance.take(chance.between(0, 40))
    is_spelled = not chance.hit(5)
    check_splits(chance, b"".join(TOKENS[byte % len(TOKENS)] for byte in raw) if is_spelled else raw)


def check_lines(chance: Chance) -> None:
    """Lines of streams with every kind of end, cut anywhere, are the events that the standard says."""
    check_splits(chance, lines(chance))


def lines(chance: Chance) -> bytes:
    """A body that looks like a stream."""
    return b"".join(chance.pick(LINES) + chance.pick(ENDS) for _ in range(chance.between(0, 12)))


def check_caps(chance: Chance) -> None:
    """An event over the cap is refused however it is cut, one within it never is, and what came before it is there."""
    body = lines(chance)
    cap = chance.between(1, 60)
    chance.note("body", body)
    chance.note("cap", cap)
    expected = reference_sse.events(body)
    largest_data = max((len(data.encode()) for data, _, _ in expected), default=0)
    # A character that is no UTF-8 grows to three bytes when it is replaced.
    must_fail = largest_data > 3 * cap
    may_fail = max(map(len, _blocks(body))) > cap
    outcomes: list[tuple[bool, list[tuple[str, str, str]]]] = []
    for pieces in ([body], [bytes([byte]) for byte in body], chance.cut(body)):
        found, has_failed = _decode_capped(pieces, cap)
        outcomes.append((has_failed, found))
        assert found == expected[: len(found)]
        assert has_failed or found == expected
        assert has_failed or not must_fail
        assert may_fail or not has_failed

    assert all(outcome == outcomes[0] for outcome in outcomes), outcomes


def _blocks(body: bytes) -> list[bytes]:
    """The body between its blank lines."""
    text = reference_sse.LINE_END.sub("\n", body.decode("latin-1")).encode("latin-1")
    return text.split(b"\n\n")


def _decode_capped(pieces: Sequence[bytes], cap: int) -> tuple[list[tuple[str, str, str]], bool]:
    decoder = SSEDecoder(max_event_bytes=cap)
    found: list[tuple[str, str, str]] = []
    try:
        for piece in pieces:
            decoder.feed(piece)
            found += decoder.completed
    except StreamError:
        return [*found, *decoder.completed], True
    return [*found, *decoder.close()], False
