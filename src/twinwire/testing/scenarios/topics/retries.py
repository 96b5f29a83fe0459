"""Retries and waiting."""

from __future__ import annotations

from twinwire.errors import AuthenticationError, RateLimitError
from twinwire.testing.answers import Reply, Status
from twinwire.testing.faults import AfterEvents, Close
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

SCENARIOS = (
    *(
        Scenario(
            name=f"status-{status}-passes",
            topic="retries",
            about=f"A {status} is followed by an answer: it is retried, and the answer is given.",
            ways=("create", "chunks", "events"),
            server=(Status(status), Reply("Here.")),
            expect=Expect(text="Here.", attempts=2),
            injected=True,
        )
        for status in (408, 409, 429, 500, 502, 503, 504, 529)
    ),
    Scenario(
        name="retry-after-seconds",
        topic="retries",
        about="A 429 with Retry-After in seconds is waited for to the letter, with jitter only on top.",
        ways=("create", "events"),
        server=(Status(429, retry_after=2 * UNIT), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, waits=((2 * UNIT, 3 * UNIT),), seconds=(2 * UNIT, 4 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="retry-after-absurd",
        topic="retries",
        about="A Retry-After of a year is nothing to obey: the call fails at once and says the number.",
        server=(Status(429, retry_after=31536000),),
        expect=Expect(error=RateLimitError, facts={"retry_after": 31536000.0}, attempts=1, seconds=(0, 5 * UNIT)),
    ),
    Scenario(
        name="wrong-key",
        topic="retries",
        about="A 401 is not retried.",
        server=(Status(401),),
        expect=Expect(error=AuthenticationError, facts={"status_code": 401}, attempts=1),
    ),
    Scenario(
        name="stream-cut-before-content",
        topic="streams",
        about="A stream that is cut before anything came is repeated.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Close(at=AfterEvents(0))]), Reply("Three.")),
        ask=Ask(earlier=1),
        expect=Expect(text="Three.", attempts=2),
    ),
)
