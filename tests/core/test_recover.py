"""A stream that goes on after interruptions, stepped by hand."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from tests.core.stepper import Clock, Stepper, TextReader, failure, plan, response
from twinwire._core.effects import Close, Interrupted, Read, Send, Sleep, WireRequest
from twinwire._core.plan import World
from twinwire._core.recover import Onward, RecoveringStream, open_stream
from twinwire._core.retry import Retry, RetryQuota
from twinwire.errors import (
    APIError,
    APIStatusError,
    DeadlineExceededError,
    StreamError,
    StreamTruncatedError,
)

if TYPE_CHECKING:
    from twinwire._core.plan import Plan, Reader

SSE = {"content-type": "text/event-stream", "x-request-id": "r1"}
CUT = failure("read", "body", written=True)


class Session:
    """One stream whose interruptions are told as `again <number> <seconds>`."""

    def __init__(
        self, *, deadline: float | None = None, retry: Retry | None = None, random: float = 0.0, quota: int = 10
    ) -> None:
        self.plan = plan(stream=True, deadline=deadline, retry=retry)
        self.clock = Clock()
        self.asked: list[tuple[APIError, Reader[str]]] = []
        limits = RetryQuota(Retry(quota_ratio=0, quota_per_second=quota / 10), nullcontext())
        world = World(now=self.clock, random=lambda: random, quota=limits)
        flow = Stepper(open_stream(self.plan, world, self.go_on), self.clock)
        flow.answer(response(200, SSE))
        flow.answer(b"data: a\n\n")
        assert isinstance(flow.result, RecoveringStream)
        self.stream = flow.result
        self.next().skip(Close)

    def go_on(self, the_plan: Plan[str], error: APIError, reader: Reader[str]) -> Onward[str]:
        """Ask for the same."""
        assert the_plan is self.plan
        self.asked.append((error, reader))
        return Onward(plan=self.next_plan(), announce=lambda number, seconds: f"again {number} {seconds:g}")

    def next_plan(self) -> Plan[str]:
        """The same again."""
        return self.plan

    def next(self, *answers: bytes | Exception) -> Stepper[list[str]]:
        """Ask for the next items, with *answers* to the reads, up to the next effect that is no close."""
        stepper = Stepper(self.stream.next_batch(), self.clock)
        for answer in answers:
            stepper.expect(Read)
            if isinstance(answer, bytes):
                stepper.answer(answer)
            else:
                stepper.fail(answer)
        stepper.skip(Close)
        return stepper

    @property
    def told(self) -> list[tuple[str | None, str | None]]:
        """How each attempt ended, and why it was waited for."""
        return [(attempt.error, attempt.wait_reason) for attempt in self.stream.trace.attempts]


def go(stepper: Stepper[list[str]], *, status: int = 200, data: bytes = b"data: b\n\n") -> None:
    """Step through the wait, and answer the next attempt."""
    stepper.skip(Sleep, Close)
    stepper.expect(Send)
    stepper.answer(response(status, SSE))
    stepper.answer(data)
    if status != 200 and stepper.effect is not None:
        stepper.answer(b"")
    stepper.skip(Close)


def test_it_goes_on() -> None:
    """The same request is sent again after a wait, the consumer is told, and then come the items of the new attempt."""
    session = Session(random=1.0)
    told = session.next(CUT)
    wait = told.expect(Sleep)
    go(told)
    items = session.next()
    end = session.next(b"data: [DONE]\n\n")

    assert wait.seconds == 0.5
    assert told.result == ["again 2 0.5"]
    assert (items.result, end.result) == (["b"], [])
    assert session.told == [("StreamTruncatedError", None), (None, "interrupted")]
    assert session.stream.trace.attempts[1].wait_seconds == 0.5
    assert session.stream.reader.partial() == "b"
    assert (session.stream.status, session.stream.request_id, session.stream.headers["x-request-id"]) == (
        200,
        "r1",
        "r1",
    )


def test_items_before_the_interruption_come_first() -> None:
    """What the same read completed is delivered, and only the next one goes on."""
    session = Session()
    items = session.next(b"data: x\n\ndata: BAD\n\n")
    told = session.next()
    go(told)

    assert items.result == ["x"]
    assert told.result == ["again 2 0"]
    assert [error.partial for error, _ in session.asked] == ["ax"]


def test_the_next_attempt_may_ask_for_something_else() -> None:
    """Its plan says what is sent and how it is read."""
    session = Session()
    other = TextReader()
    request = WireRequest(method="POST", url="http://x/", headers=(), body=b"other")
    session.next_plan = lambda: evolve(session.plan, request=lambda _: request, reader=lambda: other)  # type: ignore[method-assign]  # of one object, for the test
    told = session.next(CUT)
    told.skip(Sleep)
    sent = told.expect(Send)
    go(told)

    assert sent.request.body == b"other"
    assert session.stream.reader is other


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"", StreamTruncatedError), (b"data: BAD\n\n", APIStatusError), (CUT, StreamTruncatedError)],
)
def test_what_is_recovered_from(answer: bytes | Exception, expected: type[APIError]) -> None:
    """Every end that another attempt may help against."""
    session = Session()
    told = session.next(answer)
    go(told)

    assert told.result == ["again 2 0"]
    assert [type(error) for error, _ in session.asked] == [expected]


@pytest.mark.parametrize("kind", ["closed", "fork"])
def test_what_is_not(kind: str) -> None:
    """What another attempt would not help against is raised at once, and again when asked again."""
    session = Session()
    ended = session.next(failure(kind, "body", written=True))
    again = session.next()

    assert isinstance(ended.error, StreamTruncatedError)
    assert again.error is ended.error
    assert ended.error.partial == "a"
    assert session.asked == []


def test_it_cannot_go_on() -> None:
    """The API may refuse to; nothing is waited for then, and no retry is taken from the quota."""
    session = Session(quota=1)

    def refuse(the_plan: Plan[str], error: APIError, reader: Reader[str]) -> Onward[str]:
        raise error

    session.stream._go_on = refuse
    ended = session.next(CUT)

    assert isinstance(ended.error, StreamTruncatedError)
    assert session.told == [("StreamTruncatedError", None)]


def test_retries_are_counted_over_the_whole_call() -> None:
    """Of two retries one was used for the first interruption, one for the second; the third is raised with all that was tried."""
    session = Session()
    for _ in range(2):
        go(session.next(CUT))
        session.next()
    ended = session.next(CUT)

    assert isinstance(ended.error, StreamTruncatedError)
    assert ended.error.partial == "b"
    assert len(ended.error.attempts) == 3
    assert session.told[1:] == [("StreamTruncatedError", "interrupted")] * 2
    assert ended.error.possibly_billed


def test_attempts_that_fail_before_content_are_repeated_as_ever() -> None:
    """They count, too, and the consumer is told of all the waiting."""
    session = Session(random=1.0)
    told = session.next(CUT)
    go(told, status=503)
    go(told)

    assert told.result == ["again 3 1.5"]
    assert session.told == [
        ("StreamTruncatedError", None),
        ("APIStatusError", "interrupted"),
        (None, "backoff"),
    ]


def test_an_error_of_the_next_attempt() -> None:
    """It is raised, with what had arrived before and a note about that; asked again, it comes again."""
    session = Session()
    ended = session.next(CUT)
    go(ended, status=401)
    again = session.next()

    assert isinstance(ended.error, APIStatusError)
    assert (ended.error.status_code, ended.error.partial) == (401, "a")
    assert ended.error.__notes__ == [
        "after the stream was interrupted: StreamTruncatedError: the stream broke off: read in body"
    ]
    assert len(ended.error.attempts) == 2
    assert ended.error.possibly_billed
    assert session.stream.is_closed
    assert again.error is ended.error


def test_an_attempt_that_is_cut_before_content() -> None:
    """Also a second cut, in the head of the stream, is repeated."""
    session = Session()
    told = session.next(CUT)
    told.skip(Sleep)
    told.answer(response(200, SSE))
    told.answer(b"data: role\n\n")
    told.fail(CUT)
    told.skip(Close)
    go(told)

    assert told.result == ["again 3 0"]


def test_the_retry_quota_is_shared() -> None:
    """Without a retry in it nothing is repeated, and a note says so."""
    session = Session(quota=0)
    ended = session.next(CUT)

    assert isinstance(ended.error, StreamTruncatedError)
    assert "quota" in ended.error.__notes__[0]
    assert len(ended.error.attempts) == 1


def test_a_wait_that_would_cross_the_deadline() -> None:
    """It is not begun: the deadline's error says so, with what had arrived and the interruption as its cause."""
    session = Session(deadline=5, random=1.0)
    session.clock.now += 4.8
    ended = session.next(CUT)

    assert isinstance(ended.error, DeadlineExceededError)
    assert (ended.error.where, ended.error.partial, ended.error.wait_seconds) == ("wait", "a", 0.5)
    assert isinstance(ended.error.__cause__, StreamTruncatedError)
    assert ended.sleeps == []


