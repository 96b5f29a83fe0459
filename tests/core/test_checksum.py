"""A compressed stream that was damaged on its way, which shows only in the checksum behind its last event."""

from __future__ import annotations

import gzip

import pytest

from tests.core.stepper import Clock, Stepper, failure, plan, response, step
from twinwire._core.effects import Close, Interrupted, Read
from twinwire._core.stream import CHECKSUM_SECONDS, OpenStream
from twinwire.errors import DecodeError

HEADERS = {"content-type": "text/event-stream", "content-encoding": "gzip"}
EVENTS = b"data: a\n\n", b"data: b\n\ndata: [DONE]\n\n"
RIGHT = gzip.compress(b"".join(EVENTS), compresslevel=0, mtime=0)
DAMAGED = RIGHT.replace(b"data: b", b"data: x")
FIRST = RIGHT.index(b"data: b")
TRAILER = len(RIGHT) - 8


def opened(body: bytes) -> tuple[OpenStream[str], Clock]:
    """A stream of which the first event has arrived."""
    flow = step(plan(stream=True))
    flow.answer(response(200, HEADERS))
    flow.answer(body[:FIRST])
    assert isinstance(flow.result, OpenStream)
    Stepper(flow.result.next_batch(), flow.clock)
    return flow.result, flow.clock


def rest(body: bytes, cut: int) -> tuple[Stepper[list[str]], OpenStream[str], Clock]:
    """The rest of it, up to *cut* and then the remainder."""
    stream, clock = opened(body)
    reading = Stepper(stream.next_batch(), clock)
    reading.expect(Read)
    reading.answer(body[FIRST:cut])
    if isinstance(reading.effect, Read):
        reading.answer(body[cut:])
    reading.skip(Close)
    return reading, stream, clock


@pytest.mark.parametrize("cut", [len(RIGHT), TRAILER, TRAILER + 4])
def test_a_right_checksum(cut: int) -> None:
    """The stream ends well, wherever its trailer was cut off from it."""
    reading, stream, clock = rest(RIGHT, cut)

    assert reading.result == ["b"]
    assert Stepper(stream.next_batch(), clock).result == []


@pytest.mark.parametrize("cut", [TRAILER, TRAILER + 4])
def test_a_wrong_checksum(cut: int) -> None:
    """What had been handed over was wrong, so the stream must not end well."""
    _, stream, clock = rest(DAMAGED, cut)
    after = Stepper(stream.next_batch(), clock)

    assert isinstance(after.error, DecodeError)
    assert after.error.retry_safe
    assert after.error.possibly_billed


@pytest.mark.parametrize("answer", [failure("timeout", "body", written=True), failure("read", "body", written=True)])
def test_a_checksum_that_does_not_come(answer: Exception) -> None:
    """It is waited for a moment, as the end of any body is; an answer that says that it is complete does not fail for it."""
    stream, clock = opened(RIGHT)
    reading = Stepper(stream.next_batch(), clock)
    reading.answer(RIGHT[FIRST:TRAILER])
    idle = reading.expect(Read).idle_seconds
    reading.fail(answer)
    drain = reading.expect(Close).drain_seconds
    reading.answer(None)

    assert (idle, drain) == (CHECKSUM_SECONDS, 0.0)
    assert reading.result == ["b"]


def test_an_interruption_of_the_wait_for_the_checksum() -> None:
    """The connection is given back."""
    stream, clock = opened(RIGHT)
    reading = Stepper(stream.next_batch(), clock)
    reading.answer(RIGHT[FIRST:TRAILER])
    reading.expect(Read)
    reading.fail(Interrupted())
    reading.expect(Close)
    reading.answer(None)

    assert isinstance(reading.error, Interrupted)
    assert stream.is_closed


def test_a_body_that_ends_inside_its_trailer() -> None:
    """It was cut, and perhaps not only there."""
    stream, clock = opened(RIGHT)
    reading = Stepper(stream.next_batch(), clock)
    reading.answer(RIGHT[FIRST:TRAILER])
    reading.expect(Read)
    reading.answer(b"")
    reading.skip(Close)

    assert reading.result == ["b"]
    assert isinstance(Stepper(stream.next_batch(), clock).error, DecodeError)
