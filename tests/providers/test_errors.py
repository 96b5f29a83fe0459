"""Which error a refusal is: by status, by code, and by words where a server sends nothing else."""

from __future__ import annotations

import json

import pytest

from twinwire._client.secret import Mask, Secret
from twinwire._core.headers import Headers
from twinwire.errors import (
    APIError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    DecodeError,
    InternalServerError,
    ModelNotFoundError,
    NotFoundError,
    OverloadedError,
    PaymentRequiredError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
    StreamError,
    UnprocessableEntityError,
)
from twinwire.providers import COMPATIBLE, by_name
from twinwire.providers.dialect import ProviderDialect

NOW = 1_700_000_000.0
KEY = "sk-test-0123456789abcdef"


def dialect(provider: str = "compatible") -> ProviderDialect:
    """A provider's dialect, for a call with a key."""
    mask = Mask()
    mask.learn(Secret(KEY))
    known = COMPATIBLE if provider == "compatible" else by_name(provider)
    return ProviderDialect(known, mask, lambda data: data, lambda: NOW)


def refused(
    status: int, body: object, headers: dict[str, str] | None = None, *, by: str = "compatible"
) -> APIStatusError:
    """What a reply with that status is."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return dialect(by).refuse(status, Headers((headers or {}).items()), content)


def inside_200(body: object, headers: dict[str, str] | None = None, *, by: str = "compatible") -> APIStatusError:
    """What a successful reply with that body is."""
    with pytest.raises(APIStatusError) as caught:
        dialect(by).accept(200, Headers((headers or {}).items()), json.dumps(body).encode())
    return caught.value


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (429, {"code": "insufficient_quota", "type": "server_error"}, QuotaExceededError),
        (429, {"code": "rate_limit_exceeded", "type": "tokens"}, RateLimitError),
        (429, {"type": "server_error"}, RateLimitError),
        (401, {"type": "server_error"}, AuthenticationError),
        (404, {"type": "permission_denied"}, NotFoundError),
        (403, {"code": "rate_limit_exceeded"}, PermissionDeniedError),
        (413, {"code": "rate_limit_exceeded", "type": "tokens"}, RateLimitError),
        (500, {"code": "rate_limit_exceeded"}, RateLimitError),
        (503, {"type": "server_error"}, OverloadedError),
        (500, {"type": "overloaded_error"}, OverloadedError),
        (400, {"type": "authentication"}, AuthenticationError),
        (400, {"code": None, "type": "invalid_request_error"}, BadRequestError),
        (422, {"code": "context_length_exceeded"}, ContextLengthError),
        (403, {"code": "content_policy_violation"}, ContentFilterError),
        (400, {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}, ContentFilterError),
        (400, {"code": "model_not_found"}, ModelNotFoundError),
        (502, {"code": 502, "metadata": {"error_type": "provider_overloaded"}}, OverloadedError),
        (408, {}, APIStatusError),
        (599, {}, InternalServerError),
    ],
)
def test_class(status: int, error: dict[str, object], expected: type[APIStatusError]) -> None:
    """Particular words hold whatever the status says; general ones only where it leaves the cause open."""
    result = refused(status, {"error": {"message": "m", **error}})

    assert type(result) is expected
    assert result.status_code == status


@pytest.mark.parametrize(
    ("status", "body", "expected", "message"),
    [
        (
            402,
            {"error": {"error": {"message": "no credit", "code": None}, "code": 402}},
            PaymentRequiredError,
            "no credit",
        ),
        (402, {"error": {"error": "no credit", "code": 402}}, PaymentRequiredError, "no credit"),
        (400, {"success": False, "errors": [{"code": 1000, "message": "bad"}]}, BadRequestError, "bad"),
        (400, [{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}], BadRequestError, "bad"),
        (400, {"error": [{"message": "bad"}]}, BadRequestError, "bad"),
        (400, {"error": None, "message": "flat"}, BadRequestError, "flat"),
        (400, {"error": True, "message": "flat"}, BadRequestError, "flat"),
        (401, {"detail": "Invalid API Key"}, AuthenticationError, "Invalid API Key"),
        (500, {"title": "T", "status": 500}, InternalServerError, "T"),
        (400, {"error": {"message": {"a": 1}}}, BadRequestError, "no message"),
        (400, [], BadRequestError, "no message"),
        (400, {"error": {"code": True}}, BadRequestError, "no message"),
        (
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            OverloadedError,
            "Overloaded",
        ),
    ],
)
def test_dresses(status: int, body: object, expected: type[APIStatusError], message: str) -> None:
    """An error is found in every dress, with its message."""
    result = refused(status, body)

    assert type(result) is expected
    assert str(result) == f"compatible answered {status}: {message}"


@pytest.mark.parametrize(
    "complaints",
    [
        {"detail": [{"type": "missing", "loc": ["body", "n"], "msg": "Field required", "input": "the prompt"}]},
        {"message": {"detail": [{"loc": ["body", "n"], "msg": "Field required", "input": "the prompt"}]}},
    ],
)
def test_a_quoted_prompt_stays_out_of_the_message(complaints: dict[str, object]) -> None:
    """FastAPI and Mistral quote what they refuse: the place and the reason are told, the quotation is in the body alone."""
    result = refused(422, complaints)

    assert type(result) is UnprocessableEntityError
    assert str(result) == "compatible answered 422: body.n: Field required"
    assert "the prompt" in str(result.body)


@pytest.mark.parametrize("is_text", [True, False])
def test_the_server_behind_openrouter(is_text: bool) -> None:
    """What it said stands in the message, and its code tells the class."""
    behind = {"error": {"message": "too long", "code": "context_length_exceeded"}}
    metadata = {"provider_name": "OpenAI", "raw": json.dumps(behind) if is_text else behind}
    result = refused(400, {"error": {"message": "Provider returned error", "code": 400, "metadata": metadata}})

    assert type(result) is ContextLengthError
    assert str(result) == "compatible answered 400: Provider returned error (OpenAI: too long)"


@pytest.mark.parametrize("raw", ["[1, 2]", "3", "", [1], None, {"error": {"metadata": {"raw": {"error": "deeper"}}}}])
def test_nothing_of_use_behind_openrouter(raw: object) -> None:
    """A raw body that says nothing adds nothing."""
    result = refused(400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}})

    assert str(result) == "compatible answered 400: Provider returned error"


def test_control_characters() -> None:
    """A message is one printable line: no server writes on the terminal."""
    result = refused(500, {"error": {"message": "a\r\nb\x1b[31m\x00c\ud800d\u202ee"}})

    assert str(result) == "compatible answered 500: a b [31m c d e"


@pytest.mark.parametrize(
    "body",
    [
        ("x" * 990 + KEY).encode(),
        json.dumps({"error": {"message": "x" * 990 + KEY}}).encode(),
        json.dumps({"error": {"message": "m", "metadata": {"raw": [{KEY: KEY}]}}}).encode(),
        json.dumps({"error": {"message": "m", "code": KEY, "type": KEY, "param": KEY}}).encode(),
        b'{"error": "' + KEY.encode() + b'"',
    ],
)
def test_an_echoed_key(body: bytes) -> None:
    """It is hidden before anything is cut, so that no part of it is left."""
    result = refused(401, body)

    assert "sk-test" not in f"{result} {result.__dict__}"


def test_a_key_that_the_server_stars_out() -> None:
    """The characters that OpenAI shows of a key are hidden, too; other stars stay."""
    result = refused(
        401, {"error": {"message": "Incorrect API key provided: sk-test-*****cdef. It is **bold** and 2**3."}}
    )

    assert str(result).endswith("Incorrect API key provided: ***. It is **bold** and 2**3.")


@pytest.mark.parametrize("depth", [101, 600, 900, 100_000])
@pytest.mark.parametrize("name", ["error", "message", "choices"])
def test_deep_bodies(depth: int, name: str) -> None:
    """Nesting beyond what Python can follow is no crash, whatever the status."""
    body = b'{"error": {"message": "m"}, "%s": %s%s}' % (name.encode(), b"[" * depth, b"]" * depth)

    assert type(refused(400, body)) is BadRequestError
    with pytest.raises(APIError):
        dialect().accept(200, Headers(), body)


@pytest.mark.parametrize(
    ("status", "error", "headers", "is_retried", "seconds"),
    [
        (402, {}, {}, False, None),
        (402, {}, {"retry-after": "3"}, True, 3.0),
        (402, {"metadata": {"headers": {"Retry-After": "3"}}}, {}, True, 3.0),
        (402, {"code": "insufficient_quota"}, {"retry-after": "3"}, False, 3.0),
        (429, {"metadata": {"headers": {"Retry-After": "2"}}}, {"retry-after": "2"}, True, 2.0),
        (429, {"metadata": {"headers": {"X-RateLimit-Reset": 1_700_000_005_000, "Bad": None}}}, {}, True, 5.0),
        (429, {"code": "insufficient_quota"}, {"x-should-retry": "true"}, False, None),
        (429, {}, {"retry-after": "-1"}, False, None),
        (400, {}, {"x-should-retry": "true"}, True, None),
        (500, {}, {"x-should-retry": "false"}, False, None),
        (500, {}, {"x-should-retry": "maybe"}, True, None),
        (409, {}, {}, True, None),
        (422, {}, {}, False, None),
        (529, {}, {}, True, None),
        (501, {}, {}, False, None),
    ],
)
def test_retry(
    status: int, error: dict[str, object], headers: dict[str, str], is_retried: bool, seconds: float | None
) -> None:
    """Whether another attempt may help, and when, as the server says it in any place."""
    result = refused(status, {"error": {"message": "m", **error}}, headers)

    assert result.retry_safe is is_retried
    assert result.retry_after == seconds


@pytest.mark.parametrize(
    ("error", "headers", "expected", "status", "is_retried", "seconds"),
    [
        ({"code": 502}, {"retry-after": "9"}, InternalServerError, 502, True, None),
        ({"code": "429"}, {}, RateLimitError, 429, True, None),
        (
            {"code": 429, "metadata": {"headers": {"X-RateLimit-Reset": "1700000005000"}}},
            {},
            RateLimitError,
            429,
            True,
            5.0,
        ),
        (
            {"code": 429, "metadata": {"headers": {"X-RateLimit-Reset": "1700000005000"}}},
            {"date": "Tue, 14 Nov 2023 22:13:10 GMT"},
            RateLimitError,
            429,
            True,
            15.0,
        ),
        ({"code": "server_error"}, {}, InternalServerError, 500, True, None),
        ({"code": "content_filter", "status": 400}, {}, ContentFilterError, 400, False, None),
        ({"code": "hm"}, {}, APIStatusError, 200, None, None),
    ],
)
def test_an_error_inside_a_200(
    error: dict[str, object],
    headers: dict[str, str],
    expected: type[APIStatusError],
    status: int,
    is_retried: bool | None,
    seconds: float | None,
) -> None:
    """Its own status or code counts; the reply's Retry-After does not, its Date does; without a cause nobody knows."""
    result = inside_200({"error": {"message": "m", **error}}, headers)

    assert type(result) is expected
    assert result.status_code == status
    assert result.retry_safe is is_retried
    assert result.retry_after == seconds


