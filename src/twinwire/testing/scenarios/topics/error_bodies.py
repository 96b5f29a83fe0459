"""Error replies in every dress of JSON that servers give them: the class by status and code, the words kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    ModelNotFoundError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    QuotaExceededError,
    UnprocessableEntityError,
)
from twinwire.testing.answers import Exchange
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire.testing.dialect import DialectName

_HTML = {"content-type": "text/html; charset=UTF-8"}

_UPSTREAM = dump(
    {"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens is too large"}}
).decode()


def _error(**fields: Any) -> dict[str, Any]:
    return {"error": fields}


# name, what the body is, status, body, class, facts, words of the message
_BODIES: list[tuple[str, str, int, Any, type[APIStatusError], Mapping[str, Any], tuple[str, ...]]] = [
    (
        "string",
        "`error` is a text, with a code beside it (xAI)",
        400,
        {"code": "Client specified an invalid argument", "error": "Argument not supported: n"},
        BadRequestError,
        {"code": "Client specified an invalid argument"},
        ("Argument not supported: n",),
    ),
    (
        "flat",
        "the object is the error (Mistral)",
        400,
        {"object": "error", "message": "Invalid model: x", "type": "invalid_model", "param": None, "code": "1500"},
        ModelNotFoundError,
        {"code": "1500", "type": "invalid_model"},
        ("Invalid model: x",),
    ),
    (
        "detail-text",
        "`detail` is a text (Mistral's 401)",
        401,
        {"detail": "Unauthorized"},
        AuthenticationError,
        {"status_code": 401},
        ("Unauthorized",),
    ),
    (
        "detail-list",
        "`detail` is a list of complaints (FastAPI), each with the input it complains of",
        422,
        {
            "detail": [
                {
                    "type": "missing",
                    "loc": ["body", "model"],
                    "msg": "Field required",
                    "input": {"messages": "secret words"},
                }
            ]
        },
        UnprocessableEntityError,
        {},
        ("body.model: Field required",),
    ),
    (
        "array",
        "the error stands in a list (Google)",
        400,
        [_error(code=400, message="API key not valid.", status="INVALID_ARGUMENT")],
        BadRequestError,
        {"code": 400},
        ("API key not valid.",),
    ),
    (
        "errors",
        "`errors` is a list (Cloudflare)",
        403,
        {
            "success": False,
            "errors": [{"code": 10000, "message": "Authentication error"}],
            "messages": [],
            "result": None,
        },
        PermissionDeniedError,
        {"code": 10000},
        ("Authentication error",),
    ),
    (
        "nested",
        "an error inside an error",
        402,
        {"error": {"error": {"message": "Insufficient credits"}, "code": 402}},
        PaymentRequiredError,
        {"code": 402},
        ("Insufficient credits",),
    ),
    (
        "code-int",
        "the code is a number (OpenRouter)",
        404,
        _error(message="No endpoints found for x/y.", code=404),
        ModelNotFoundError,
        {"code": 404, "type": None},
        ("No endpoints found",),
    ),
    (
        "code-text",
        "the code is a word",
        400,
        _error(message="Too long.", type="invalid_request_error", param="messages", code="context_length_exceeded"),
        ContextLengthError,
        {"code": "context_length_exceeded", "param": "messages"},
        ("Too long.",),
    ),
    (
        "code-numeric-text",
        'the code is the text "401" (Azure)',
        401,
        _error(message="Access denied.", code="401"),
        AuthenticationError,
        {"code": "401"},
        ("Access denied.",),
    ),
    (
        "code-null",
        "code, type and param are null",
        400,
        _error(message="No.", code=None, type=None, param=None),
        BadRequestError,
        {"code": None, "type": None, "param": None},
        ("No.",),
    ),
    (
        "code-object",
        "the code is an object, the type a list, the message a number",
        400,
        _error(message=5, code={}, type=[1]),
        BadRequestError,
        {"code": None, "type": None},
        ("no message",),
    ),
    (
        "message-object",
        "the message is an object with `detail`",
        400,
        _error(message={"detail": [{"loc": ["body", "n"], "msg": "too large"}]}),
        BadRequestError,
        {},
        ("body.n: too large",),
    ),
    (
        "metadata-raw-text",
        "what the provider behind it said stands as text in the metadata",
        400,
        _error(message="Provider returned error", code=400, metadata={"provider_name": "Behind", "raw": _UPSTREAM}),
        BadRequestError,
        {"code": 400},
        ("max_tokens is too large", "Behind"),
    ),
    (
        "metadata-raw-object",
        "what the provider behind it said stands as an object in the metadata",
        400,
        _error(
            message="Provider returned error",
            code=400,
            metadata={"provider_name": None, "raw": _error(message="Blocked.", code="content_filter")},
        ),
        ContentFilterError,
        {},
        ("Blocked.",),
    ),
    (
        "metadata-raw-page",
        "the provider behind it sent a page",
        400,
        _error(
            message="Provider returned error",
            code=400,
            metadata={"provider_name": "Behind", "raw": "<html>Bad gateway</html>"},
        ),
        BadRequestError,
        {},
        ("Provider returned error",),
    ),
    (
        "content-filter-azure",
        "a content filter speaks in `innererror` (Azure)",
        400,
        _error(message="Filtered.", code=None, innererror={"code": "ResponsibleAIPolicyViolation"}),
        ContentFilterError,
        {},
        ("Filtered.",),
    ),
    (
        "quota-on-403",
        "the quota is used up, by code, whatever the status",
        403,
        _error(message="Pay.", code="insufficient_quota"),
        QuotaExceededError,
        {"status_code": 403},
        (),
    ),
    (
        "no-such-model",
        "the model does not exist",
        404,
        _error(message="The model `x` does not exist", code="model_not_found"),
        ModelNotFoundError,
        {},
        (),
    ),
    ("not-found", "the path does not exist", 404, {"detail": "Not Found"}, NotFoundError, {}, ("Not Found",)),
    (
        "payment-with-hints",
        "402 with hints (OpenRouter)",
        402,
        _error(
            message="This request requires more credits. You requested up to 4096 tokens, but can only afford 12.",
            code=402,
            metadata={
                "provider_name": None,
                "limit_source": "account",
                "previous_errors": [{"code": 429, "message": "x"}],
            },
        ),
        PaymentRequiredError,
        {"code": 402},
        ("can only afford 12",),
    ),
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
        )
        for name, about, status, body, error, facts, says in _BODIES
    ),
)
