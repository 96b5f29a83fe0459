"""Which failures are repeated, when, and what is told of it."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest

from tests.client.cases import QUICK, Case, create, done, inside, items, stream
from twinwire import (
    APIConnectionError,
    APIError,
    APIStatusError,
    DecodeError,
    InternalServerError,
    QuotaExceededError,
    RateLimitError,
    Retry,
    StreamError,
    StreamTruncatedError,
)
from twinwire import errors as all_errors
from twinwire.testing import (
    AfterEvents,
    Answer,
    Close,
    ErrorEvent,
    Exchange,
    Framing,
    Insert,
    LoopbackProvider,
    Raw,
    Reply,
    Reset,
    Stall,
    Status,
    Truncate,
    WithoutDone,
)
from twinwire.types import ChatCompletion

pytestmark = pytest.mark.transports

JSON = {"content-type": "application/json"}
NOW = 1_700_000_000  # the loopback provider's own `Date`


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        pytest.param(Status(429, retry_after=0.02), (0.02, 0.1), id="seconds"),
        pytest.param(Status(429, retry_after="0.02"), (0.02, 0.1), id="fraction"),
        pytest.param(Status(429, retry_after=0), (0.0, 0.06), id="zero"),
        pytest.param(Status(429, retry_after_ms=20), (0.02, 0.1), id="milliseconds"),
        pytest.param(Status(429, retry_after=60, retry_after_ms=20), (0.02, 0.1), id="milliseconds-win"),
        pytest.param(Status(429, retry_at_seconds=0), (0.0, 0.06), id="date"),
        pytest.param(Status(429, retry_after=formatdate(NOW - 5, usegmt=True)), (0.0, 0.06), id="date-in-the-past"),
        pytest.param(Status(429, reset_seconds=0.02), (0.02, 0.1), id="reset"),
        pytest.param(Status(503, retry_after=0.02), (0.02, 0.1), id="on-503"),
        pytest.param(Status(402, retry_after=0.02), (0.02, 0.1), id="on-402"),
    ],
)
async def test_the_server_s_wait_is_obeyed(
    case: Case, server: LoopbackProvider, answer: Status, waits: tuple[float, float]
) -> None:
    """However the server spells the wait, the next attempt comes after it, and not much later."""
    server.script(answer)
    async with case.client(server) as client:
        reply = await create(client, case)

    first, second = reply.trace.attempts
    assert reply.text == "one two three"
    assert (first.status, first.error is not None, second.status, second.error) == (answer.status, True, 200, None)
    assert second.wait_reason == "retry_after"
    assert waits[0] <= second.wait_seconds <= waits[1]
    assert server.requests[1].received_at - server.requests[0].received_at >= waits[0]


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
async def test_a_wait_that_nobody_can_obey(case: Case, server: LoopbackProvider, text: str) -> None:
    """Never sooner than the server asked: what cannot be read is raised and not guessed."""
    server.script(Status(429, retry_after=text))
    async with case.client(server) as client:
        with pytest.raises(RateLimitError, match="cannot be obeyed"):
            await create(client, case)

    assert len(server.requests) == 1


async def test_a_wait_that_is_too_long(case: Case, server: LoopbackProvider) -> None:
    """A server that asks for more than the policy allows is told to the caller at once, with its number."""
    server.script(Status(429, retry_after=121))
    async with case.in_time(), case.client(server) as client:
        with pytest.raises(RateLimitError) as caught:
            await create(client, case)

    assert caught.value.retry_after == 121
    assert len(server.requests) == 1


TRANSIENT: list[Any] = [
    pytest.param(Status(408), "APIStatusError", id="408"),
    pytest.param(Status(409), "ConflictError", id="409"),
    pytest.param(Status(429), "RateLimitError", id="429"),
    pytest.param(Status(500), "InternalServerError", id="500"),
    pytest.param(Status(502), "InternalServerError", id="502"),
    pytest.param(Status(503), "OverloadedError", id="503"),
    pytest.param(Status(504), "InternalServerError", id="504"),
    pytest.param(Status(529), "OverloadedError", id="529"),
    pytest.param(
        Exchange(502, {"content-type": "text/html"}, "<html>Bad gateway</html>"), "InternalServerError", id="html"
    ),
    pytest.param(Exchange(503), "OverloadedError", id="no-body"),
    pytest.param(Reply(faults=[Close()]), "APIConnectionError", id="close"),
    pytest.param(Reply(faults=[Reset()]), "APIConnectionError", id="reset"),
    pytest.param(Reply(faults=[Close(at="mid_head")]), "APIConnectionError", id="close-in-head"),
    pytest.param(Raw([b"SSH-2.0-OpenSSH_9.6\r\n"]), "APIConnectionError", id="not-http"),
]
TRANSIENT_WHOLE: list[Any] = [
    *TRANSIENT,
    pytest.param(Reply(faults=[Close(at="before_body")]), "APIConnectionError", id="close-before-body"),
    pytest.param(Reply("x" * 99, faults=[Framing("content-length", 5)]), "APIConnectionError", id="short-body"),
    pytest.param(Exchange(200, JSON, ""), "DecodeError", id="empty"),
    pytest.param(Exchange(200, JSON, "  \n."), "DecodeError", id="dot"),
    pytest.param(Reply("x" * 99, faults=[Truncate("before_body")]), "DecodeError", id="truncated"),
    pytest.param(Exchange(200, {"content-type": "text/html"}, "<html>"), "DecodeError", id="html-200"),
    pytest.param(
        Exchange(200, JSON, {"error": {"message": "upstream", "code": 502}}), "InternalServerError", id="error-in-200"
    ),
    pytest.param(
        Exchange(200, JSON, {"id": "x", "choices": [{"index": 0, "error": {"message": "upstream", "code": 503}}]}),
        "OverloadedError",
        id="error-in-choice",
    ),
]
TRANSIENT_STREAM: list[Any] = [
    *TRANSIENT,
    pytest.param(Reply(faults=[Close(at="before_body")]), "APIConnectionError", id="close-before-body"),
    pytest.param(Reply(faults=[Truncate("before_body")]), "StreamTruncatedError", id="empty"),
    *(
        pytest.param(Reply(faults=[ErrorEvent(dress, after_events=0)]), "InternalServerError", id=f"error-{dress}")
        for dress in ("top_level", "with_choice", "named_event", "finish_reason")
    ),
    pytest.param(Exchange(200, {"content-type": "text/event-stream"}, "data: {oops\n\n"), "DecodeError", id="no-json"),
    pytest.param(
        Exchange(200, JSON, {"error": {"message": "upstream", "code": 502}}), "InternalServerError", id="json-error"
    ),
    pytest.param(
        Exchange(200, {"content-type": "text/event-stream"}, ": alive\n\n"), "StreamTruncatedError", id="comments-only"
    ),
]


@pytest.mark.parametrize(("answer", "error"), TRANSIENT_WHOLE)
async def test_transient_failures_of_whole_replies(
    case: Case, server: LoopbackProvider, answer: Answer, error: str
) -> None:
    """A failure that may pass is repeated, and the trace says what it was."""
    server.script(answer)
    async with case.client(server) as client:
        reply = await create(client, case)

    assert reply.text == "one two three"
    assert [attempt.error for attempt in reply.trace.attempts] == [error, None]
    assert reply.trace.attempts[1].wait_reason == "backoff"


@pytest.mark.parametrize(("answer", "error"), TRANSIENT_STREAM)
async def test_transient_failures_of_streams(case: Case, server: LoopbackProvider, answer: Answer, error: str) -> None:
    """Until the first event with content a stream is repeated as a whole reply is."""
    server.script(answer)
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        reply = await done(opened.result())

    assert reply.text == "one two three"
    assert [attempt.error for attempt in reply.trace.attempts] == [error, None]


@pytest.mark.parametrize(("answer", "error"), TRANSIENT_WHOLE)
async def test_failures_that_stay(case: Case, server: LoopbackProvider, answer: Answer, error: str) -> None:
    """When no attempt helps, the error is in the class of the last failure, with all attempts on it."""
    server.default = answer
    async with case.client(server) as client:
        with pytest.raises(APIError) as caught:
            await create(client, case)

    assert type(caught.value) is getattr(all_errors, error)
    assert [getattr(attempt, "error", None) for attempt in caught.value.attempts] == [error] * 3
    assert len(server.requests) == 3
    assert (caught.value.provider, caught.value.model) == (case.provider, case.model)


PERMANENT: list[Any] = [
    pytest.param(Status(400, "no"), "BadRequestError", id="400"),
    pytest.param(Status(401, "no"), "AuthenticationError", id="401"),
    pytest.param(Status(402, "no"), "PaymentRequiredError", id="402"),
    pytest.param(Status(403, "no"), "PermissionDeniedError", id="403"),
    pytest.param(Status(404, "no"), "NotFoundError", id="404"),
    pytest.param(Status(404, "no", code="model_not_found"), "ModelNotFoundError", id="model"),
    pytest.param(Status(400, "no", code="context_length_exceeded"), "ContextLengthError", id="context"),
    pytest.param(Status(400, "no", code="content_filter"), "ContentFilterError", id="filter"),
    pytest.param(Status(413, "no"), "BadRequestError", id="413"),
    pytest.param(Status(418, "no"), "APIStatusError", id="418"),
    pytest.param(Status(422, "no"), "UnprocessableEntityError", id="422"),
    pytest.param(Status(429, "no", code="insufficient_quota"), "QuotaExceededError", id="quota"),
    pytest.param(Status(501, "no"), "InternalServerError", id="501"),
    pytest.param(Status(500, "no", headers={"x-should-retry": "false"}), "InternalServerError", id="told-not-to"),
    pytest.param(
        Status(429, "no", code="insufficient_quota", headers={"x-should-retry": "true"}),
        "QuotaExceededError",
        id="quota-told-to",
    ),
]


@pytest.mark.parametrize("is_streaming", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("answer", "error"), PERMANENT)
async def test_permanent_failures(
    case: Case, server: LoopbackProvider, answer: Status, error: str, is_streaming: bool
) -> None:
    """What another attempt cannot help is raised at once, in the class of its cause."""
    server.script(answer)
    async with case.client(server) as client:
        with pytest.raises(APIStatusError, match="no") as caught:
            await create(client, case, stream=is_streaming)

    raised = caught.value
    assert type(raised) is getattr(all_errors, error)
    assert raised.status_code == answer.status
    assert (raised.provider, raised.model, raised.sent) == (case.provider, case.model, True)
    assert raised.retry_safe is False
    assert len(raised.attempts) == len(server.requests) == 1


async def test_the_server_wants_a_retry(case: Case, server: LoopbackProvider) -> None:
    """`x-should-retry: true` repeats what would not be repeated."""
    server.script(Status(400, headers={"x-should-retry": "true"}))
    async with case.client(server) as client:
        reply = await create(client, case)

    assert [attempt.status for attempt in reply.trace.attempts] == [400, 200]


async def test_nothing_is_repeated_after_content(case: Case, server: LoopbackProvider) -> None:
    """A stream that has delivered content is not repeated, whatever happens."""
    server.script(Reply("one two", faults=[WithoutDone(), Reset(at="end_of_body")]))
    async with case.client(server) as client:
        opened = await create(client, case, stream=True)
        try:
            chunks = await items(opened)
        except StreamTruncatedError as error:
            chunks = [error.partial]

    assert chunks
    assert len(server.requests) == 1


async def test_every_attempt_sends_the_same(case: Case, server: LoopbackProvider) -> None:
    """The attempts of a call have one idempotency key and one body; the next call has another key."""
    server.script(Status(500), Reply(faults=[Close()]))
    async with case.client(server) as client:
        await create(client, case)
        await create(client, case)
    keys = [request.headers["idempotency-key"] for request in server.requests]

    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert len({request.body for request in server.requests[:3]}) == 1


@pytest.mark.parametrize("times", [0, 1, 3])
async def test_max_retries(case: Case, server: LoopbackProvider, times: int) -> None:
    """The option says how many attempts follow the first; the call's own wins over the client's."""
    server.default = Status(500)
    async with case.client(server, retry=QUICK) as client:
        with pytest.raises(InternalServerError):
            await create(client, case, max_retries=times)
        by_call = len(server.requests)
        copy = client.with_options(retry=Retry(max_retries=times, base_seconds=0.001))
        with pytest.raises(InternalServerError):
            await create(copy, case)

    assert by_call == times + 1
    assert len(server.requests) == 2 * (times + 1)


async def test_zero_retries_of_the_client(case: Case, server: LoopbackProvider) -> None:
    """`max_retries=0` on the client switches retries off."""
    server.default = Status(500)
    async with case.client(server, max_retries=0) as client:
        with pytest.raises(InternalServerError):
            await create(client, case)

    assert len(server.requests) == 1


async def test_an_outage_is_not_amplified(case: Case, server: LoopbackProvider) -> None:
    """With every call failing, retries are a small part of the load: the quota ends them, and the first attempts go on."""
    server.default = Status(500)
    policy = Retry(base_seconds=0.0, quota_per_second=0.5)
    async with case.client(server, retry=policy) as client:
        for _ in range(30):
            with pytest.raises(InternalServerError):
                await create(client, case)

    assert 30 < len(server.requests) <= 30 + 5 + 6 + 2


async def test_stale_connection_is_replaced(case: Case, server: LoopbackProvider) -> None:
    """An idle connection that the server closed meanwhile costs no retry."""
    server.script(Reply("x", faults=[Close(at="end_of_body")]))
    async with case.client(server, max_retries=0) as client:
        await create(client, case)
        server.wait_for(lambda: server.open_connections == 0)
        reply = await create(client, case)

    assert reply.text == "one two three"
    assert server.connections == 2


async def test_refused_connection(case: Case) -> None:
    """Where nobody listens the error says so, after as many attempts as allowed, and nothing was sent."""
    with case.server() as server:
        url = server.base_url
    async with case.client(base_url=url) as client:
        with pytest.raises(APIConnectionError) as caught:
            await create(client, case)

    assert len(caught.value.attempts) == 3
    assert (caught.value.sent, caught.value.possibly_billed) == (False, False)
    assert type(caught.value) is APIConnectionError


async def test_possibly_billed(case: Case, server: LoopbackProvider) -> None:
    """An attempt whose answer was lost after the request was written may have been billed, and says so."""
    server.script(Reply(faults=[Close(at="before_head")]))
    async with case.client(server) as client:
        reply = await create(client, case)

    assert [attempt.possibly_billed for attempt in reply.trace.attempts] == [True, False]
    assert reply.trace.possibly_billed


async def test_request_id_of_the_last_attempt(case: Case, server: LoopbackProvider) -> None:
    """An error carries the provider's id of its own attempt."""
    server.default = Status(500)
    async with case.client(server) as client:
        with pytest.raises(InternalServerError) as caught:
            await create(client, case)

    expected = case.request_ids.format(3) if case.request_id_on_errors else None
    assert caught.value.request_id == expected


