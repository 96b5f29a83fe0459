"""Keys and prompts: what is sent is what was said, and a key that a server echoes is masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    DecodeError,
    InternalServerError,
    PermissionDeniedError,
    RateLimitError,
)
from twinwire.testing.answers import Exchange, Raw, Reply, Status
from twinwire.testing.faults import AfterEvents, ErrorEvent, Insert
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.answers import FixedAnswer
    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Way

_JSON = {"content-type": "application/json"}
_STREAMS: tuple[Way, ...] = ("chunks", "events")
_SENT_UNASKED = {
    "host",
    "accept",
    "accept-encoding",
    "user-agent",
    "content-type",
    "idempotency-key",
    "authorization",
    "content-length",
}


def _key(request: RecordedRequest) -> str:
    return request.headers["authorization"].removeprefix("Bearer ")


def _echoed(
    name: str,
    about: str,
    answer: Callable[[str], FixedAnswer],
    error: type[BaseException],
    *,
    ways: tuple[Way, ...] = ("create",),
    says: tuple[str, ...] = ("***",),
    injected: bool = True,
) -> Scenario:
    """The server has the key and says it. (That it stands in no error, log, pickle or traceback is judged for every scenario.)"""
    return Scenario(
        name=f"key-echoed-{name}",
        topic="trust",
        about=about,
        ways=ways,
        server=(lambda request: answer(_key(request)),),
        ask=Ask(options={"max_retries": 0}),
        expect=Expect(error=error, says=says, attempts=1),
        injected=injected,
    )


def _only_what_was_said(played: Played) -> str | None:
    names = {name for request in played.requests for name in request.headers}
    return (
        None
        if names == _SENT_UNASKED
        else f"headers were {sorted(names ^ _SENT_UNASKED)} besides or short of the usual"
    )


def _no_header(*names: str) -> Callable[[Played], str | None]:
    def check(played: Played) -> str | None:
        found = [name for request in played.requests for name in names if name in request.headers]
        return f"{found} were sent" if found else None

    return check


def _host_is_own(played: Played) -> str | None:
    assert played.stage is not None
    wanted = played.stage.server.origin.removeprefix("http://")
    hosts = {request.headers["host"] for request in played.requests}
    return None if hosts == {wanted} else f"Host was {hosts}, expected {wanted}"


def _usage_is_all(played: Played) -> str | None:
    fields = set(played.requests[0].json)
    return (
        None
        if fields <= {"model", "messages", "stream", "stream_options"}
        else f"the body had the fields {sorted(fields)}"
    )


def _starred(key: str) -> FixedAnswer:
    return Status(401, f"Incorrect API key provided: {key[:8]}************{key[-4:]}.")


def _own_header(request: RecordedRequest) -> FixedAnswer:
    return Status(400, f"Bad credentials: {request.headers['x-api-key']}")


def _hides_own(played: Played) -> str | None:
    return (
        "the user's own credential stands in the error"
        if "a-credential-of-ones-own" in str(vars(played.outcome.error)) + str(played.outcome.error)
        else None
    )


SCENARIOS = (
    _echoed(
        "in-the-message",
        "The message of a 401 quotes the key.",
        lambda key: Status(401, f"Incorrect API key provided: {key}."),
        AuthenticationError,
    ),
    _echoed(
        "with-stars",
        "OpenAI quotes the first eight and the last four characters of it: hidden as well.",
        _starred,
        AuthenticationError,
    ),
    _echoed(
        "in-the-body",
        "The body of a 400 quotes the request's headers.",
        lambda key: Exchange(400, _JSON, {"error": {"message": "no", "headers": [f"Bearer {key}"]}}),
        BadRequestError,
        says=("no",),
    ),
    _echoed(
        "as-a-name",
        "The key is the name of a field.",
        lambda key: Exchange(400, _JSON, {"error": {"message": "no"}, key: {key: 1}}),
        BadRequestError,
        says=("no",),
    ),
    _echoed(
        "as-a-code",
        "The key is the code, type and parameter of an error.",
        lambda key: Exchange(400, _JSON, {"error": {"message": key, "code": key, "type": key, "param": key}}),
        BadRequestError,
    ),
    _echoed(
        "on-a-page",
        "An HTML page quotes it.",
        lambda key: Exchange(403, {"content-type": "text/html"}, f"<html>{key}</html>"),
        PermissionDeniedError,
        says=("HTML",),
    ),
    _echoed(
        "in-a-request-id",
        "The request id is the key.",
        lambda key: Status(500, headers={"x-request-id": key}),
        InternalServerError,
        says=("500",),
    ),
    _echoed(
        "in-retry-after",
        "Retry-After is the key, which cannot be obeyed.",
        lambda key: Status(429, retry_after=key),
        RateLimitError,
    ),
    _echoed(
        "in-a-location",
        "A redirect quotes it.",
        lambda key: Exchange(302, {"location": f"/?key={key}"}),
        APIStatusError,
        says=("redirects",),
    ),
    _echoed(
        "in-the-status-line",
        "The reason phrase quotes it.",
        lambda key: Exchange(500, reason=key),
        InternalServerError,
        says=("500",),
        injected=False,
    ),
    _echoed(
        "in-no-http",
        "What is no HTTP quotes it.",
        lambda key: Raw([f"HTTP/1.1 {key} no\r\n\r\n".encode()]),
        APIConnectionError,
        says=("HTTP",),
    ),
    _echoed(
        "in-no-json",
        "What is no JSON quotes it.",
        lambda key: Exchange(200, _JSON, f"oops {key}"),
        DecodeError,
        says=("JSON",),
    ),
    _echoed(
        "in-a-misshapen-reply",
        "A reply of another shape quotes it.",
        lambda key: Exchange(200, _JSON, {"id": key, "choices": [{"index": 0, "message": key}]}),
        DecodeError,
        says=("choices",),
    ),
    _echoed(
        "in-an-error-in-a-200",
        "An error inside of a 200 quotes it.",
        lambda key: Exchange(200, _JSON, {"error": {"message": f"bad {key}", "code": 400}}),
        BadRequestError,
    ),
    _echoed(
        "in-a-stream",
        "An error in the middle of a stream quotes it.",
        lambda key: Reply("One two.", faults=[ErrorEvent(after_events=2, message=f"bad key {key}")]),
        InternalServerError,
        ways=_STREAMS,
    ),
    _echoed(
        "in-an-event-that-is-no-json",
        "An event that is no JSON quotes it.",
        lambda key: Reply("One two.", faults=[Insert(f"data: {{{key}\n\n".encode(), AfterEvents(2))]),
        DecodeError,
        ways=_STREAMS,
        says=("JSON",),
    ),
    _echoed(
        "in-a-content-encoding",
        "A content encoding that nobody knows is the key.",
        lambda key: Exchange(200, {"content-encoding": key}, "x"),
        DecodeError,
        says=(),
    ),
    _echoed(
        "in-a-content-type",
        "A stream was asked for, and the reply's content type is the key.",
        lambda key: Exchange(200, {"content-type": f"text/html; {key}"}, f"<html>{key}"),
        DecodeError,
        ways=_STREAMS,
        says=(),
    ),
    Scenario(
        name="credential-of-ones-own-echoed",
        topic="trust",
        about="A credential that the user sends in a header of another name is hidden as the key is.",
        server=(_own_header,),
        ask=Ask(options={"default_headers": {"X-Api-Key": "a-credential-of-ones-own"}}),
        expect=Expect(error=BadRequestError, attempts=1, checks=(_hides_own,)),
        injected=True,
    ),
    Scenario(
        name="nothing-but-what-was-said",
        topic="trust",
        about="A call sends the headers of the list in the documentation, and in its body what the user set.",
        ways=("create", "events", "embeddings"),
        expect=Expect(attempts=1, checks=(_only_what_was_said,)),
        injected=True,
    ),
    Scenario(
        name="body-is-what-was-said",
        topic="trust",
        about="No parameter is sent that nobody set, but for the one that makes a stream say its usage.",
        ways=("create", "chunks", "events"),
        expect=Expect(attempts=1, checks=(_usage_is_all,)),
        injected=True,
    ),
    Scenario(
        name="host-is-the-origin",
        topic="trust",
        about="Host names the origin that the user gave, and no request is compressed or expects anything.",
        expect=Expect(
            attempts=1, checks=(_host_is_own, _no_header("content-encoding", "expect", "te", "upgrade", "cookie"))
        ),
        injected=True,
    ),
    Scenario(
        name="cookies-are-not-sent-back",
        topic="trust",
        about="Cookies that a server sets are not kept: calls of different users share no state.",
        ways=("create", "chunks", "embeddings"),
        server_options={
            "default": Reply(
                "Here.", headers=[("set-cookie", "session=1; Path=/"), ("set-cookie", "__cf_bm=2; Secure")]
            )
        },
        ask=Ask(earlier=1),
        expect=Expect(attempts=1, checks=(_no_header("cookie"),)),
        injected=True,
    ),
)
