"""
What the end of an attempt says of the server, for the breaker.

A failure is what the server, or the way to it, did: no connection, silence beyond a limit of `timeout`, 5xx, an answer that breaks off or cannot be
read. What the caller did says nothing: a request that is refused (4xx), a cancellation, a stream that was left. A 429 says nothing either: the
server works, and its limits are waited for where limits are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import (
    APIConnectionError,
    APIStatusError,
    DeadlineExceededError,
    DecodeError,
    InternalServerError,
    PoolTimeoutError,
    StreamTruncatedError,
)

if TYPE_CHECKING:
    from twinwire.limits.circuit import Outcome

PATIENCE_SECONDS = 60.0
"""
A deadline that cuts an attempt short of this is the caller's impatience: models may think so long before the first word, and one caller with half a second
left must not shut out the others. A server that is not there shows itself sooner, by `timeout.connect`.
"""
_OURS = frozenset({"closed", "fork", "refused"})
"""Kinds of failure that are not the server's: the client was closed, its sockets belong to a parent process, a proxy forbids."""
_REQUEST_TIMEOUT = 408


def outcome_of(
    error: BaseException | None, *, is_interrupted: bool = False, attempt_seconds: float | None = None
) -> Outcome:
    """
    Judge an attempt by what it ended with, None where it answered.

    *is_interrupted*: it was stopped or left by its caller. *attempt_seconds*: how long it took, without waits and queues before it.
    """
    if is_interrupted:
        return "neutral"
    if error is None:
        return "success"
    return "failure" if _is_failure(error, attempt_seconds) else "neutral"


def _is_failure(error: BaseException, attempt_seconds: float | None) -> bool:
    if isinstance(error, DeadlineExceededError):
        # In the middle of a stream it says nothing: the server was answering.
        return error.where == "attempt" and attempt_seconds is not None and attempt_seconds >= PATIENCE_SECONDS
    if isinstance(error, APIConnectionError | StreamTruncatedError):
        is_ours = isinstance(error, PoolTimeoutError) or getattr(error.__cause__, "kind", None) in _OURS
        return not is_ours
    if isinstance(error, InternalServerError):
        return True
    if type(error) is APIStatusError:  # every other class names a cause that is the caller's, or a limit
        # An error inside a 200 has the status that its code stands for. One that keeps its 200 has no cause that anybody knows: the
        # request was taken and not answered.
        return error.status_code == _REQUEST_TIMEOUT or error.status_code >= 500 or 200 <= error.status_code < 300
    # A reply that is larger than the client allows is not repeated, and readable.
    return isinstance(error, DecodeError) and error.retry_safe is not False