async def test_limits_in_the_body(case: Case, server: LoopbackProvider) -> None:
    """A rate limit whose reset is far away is told with its seconds."""
    server.script(Status(429, reset_seconds=500))
    async with case.client(server) as client:
        with pytest.raises(RateLimitError) as caught:
            await create(client, case)

    assert caught.value.retry_after == pytest.approx(500)
    assert not isinstance(caught.value, QuotaExceededError)


async def test_decode_errors_keep_the_body(case: Case, server: LoopbackProvider) -> None:
    """A body that is no JSON is on the error as it came."""
    server.default = Exchange(200, JSON, '{"id": "x", "choices": [')
    async with case.client(server) as client:
        with pytest.raises(DecodeError) as caught:
            await create(client, case)

    assert caught.value.body == '{"id": "x", "choices": ['
    assert caught.value.possibly_billed


async def test_an_error_beside_a_partial_answer(case: Case, server: LoopbackProvider) -> None:
    """What a whole reply holds beside the error in its choice is kept, in the reply's own class."""
    message = {"role": "assistant", "content": "half an ans"}
    error = {"message": "cut off", "code": 502}
    body = {"id": "x", "choices": [{"index": 0, "message": message, "error": error, "finish_reason": None}]}
    server.default = Exchange(200, JSON, body)
    async with case.client(server, max_retries=0) as client:
        with pytest.raises(InternalServerError, match="cut off") as caught:
            await create(client, case)

    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text == "half an ans"
    assert caught.value.possibly_billed


