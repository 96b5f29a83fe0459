"""A rate limit that the server enforces: so many requests and tokens in each window of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen
from attrs.validators import ge, gt, optional

from twinwire.testing.chat import texts_of, words
from twinwire.testing.jsons import is_array

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class RateLimit:
    """
    What is allowed in each window; the first begins with the first request, the next with the first after its end.

    A call's tokens are the words of its prompt and the most that it lets the answer have. What is refused counts for nothing.
    """

    requests: int | None = field(default=None, validator=optional(ge(1)))
    tokens: int | None = field(default=None, validator=optional(ge(1)))
    window_seconds: float = field(default=1.0, validator=gt(0))


@frozen(kw_only=True)
class Standing:
    """Where a caller stands after a request."""

    limit: RateLimit
    used_requests: int
    used_tokens: int
    reset_seconds: float
    """How long until the window ends."""
    exceeded: Literal["requests", "tokens"] | None = None
    """What the request would have been too much of; it was then refused."""


class Limiter:
    """Counts; its user holds the lock."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._ends_at = float("-inf")
        self._requests = 0
        self._tokens = 0

    def admit(self, now: float, tokens: int) -> Standing:
        """Count a request of so many *tokens* at *now* in monotonic seconds, unless it is one too many."""
        if now >= self._ends_at:
            self._ends_at = now + self._limit.window_seconds
            self._requests = self._tokens = 0
        exceeded: Literal["requests", "tokens"] | None = None
        if self._limit.requests is not None and self._requests >= self._limit.requests:
            exceeded = "requests"
        elif self._limit.tokens is not None and self._tokens + tokens > self._limit.tokens:
            exceeded = "tokens"
        else:
            self._requests += 1
            self._tokens += tokens
        return Standing(
            limit=self._limit,
            used_requests=self._requests,
            used_tokens=self._tokens,
            reset_seconds=self._ends_at - now,
            exceeded=exceeded,
        )


def tokens_of(body: Mapping[str, object]) -> int:
    """What a call counts for: the words of its prompt or inputs, and the most that its answer may have."""
    given = body.get("messages", body.get("input"))
    items: list[object] = given if is_array(given) else [given]
    prompt = [*(text for text in items if isinstance(text, str)), *texts_of(items)]
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    return sum(len(words(text)) for text in prompt) + (most if isinstance(most, int) else 0)
