"""
How long a server asks to wait, in every spelling that servers use.

`Retry-After` comes in seconds (also fractions), in milliseconds (`retry-after-ms`), and as an HTTP date, which is read against
the server's own `Date`, since its clock and ours differ. Where it is missing, the reset of an exhausted limit stands in:
OpenAI `6ms`, `1m30s`; Groq `2m59.56s`; Azure plain seconds; Cerebras float seconds; Anthropic ISO time; OpenRouter epoch
milliseconds (in the error body, handed in as headers).
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from twinwire._core.headers import Headers

_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_LAST_LETTERS = frozenset("smhd")
_RESET = re.compile(r"^(?:x-ratelimit-reset(.*)|anthropic-ratelimit-(.*)-reset)$")
_EPOCH_SECONDS = 1_000_000_000.0  # 2001: no reset is thirty years ahead, so larger numbers are dates
_EPOCH_MILLISECONDS = 1_000_000_000_000.0


@frozen
class ServerDelay:
    """What the server said: *seconds* to wait, or an *absurd* value that nobody can obey."""

    seconds: float
    source: str
    absurd: str | None = None


def server_delay(headers: Headers, wall_now: float, *, is_rate_limit: bool) -> ServerDelay | None:
    """
    Read the wait that a reply's headers ask for, or None where they ask for none.

    *wall_now* is our clock in epoch seconds, used where the reply has no `Date`. Reset headers count only for a rate limit:
    other replies carry them as information.
    """
    # Every value of a repeated header counts, and the longest wait wins: proxies repeat it, and OpenRouter's body has it besides.
    stated = [_checked("retry-after-ms", text, _number(text), 0.001) for text in headers.get_all("retry-after-ms")] or [
        _checked("retry-after", text, _seconds(text, headers, wall_now)) for text in headers.get_all("retry-after")
    ]
    if stated:
        return max(stated, key=lambda delay: delay.seconds)
    return _exhausted_reset(headers, wall_now) if is_rate_limit else None


def _seconds(text: str, headers: Headers, wall_now: float) -> float | None:
    seconds = _number(text)
    return _until(_http_date(text), headers, wall_now) if seconds is None else seconds


def _checked(source: str, text: str, value: float | None, scale: float = 1.0) -> ServerDelay:
    if value is None or not math.isfinite(value) or value < 0:
        return ServerDelay(math.inf, source, absurd=text[:80])
    return ServerDelay(value * scale, source)


def _exhausted_reset(headers: Headers, wall_now: float) -> ServerDelay | None:
    """The longest reset among the limits that have nothing left; all of them count where the reply does not say what is left."""
    resets: list[tuple[float, str, float | None]] = []
    for name, text in headers.pairs:
        match = _RESET.match(name)
        if match is None:
            continue
        seconds = reset_seconds(text, headers, wall_now)
        if seconds is not None:
            left = _number(headers.get(name.replace("reset", "remaining"), ""))
            resets.append((seconds, name, left))
    known = [reset for reset in resets if reset[2] is not None]
    candidates = [reset for reset in known if reset[2] is not None and reset[2] <= 0] if known else resets
    if not candidates:
        return None
    seconds, name, _ = max(candidates)
    return ServerDelay(seconds, name)


def reset_seconds(text: str, headers: Headers, wall_now: float) -> float | None:
    """A reset in seconds from now, never negative; None where it is in no known spelling (also Azure's `-1`)."""
    number = None if text[-1:] in _LAST_LETTERS else _number(text)
    if number is not None:
        if not math.isfinite(number) or number < 0:
            return None
        if number >= _EPOCH_MILLISECONDS:
            return max(0.0, number / 1000.0 - _server_now(headers, wall_now))
        if number >= _EPOCH_SECONDS:
            return max(0.0, number - _server_now(headers, wall_now))
        return number
    if match := _DURATION.fullmatch(text):
        return float(match[1]) * _UNIT_SECONDS[match[2]]
    parts = _DURATION.findall(text)
    if parts and "".join(amount + unit for amount, unit in parts) == text.strip():
        return sum(float(amount) * _UNIT_SECONDS[unit] for amount, unit in parts)
    moment = _iso_date(text)
    return None if moment is None else _until(moment, headers, wall_now)


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)  # `1_0` is Python's own spelling
    except ValueError:
        return None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a year of ten digits
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _iso_date(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _server_now(headers: Headers, wall_now: float) -> float:
    moment = _http_date(headers.get("date", ""))
    return wall_now if moment is None else moment.timestamp()


def _until(moment: datetime | None, headers: Headers, wall_now: float) -> float | None:
    """Seconds until *moment* by the server's clock; a moment that has passed asks for no wait."""
    return None if moment is None else max(0.0, moment.timestamp() - _server_now(headers, wall_now))
