"""Reset headers, which stand in for a missing Retry-After, as each provider spells them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING

from twinwire.errors import RateLimitError
from twinwire.testing.answers import Exchange, Reply, Status
from twinwire.testing.chat import CREATED
from twinwire.testing.scenarios.player import QUICK
from twinwire.testing.scenarios.scenario import UNIT, Expect, Scenario
from twinwire.testing.scenarios.topics.retry_after import read_as, waited

if TYPE_CHECKING:
    from collections.abc import Mapping

_THROTTLED = (0.0, QUICK.throttled_base_seconds)


def _limited(headers: Mapping[str, str], status: int = 429) -> Exchange:
    usual = {"content-type": "application/json", "date": formatdate(CREATED, usegmt=True)}
    return Exchange(status, {**usual, **headers}, {"error": {"message": "Slow down."}})


def _own_wait(name: str, about: str, answer: Exchange) -> Scenario:
    return Scenario(
        name=name,
        topic="retries",
        about=about,
        server=(answer, Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, waits=(_THROTTLED,)),
    )


SCENARIOS = (
    waited("reset-of-openai", "OpenAI's `100ms` is waited for.", Status(429, reset_seconds=UNIT), UNIT, injected=True),
    read_as(
        "reset-of-openai-minutes",
        "OpenAI's `1m30s` is ninety seconds.",
        _limited({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30s"}),
        90.0,
    ),
    Scenario(
        name="reset-of-groq",
        topic="retries",
        about="Groq's `2m59.56s` is more than anybody waits for by default: told at once.",
        server=(_limited({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2m59.56s"}),),
        expect=Expect(error=RateLimitError, facts={"retry_after": 179.56}, attempts=1, seconds=(0, 3 * UNIT)),
        injected=True,
    ),
    read_as(
        "reset-of-azure",
        "Azure's plain number is seconds.",
        _limited({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "86"}),
        86.0,
    ),
    _own_wait(
        "reset-of-azure-unknown",
        "Azure's `-1` says that it does not know: the client's own wait.",
        _limited({"x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-requests": "-1"}),
    ),
    waited(
        "reset-of-azure-zero",
        "Azure's `0` is no wait but a little jitter.",
        _limited({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "0"}),
        0.0,
    ),
    read_as(
        "reset-of-cerebras",
        "Cerebras counts seconds with a fraction, for each minute and each day; the limit that is used up is the one that counts.",
        _limited(
            {
                "x-ratelimit-remaining-requests-day": "1400",
                "x-ratelimit-reset-requests-day": "33011.382867",
                "x-ratelimit-remaining-tokens-minute": "0",
                "x-ratelimit-reset-tokens-minute": "51.25",
            }
        ),
        51.25,
    ),
    read_as(
        "reset-of-anthropic",
        "Anthropic's ISO time counts from the server's Date.",
        _limited(
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": datetime.fromtimestamp(CREATED + 45, UTC).isoformat(),
            }
        ),
        45.0,
    ),
    read_as(
        "reset-of-openrouter",
        "OpenRouter's epoch milliseconds stand in the body.",
        Status(429, reset_seconds=50),
        50.0,
        dialect="openrouter",
    ),
    read_as(
        "reset-in-epoch-seconds",
        "A large number is a moment in epoch seconds (GitHub's way, which gateways copy).",
        _limited({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(CREATED + 35)}),
        35.0,
    ),
    waited(
        "reset-in-the-past",
        "A reset that has passed asks for no wait.",
        _limited({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(CREATED - 35)}),
        0.0,
    ),
    read_as(
        "reset-of-both-limits",
        "When requests and tokens are both used up, the later reset is the one to wait for.",
        _limited(
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "8s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "1m1s",
            }
        ),
        61.0,
    ),
    _own_wait(
        "reset-of-a-limit-that-is-left",
        "Nothing is used up: the resets are information, and the client's own wait is taken.",
        _limited({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "1m30s"}),
    ),
    _own_wait(
        "reset-of-no-known-spelling",
        "A reset that cannot be read is passed over.",
        _limited({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "at tea time"}),
    ),
    waited(
        "reset-beside-retry-after",
        "Retry-After is over the reset.",
        Status(
            429,
            retry_after=UNIT,
            headers={"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s"},
        ),
        UNIT,
        injected=True,
    ),
    Scenario(
        name="reset-beside-503",
        topic="retries",
        about="Beside a 503 the reset of a used-up limit is only information.",
        server=(
            _limited({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s"}, status=503),
            Reply("Here."),
        ),
        expect=Expect(text="Here.", attempts=2, waits=(_THROTTLED,)),
    ),
)
