"""One call, stepped by hand."""

from __future__ import annotations

import gzip
from contextlib import nullcontext

import pytest

from tests.core.stepper import failure, plan, response, step
from twinwire._core.effects import Ask, Close, Interrupted, Read, Send, Sleep
from twinwire._core.plan import Whole
from twinwire._core.retry import Retry, RetryQuota
from twinwire._core.stream import OpenStream
from twinwire.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    DeadlineExceededError,
    DecodeError,
    PoolTimeoutError,
    StreamError,
    StreamTruncatedError,
)


def test_whole_reply() -> None:
    """A reply is read to its end, its connection is given back, and the attempt is in the trace."""
    flow = step(plan())
    flow.reply(200, b"he", b"llo", headers={"x-request-id": "r1"})

    assert isinstance(flow.result, Whole)
    assert flow.result.data == "hello"
    assert flow.result.request_id == "r1"
    assert [attempt.status for attempt in flow.result.trace.attempts] == [200]


def test_server_delay_wins() -> None:
    """Retry-After replaces our own backoff."""
    flow = step(plan())
    flow.expect(Send)
    flow.answer(response(429, {"retry-after": "7"}))
    flow.answer(b"")
    flow.expect(Close)
    flow.answer(None)

    assert flow.effect == Sleep(7.0)


def test_callers_told_the_same_delay_spread_out() -> None:
    """Jitter on the server's delay is never negative, and is there."""
    flow = step(plan(), random=0.5)
    flow.reply(429, headers={"retry-after": "10"})

    assert flow.sleeps == [10 + 0.5 * 1.05]


@pytest.mark.parametrize(
    ("statuses", "random", "sleeps"),
    [
        ([500, 200], 1.0, [0.5]),
        ([500, 502, 200], 1.0, [0.5, 1.0]),
        ([500, 502, 200], 0.5, [0.25, 0.5]),
    ],
)
def test_backoff(statuses: list[int], random: float, sleeps: list[float]) -> None:
    """Own waits grow exponentially with full jitter."""
    flow = step(plan(), random=random)
    for status in statuses:
        flow.reply(status, b"ok")

    assert flow.sleeps == sleeps
    assert isinstance(flow.result, Whole)


def test_attempts_are_counted() -> None:
    """After the last retry the error is raised with all attempts on it."""
    flow = step(plan(retry=Retry(max_retries=1)))
    flow.reply(500)
    flow.reply(503)

    assert isinstance(flow.error, APIStatusError)
    assert flow.error.status_code == 503
    assert [getattr(attempt, "status", None) for attempt in flow.error.attempts] == [500, 503]
    assert flow.error.provider == "test"
    assert flow.error.model == "m"


def test_a_refusal_is_not_repeated() -> None:
    """What is not retry-safe is raised at once."""
    flow = step(plan())
    flow.reply(400)

    assert isinstance(flow.error, APIStatusError)
    assert len(flow.error.attempts) == 1


def test_every_attempt_sends_the_same() -> None:
    """The request of a retry equals the first one, bytes and headers."""
    flow = step(plan())
    first = flow.expect(Send)
    flow.reply(500)

    assert flow.expect(Send) == first


def test_a_callable_key_is_asked_for_each_attempt() -> None:
    """A rotated key is used by the next attempt."""
    flow = step(plan(key=lambda: "unused"))
    flow.answer(flow.expect(Ask).use("one"))
    first = flow.expect(Send).request.headers
    flow.reply(500)
    flow.answer(flow.expect(Ask).use("two"))

    assert first == (("key", "one"),)
    assert flow.expect(Send).request.headers == (("key", "two"),)


