"""Statuses: which pass, and which are final, in whatever dress the provider gives them."""

from __future__ import annotations

from twinwire.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    InternalServerError,
    ModelNotFoundError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
    UnprocessableEntityError,
)
from twinwire.testing.answers import Exchange, Reply, Status
from twinwire.testing.scenarios.scenario import UNIT, Expect, Scenario

_JSON = {"content-type": "application/json"}
_FINAL: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    413: BadRequestError,
    422: UnprocessableEntityError,
}


def _quota(name: str, about: str, answer: Status | Exchange, *, dialect: str = "openai") -> Scenario:
    """An exhausted quota: told once, never repeated."""
    return Scenario(
        name=f"quota-{name}",
        topic="retries",
        about=about,
        ways=("create", "events"),
        dialect="openrouter" if dialect == "openrouter" else "openai",
        server=(answer,),
        expect=Expect(error=QuotaExceededError, facts={"status_code": 429, "retry_safe": False}, attempts=1),
        injected=True,
    )


SCENARIOS = (
    *(
        Scenario(
            name=f"status-{status}-passes",
            topic="retries",
            about=f"A {status} is followed by an answer: it is retried, and the answer is given.",
            ways=("create", "chunks", "events"),
            server=(Status(status), Reply("Here.")),
            expect=Expect(text="Here.", attempts=2, billed=False),
            injected=True,
        )
        for status in (408, 409, 429, 500, 502, 503, 504, 529)
    ),
    *(
        Scenario(
            name=f"status-{status}-is-final",
            topic="retries",
            about=f"A {status} is not retried.",
            ways=("create", "chunks", "events"),
            server=(Status(status, "Because."), Reply("Not asked for.")),
            expect=Expect(
                error=kind,
                facts={"status_code": status, "retry_safe": False, "sent": True},
                says=(str(status), "Because."),
                attempts=1,
                billed=False,
            ),
            injected=True,
        )
        for status, kind in _FINAL.items()
    ),
    Scenario(
        name="status-402-with-a-delay-passes",
        topic="retries",
        about="A 402 that brings a Retry-After (OpenRouter's budget for calls in flight) frees itself: it is waited for.",
        ways=("create", "chunks"),
        dialect="openrouter",
        server=(Status(402, retry_after=UNIT), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, waits=((UNIT, UNIT * 1.1 + 0.05),)),
        injected=True,
    ),
    Scenario(
        name="status-402-of-openrouter",
        topic="retries",
        about="OpenRouter's 402 without a delay says what can be afforded, nested in itself, and is final.",
        dialect="openrouter",
        server=(
            Exchange(
                402,
                _JSON,
                {"error": {"error": {"message": "You requested 4096 tokens, but can only afford 12."}, "code": 402}},
            ),
        ),
        expect=Expect(error=PaymentRequiredError, says=("can only afford 12",), facts={"code": 402}, attempts=1),
        injected=True,
    ),
    _quota(
        "of-openai",
        "OpenAI's 429 insufficient_quota is final.",
        Status(429, "You exceeded your current quota.", code="insufficient_quota", type="insufficient_quota"),
    ),
    _quota(
        "with-a-delay",
        "An exhausted quota stays final although it brings a Retry-After.",
        Status(429, code="insufficient_quota", retry_after=UNIT),
    ),
    _quota(
        "with-x-should-retry",
        "An exhausted quota stays final although the server says x-should-retry: true.",
        Status(429, code="insufficient_quota", headers={"x-should-retry": "true"}),
    ),
    _quota(
        "by-type-only",
        "The cause stands in the type alone; the code is null.",
        Exchange(429, _JSON, {"error": {"message": "Out of it.", "type": "insufficient_quota", "code": None}}),
    ),
    _quota(
        "by-words-only",
        "OpenAI's sentence without type and code (a proxy took them out) says it too.",
        Exchange(429, _JSON, {"error": {"message": "You exceeded your current quota, please check your plan."}}),
    ),
    _quota(
        "by-billing-limit",
        "billing_hard_limit_reached, on a 400, is an exhausted quota.",
        Exchange(
            429,
            _JSON,
            {"error": {"message": "Billing hard limit has been reached.", "code": "billing_hard_limit_reached"}},
        ),
    ),
    _quota(
        "behind-openrouter",
        "OpenRouter's 429 whose metadata.raw holds OpenAI's insufficient_quota is final.",
        Status(
            429,
            "Provider returned error",
            metadata={
                "provider_name": "OpenAI",
                "raw": '{"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}',
            },
        ),
        dialect="openrouter",
    ),
    _quota(
        "in-a-200",
        "An exhausted quota inside of HTTP 200 is what it says.",
        Exchange(200, _JSON, {"error": {"message": "No more.", "code": "insufficient_quota"}}),
    ),
    Scenario(
        name="rate-limit-of-tokens",
        topic="retries",
        about="A 429 by tokens a minute is no exhausted quota: it passes.",
        server=(Status(429, "Rate limit reached", code="rate_limit_exceeded", type="tokens"), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2),
        injected=True,
    ),
    Scenario(
        name="rate-limit-in-a-200",
        topic="retries",
        about="A rate limit inside of HTTP 200 is waited for as its own headers in the body say.",
        dialect="openrouter",
        server=(
            Exchange(
                200,
                _JSON,
                {"error": {"code": 429, "message": "Slow.", "metadata": {"headers": {"Retry-After": str(UNIT)}}}},
            ),
            Reply("Here."),
        ),
        expect=Expect(text="Here.", attempts=2, waits=((UNIT, UNIT * 1.1 + 0.05),)),
    ),
    Scenario(
        name="context-length-dressed-as-500",
        topic="retries",
        about="A server that says 500 for a prompt that is too long is not asked again: the code names the cause.",
        server=(Status(500, code="context_length_exceeded"),),
        expect=Expect(error=ContextLengthError, facts={"status_code": 500, "retry_safe": False}, attempts=1),
        injected=True,
    ),
    Scenario(
        name="model-missing-dressed-as-503",
        topic="retries",
        about="A gateway that says 503 for a model that does not exist is not asked again.",
        server=(Status(503, code="model_not_found"),),
        expect=Expect(error=ModelNotFoundError, facts={"code": "model_not_found"}, attempts=1),
        injected=True,
    ),
    Scenario(
        name="server-error-beside-429",
        topic="retries",
        about="A vague type beside a 429 does not make it something else.",
        server=(Status(429, type="server_error", code="server_error", retry_after=500),),
        expect=Expect(error=RateLimitError, facts={"retry_after": 500.0}, attempts=1),
    ),
    Scenario(
        name="error-of-a-million-characters",
        topic="retries",
        about="The message of an error holds what a log can bear, not the whole of what came.",
        server=(Status(400, "x" * 1_000_000),),
        expect=Expect(error=BadRequestError, checks=(lambda played: _is_short(str(played.outcome.error)),)),
        injected=True,
    ),
    Scenario(
        name="error-body-is-no-json",
        topic="retries",
        about="An error whose body is text has the class of its status and shows the text.",
        server=(Exchange(400, {"content-type": "text/plain"}, "upstream says no"),),
        expect=Expect(error=BadRequestError, says=("upstream says no",), facts={"body": "upstream says no"}),
        injected=True,
    ),
    Scenario(
        name="error-body-is-a-list",
        topic="retries",
        about="An error in a list (Google's compatible server) is undressed.",
        server=(
            Exchange(400, _JSON, '[{"error": {"code": 400, "message": "In a list.", "status": "INVALID_ARGUMENT"}}]'),
        ),
        expect=Expect(error=BadRequestError, says=("In a list.",)),
    ),
    Scenario(
        name="error-body-nested-too-deep",
        topic="retries",
        about="An error body of a hundred thousand brackets is an error of its status, and no RecursionError.",
        server=(Exchange(500, _JSON, b'{"error": ' + b"[" * 100_000), Status(500), Status(500)),
        expect=Expect(error=InternalServerError, attempts=3),
        injected=True,
    ),
)


def _is_short(message: str) -> str | None:
    return None if len(message) <= 1200 else f"the message has {len(message)} characters"