@pytest.mark.parametrize(("depth", "is_taken"), [(90, True), (101, False), (700, False)])
def test_a_deep_answer(depth: int, is_taken: bool) -> None:
    """A reply that Python's functions could not follow is refused, with its text."""
    body = b'{"choices": [1], "x": %s%s, "y": [%s]}' % (b"[" * depth, b"]" * depth, b"[], " * 200 + b"[]")
    if is_taken:
        assert dialect().accept(200, Headers(), body)
        return
    with pytest.raises(DecodeError, match="nested deeper") as caught:
        dialect().accept(200, Headers(), body)

    assert caught.value.body == body.decode()


def test_an_answer_without_choices() -> None:
    """An empty list of choices is no empty answer; it is not asked for again, for it was an answer."""
    with pytest.raises(DecodeError) as caught:
        dialect().accept(200, Headers(), b'{"id": "x", "choices": []}')

    assert caught.value.path == "$.choices"
    assert caught.value.body == '{"id": "x", "choices": []}'
    assert caught.value.retry_safe is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"choices": [{"index": 0}]}', StreamError),
        (b'{"error": {"message": "m", "code": 429}}', RateLimitError),
        (b"<html>", DecodeError),
        (b"", DecodeError),
    ],
)
def test_a_whole_reply_where_a_stream_was_asked(body: bytes, expected: type[APIError]) -> None:
    """It is judged as what it is: an answer, which is kept, an error, or no JSON."""
    try:
        result = dialect().misfit(200, Headers(), body)
    except APIError as error:
        result = error

    assert type(result) is expected


@pytest.mark.parametrize(
    "around", [b'{"object": "list", "data": [], "x": %s}', b'{"data": [{"id": "m", "x": %s}]}', b"[%s]"]
)
def test_any_reply_that_is_too_deep(around: bytes) -> None:
    """Replies without choices are as bounded, since encoding and pickling what was nested deeper would exhaust the stack."""
    body = around % (b"[" * 400 + b"]" * 400)

    with pytest.raises(DecodeError, match="nested deeper"):
        dialect().accept(200, Headers(), body)


def test_an_error_in_a_list_inside_a_200() -> None:
    """Google's servers wrap an error in a list; it has the class of its cause all the same."""
    with pytest.raises(RateLimitError) as caught:
        dialect().accept(200, Headers(), b'[{"error": {"code": 429, "message": "Slow down."}}]')

    assert caught.value.retry_safe