@pytest.mark.parametrize(
    ("kind", "phase", "written", "expected", "is_retried", "is_billed"),
    [
        ("connect", "connect", False, APIConnectionError, True, False),
        ("tls", "connect", False, APIConnectionError, False, False),
        ("refused", "connect", False, APIConnectionError, False, False),
        ("timeout", "connect", False, APITimeoutError, True, False),
        ("timeout", "write", False, APITimeoutError, True, False),
        ("timeout", "head", True, APITimeoutError, True, True),
        ("read", "head", True, APIConnectionError, True, True),
        ("protocol", "head", True, APIConnectionError, True, True),
        ("too_large", "head", True, DecodeError, False, True),
        ("pool_timeout", "pool", False, PoolTimeoutError, False, False),
        ("closed", "pool", False, APIConnectionError, False, False),
    ],
)
def test_failures_of_the_wire(
    kind: str, phase: str, written: bool, expected: type[APIError], is_retried: bool, is_billed: bool
) -> None:
    """Each failure has its class, says whether it may be billed, and is retried where that helps."""
    flow = step(plan(retry=Retry(max_retries=1)))
    flow.fail(failure(kind, phase, written=written))
    flow.skip(Sleep)
    if is_retried:
        flow.fail(failure(kind, phase, written=written))

    assert type(flow.error) is expected
    assert isinstance(flow.error, APIError)
    assert len(flow.error.attempts) == 1 + is_retried
    assert flow.error.possibly_billed is is_billed
    assert flow.error.sent is written


def test_a_stale_connection_is_no_retry() -> None:
    """A connection that died before it carried the request is replaced at once and not counted."""
    flow = step(plan(retry=Retry(max_retries=0)))
    flow.fail(failure("write", "write", reused=True))
    flow.reply(200, b"ok")

    assert isinstance(flow.result, Whole)
    assert flow.sleeps == []
    assert flow.result.trace.retries == 0
    assert [attempt.wait_reason for attempt in flow.result.trace.attempts] == [None, "stale_connection"]


def test_stale_connections_are_replaced_within_bounds() -> None:
    """A pool whose every connection fails so does not spin."""
    flow = step(plan(retry=Retry(max_retries=0)))
    for _ in range(6):
        flow.fail(failure("write", "write", reused=True))

    assert isinstance(flow.error, APIConnectionError)


def test_an_error_inside_a_200_is_retried() -> None:
    """Whatever the status says, the body decides."""
    flow = step(plan())
    flow.reply(200, b"ERROR")
    flow.reply(200, b"fine")

    assert isinstance(flow.result, Whole)
    assert flow.result.data == "fine"


def test_a_cut_body_is_retried_and_possibly_billed() -> None:
    """A reply that breaks off was written by somebody, and may be charged."""
    flow = step(plan())
    flow.answer(response(200))
    flow.answer(b"hal")
    flow.fail(failure("read", "body", written=True))
    flow.skip(Close, Sleep)
    flow.reply(200, b"whole")

    assert isinstance(flow.result, Whole)
    assert [attempt.possibly_billed for attempt in flow.result.trace.attempts] == [True, False]


def test_a_reply_over_the_cap() -> None:
    """A body that grows past its cap is dropped with a typed error."""
    flow = step(plan(max_body_bytes=4))
    flow.answer(response(200))
    flow.answer(b"hello")
    flow.expect(Close)
    flow.answer(None)

    assert isinstance(flow.error, DecodeError)


def test_an_error_body_is_cut() -> None:
    """Of an error's body only as much is read as anybody will look at."""
    flow = step(plan(max_error_bytes=4))
    flow.answer(response(400))
    flow.answer(b"hello")
    flow.expect(Close)
    flow.answer(None)

    assert isinstance(flow.error, APIStatusError)


def test_compressed_reply() -> None:
    """A reply is decoded by its content encoding."""
    flow = step(plan())
    flow.reply(200, gzip.compress(b"hello"), headers={"content-encoding": "gzip"})

    assert isinstance(flow.result, Whole)
    assert flow.result.data == "hello"


def test_a_wait_across_the_deadline_is_not_begun() -> None:
    """The error names the wait and the deadline, and has the server's refusal for its cause."""
    flow = step(plan(deadline=5))
    flow.reply(429, headers={"retry-after": "7"})

    assert isinstance(flow.error, DeadlineExceededError)
    assert (flow.error.where, flow.error.wait_seconds, flow.error.deadline_seconds) == ("wait", 7.0, 5)
    assert isinstance(flow.error.__cause__, APIStatusError)
    assert flow.sleeps == []


