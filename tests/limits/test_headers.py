"""What servers say of their limits, in every spelling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.replay.recordings import FOLDER
from twinwire._core.headers import Headers
from twinwire.errors import APIConnectionError, InternalServerError, QuotaExceededError, RateLimitError
from twinwire.limits.headers import ToldWindow, observe, read_windows

WALL = 1_790_000_000.0
DATE = ("Date", "Thu, 18 Dec 2025 23:27:43 GMT")


def usual(what: str, limit: object, remaining: object, reset: object = None) -> list[tuple[str, str]]:
    """The three headers of one limit."""
    names = (f"x-ratelimit-{part}-{what}" for part in ("limit", "remaining", "reset"))
    values = (limit, remaining, reset)
    return [(name, str(value)) for name, value in zip(names, values, strict=True) if value is not None]


SPELLINGS = {
    "OpenAI": (usual("requests", 5000, 4999, "12ms"), ("requests", "requests", 5000, 4999, 0.012, 0, 0.002)),
    "OpenAI, minutes": (usual("tokens", 100, 98, "14m24s"), ("tokens", "tokens", 100, 98, 864.0, 0, 0.002)),
    "Groq": (usual("tokens", 15000, 1, "2m59.56s"), ("tokens", "tokens", 15000, 1, 179.56, 0, 0.002)),
    "Azure": (usual("requests", 50, 44, "7"), ("requests", "requests", 50, 44, 7.0, 0, 1.0)),
    "Cerebras": (
        usual("tokens-minute", 1000000, 999296, "23.49355435371399"),
        ("tokens-minute", "tokens", 1000000, 999296, 23.49355435371399, 60, 0.002),
    ),
    "Cerebras, a day": (
        usual("requests-day", 1440000, 1439972, "33011.382867"),
        ("requests-day", "requests", 1440000, 1439972, 33011.382867, 86400, 0.002),
    ),
    "Mistral": (usual("req-minute", 360, 358), ("req-minute", "requests", 360, 358, None, 60, 0)),
    "Mistral, ten seconds": (
        usual("req-10-second", 60, 50),
        ("req-10-second", "requests", 60, 50, None, 10, 0),
    ),
    "OpenAI, by project": (
        usual("project-requests", 10000, 9999, "6ms"),
        ("project-requests", "requests", 10000, 9999, 0.006, 0, 0.002),
    ),
    "Together": (
        [("x-ratelimit-limit", "2"), ("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "2")],
        ("requests", "requests", 2, 1, 2.0, 0, 1.0),
    ),
    "the IETF's draft": (
        [("RateLimit-Limit", "400"), ("RateLimit-Remaining", "398"), ("RateLimit-Reset", "18")],
        ("requests", "requests", 400, 398, 18.0, 0, 1.0),
    ),
    "Anthropic": (
        [
            DATE,
            ("anthropic-ratelimit-input-tokens-limit", "10000"),
            ("anthropic-ratelimit-input-tokens-remaining", "9000"),
            ("anthropic-ratelimit-input-tokens-reset", "2025-12-18T23:27:49Z"),
        ],
        ("input-tokens", "tokens", 10000, 9000, 6.0, 0, 1.0),
    ),
    "Azure, milliseconds": (
        [*usual("requests", 120, 119, "500"), ("x-ratelimit-renewalperiod-requests", "60")],
        ("requests", "requests", 120, 119, 0.5, 60, 0.002),
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling(name: str) -> None:
    """Each comes to the same."""
    pairs, expected = SPELLINGS[name]
    title, quantity, limit, remaining, reset, seconds, precision = expected

    assert read_windows(Headers(pairs), WALL) == (
        ToldWindow(
            name=title,
            quantity=quantity,
            limit=limit,
            remaining=remaining,
            reset_seconds=reset,
            window_seconds=seconds,
            precision_seconds=precision,
        ),
    )


NONSENSE = {
    "Azure's": usual("requests", 0, -1, "0"),
    "more left than there is": usual("requests", 30, 59, "2"),
    "no number": usual("requests", "many", "more", "1s"),
    "not a number": usual("requests", "nan", "1", "1s"),
    "endless": usual("requests", "inf", "1", "1s"),
    "no limit": [("x-ratelimit-remaining-tokens-minute", "9223372036854767616")],
    "too large to count": usual("tokens-minute", 9223372036854767616, 9223372036854767616, "1s"),
    "no reset and no window": usual("requests", 50, 44),
    "a reset in thirty years": usual("requests", 50, 44, "900000000"),
    "no known reset": usual("requests", 50, 44, "soon"),
    "another quantity": usual("input-images", 50000, 49999, "1ms"),
    "a cost": [("x-ratelimit-tokens-query-cost", "210")],
    "a flag": [("x-ratelimit-abusepenalty-active", "False")],
    "an underscore": usual("requests", "1_000", "10", "1s"),
    "a window of too many days for a float": usual(f"tokens-{'9' * 400}-day", 50, 44, "1s"),
    "a window of too many days for an int": usual(f"tokens-{'9' * 5000}-day", 50, 44, "1s"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_passed_over(name: str) -> None:
    """As if it had not been there."""
    assert read_windows(Headers(NONSENSE[name]), WALL) == ()


def refusal(**facts: Any) -> RateLimitError:
    """A 429."""
    return RateLimitError("no", status_code=429, **facts)


def test_refusal_says_how_long_to_wait() -> None:
    """The precise one of two."""
    seen = observe(Headers([("retry-after", "2"), ("retry-after-ms", "1250")]), refusal(), WALL)

    assert seen is not None
    assert (seen.is_refusal, seen.retry_after, seen.is_of_key) == (True, 1.25, False)


@pytest.mark.parametrize("text", ["soon", "-5", "inf", "99999999999999999999", "31536000"])
def test_absurd_wait_is_none(text: str) -> None:
    """Nobody can obey it."""
    seen = observe(Headers([("retry-after", text)]), refusal(), WALL)

    assert seen is not None
    assert seen.retry_after is None


def test_refusal_whose_body_was_not_read() -> None:
    """Its reader was stopped; the status and the headers say enough to make the others wait."""
    seen = observe(Headers([("retry-after", "2")]), None, WALL, 429)

    assert seen is not None
    assert (seen.is_refusal, seen.retry_after) == (True, 2)


def test_http_date_is_read_against_the_servers_clock() -> None:
    """Not ours."""
    seen = observe(Headers([DATE, ("retry-after", "Thu, 18 Dec 2025 23:28:13 GMT")]), refusal(), WALL)

    assert seen is not None
    assert seen.retry_after == 30


def test_wait_of_an_answer_that_is_no_refusal_is_ignored() -> None:
    """Anthropic, Hugging Face and Together send one with a 200."""
    for error in (None, InternalServerError("no", status_code=500)):
        seen = observe(Headers([("retry-after", "31")]), error, WALL)

        assert seen is not None
        assert (seen.is_refusal, seen.retry_after) == (False, None)


def test_used_up_quota_is_no_rate_limit() -> None:
    """Waiting does not help against it."""
    seen = observe(Headers(), QuotaExceededError("no", status_code=429), WALL)

    assert seen is not None
    assert not seen.is_refusal


def test_no_answer_says_nothing() -> None:
    """A connection that broke."""
    assert observe(None, None, WALL) is None
    assert observe(None, APIConnectionError("no"), WALL) is None


def test_headers_in_an_error_body_are_of_the_key() -> None:
    """OpenRouter's own limit, with a reset in epoch milliseconds."""
    limits = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1759671180000"}
    body = {"error": {"code": 429, "message": "Rate limit exceeded", "metadata": {"headers": limits}}}
    date = ("date", "Sun, 05 Oct 2025 13:32:58 GMT")

    seen = observe(Headers([date]), refusal(body=body), WALL)

    assert seen is not None
    assert seen.is_of_key
    (window,) = seen.windows
    assert (window.quantity, window.limit, window.remaining, window.reset_seconds) == ("requests", 20, 0, 2.0)


