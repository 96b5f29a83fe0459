"""What the end of an attempt says of the server."""

from __future__ import annotations

import pytest

from twinwire import errors
from twinwire._core.effects import Kind, TransportFailure
from twinwire._core.failures import explain, explain_in_stream
from twinwire.limits.outcomes import outcome_of

KINDS: dict[Kind, str] = {
    "pool_timeout": "neutral",
    "timeout": "failure",
    "connect": "failure",
    "refused": "neutral",
    "tls": "failure",
    "read": "failure",
    "write": "failure",
    "protocol": "failure",
    "too_large": "neutral",
    "closed": "neutral",
    "fork": "neutral",
}


def status_error(status: int, kind: type[errors.APIStatusError] = errors.APIStatusError) -> errors.APIStatusError:
    """An error of that status."""
    return kind("no", status_code=status)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "success"),
        (errors.APIConnectionError("reset"), "failure"),
        (errors.APITimeoutError("silence", phase="connect"), "failure"),
        (errors.APITimeoutError("silence", phase="first_event"), "failure"),
        (errors.APITimeoutError("silence", phase="between_events"), "failure"),
        (errors.PoolTimeoutError("our own pool"), "neutral"),
        (errors.StreamTruncatedError("cut"), "failure"),
        (errors.StreamError("larger than its cap"), "neutral"),
        (errors.ToolCallAssemblyError("whose?"), "neutral"),
        (errors.DecodeError("no JSON", retry_safe=True), "failure"),
        (errors.DecodeError("no chat reply"), "failure"),
        (errors.DecodeError("too large", retry_safe=False), "neutral"),
        (status_error(500, errors.InternalServerError), "failure"),
        (status_error(529, errors.OverloadedError), "failure"),
        (status_error(408), "failure"),
        (status_error(599), "failure"),
        (status_error(200), "failure"),
        (status_error(302), "neutral"),
        (status_error(400, errors.BadRequestError), "neutral"),
        (status_error(400, errors.ContextLengthError), "neutral"),
        (status_error(400, errors.ContentFilterError), "neutral"),
        (status_error(200, errors.ContentFilterError), "neutral"),
        (status_error(401, errors.AuthenticationError), "neutral"),
        (status_error(402, errors.PaymentRequiredError), "neutral"),
        (status_error(403, errors.PermissionDeniedError), "neutral"),
        (status_error(404, errors.ModelNotFoundError), "neutral"),
        (status_error(409, errors.ConflictError), "neutral"),
        (status_error(422, errors.UnprocessableEntityError), "neutral"),
        (status_error(429, errors.RateLimitError), "neutral"),
        (status_error(429, errors.QuotaExceededError), "neutral"),
        (errors.CircuitOpenError("open", open_seconds=1.0, retry_after=1.0), "neutral"),
        (errors.LimitTimeoutError("too long", limit="1 request"), "neutral"),
        (errors.StoreError("gone"), "neutral"),
        (errors.InvalidRequestError("no"), "neutral"),
        (ValueError("a key function's own"), "neutral"),
        (KeyboardInterrupt(), "neutral"),
    ],
)
def test_errors(error: BaseException | None, outcome: str) -> None:
    """Failures are the server's, or the way's to it; the caller's and our own say nothing."""
    assert outcome_of(error) == outcome


@pytest.mark.parametrize("error", [None, errors.APIConnectionError("reset")])
def test_interruptions(error: BaseException | None) -> None:
    """Who stops or leaves a call says nothing of the server."""
    assert outcome_of(error, is_interrupted=True) == "neutral"


@pytest.mark.parametrize(
    ("where", "attempt_seconds", "outcome"),
    [
        ("attempt", 0.5, "neutral"),
        ("attempt", 59.9, "neutral"),
        ("attempt", 60.0, "failure"),
        ("attempt", None, "neutral"),
        ("queue", 600.0, "neutral"),
        ("wait", 600.0, "neutral"),
        ("stream", 600.0, "neutral"),
    ],
)
def test_deadlines(where: errors.Where, attempt_seconds: float | None, outcome: str) -> None:
    """A minute without an answer is the server's slowness; less, or a queue, or an answer that was under way, is not."""
    error = errors.DeadlineExceededError("late", where=where)

    assert outcome_of(error, attempt_seconds=attempt_seconds) == outcome


@pytest.mark.parametrize(("kind", "outcome"), KINDS.items())
def test_failures_of_the_wire(kind: Kind, outcome: str) -> None:
    """As the flow explains them, before an answer has begun."""
    failure = TransportFailure(kind, "failed", phase="head", written=True)
    error = explain(failure, has_begun=False, deadline_passed=False, deadline_seconds=None)
    error.__cause__ = failure

    assert outcome_of(error) == outcome


@pytest.mark.parametrize(("kind", "outcome"), [("read", "failure"), ("timeout", "failure"), ("closed", "neutral")])
def test_failures_within_a_stream(kind: Kind, outcome: str) -> None:
    """And once a stream was handed over."""
    failure = TransportFailure(kind, "failed", phase="body", written=True)
    error = explain_in_stream(failure, deadline_passed=False, deadline_seconds=None)
    error.__cause__ = failure

    assert outcome_of(error) == outcome
