"""Error replies with pages, words, nothing, or a body that never ends: the status has said what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire import Caps
from twinwire.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    InternalServerError,
    OverloadedError,
    PermissionDeniedError,
)
from twinwire.testing.answers import Exchange
from twinwire.testing.faults import AfterBytes, Close, Encode, Framing, Insert, Reset
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import JSON, whole
from twinwire.testing.scenarios.topics.bombs import MB, bomb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire.testing.dialect import DialectName

_HTML = {"content-type": "text/html; charset=UTF-8"}

_PAGE = (
    "<!DOCTYPE html>\n<html>\n<head><title>api.example.com | 502: Bad gateway</title></head>\n<body>"
    + "x" * 5000
    + "</body></html>"
)


def _error(**fields: Any) -> dict[str, Any]:
    return {"error": fields}


# name, what the body is, status, body, class, facts, words of the message
_BODIES: list[tuple[str, str, int, Any, type[APIStatusError], Mapping[str, Any], tuple[str, ...]]] = [
    ("null", "the body is null", 400, None, BadRequestError, {"body": None}, ("no message",)),
    (
        "html-502",
        "a proxy's page of 502",
        502,
        _PAGE,
        InternalServerError,
        {"status_code": 502},
        ("an HTML page instead of JSON",),
    ),
    ("html-403", "a firewall's page of 403", 403, _PAGE, PermissionDeniedError, {}, ("an HTML page",)),
    (
        "cloudflare-524",
        "Cloudflare's 524, as text",
        524,
        "error code: 524",
        InternalServerError,
        {"status_code": 524},
        ("error code: 524",),
    ),
    ("empty", "nothing", 503, "", OverloadedError, {"body": ""}, ("no body",)),
    (
        "words",
        "words over several lines, with control characters",
        400,
        "bad\r\nrequest\x00\x1b[31m here",
        BadRequestError,
        {},
        ("bad request",),
    ),
    ("half-json", "half of a JSON object", 400, '{"error": {"message": "No', BadRequestError, {}, ()),
    ("wrong-bytes", "bytes that are no text", 400, bytes(range(128, 256)), BadRequestError, {}, ()),
    (
        "deep",
        "JSON nested 100,000 levels deep",
        400,
        b'{"error":' * 100_000 + b"1" + b"}" * 100_000,
        BadRequestError,
        {},
        (),
    ),
    (
        "200-levels",
        "JSON nested 200 levels deep",
        400,
        b'{"error":' * 200 + b'"x"' + b"}" * 200,
        BadRequestError,
        {},
        (),
    ),
    ("long-message", "a message of a megabyte", 400, _error(message="no " * 300_000), BadRequestError, {}, ("no no",)),
    (
        "unknown-status",
        "a status that nobody knows",
        599,
        _error(message="What?"),
        InternalServerError,
        {"status_code": 599},
        ("What?",),
    ),
    (
        "teapot",
        "a status of 418",
        418,
        _error(message="I am a teapot."),
        APIStatusError,
        {"status_code": 418},
        ("teapot",),
    ),
    ("not-modified", "a status of 304 without a body", 304, "", APIStatusError, {"status_code": 304}, ()),
]

_REPEATED = frozenset({502, 503, 524})

_DIALECTS: Mapping[str, DialectName] = {"code-int": "openrouter"}


def _shorter_than(most: int) -> Any:
    def check(played: Any) -> str | None:
        length = len(str(played.outcome.error))
        return None if length <= most else f"the message has {length} characters"

    return check


def _body(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else dump(value)


SCENARIOS = (
    *(
        Scenario(
            name=f"error-body-{name}",
            topic="replies",
            about=f"An error of {status}: {about}.",
            ways=("create", "events"),
            dialect=_DIALECTS.get(name, "openai"),
            server=(Exchange(status, _HTML if "html" in name else JSON, _body(body)),) * 3,
            expect=Expect(
                error=error,
                facts={"status_code": status, **facts},
                says=says,
                attempts=3 if status in _REPEATED else 1,
                billed=False,
                checks=(_shorter_than(1200),),
            ),
            injected=True,
        )
        for name, about, status, body, error, facts, says in _BODIES
    ),
    *(
        Scenario(
            name=f"error-body-{name}",
            topic="replies",
            about=f"The body of an error of 401 {about}: the status has said what happened.",
            ways=("create", "chunks"),
            server=(answer,),
            expect=Expect(error=AuthenticationError, facts={"status_code": 401}, attempts=1),
            injected=True,
        )
        for name, about, answer in (
            ("cut", "is cut", whole(_error(message="No such key."), status=401, faults=[Close(AfterBytes(20))])),
            (
                "reset",
                "is cut by a reset",
                whole(_error(message="No such key."), status=401, faults=[Reset(AfterBytes(20))]),
            ),
            (
                "short-length",
                "has a content length that is too long",
                whole(_error(message="No."), status=401, faults=[Framing("content-length", length_error=10)]),
            ),
            (
                "corrupt",
                "says that it is gzip, and is not",
                Exchange(401, {**JSON, "content-encoding": "gzip"}, dump(_error(message="No."))),
            ),
            (
                "not-offered",
                "is encoded as br, which nobody offered",
                Exchange(401, {**JSON, "content-encoding": "br"}, b"\x0b\x02\x80"),
            ),
            (
                "octet-stream",
                "is JSON with the type application/octet-stream (DeepSeek)",
                whole(_error(message="No."), status=401, headers={"content-type": "application/octet-stream"}),
            ),
            ("gzip", "is compressed", whole(_error(message="No."), status=401, faults=[Encode()])),
        )
    ),
    Scenario(
        name="error-body-compressed-words",
        topic="replies",
        about="The body of an error is compressed: its words are read.",
        ways=("create", "events"),
        server=(
            whole(_error(message="Too long.", code="context_length_exceeded"), status=400, faults=[Encode("deflate")]),
        ),
        expect=Expect(error=ContextLengthError, says=("Too long.",)),
        injected=True,
    ),
    Scenario(
        name="error-body-endless",
        topic="replies",
        about="The body of an error never ends: as much as its cap is read, and the error has the class of its status.",
        ways=("create", "events"),
        server=(Exchange(400, JSON, b'{"error": {"message": "', faults=[Insert(b"no " * 20_000, times=None)]),),
        ask=Ask(options={"caps": Caps(max_error_bytes=MB // 2)}),
        expect=Expect(error=BadRequestError, peak_bytes=16 * MB),
    ),
    Scenario(
        name="error-body-bomb",
        topic="replies",
        about="400 kB of an error unpack to 400 MB: as much as its cap is unpacked.",
        server=(Exchange(400, {**JSON, "content-encoding": "gzip"}, bomb(b'{"error": {"message": "', b"no ", 400)),),
        expect=Expect(error=BadRequestError, peak_bytes=32 * MB),
    ),
    Scenario(
        name="error-body-key-echoed",
        topic="trust",
        about="The body of a 401 quotes the key, as words: it is masked in the message and in the body.",
        ways=("create", "events"),
        server=(
            lambda request: Exchange(
                401, {"content-type": "text/plain"}, f"no such key: {request.headers['authorization']}"
            ),
        ),
        expect=Expect(error=AuthenticationError, says=("no such key",)),
        injected=True,
    ),
)
