"""Errors in the middle of a stream, by their cause: each has its class, and only what may pass is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    InternalServerError,
    ModelNotFoundError,
    OverloadedError,
    PaymentRequiredError,
    QuotaExceededError,
    RateLimitError,
)
from twinwire.testing.answers import Reply
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import choice, chunk, event, says, stream

if TYPE_CHECKING:
    from collections.abc import Mapping


_FRAME = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "gpt-4o-mini"}


def _alone(error: object, **beside: Any) -> bytes:
    return event({**_FRAME, "error": error, **beside})


def _failed(error: object = None, **fields: Any) -> bytes:
    inside = {} if error is None else {"error": error}
    return event(chunk(choice(finish="error", fields=inside), **fields))


def _named(data: bytes | dict[str, Any]) -> bytes:
    return event(data, name="error")


_RAW = dump(
    {"error": {"message": "Too many tokens.", "type": "invalid_request_error", "code": "context_length_exceeded"}}
).decode()

# What the error event is: name, what it says, the event, the class, facts of the error, whether it is repeated before content
_CAUSES: list[tuple[str, str, bytes, type[APIStatusError], Mapping[str, Any], bool]] = [
    (
        "rate-limit-int",
        "a rate limit as the number 429",
        _alone({"code": 429, "message": "Slow down."}),
        RateLimitError,
        {"status_code": 429, "code": 429},
        True,
    ),
    (
        "rate-limit-numeric-text",
        'a rate limit as the text "429"',
        _alone({"code": "429", "message": "Slow down."}),
        RateLimitError,
        {"status_code": 429, "code": "429"},
        True,
    ),
    (
        "rate-limit-word",
        "a rate limit by its word",
        _alone({"code": "rate_limit_exceeded", "type": "tokens", "message": "Slow down."}),
        RateLimitError,
        {"status_code": 429, "type": "tokens"},
        True,
    ),
    (
        "quota",
        "an exhausted quota",
        _alone({"code": "insufficient_quota", "type": "insufficient_quota", "message": "Pay."}),
        QuotaExceededError,
        {"status_code": 429},
        False,
    ),
    (
        "overloaded-529",
        "an overload as 529",
        _alone({"code": 529, "message": "Overloaded"}),
        OverloadedError,
        {"status_code": 529},
        True,
    ),
    (
        "overloaded-type",
        "an overload by its type",
        _alone({"type": "overloaded_error", "message": "Overloaded"}),
        OverloadedError,
        {"status_code": 503},
        True,
    ),
    (
        "bad-gateway",
        "a provider that failed",
        _alone({"code": 502, "message": "Provider disconnected"}, choices=[]),
        InternalServerError,
        {"status_code": 502},
        True,
    ),
    (
        "metadata-error-type",
        "a choice that ended by an error, with the type in the metadata",
        event(
            chunk(
                choice(finish="error"),
                error={"code": 503, "message": "No.", "metadata": {"error_type": "provider_overloaded"}},
            )
        ),
        OverloadedError,
        {"status_code": 503},
        True,
    ),
    (
        "server-error-word",
        "a server error by a word alone",
        _alone({"code": "server_error", "message": "Oops."}),
        InternalServerError,
        {"status_code": 500},
        True,
    ),
    (
        "context-length",
        "a context that is too long",
        _alone({"code": "context_length_exceeded", "message": "Too long."}),
        ContextLengthError,
        {"status_code": 400},
        False,
    ),
    (
        "context-length-in-raw",
        "a context that is too long, in the text that the provider behind it sent",
        _alone(
            {"code": 400, "message": "Provider returned error", "metadata": {"provider_name": "Behind", "raw": _RAW}}
        ),
        ContextLengthError,
        {"status_code": 400, "code": 400},
        False,
    ),
    (
        "content-filter",
        "a content filter",
        _alone({"code": "content_filter", "message": "No."}),
        ContentFilterError,
        {"status_code": 400},
        False,
    ),
    (
        "bad-request",
        "a request that is refused",
        _alone({"code": 400, "message": "No."}),
        BadRequestError,
        {"status_code": 400},
        False,
    ),
    (
        "wrong-key",
        "a key that was revoked",
        _alone({"code": 401, "message": "User not found."}, user_id="user_1"),
        AuthenticationError,
        {"status_code": 401},
        False,
    ),
    (
        "no-credit",
        "an account out of credit",
        _alone({"code": 402, "message": "Insufficient credits"}),
        PaymentRequiredError,
        {"status_code": 402},
        False,
    ),
    (
        "no-such-model",
        "a model that is gone",
        _alone({"code": "model_not_found", "message": "Gone."}),
        ModelNotFoundError,
        {"status_code": 404},
        False,
    ),
    (
        "failed-generation",
        "a generation that failed, with what the model wrote (Groq)",
        _named(
            {
                "error": {
                    "message": "Failed to call a function.",
                    "type": "invalid_request_error",
                    "code": "tool_use_failed",
                    "failed_generation": "<f>{}</f>",
                    "status_code": 400,
                }
            }
        ),
        BadRequestError,
        {"status_code": 400, "code": "tool_use_failed"},
        False,
    ),
    (
        "named-words",
        "`event: error` with words that are no JSON",
        _named(b"upstream connect error"),
        APIStatusError,
        {"status_code": 200},
        False,
    ),
    (
        "named-flat",
        "`event: error` with a flat object",
        _named({"message": "Overloaded", "type": "overloaded_error"}),
        OverloadedError,
        {},
        True,
    ),
    ("named-text", "`event: error` with a JSON text", _named(b'"The server is busy."'), APIStatusError, {}, False),
    (
        "text-with-code",
        "an error that is a text beside a code (xAI)",
        _alone("Some requested entity was not found", code="model_not_found"),
        ModelNotFoundError,
        {},
        False,
    ),
    (
        "detail",
        "a `detail` alone (FastAPI)",
        event({"detail": "Internal failure"}),
        APIStatusError,
        {"status_code": 200},
        False,
    ),
    (
        "in-a-list",
        "a list of errors",
        _alone([{"code": 429, "message": "Slow down."}]),
        RateLimitError,
        {"status_code": 429},
        True,
    ),
    (
        "of-nothing",
        "a choice whose finish reason is `error`, and no word why",
        _failed(),
        APIStatusError,
        {"status_code": 200},
        False,
    ),
    (
        "in-the-second-choice",
        "an error in the second of two choices",
        event(
            chunk(
                choice(content="x"),
                choice(index=1, finish="error", fields={"error": {"code": 502, "message": "Gone."}}),
            )
        ),
        InternalServerError,
        {"status_code": 502},
        True,
    ),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"error-event-{name}",
            topic="streams",
            about=f"After text, a stream reports {about}: it has the class of its cause, and what had arrived is kept.",
            ways=("chunks", "events"),
            server=(stream(says("One"), body, done=False),),
            expect=Expect(
                error=error, facts=facts, partial="Onex" if name == "in-the-second-choice" else "One", billed=True
            ),
        )
        for name, about, body, error, facts, _ in _CAUSES
    ),
    *(
        Scenario(
            name=f"error-event-{name}-first",
            topic="streams",
            about=f"Before any text, a stream reports {about}: {'it is repeated' if is_repeated else 'that is final'}.",
            ways=("chunks", "events"),
            dialect="openrouter",
            server=(stream(b": OPENROUTER PROCESSING\n\n", body, done=False), Reply("Here.")),
            expect=Expect(text="Here.", attempts=2) if is_repeated else Expect(error=error, facts=facts, partial=""),
        )
        for name, about, body, error, facts, is_repeated in _CAUSES
        if name
        in (
            "rate-limit-int",
            "quota",
            "overloaded-type",
            "context-length-in-raw",
            "wrong-key",
            "named-words",
            "no-credit",
        )
    ),
)
