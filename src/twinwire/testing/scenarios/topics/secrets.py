"""Keys and prompts: what is sent is what was said, and a key that a server echoes is masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConfigError,
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
    from twinwire.testing.scenarios.scenario import Stage, Way

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


def _keys_sent(*keys: str) -> Callable[[Played], str | None]:
    def check(played: Played) -> str | None:
        sent = tuple(_key(request) for request in played.requests)
        return None if sent == keys else f"{len(sent)} keys were sent, and not those of the function in their order"

    return check


def _rotating(_: Stage) -> dict[str, object]:
    keys = iter(("sk-the-first-of-the-keys", "sk-the-second-of-the-keys", "sk-the-third-of-the-keys"))
    return {"api_key": lambda: next(keys)}


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


def _proxied(stage: Stage) -> dict[str, object]:
    """The server plays the proxy."""
    return {"base_url": "https://api.twinwire.invalid/v1", "proxy": stage.server.origin, "max_retries": 0}


def _told_the_proxy(played: Played) -> str | None:
    [request] = played.requests
    if request.method != "CONNECT" or "authorization" in request.headers or request.body:
        return f"the proxy was sent {request.method} with {sorted(request.headers)} and {len(request.body)} bytes"
    return None


def _refused_key(name: str, key: str, about: str) -> Scenario:
    return Scenario(
        name=f"key-with-{name}",
        topic="trust",
        about=about,
        ask=Ask(options={"api_key": key}),
        expect=Expect(error=ConfigError, requests=0, checks=(_says_no_key,)),
        injected=True,
    )


def _says_no_key(played: Played) -> str | None:
    return "the key stands in the message" if "secret" in str(played.outcome.error) else None


def _refused_option(name: str, about: str, says: str, **options: object) -> Scenario:
    return Scenario(
        name=f"option-{name}",
        topic="trust",
        about=about,
        ask=Ask(options=options),
        expect=Expect(error=ConfigError, requests=0, says=(says,)),
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
    *(
        Scenario(
            name=f"challenge-{name}",
            topic="trust",
            about=f"A 401 that asks for {name} is not answered with anything.",
            server=(Status(401, headers={"www-authenticate": challenge}),),
            expect=Expect(error=AuthenticationError, attempts=1),
            injected=True,
        )
        for name, challenge in (
            ("basic", 'Basic realm="x"'),
            ("digest", 'Digest realm="x", nonce="y", qop="auth"'),
            ("negotiate", "Negotiate"),
        )
    ),
    Scenario(
        name="challenge-of-a-proxy",
        topic="trust",
        about="A 407 of whom nobody asked is an error, and no credential is sent.",
        server=(Status(407, headers={"proxy-authenticate": "Basic"}),),
        expect=Expect(error=APIStatusError, attempts=1, checks=(_no_header("proxy-authorization"),)),
        injected=True,
    ),
    Scenario(
        name="key-of-a-function",
        topic="trust",
        about="A key that comes from a function is asked for anew for every attempt.",
        server=(Status(500), Status(500), Reply("Here.")),
        ask=Ask(options=_rotating),
        expect=Expect(
            text="Here.",
            attempts=3,
            checks=(_keys_sent("sk-the-first-of-the-keys", "sk-the-second-of-the-keys", "sk-the-third-of-the-keys"),),
        ),
        injected=True,
        usable_after=False,
    ),
    Scenario(
        name="key-of-a-function-with-a-line-break",
        topic="trust",
        about="A function that returns no key is refused when it is called, and nothing is sent.",
        ask=Ask(options=lambda _: {"api_key": lambda: "sk-secret\r\nX-Evil: 1"}),
        expect=Expect(error=ConfigError, requests=0, checks=(_says_no_key,)),
        injected=True,
        usable_after=False,
    ),
    _refused_key("a-line-break", "sk-secret\n", "A key from a file with its line break."),
    _refused_key("another-header", "sk-secret\r\nX-Evil: 1", "A key that holds another header."),
    _refused_key("nul", "sk-secret\x00", "A key with NUL."),
    _refused_key("a-space", "sk secret", "A key with a space."),
    _refused_key("a-wide-character", "sk-secret\u200b", "A key with a character that cannot be seen."),
    _refused_key("nothing-in-it", "", "An empty key."),
    _refused_option(
        "header-with-a-line-break",
        "A header of the client holds another one.",
        "default_headers",
        default_headers={"X-A": "b\r\nX-Evil: 1"},
    ),
    _refused_option(
        "header-name-with-a-line-break",
        "A header's name holds another header.",
        "default_headers",
        default_headers={"X-A\r\nX-Evil": "1"},
    ),
    _refused_option(
        "header-with-nul", "A header of the client holds NUL.", "default_headers", default_headers={"X-A": "b\x00"}
    ),
    _refused_option(
        "header-of-framing",
        "The body's length is not the user's to say: it would smuggle a request.",
        "Content-Length",
        default_headers={"Content-Length": "0"},
    ),
    _refused_option(
        "organization-with-a-line-break",
        "What travels in a header is checked as a header.",
        "organization",
        organization="org\r\nX-Evil: 1",
    ),
    _refused_option(
        "url-with-a-password",
        "A URL with a password in it would stand in every log.",
        "user name or password",
        base_url="https://user:secret@127.0.0.1/v1",
    ),
    _refused_option(
        "url-with-a-backslash",
        "Libraries disagree about which host this is.",
        "base_url",
        base_url="https://127.0.0.1\\@evil.invalid/v1",
    ),
    _refused_option(
        "url-with-a-line-break", "A URL with a line break.", "base_url", base_url="https://127.0.0.1/v1\r\nX-Evil: 1"
    ),
    _refused_option(
        "url-with-a-query",
        "A URL with a query would lose it, or gain a path.",
        "default_query",
        base_url="https://127.0.0.1/v1?key=1",
    ),
    _refused_option("url-of-a-file", "A file is no server.", "https://", base_url="file:///etc/passwd"),
    _refused_option(
        "url-of-plain-http",
        "A key over plain HTTP to another machine is a leak, unless the user says so.",
        "allow_http",
        base_url="http://api.twinwire.invalid/v1",
    ),
    Scenario(
        name="proxy-is-asked-to-connect",
        topic="trust",
        about="A proxy learns the host and neither key nor prompt; one that refuses is an error, and nothing goes around it.",
        server=(Exchange(403, {"content-type": "text/plain"}, "not here"),),
        ask=Ask(options=_proxied),
        expect=Expect(
            error=APIConnectionError,
            says=("the proxy refused",),
            facts={"sent": False},
            attempts=1,
            requests=1,
            billed=False,
            checks=(_told_the_proxy,),
        ),
        usable_after=False,
    ),
    Scenario(
        name="proxy-wants-a-password",
        topic="trust",
        about="A proxy's 407 is told as what it is, and the key is not offered to it.",
        server=(Exchange(407, {"proxy-authenticate": "Basic"}),),
        ask=Ask(options=_proxied),
        expect=Expect(
            error=APIConnectionError,
            facts={"sent": False},
            attempts=1,
            requests=1,
            billed=False,
            checks=(_told_the_proxy,),
        ),
        usable_after=False,
    ),
    Scenario(
        name="proxy-that-speaks-after-connecting",
        topic="trust",
        about="A proxy that says yes and then answers itself, in plain text, is not taken for the provider.",
        server=(Raw([b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"], close=False),),
        ask=Ask(options=_proxied),
        expect=Expect(
            error=APIConnectionError,
            facts={"sent": False, "retry_safe": False},
            attempts=1,
            requests=1,
            billed=False,
            checks=(_told_the_proxy,),
        ),
        usable_after=False,
    ),
)