@pytest.mark.parametrize(
    ("kind", "phase", "where"),
    [("pool_timeout", "pool", "queue"), ("timeout", "connect", "attempt"), ("timeout", "head", "attempt")],
)
def test_the_deadline_in_an_attempt(kind: str, phase: str, where: str) -> None:
    """A timeout at the deadline is the deadline's, and is not retried."""
    flow = step(plan(deadline=5))
    flow.clock.now += 5
    flow.fail(failure(kind, phase))

    assert isinstance(flow.error, DeadlineExceededError)
    assert flow.error.where == where


def test_the_deadline_in_a_body_that_never_pauses() -> None:
    """A body whose bytes are always there is cut at the deadline, too."""
    flow = step(plan(deadline=5))
    flow.answer(response(200))
    flow.answer(b"x")
    flow.clock.now += 5
    flow.answer(b"x")
    flow.skip(Close)

    assert isinstance(flow.error, DeadlineExceededError)


def test_the_deadline_covers_all_attempts() -> None:
    """Every attempt is given the same moment."""
    flow = step(plan(deadline=5), random=0.1)
    first = flow.expect(Send).deadline
    flow.reply(500)

    assert first == 1005.0
    assert flow.expect(Send).deadline == first


def test_a_longer_wait_than_allowed() -> None:
    """A server that asks for hours is not obeyed but reported, with its number."""
    flow = step(plan())
    flow.reply(429, headers={"retry-after": "7200"})

    assert isinstance(flow.error, APIStatusError)
    assert flow.error.retry_after == 7200.0


def test_an_empty_quota_stops_retries() -> None:
    """In an outage the error is raised without another attempt."""
    retry = Retry(quota_ratio=0.0, quota_per_second=0.0)
    flow = step(plan(retry=retry), quota=RetryQuota(retry, nullcontext()))
    flow.reply(500)

    assert isinstance(flow.error, APIStatusError)
    assert len(flow.error.attempts) == 1


@pytest.mark.parametrize("reads", [0, 1])
def test_an_interruption_gives_the_connection_back(reads: int) -> None:
    """After Ctrl-C or a cancellation the flow asks to close, and nothing else."""
    flow = step(plan())
    flow.answer(response(200))
    for _ in range(reads):
        flow.answer(b"x")
    flow.fail(Interrupted())
    flow.expect(Close)
    flow.answer(None)

    assert isinstance(flow.error, Interrupted)


def test_an_interruption_of_a_wait() -> None:
    """There is nothing to give back while waiting."""
    flow = step(plan())
    flow.answer(response(500))
    flow.answer(b"")
    flow.answer(None)
    flow.expect(Sleep)
    flow.fail(Interrupted())

    assert isinstance(flow.error, Interrupted)


def test_a_flow_that_is_dropped_yields_nothing() -> None:
    """Closing the generator is only a safety net: it cannot ask for anything any more."""
    flow = step(plan())
    flow.answer(response(200))
    flow.expect(Read)
    flow._flow.close()

    assert flow.error is None


SSE = {"content-type": "text/event-stream; charset=utf-8"}


def test_a_stream_is_handed_over_with_its_first_content() -> None:
    """Roles and the like are not content; from content on nothing is repeated."""
    flow = step(plan(stream=True))
    flow.answer(response(200, SSE))
    flow.answer(b"data: role\n\n")
    flow.answer(b"data: hello\n\n")

    assert isinstance(flow.result, OpenStream)


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param([b"data: role\n\n", b""], id="cut"),
        pytest.param([b"data: role\n\ndata: BAD\n\n"], id="error event"),
        pytest.param([failure("read", "body", written=True)], id="reset"),
        pytest.param([failure("timeout", "body", written=True)], id="silence"),
    ],
)
def test_a_stream_that_fails_before_content_is_retried(ending: list[bytes | Exception]) -> None:
    """Until something was delivered, a stream is repeated like any call."""
    flow = step(plan(stream=True))
    flow.answer(response(200, SSE))
    for answer in ending:
        if isinstance(answer, bytes):
            flow.answer(answer)
        else:
            flow.fail(answer)
    flow.skip(Close, Sleep)

    assert flow.expect(Send).request.body == b"{}"