def test_the_deadline_itself() -> None:
    """A stream that the deadline ended is not begun anew."""
    session = Session(deadline=5)
    session.clock.now += 5
    ended = session.next()

    assert isinstance(ended.error, DeadlineExceededError)
    assert session.asked == []


def test_the_deadline_of_the_next_attempt() -> None:
    """It is the call's, counted from its beginning."""
    session = Session(deadline=5)
    session.clock.now += 4
    told = session.next(CUT)
    told.skip(Sleep)

    assert told.expect(Send).deadline == 1005.0


def test_an_interruption_in_the_wait() -> None:
    """Whoever is stopped while waiting leaves nothing open, and nothing follows but an error with what had arrived."""
    session = Session()
    stopped = session.next(CUT)
    stopped.expect(Sleep)
    stopped.fail(Interrupted())
    again = session.next()

    assert isinstance(stopped.error, Interrupted)
    assert type(again.error) is StreamError
    assert (again.error.partial, again.error.request_id) == ("a", "r1")
    assert len(again.error.attempts) == 1


@pytest.mark.parametrize("is_head_there", [False, True])
def test_an_interruption_in_the_next_attempt(is_head_there: bool) -> None:
    """Nor does an attempt stay open."""
    session = Session()
    stopped = session.next(CUT)
    stopped.skip(Sleep)
    stopped.expect(Send)
    if is_head_there:
        stopped.answer(response(200, SSE))
        stopped.fail(Interrupted())
        stopped.expect(Close)
        stopped.answer(None)
    else:
        stopped.fail(Interrupted())
    again = session.next()

    assert isinstance(stopped.error, Interrupted)
    assert type(again.error) is StreamError


