"""A stream after it was handed over, stepped by hand."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.core.stepper import Clock, Stepper, failure, plan, response, step
from twinwire._core.caps import Caps
from twinwire._core.effects import Close, Interrupted, Read
from twinwire._core.stream import DRAIN_SECONDS, OpenStream
from twinwire.errors import (
    APIError,
    APIStatusError,
    APITimeoutError,
    DeadlineExceededError,
    DecodeError,
    StreamError,
    StreamTruncatedError,
)

SSE = {"content-type": "text/event-stream", "x-request-id": "r1"}


def opened(
    first: bytes = b"data: a\n\n", *, deadline: float | None = None, caps: Caps | None = None
) -> tuple[OpenStream[str], Clock]:
    """A stream whose first piece has arrived."""
    flow = step(evolve(plan(stream=True, deadline=deadline), caps=caps or Caps()))
    flow.answer(response(200, SSE))
    flow.answer(first)
    flow.skip(Close)
    assert isinstance(flow.result, OpenStream)
    return flow.result, flow.clock


def batch(stream: OpenStream[str], clock: Clock, *answers: bytes | Exception) -> Stepper[list[str]]:
    """Ask for the next items, with *answers* to the reads."""
    stepper = Stepper(stream.next_batch(), clock)
    for answer in answers:
        stepper.expect(Read)
        if isinstance(answer, bytes):
            stepper.answer(answer)
        else:
            stepper.fail(answer)
    return stepper


def test_items_come_as_they_are_completed() -> None:
    """An event that is split waits for its rest."""
    stream, clock = opened()
    first = batch(stream, clock)
    second = batch(stream, clock, b"data: b\n", b"\ndata: c\n\ndata: d")

    assert (first.result, second.result) == (["a"], ["b", "c"])


def test_done_ends_a_stream_whose_connection_stays_open() -> None:
    """After `[DONE]` a moment is spent on the end of the body, so that the connection can be used again."""
    stream, clock = opened()
    batch(stream, clock)
    last = batch(stream, clock, b"data: b\n\ndata: [DONE]\n\ndata: more\n\n")
    close = last.expect(Close)
    last.answer(None)
    end = batch(stream, clock)

    assert close.drain_seconds == DRAIN_SECONDS
    assert last.result == ["b"]
    assert end.result == []
    assert end.effect is None
    assert stream.is_closed


def test_the_end_of_a_complete_body() -> None:
    """A stream without `[DONE]` is complete when its content says so."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, b"data: END\n\n", b"")
    end.expect(Close)
    end.answer(None)

    assert end.result == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", StreamTruncatedError),
        (b"data: BAD\n\n", APIStatusError),
        (failure("read", "body", written=True), StreamTruncatedError),
        (failure("timeout", "body", written=True), APITimeoutError),
    ],
)
def test_what_ends_a_stream_early(answer: bytes | Exception, expected: type[APIError]) -> None:
    """It is typed, keeps what had arrived, and names the exchange; the connection is given back first."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, answer)
    end.expect(Close)
    end.answer(None)

    assert type(end.error) is expected
    assert isinstance(end.error, APIError)
    assert end.error.partial == "a"
    assert end.error.request_id == "r1"
    assert end.error.provider == "test"
    assert end.error.possibly_billed
    assert len(end.error.attempts) == 1


def test_items_before_an_error_are_delivered_first() -> None:
    """One read may complete items and bring the error: nobody loses the items."""
    stream, clock = opened()
    batch(stream, clock)
    items = batch(stream, clock, b"data: b\n\ndata: BAD\n\n")
    items.skip(Close)
    error = batch(stream, clock)

    assert items.result == ["b"]
    assert isinstance(error.error, APIStatusError)
    assert error.error.partial == "ab"


def test_the_same_error_comes_again() -> None:
    """Asking again after the failure does not look like a normal end."""
    stream, clock = opened()
    batch(stream, clock)
    batch(stream, clock, b"").skip(Close)
    again = batch(stream, clock)

    assert isinstance(again.error, StreamTruncatedError)


def test_the_deadline_ends_a_stream_that_never_pauses() -> None:
    """Data that is always there does not outrun the deadline."""
    stream, clock = opened(deadline=5)
    batch(stream, clock)
    clock.now += 5
    end = batch(stream, clock)
    end.skip(Close)

    assert isinstance(end.error, DeadlineExceededError)
    assert end.error.where == "stream"


def test_the_deadline_during_a_read() -> None:
    """A timeout at the deadline is the deadline's."""
    stream, clock = opened(deadline=5)
    batch(stream, clock)
    end = batch(stream, clock)
    end.expect(Read)
    clock.now += 5
    end.fail(failure("timeout", "body", written=True))
    end.skip(Close)

    assert isinstance(end.error, DeadlineExceededError)


def test_an_interruption_gives_the_connection_back() -> None:
    """A cancelled consumer leaves nothing open."""
    stream, clock = opened()
    batch(stream, clock)
    stopped = batch(stream, clock, Interrupted())
    stopped.expect(Close)
    stopped.answer(None)

    assert isinstance(stopped.error, Interrupted)
    assert stream.is_closed


def test_closing_early_and_twice() -> None:
    """An early close drops the connection; a second one asks for nothing; there are no items after it."""
    stream, clock = opened()
    first = Stepper(stream.close(), clock)
    close = first.expect(Close)
    first.answer(None)
    second = Stepper(stream.close(), clock)

    assert close.drain_seconds == 0.0
    assert second.effect is None
    assert stream.is_closed