def test_told_as_scripts_take_it() -> None:
    """Names hold the limit, so that another limit is another window."""
    seen = observe(Headers(usual("req-minute", 360, 358)), None, WALL)

    assert seen is not None
    assert seen.told() == {
        "refused": False,
        "answered": True,
        "is_of_key": False,
        "windows": [["req-minute/360", "requests", 360, 358, -1, 60.0, 0.0]],
    }


def recorded() -> list[Any]:
    """The recorded exchanges whose headers have limits."""
    index = FOLDER / "index.jsonl"
    if not index.exists():
        return []
    entries = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    return [
        json.loads((FOLDER / entry["file"]).read_text(encoding="utf-8")) | {"provider": entry["provider"]}
        for entry in entries
        if "ratelimit_headers" in entry["tags"]
    ]


SILENT = {"huggingface": 3, "mistral": 3, "azure": 5, "openai": 5, "anthropic": 1, "together": 2, "litellm-proxy": 1}
"""How many recordings of each tell nothing that can be used: no limit, no reset, another quantity."""


@pytest.mark.skipif(not recorded(), reason="the recordings are reference data beside the project, and are not here")
def test_recorded_headers() -> None:
    """What a limit's numbers say agrees with itself, and nearly all recordings say something."""
    silent: dict[str, int] = {}
    for exchange in recorded():
        response = exchange["response"]
        headers = Headers(response["headers"])
        error = refusal(body=json.loads(response["body"])) if response["status"] == 429 else None
        seen = observe(headers, error, WALL)
        assert seen is not None
        if not seen.windows:
            silent[exchange["provider"]] = silent.get(exchange["provider"], 0) + 1
        for window in seen.windows:
            assert 0 <= window.remaining <= window.limit
            assert window.reset_seconds is None or 0 <= window.reset_seconds <= max(86_400, window.window_seconds)
            assert window.window_seconds or window.reset_seconds is not None

    assert silent == SILENT