def test_a_whole_reply_where_a_stream_was_asked() -> None:
    """It is a typed error that keeps the reply."""
    flow = step(plan(stream=True))
    flow.reply(200, b"whole", headers={"content-type": "application/json"})

    assert isinstance(flow.error, StreamError)
    assert flow.error.partial == b"whole"


def test_an_error_status_where_a_stream_was_asked() -> None:
    """Statuses are judged before anything is read as events."""
    flow = step(plan(stream=True))
    flow.reply(400, b"no", headers=SSE)

    assert isinstance(flow.error, APIStatusError)


def test_a_complete_stream_without_content() -> None:
    """An empty answer that is complete is an answer, not a truncation."""
    flow = step(plan(stream=True))
    flow.answer(response(200, SSE))
    flow.answer(b"data: role\n\ndata: END\n\ndata: [DONE]\n\n")
    flow.expect(Close)
    flow.answer(None)

    assert isinstance(flow.result, OpenStream)


def test_truncation_before_content_ends_typed() -> None:
    """With no attempts left, the truncation is the error."""
    flow = step(plan(stream=True, retry=Retry(max_retries=0)))
    flow.answer(response(200, SSE))
    flow.answer(b"data: role\n\n")
    flow.answer(b"")
    flow.skip(Close)

    assert isinstance(flow.error, StreamTruncatedError)


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(failure("read", "body", written=True), id="cut"),
        pytest.param(failure("timeout", "body", written=True), id="stalled"),
        pytest.param(failure("protocol", "body", written=True), id="framed wrong"),
    ],
)
def test_a_status_is_not_hidden_by_its_body(ending: Exception) -> None:
    """An error's status has said what happened, whatever becomes of its body."""
    flow = step(plan())
    flow.answer(response(401))
    flow.answer(b"no")
    flow.fail(ending)
    flow.skip(Close)

    assert isinstance(flow.error, APIStatusError)
    assert flow.error.status_code == 401
    assert not flow.error.possibly_billed


@pytest.mark.parametrize("headers", [{"content-encoding": "br"}, {"content-encoding": "gzip"}])
def test_a_status_is_not_hidden_by_an_encoding(headers: dict[str, str]) -> None:
    """Nor does a body that cannot be decoded hide it."""
    flow = step(plan(max_error_bytes=100))
    flow.reply(401, b"not compressed", headers=headers)

    assert isinstance(flow.error, APIStatusError)


def test_a_late_body_of_an_error() -> None:
    """At the deadline, the status that has arrived is the better answer."""
    flow = step(plan(deadline=5))
    flow.answer(response(401))
    flow.clock.now += 5
    flow.answer(b"x")
    flow.skip(Close)

    assert isinstance(flow.error, APIStatusError)


def test_a_wait_across_the_deadline_keeps_what_is_known() -> None:
    """The last attempt keeps its own error in the trace, and a charge that it may have caused stays possible."""
    flow = step(plan(deadline=5), random=1.0)
    flow.clock.now += 4.9
    flow.fail(failure("read", "head", written=True))

    assert isinstance(flow.error, DeadlineExceededError)
    assert flow.error.possibly_billed
    assert flow.error.sent
    assert [(attempt.error, attempt.possibly_billed) for attempt in flow.error.attempts] == [
        ("APIConnectionError", True)
    ]


def test_nobody_knows_whether_it_was_sent() -> None:
    """A transport that does not know is not made to say no."""
    flow = step(plan(retry=Retry(max_retries=0)))
    flow.fail(failure("write", "write", written=None))

    assert isinstance(flow.error, APIConnectionError)
    assert flow.error.sent is None


def test_an_earlier_attempt_was_sent() -> None:
    """The call has reached the wire although its last attempt has not."""
    flow = step(plan(retry=Retry(max_retries=1)))
    flow.reply(500)
    flow.fail(failure("connect", "connect"))

    assert isinstance(flow.error, APIConnectionError)
    assert flow.error.sent is True


@pytest.mark.parametrize(("pieces", "phase"), [([], "first_event"), ([b"x"], "between_events")])
def test_which_silence_it_was(pieces: list[bytes], phase: str) -> None:
    """A body that never begins missed another limit than one that pauses."""
    flow = step(plan(retry=Retry(max_retries=0)))
    flow.answer(response(200))
    for piece in pieces:
        flow.answer(piece)
    idle_seconds = flow.expect(Read).idle_seconds
    flow.fail(failure("timeout", "body", written=True))
    flow.skip(Close)

    assert isinstance(flow.error, APITimeoutError)
    assert flow.error.phase == phase
    assert idle_seconds == {"first_event": 600.0, "between_events": 120.0}[phase]