def test_closed_in_the_wait() -> None:
    """No attempt is made for a stream that was closed meanwhile."""
    session = Session()
    ended = session.next(CUT)
    ended.expect(Sleep)
    closing = Stepper(session.stream.close(), session.clock)
    ended.skip(Sleep)

    assert closing.effect is None
    assert ended.result == []
    assert len(session.stream.trace.attempts) == 1


def test_closed_in_a_later_wait() -> None:
    """Nor is one made after the wait for the attempt after the next."""
    session = Session()
    ended = session.next(CUT)
    ended.skip(Sleep)
    ended.expect(Send)
    ended.fail(failure("connect", "connect"))
    ended.expect(Sleep)
    Stepper(session.stream.close(), session.clock)
    ended.skip(Sleep)

    assert ended.result == []
    assert session.told == [("StreamTruncatedError", None), ("APIConnectionError", "interrupted")]


def test_what_was_not_handed_out() -> None:
    """What a next attempt brought to a stream that is closed by then is not part of what had arrived."""
    session = Session()
    ended = session.next(CUT)
    ended.skip(Sleep)
    Stepper(session.stream.close(), session.clock)
    ended.answer(response(200, SSE))
    ended.answer(b"data: b\n\n")
    ended.skip(Close)

    assert ended.result == []
    assert session.stream.reader.partial() == "a"


def test_closed_in_the_next_attempt() -> None:
    """Its stream is given back."""
    session = Session()
    ended = session.next(CUT)
    ended.skip(Sleep)
    Stepper(session.stream.close(), session.clock)
    ended.answer(response(200, SSE))
    ended.answer(b"data: b\n\n")
    ended.expect(Close)
    ended.answer(None)

    assert ended.result == []
    assert session.stream.is_closed


def test_a_second_reader() -> None:
    """It is refused also while the first one waits for the next attempt."""
    session = Session()
    first = session.next(CUT)
    second = session.next()
    go(first)

    assert isinstance(second.error, StreamError)
    assert first.result == ["again 2 0"]


def test_a_stream_that_never_began() -> None:
    """Before the first content everything is as without recovery."""
    the_plan = plan(stream=True)
    clock = Clock()
    world = World(now=clock, random=lambda: 0.0, quota=RetryQuota(the_plan.retry, nullcontext()))

    def go_on(the_plan: Plan[str], error: APIError, reader: Reader[str]) -> Onward[str]:
        raise AssertionError("nobody asks before there was content")

    flow = Stepper(open_stream(the_plan, world, go_on), clock)
    flow.reply(200, b"data: BAD\n\n", headers=SSE)
    flow.reply(401)

    assert isinstance(flow.error, APIStatusError)
    assert [attempt.wait_reason for attempt in flow.error.attempts] == [None, "backoff"]