async def test_json_where_a_stream_was_asked(case: Case, server: LoopbackProvider) -> None:
    """A whole reply in place of a stream was paid for: an error that holds it, and no second attempt."""
    message = {"role": "assistant", "content": "all of it"}
    body = {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    server.default = Exchange(200, JSON, body)
    async with case.client(server) as client:
        with pytest.raises(StreamError, match="whole reply came") as caught:
            async with inside(stream(client, case)) as opened:
                await items(opened)

    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text == "all of it"
    assert len(server.requests) == 1


async def test_a_chunk_that_no_class_can_hold(case: Case, server: LoopbackProvider) -> None:
    """A chunk of the wrong shape is an error with its path, its text and what had arrived; the connection goes."""
    odd = b'data: {"id": 5, "choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n'
    server.script(Reply("one two three", faults=[Insert(odd, AfterEvents(3)), Stall(at="end_of_body")]))
    async with case.client(server) as client:
        opened = await create(client, case, stream=True)
        with pytest.raises(DecodeError) as caught:
            await items(opened)
        server.wait_for(lambda: server.open_connections == 0)
        with pytest.raises(DecodeError) as again:
            await items(opened)

    error = caught.value
    assert again.value is error
    assert error.path == "$.id"
    assert '"id": 5' in str(error.body)
    assert isinstance(error.partial, ChatCompletion)
    assert error.partial.text.startswith("one")
    assert (error.provider, error.model, error.sent, error.possibly_billed) == (case.provider, case.model, True, True)
    assert len(error.attempts) == 1
