"""What servers ask to wait, in every spelling."""

from __future__ import annotations

import math

import pytest

from twinwire._core.delays import server_delay
from twinwire._core.headers import Headers

NOW = 1_759_671_150.0  # Sun, 05 Oct 2025 13:32:30 GMT
DATE = "Sun, 05 Oct 2025 13:32:00 GMT"  # the server's clock is 30 s behind ours


def seconds(headers: dict[str, str], *, is_rate_limit: bool = True) -> float | None:
    """The wait in seconds, or None."""
    delay = server_delay(Headers(headers.items()), NOW, is_rate_limit=is_rate_limit)
    return None if delay is None else delay.seconds


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Sun, 05 Oct 2025 13:32:40 GMT", "date": DATE}, 40.0),
        ({"retry-after": "Sun, 05 Oct 2025 13:32:40 GMT"}, 10.0),
        ({"retry-after": "Sun, 05 Oct 2025 13:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "7", "x-ratelimit-reset-requests": "1h", "x-ratelimit-remaining-requests": "0"}, 7.0),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, milliseconds, and dates by the server's own clock; it wins over resets."""
    result = seconds(headers)

    assert result == expected


@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        ("6ms", 0.006),
        ("1m30s", 90.0),
        ("0s", 0.0),
        ("2m59.56s", 179.56),
        ("1h0m2s", 3602.0),
        ("1d", 86400.0),
        ("12", 12.0),
        ("33011.38", 33011.38),
        ("1759671180000", 60.0),
        ("1759671180", 60.0),
        ("2025-10-05T13:32:20Z", 20.0),
        ("2025-10-05T15:32:20+02:00", 20.0),
        ("2025-10-05T13:32:20", 20.0),
        ("-1", None),
        ("nan", None),
        ("soon", None),
        ("1m soon", None),
        ("", None),
    ],
)
def test_resets(reset: str, expected: float | None) -> None:
    """Every spelling of a reset that servers use; what is none is no statement."""
    result = seconds({"x-ratelimit-reset-requests": reset, "x-ratelimit-remaining-requests": "0", "date": DATE})

    assert result == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {
                "x-ratelimit-remaining-requests": "10",
                "x-ratelimit-reset-requests": "1h",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "6s",
            },
            6.0,
        ),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "10"}, None),
        ({"x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "6s"}, 6.0),
        (
            {
                "anthropic-ratelimit-tokens-remaining": "0",
                "anthropic-ratelimit-tokens-reset": "2025-10-05T13:32:20Z",
                "date": DATE,
            },
            20.0,
        ),
    ],
)
def test_which_reset_counts(headers: dict[str, str], expected: float | None) -> None:
    """The limit that has nothing left; where nothing says what is left, the longest."""
    result = seconds(headers)

    assert result == expected


def test_a_date_that_no_clock_has() -> None:
    """A nonsensical `Date` is as absent."""
    result = seconds({"retry-after": "Sun, 05 Oct 2025 13:32:40 GMT", "date": "Wed, 21 Oct 99999999999 07:28:00 GMT"})

    assert result == 10.0


def test_resets_are_information_elsewhere() -> None:
    """A 500 with rate-limit headers asks for no wait."""
    result = seconds({"x-ratelimit-reset-requests": "6s"}, is_rate_limit=False)

    assert result is None


@pytest.mark.parametrize(
    "pairs",
    [
        [("retry-after", "7"), ("retry-after", "7")],
        [("retry-after", "2"), ("retry-after", "7")],
        [("retry-after-ms", "7000"), ("retry-after-ms", "10"), ("retry-after", "9")],
    ],
)
def test_repeated_headers(pairs: list[tuple[str, str]]) -> None:
    """Of a header that is there twice, as some proxies have it, the longest wait wins."""
    delay = server_delay(Headers(pairs), NOW, is_rate_limit=True)

    assert delay is not None
    assert delay.seconds == 7.0


@pytest.mark.parametrize(
    "text",
    [
        "-1",
        "nan",
        "inf",
        "1e999",
        "1_0",
        "tomorrow",
        "",
        "Wed, 21 Oct 99999999999 07:28:00 GMT",
        "1 Oct 2015 07:28:00 +" + "9" * 20,
    ],
)
@pytest.mark.parametrize("name", ["retry-after", "retry-after-ms"])
def test_values_that_nobody_can_obey(name: str, text: str) -> None:
    """They are kept as text, and the wait is endless: nothing hangs and nothing spins."""
    delay = server_delay(Headers([(name, text)]), NOW, is_rate_limit=True)

    assert delay is not None
    assert delay.absurd == text[:80]
    assert delay.seconds == math.inf