def test_trace_of_a_stream() -> None:
    """The attempt knows when its first content came and when it ended."""
    stream, clock = opened()
    clock.now += 2
    Stepper(stream.close(), clock).skip(Close)
    attempt = stream.trace.attempts[-1]

    assert attempt.ms_to_first_event == 0.0
    assert attempt.ms_to_end == 2000.0


@pytest.mark.parametrize("kind", ["read", "timeout", "protocol"])
def test_a_complete_answer_outlives_its_connection(kind: str) -> None:
    """When every choice has its finish reason, a connection that breaks before `[DONE]` takes nothing away."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, b"data: END\n\n", failure(kind, "body", written=True))
    end.expect(Close)
    end.answer(None)

    assert end.error is None
    assert end.result == []
    assert stream.trace.attempts[-1].error is None


def test_a_complete_answer_at_the_deadline() -> None:
    """Nor does a deadline that passes while only the farewell is missing."""
    stream, clock = opened(deadline=5)
    batch(stream, clock)
    end = batch(stream, clock, b"data: END\n\n")
    clock.now += 5
    end.answer(b": late\n\n")
    end.skip(Close)

    assert end.error is None
    assert end.result == []


def test_an_error_that_only_the_end_shows() -> None:
    """What the reader finds wrong with the whole counts more than how the connection ended."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, b"data: ODD\n\n")
    last = batch(stream, clock, failure("read", "body", written=True))
    last.skip(Close)

    assert end.result == ["ODD"]
    assert type(last.error) is StreamError


@pytest.mark.parametrize("ending", [b"data: END", b"data: END\r", b"data: END\n"])
def test_a_last_event_without_its_blank_line(ending: bytes) -> None:
    """It counts, as some servers end so."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, ending, b"")
    end.skip(Close)

    assert end.error is None
    assert end.result == []


def test_done_in_a_last_event_without_its_blank_line() -> None:
    """Nothing more is asked of the reader then."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, b"data: [DONE]", b"")
    end.skip(Close)

    assert end.error is None
    assert end.result == []


@pytest.mark.parametrize(("before", "expected"), [(b"data: END\n\n", type(None)), (b"", StreamTruncatedError)])
def test_a_last_event_that_the_end_tore(before: bytes, expected: type[BaseException]) -> None:
    """It counts for nothing: what came before says whether the answer is complete, and if not, that it was cut."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, before + b"data: TORN", b"")
    end.skip(Close)

    assert type(end.error) is expected


def test_an_event_that_cannot_be_read_before_the_end() -> None:
    """Nobody tore it, so it is an error."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, b"data: TORN\n\n")
    end.skip(Close)

    assert type(end.error) is DecodeError


def test_a_second_reader() -> None:
    """It is refused, and the first reads on."""
    stream, clock = opened()
    batch(stream, clock)
    first = batch(stream, clock)
    second = batch(stream, clock)
    first.expect(Read)
    first.answer(b"data: b\n\n")

    assert isinstance(second.error, StreamError)
    assert first.result == ["b"]
    assert not stream.is_closed


def test_a_stream_that_was_cut_may_be_repeated_by_its_caller() -> None:
    """It is not repeated here, but another call would help."""
    stream, clock = opened()
    batch(stream, clock)
    end = batch(stream, clock, failure("read", "body", written=True))
    end.skip(Close)

    assert isinstance(end.error, StreamTruncatedError)
    assert end.error.retry_safe


@pytest.mark.parametrize("stop", [Interrupted, GeneratorExit])
def test_nothing_follows_an_interruption(stop: type[BaseException]) -> None:
    """Whoever asks again is told that the stream ended early; an end would make what had arrived look whole."""
    stream, clock = opened()
    batch(stream, clock)
    stopped = Stepper(stream.next_batch(), clock)
    stopped.fail(stop())
    stopped.skip(Close)
    again = batch(stream, clock)
    again.skip(Close)

    assert isinstance(stopped.error, stop)
    assert type(again.error) is StreamError
    assert again.error.partial == "a"
    assert again.error.retry_safe is None


def test_the_trace_holds_what_was_used() -> None:
    """As soon as the provider says it, also where the stream breaks off later."""
    stream, clock = opened(b"data: a\n\ndata: USED\n\n")
    attempt = stream.trace.attempts[0]
    batch(stream, clock)
    batch(stream, clock, failure("read", "body", written=True)).skip(Close)

    assert attempt.usage == {"tokens": 1}
    assert attempt.error == "StreamTruncatedError"


def test_events_before_one_over_the_cap() -> None:
    """What the same read completed before it is handed over and kept, as if it had come in a read of its own."""
    stream, clock = opened(caps=Caps(max_event_bytes=20))
    batch(stream, clock)
    arrived = batch(stream, clock, b"data: b\n\ndata: " + b"x" * 30)
    arrived.skip(Close)
    end = batch(stream, clock)

    assert arrived.result == ["b"]
    assert isinstance(end.error, StreamError)
    assert end.error.partial == "ab"


def test_what_follows_the_end_may_be_over_the_cap() -> None:
    """After `[DONE]` nothing of the body counts, in the same read as in another."""
    stream, clock = opened(caps=Caps(max_event_bytes=20))
    batch(stream, clock)
    arrived = batch(stream, clock, b"data: b\n\ndata: [DONE]\n\ndata: " + b"x" * 30)
    arrived.skip(Close)
    end = batch(stream, clock)

    assert arrived.result == ["b"]
    assert end.result == []
