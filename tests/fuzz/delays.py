"""Properties of the waits that servers ask for."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from twinwire._core.delays import server_delay
from twinwire._core.headers import Headers
from twinwire._core.retry import Retry

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance

NOW = 1_759_671_150.0
NAMES = (
    "retry-after", "retry-after-ms", "date", "x-ratelimit-reset", "x-ratelimit-reset-requests", "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens", "anthropic-ratelimit-requests-reset", "x-should-retry",
)  # fmt: skip
PIECES = (
    "7", "0", "-1", ".", "1", "e", "9" * 400, "nan", "inf", "-inf", " ", "", "ms", "s", "m", "h", "d", "1m30s", "Sun, ", "05 ", "Oct ",
    "2025 ", "13:32:30 ", "GMT", "+0000", "-2400", "+9999", "T", "Z", ":", "-", "2025-10-05T13:32:20", "99999", "\u0661", "_", "+", "\0",
    ",", ";", "(", "Sun, 05 Oct 2025 13:32:40 GMT", "1759671180", "1759671180000", "0x10", "\u00e9",
)  # fmt: skip


def check_text(chance: Chance) -> None:
    """Whatever stands in the headers, the wait is none, or a number that is not negative, or told to be absurd."""
    pairs = [
        (chance.pick(NAMES), "".join(chance.pick(PIECES) for _ in range(chance.between(0, 6))))
        for _ in range(chance.between(1, 5))
    ]
    chance.note("headers", pairs)
    delay = server_delay(Headers(pairs), NOW, is_rate_limit=chance.hit(2))

    assert delay is None or delay.seconds >= 0.0
    assert delay is None or delay.absurd is not None or not math.isnan(delay.seconds)


def check_spelled(chance: Chance) -> None:
    """A wait in any spelling that servers use is never shorter than asked, nor longer by more than its spelling rounds."""
    seconds = chance.pick((0, 1, 7, 59, 60, 61, 3600, 86399, chance.below(100_000)))
    clock = NOW + chance.between(-5000, 5000)
    spelling = chance.below(9)
    date = ("date", format_datetime(datetime.fromtimestamp(clock, UTC), usegmt=True))
    end = datetime.fromtimestamp(clock + seconds, UTC)
    hours, minutes = divmod(seconds // 60, 60)
    pairs = (
        [("retry-after", str(seconds))],
        [("Retry-After", f" {seconds}.0 ")],
        [("retry-after-ms", str(seconds * 1000))],
        [("retry-after", format_datetime(end, usegmt=True)), date],
        [("x-ratelimit-reset-requests", f"{hours}h{minutes}m{seconds % 60}s")],
        [("x-ratelimit-reset-requests", f"{seconds}s"), ("x-ratelimit-remaining-requests", "0")],
        [("anthropic-ratelimit-requests-reset", end.isoformat().replace("+00:00", "Z")), date],
        [("x-ratelimit-reset", str(int((clock + seconds) * 1000))), date],
        [("x-ratelimit-reset", f"{seconds * 1000}ms")],
    )[spelling]
    if spelling == 5 and chance.hit(2):  # another limit, which resets at once or has enough left, changes nothing
        left, reset = chance.pick((("0", "0s"), ("99", "99h")))
        pairs += [("x-ratelimit-reset-tokens", reset), ("x-ratelimit-remaining-tokens", left)]
    chance.note("headers", pairs)
    if chance.hit(2):
        pairs = pairs[::-1]
    delay = server_delay(Headers(pairs), NOW, is_rate_limit=True)
    retry = Retry()

    assert delay is not None
    assert seconds <= delay.seconds + 1e-6
    assert delay.seconds < seconds + 1.0
    assert retry.obeyed_seconds(delay.seconds, lambda: 0.0) >= delay.seconds
    assert retry.obeyed_seconds(delay.seconds, lambda: 0.999) >= delay.seconds