def test_silence_before_the_first_content_of_a_stream() -> None:
    """Until a stream has content, its silence is that before the first event."""
    flow = step(plan(stream=True, retry=Retry(max_retries=0)))
    flow.answer(response(200, SSE))
    flow.answer(b": keep-alive\n\n")
    flow.fail(failure("timeout", "body", written=True))
    flow.skip(Close)

    assert isinstance(flow.error, APITimeoutError)
    assert flow.error.phase == "first_event"


@pytest.mark.parametrize("stream", [False, True])
def test_the_deadline_after_the_head_may_be_billed(stream: bool) -> None:
    """A server that has begun to answer has done work."""
    flow = step(plan(stream=stream, deadline=5))
    flow.answer(response(200, SSE if stream else None))
    flow.clock.now += 5
    flow.answer(b": x\n")
    flow.skip(Close)

    assert isinstance(flow.error, DeadlineExceededError)
    assert flow.error.where == "attempt"
    assert flow.error.possibly_billed


def test_why_an_error_was_not_repeated() -> None:
    """Where the error alone does not explain it, a note does."""
    retry = Retry(quota_ratio=0.0, quota_per_second=0.0)
    by_quota = step(plan(retry=retry), quota=RetryQuota(retry, nullcontext()))
    by_quota.reply(500)
    by_length = step(plan())
    by_length.reply(429, headers={"retry-after": "7200"})

    assert by_quota.error is not None
    assert by_length.error is not None
    assert "quota" in by_quota.error.__notes__[0]
    assert "7200 s" in by_length.error.__notes__[0]


@pytest.mark.parametrize("body", [b'{"choices": []}', b"\n  [1]", b"<html>"])
@pytest.mark.parametrize("size", [1, 100])
def test_a_document_under_the_name_of_a_stream(body: bytes, size: int) -> None:
    """JSON or a page that a server sends as an event stream is judged as what it is."""
    flow = step(plan(stream=True, max_error_bytes=100))
    flow.answer(response(200, SSE))
    for start in range(0, len(body), size):
        flow.answer(body[start : start + size])
    flow.answer(b"")
    flow.skip(Close)

    assert type(flow.error) is StreamError
    assert flow.error.partial == body.lstrip()


@pytest.mark.parametrize("body", [b"", b": comment\n\n", b"plain text", b"{" * 200])
def test_what_is_no_document(body: bytes) -> None:
    """Nothing, comments, text, or more than anybody would keep: the stream was cut."""
    flow = step(plan(stream=True, retry=Retry(max_retries=0), max_error_bytes=100))
    flow.answer(response(200, SSE))
    for answer in (body, b""):
        if isinstance(flow.effect, Read):
            flow.answer(answer)
    flow.skip(Close)

    assert isinstance(flow.error, StreamTruncatedError)


UNREADABLE = [
    pytest.param({"content-encoding": "br"}, [b"data: hello\n\n"], id="an encoding that was not offered"),
    pytest.param({"content-encoding": "gzip"}, [b"no gzip"], id="corrupt"),
    pytest.param({"content-encoding": "gzip"}, [gzip.compress(b"data: role\n\n" * 9)[:-9], b""], id="cut"),
]


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(("headers", "pieces"), UNREADABLE)
def test_an_answer_that_cannot_be_read_may_be_billed(
    headers: dict[str, str], pieces: list[bytes], is_stream: bool
) -> None:
    """The server gave one, and does not know that nobody could read it."""
    flow = step(plan(stream=is_stream, retry=Retry(max_retries=0)))
    flow.answer(response(200, {**headers, **SSE}))
    for piece in pieces:
        if isinstance(flow.effect, Read):
            flow.answer(piece)
    flow.skip(Close)

    assert isinstance(flow.error, DecodeError)
    assert flow.error.possibly_billed
    assert flow.error.attempts[0].possibly_billed
