"""Errors in replies of status 200, in whatever dress they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import (
    APIStatusError,
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    InternalServerError,
    OverloadedError,
    QuotaExceededError,
    RateLimitError,
)
from twinwire.testing.answers import Exchange
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import JSON, reply, told

if TYPE_CHECKING:
    from collections.abc import Mapping

# The server answers 200 with an error: name, what it is, the body, the class, facts, the partial text, whether it is repeated
_ERRORS: list[tuple[str, str, Any, type[APIStatusError], Mapping[str, Any], str, bool]] = [
    (
        "top-level",
        "an error of 502 at the top level (OpenRouter)",
        {
            "error": {
                "message": "Provider returned error",
                "code": 502,
                "metadata": {"provider_name": "Behind", "raw": "Bad gateway"},
            }
        },
        InternalServerError,
        {"status_code": 502},
        "",
        True,
    ),
    (
        "beside-choices",
        "an error of 503 beside `choices: []`",
        {**reply(), "choices": [], "error": {"message": "Busy.", "code": 503}},
        OverloadedError,
        {"status_code": 503},
        "",
        True,
    ),
    (
        "in-a-choice",
        "an error inside a choice with partial text",
        reply(told(content="One", finish=None, fields={"error": {"code": 502, "message": "Gone."}})),
        InternalServerError,
        {"status_code": 502},
        "One",
        True,
    ),
    (
        "in-the-second-choice",
        "an error inside the second choice",
        reply(
            told(content="One"),
            told(content="", finish="error", fields={"index": 1, "error": {"code": 429, "message": "Slow."}}),
        ),
        RateLimitError,
        {"status_code": 429},
        "One",
        True,
    ),
    (
        "finish-reason",
        "a choice whose finish reason is `error`",
        reply(told(content="One", finish="error")),
        APIStatusError,
        {"status_code": 200},
        "One",
        False,
    ),
    (
        "text",
        "an error that is a text",
        {"error": "The model is overloaded.", "code": "overloaded_error"},
        OverloadedError,
        {},
        "",
        True,
    ),
    (
        "flat",
        "a flat error object (vLLM)",
        {"object": "error", "message": "Too long.", "type": "BadRequestError", "code": "context_length_exceeded"},
        ContextLengthError,
        {},
        "",
        False,
    ),
    ("detail", "a `detail` alone (FastAPI)", {"detail": "Internal failure"}, APIStatusError, {}, "", False),
    (
        "nested",
        "an error inside an error",
        {"error": {"error": {"message": "No.", "code": "insufficient_quota"}, "code": 402}},
        QuotaExceededError,
        {},
        "",
        False,
    ),
    (
        "status-inside",
        "an error with a `status` of 400 inside (Azure's prompt filter)",
        {"error": {"message": "Filtered.", "code": "content_filter", "status": 400}},
        ContentFilterError,
        {"status_code": 400},
        "",
        False,
    ),
    (
        "numeric-text",
        'an error with the code "401"',
        {"error": {"message": "No.", "code": "401"}},
        AuthenticationError,
        {"status_code": 401, "code": "401"},
        "",
        False,
    ),
    (
        "in-a-list",
        "a list that holds an error (Google)",
        [{"error": {"message": "Slow.", "code": 429}}],
        RateLimitError,
        {"status_code": 429},
        "",
        True,
    ),
    (
        "without-words",
        "an error object that says nothing",
        {"error": {}, "message": "Something went wrong"},
        APIStatusError,
        {},
        "",
        False,
    ),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"200-error-{name}",
            topic="replies",
            about=f"The answer of status 200 is {about}: it has the class of its cause{' and is repeated' if is_repeated else ''}.",
            server=(Exchange(200, JSON, dump(body)),) * 3,
            expect=Expect(error=error, facts=facts, partial=partial, attempts=3 if is_repeated else 1),
        )
        for name, about, body, error, facts, partial, is_repeated in _ERRORS
    ),
)
