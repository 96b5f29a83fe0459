"""What a failure on the wire means for a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    DeadlineExceededError,
    DecodeError,
    PoolTimeoutError,
    StreamTruncatedError,
    Where,
)

if TYPE_CHECKING:
    from twinwire._core.effects import TransportFailure


_FINAL = frozenset({"tls", "refused", "closed", "fork"})
"""Kinds of failure that another attempt would meet again."""


def is_past(deadline: float | None, now: float) -> bool:
    """Whether the deadline has come."""
    return deadline is not None and now >= deadline


def deadline_error(
    where: Where, deadline_seconds: float | None, wait_seconds: float | None = None, *, possibly_billed: bool = False
) -> DeadlineExceededError:
    """The one deadline ran out, or a wait would cross it."""
    limit = "none" if deadline_seconds is None else f"{deadline_seconds:g} s"
    if wait_seconds is None:
        message = f"the deadline of {limit} ran out ({where})"
    else:
        message = f"a wait of {wait_seconds:.3g} s before the next attempt would cross the deadline of {limit}"
    return DeadlineExceededError(
        message,
        where=where,
        deadline_seconds=deadline_seconds,
        wait_seconds=wait_seconds,
        possibly_billed=possibly_billed,
        retry_safe=False,
    )


def explain(
    failure: TransportFailure, *, has_begun: bool, deadline_passed: bool, deadline_seconds: float | None
) -> APIError:
    """
    The error for a failure before a stream was handed over; *has_begun* says whether a body had.

    `retry_safe` is True where another attempt may help. After the request was written the server may have done the work, so
    `possibly_billed` says so. A pool without a free connection, TLS that fails, and a proxy that forbids are not retried.
    """
    billed = failure.written is not False and failure.phase in {"head", "body"}
    if deadline_passed and failure.kind in {"timeout", "pool_timeout"}:
        error: APIError = deadline_error("queue" if failure.phase == "pool" else "attempt", deadline_seconds)
    elif failure.kind == "pool_timeout":
        error = PoolTimeoutError(str(failure))
    elif failure.kind == "timeout":
        waited_for = "between_events" if has_begun else "first_event"
        phase = waited_for if failure.phase in {"head", "body"} else failure.phase
        error = APITimeoutError(str(failure), phase=phase, limit_seconds=failure.limit_seconds, retry_safe=True)
    elif failure.kind == "too_large":
        error = DecodeError(str(failure), retry_safe=False)
    else:
        error = APIConnectionError(str(failure), retry_safe=failure.kind not in _FINAL)
    error.sent = failure.written
    error.possibly_billed = billed
    return error


def explain_in_stream(failure: TransportFailure, *, deadline_passed: bool, deadline_seconds: float | None) -> APIError:
    """The error for a failure after a stream was handed over: it was sent, is billed, and is not repeated."""
    if failure.kind == "timeout" and deadline_passed:
        error: APIError = deadline_error("stream", deadline_seconds)
    elif failure.kind == "timeout":
        error = APITimeoutError(
            str(failure), phase="between_events", limit_seconds=failure.limit_seconds, retry_safe=True
        )
    else:
        error = StreamTruncatedError(
            f"the stream broke off: {failure}", retry_safe=failure.kind not in {"closed", "fork"}
        )
    error.sent = True
    error.possibly_billed = True
    return error
