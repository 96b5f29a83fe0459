"""How the simulated server asks for a delay: every spelling, beside what it means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from random import Random

Pairs = tuple[tuple[str, str], ...]

ABSURD = (
    "nan",
    "inf",
    "-inf",
    "-5",
    "soon",
    "",
    "1e400",
    "-0.001",
    "0x10",
    "3 minutes",
    "Thu, 99 Foo 2026 99:99:99 GMT",
)
HUGE = ("86400", "99999999999999999999", "1e300")


@frozen(kw_only=True)
class Delay:
    """What the server asks for."""

    headers: Pairs
    body_headers: Pairs = ()
    """Headers inside the error body, as OpenRouter sends them."""
    seconds: float | None
    """None: nobody can obey it."""
    is_asked: bool = True
    """Whether a wait is asked for at all, or the headers are information that a client may not act on."""
    slack_seconds: float = 0.0
    """By how much a client may read it differently (a date without the server's own clock)."""


def draw(random: Random, wall: float, *, is_rate_limit: bool, scale: float) -> Delay:
    """A delay of about *scale* seconds in a random spelling; *wall* is the true time in epoch seconds."""
    seconds = random.choice((0.0, 1.0, 2.0, round(random.random() * scale, 3), float(round(scale)), 7.0))
    kind = random.choice(_SPELLINGS + (_RESETS if is_rate_limit else ()))
    return kind(random, wall, seconds)


def _plain(random: Random, wall: float, seconds: float) -> Delay:
    text = random.choice((f"{seconds:g}", f" {seconds:g} ", f"{seconds:.3f}", f"+{seconds:g}"))
    return Delay(headers=(("Retry-After", text),), seconds=float(text))


def _milliseconds(random: Random, wall: float, seconds: float) -> Delay:
    headers = [("retry-after-ms", f"{seconds * 1000:g}")]
    if random.random() < 0.5:
        headers.append(("retry-after", f"{max(0, int(seconds))}"))
    return Delay(headers=tuple(headers), seconds=float(headers[0][1]) / 1000)


def _repeated(random: Random, wall: float, seconds: float) -> Delay:
    """Proxies repeat the header; the longest wait is the one that every server is content with."""
    return Delay(
        headers=(("retry-after", "1"), ("Retry-After", f"{seconds:g}")), seconds=max(1.0, float(f"{seconds:g}"))
    )


def _date(random: Random, wall: float, seconds: float) -> Delay:
    """An HTTP date in one of its three forms (RFC 9110, 5.6.7), beside the server's clock, which differs from ours."""
    there = float(int(wall + random.choice((0.0, -7200.0, 3.0, 86400.0 * 365))))
    whole = float(int(seconds))
    moment = datetime.fromtimestamp(there + whole, UTC)
    form = random.choice(("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"))
    date = datetime.fromtimestamp(there, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Delay(headers=(("date", date), ("retry-after", moment.strftime(form))), seconds=whole)


def _date_alone(random: Random, wall: float, seconds: float) -> Delay:
    """Without the server's clock ours must do; a reply that is read late leaves less to wait."""
    moment = datetime.fromtimestamp(float(int(wall + seconds)), UTC)
    left = max(0.0, moment.timestamp() - wall)
    return Delay(
        headers=(("retry-after", moment.strftime("%a, %d %b %Y %H:%M:%S GMT")),), seconds=left, slack_seconds=left
    )


def _past_date(random: Random, wall: float, seconds: float) -> Delay:
    moment = datetime.fromtimestamp(wall - 1000, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Delay(headers=(("retry-after", moment),), seconds=0.0)


def _absurd(random: Random, wall: float, seconds: float) -> Delay:
    name = random.choice(("retry-after", "retry-after", "retry-after-ms"))
    return Delay(headers=((name, random.choice(ABSURD)),), seconds=None)


def _huge(random: Random, wall: float, seconds: float) -> Delay:
    text = random.choice(HUGE)
    return Delay(headers=(("retry-after", text),), seconds=float(text))


_SPELLINGS = (_plain, _plain, _milliseconds, _repeated, _date, _date_alone, _past_date, _absurd, _huge)


def _duration(random: Random, wall: float, seconds: float) -> Delay:
    """OpenAI and Groq: the limit that has nothing left counts, the other is information."""
    minutes, rest = divmod(round(seconds, 3), 60)
    spelling = f"{round(seconds * 1000)}ms" if seconds < 1 else f"{int(minutes)}m{rest:g}s" if minutes else f"{rest:g}s"
    kind, other = random.choice((("requests", "tokens"), ("tokens", "requests")))
    return Delay(
        headers=(
            (f"x-ratelimit-remaining-{kind}", "0"),
            (f"x-ratelimit-reset-{kind}", spelling),
            (f"x-ratelimit-remaining-{other}", "1000"),
            (f"x-ratelimit-reset-{other}", "6m0s"),
        ),
        seconds=round(seconds * 1000) / 1000,
    )


def _iso(random: Random, wall: float, seconds: float) -> Delay:
    """Anthropic: a moment, beside the server's clock."""
    there = float(int(wall - 40))
    moment = datetime.fromtimestamp(there + int(seconds), UTC)
    return Delay(
        headers=(
            ("date", datetime.fromtimestamp(there, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ),
        seconds=float(int(seconds)),
    )


def _epoch_in_body(random: Random, wall: float, seconds: float) -> Delay:
    """OpenRouter: epoch milliseconds, inside the error body."""
    there = int(wall)
    pairs = (
        ("X-RateLimit-Limit", "20"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", f"{round((there + seconds) * 1000)}"),
    )
    date = datetime.fromtimestamp(there, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    asked = round((there + seconds) * 1000) / 1000 - there
    return Delay(headers=(("date", date),), body_headers=pairs, seconds=asked, slack_seconds=1e-6)


_RESETS = (_duration, _duration, _iso, _epoch_in_body)
