"""
How providers say where a caller stands with its rate limits: the names and spellings that were recorded of each.

Times are told to the millisecond, rounded up, where a provider itself tells whole seconds: windows of a second could not be told
otherwise. A time of day is one of the server's own `Date`.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from twinwire.testing.answers import Status
from twinwire.testing.chat import CREATED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from twinwire.testing.limiter import Admission, Amount, Refusal
    from twinwire.testing.rate_limit import RetryAfter, Told

Pair = tuple[str, str | None]

USUAL = tuple(
    f"x-ratelimit-{what}-{quantity}" for quantity in ("requests", "tokens") for what in ("limit", "remaining", "reset")
)
"""The headers that OpenAI's dialect sends on every answer, of limits that nobody reaches."""
_RETRY_AFTER: dict[Told, RetryAfter] = {
    "groq": "seconds",
    "azure": "both",
    "anthropic": "seconds",
    "none": "seconds",
}
"""What a 429 has of each; the others have nothing."""


def told(admission: Admission, own: Told) -> list[Pair]:
    """What an answer's headers say; None takes one out. *own* is the dialect's spelling."""
    spelled: dict[str, tuple[float, str]] = {}
    styles: set[Told] = set()
    for standing in admission.standings:
        style = standing.limit.headers or own
        styles.add(style)
        for amount in standing.amounts:
            share = amount.left / amount.most
            for name, value in _SPELLINGS[style](amount):
                # Of several limits that share a header's name, the one with the least left is told.
                if name not in spelled or share < spelled[name][0]:
                    spelled[name] = (share, value)
    removed: list[Pair] = [] if styles <= {"openai"} else [(name, None) for name in USUAL if name not in spelled]
    return [*removed, *((name, value) for name, (_, value) in spelled.items())]


def refused(admission: Admission, refusal: Refusal, own: Told) -> Status:
    """The 429: its message, what it says of waiting, and the headers."""
    style = refusal.limit.headers or own
    wait = refusal.wait_seconds
    usual = "nothing" if style in ("openai", "cerebras", "openrouter", "azure-odd") else _RETRY_AFTER[style]
    said = refusal.limit.retry_after or usual
    is_told = wait is not None and math.isfinite(wait)
    seconds = _up(wait or 0.0)
    return Status(
        429,
        _message(refusal, seconds),
        type=refusal.what,
        headers=[pair for pair in told(admission, own) if pair[1] is not None],
        retry_after=seconds if is_told and said in ("seconds", "both") else None,
        retry_after_ms=round(seconds * 1000) if is_told and said in ("milliseconds", "both") else None,
        metadata=_metadata(refusal, seconds) if style == "openrouter" and is_told else None,
    )


def _message(refusal: Refusal, seconds: float) -> str:
    if refusal.wait_seconds is None:
        return "Too many calls at once. Please try again when others have ended."
    if math.isinf(refusal.wait_seconds):
        return f"Request too large: it alone has more {refusal.what} than the limit of {refusal.limit.tokens}."
    return f"Rate limit reached for {refusal.what}. Please try again in {duration(seconds)}."


def _metadata(refusal: Refusal, seconds: float) -> dict[str, object]:
    most = refusal.limit.requests if refusal.what == "requests" else refusal.limit.tokens
    limits = {"X-RateLimit-Limit": str(most), "X-RateLimit-Remaining": "0"}
    limits["X-RateLimit-Reset"] = f"{CREATED * 1000 + round(seconds * 1000)}"
    return {"headers": limits, "provider_name": None}


def duration(seconds: float) -> str:
    """As Go writes durations, and so OpenAI and Groq: `6ms`, `1.582s`, `2m59.56s`, `24h0m0s`, `0s`."""
    milliseconds = math.ceil(seconds * 1000 - 1e-6)
    if milliseconds <= 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:.10g}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


def _up(seconds: float) -> float:
    return math.ceil(seconds * 1000 - 1e-6) / 1000 if math.isfinite(seconds) else seconds


def _openai(amount: Amount) -> Iterator[tuple[str, str]]:
    return _named(amount, amount.quantity, duration(amount.reset_seconds))


def _azure(amount: Amount) -> Iterator[tuple[str, str]]:
    return _named(amount, amount.quantity, f"{_up(amount.reset_seconds):.10g}")


def _azure_odd(amount: Amount) -> Iterator[tuple[str, str]]:
    """As in openai/openai-dotnet#838: values that mean nothing."""
    yield f"x-ratelimit-limit-{amount.quantity}", "0"
    yield f"x-ratelimit-remaining-{amount.quantity}", "-1"
    yield f"x-ratelimit-reset-{amount.quantity}", "0"


def _cerebras(amount: Amount) -> Iterator[tuple[str, str]]:
    """Seconds with all their digits, and the window in the name."""
    return _named(amount, f"{amount.quantity}-{amount.window}", repr(amount.reset_seconds))


def _named(amount: Amount, name: str, reset: str) -> Iterator[tuple[str, str]]:
    yield f"x-ratelimit-limit-{name}", str(amount.most)
    yield f"x-ratelimit-remaining-{name}", str(amount.left)
    yield f"x-ratelimit-reset-{name}", reset


def _anthropic(amount: Amount) -> Iterator[tuple[str, str]]:
    at = datetime.fromtimestamp(CREATED + _up(amount.reset_seconds), UTC)
    whole = at.microsecond == 0
    text = at.isoformat(timespec="seconds" if whole else "milliseconds").replace("+00:00", "Z")
    name = f"anthropic-ratelimit-{amount.quantity}"
    yield f"{name}-limit", str(amount.most)
    yield f"{name}-remaining", str(amount.left)
    yield f"{name}-reset", text


def _nothing(amount: Amount) -> Iterable[tuple[str, str]]:
    del amount
    return ()


_SPELLINGS: dict[Told, Callable[[Amount], Iterable[tuple[str, str]]]] = {
    "openai": _openai,
    "groq": _openai,
    "azure": _azure,
    "azure-odd": _azure_odd,
    "cerebras": _cerebras,
    "anthropic": _anthropic,
    "openrouter": _nothing,
    "none": _nothing,
}
