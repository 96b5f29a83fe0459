"""What a server says about retrying besides the status, and how many callers take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import twinwire
from twinwire.errors import (
    AuthenticationError,
    InternalServerError,
    OverloadedError,
    RateLimitError,
)
from twinwire.testing.answers import Exchange, Reply, Status
from twinwire.testing.faults import Close
from twinwire.testing.scenarios.player import QUICK
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.testing.answers import Answer, FixedAnswer
    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Stage


def _are_few(played: Played) -> str | None:
    """Ten retries stand in reserve, one more comes every second, and every fifth call brings one."""
    calls, requests = len(played.outcomes), len(played.requests)
    most = calls + 10 + calls // 5 + int(played.seconds) + 1
    return None if requests <= most else f"{calls} calls made {requests} requests, expected at most {most}"


def _are_spread(played: Played) -> str | None:
    waits = sorted(outcome.attempts[1].wait_seconds for outcome in played.outcomes)
    if not UNIT <= waits[0] <= waits[-1] <= UNIT * 1.1 + 0.05:
        return f"waits from {waits[0]:.4f} to {waits[-1]:.4f} s, asked were {UNIT} s"
    band = UNIT * 0.1 + 0.05
    halves = [sum(wait < UNIT + band / 2 for wait in waits), sum(wait >= UNIT + band / 2 for wait in waits)]
    return None if min(halves) >= 5 else f"of {len(waits)} callers {halves[0]} came back in the first half of the band"


def _refused_once_each(_: Stage) -> Sequence[Answer]:
    seen: set[str] = set()

    def answer(request: RecordedRequest) -> FixedAnswer:
        key = request.headers["idempotency-key"]
        if key in seen:
            return Reply("Here.")
        seen.add(key)
        return Status(429, retry_after=UNIT)

    return [answer] * 100


SCENARIOS = (
    Scenario(
        name="x-should-retry-on-400",
        topic="retries",
        about="A server that says x-should-retry: true on a 400 is believed.",
        server=(Status(400, headers={"x-should-retry": "true"}), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2),
        injected=True,
    ),
    Scenario(
        name="x-should-retry-on-529",
        topic="retries",
        about="An overloaded Anthropic says x-should-retry: true beside a status of its own.",
        server=(
            Exchange(
                529,
                {"content-type": "application/json", "x-should-retry": "true"},
                {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            ),
            Reply("Here."),
        ),
        expect=Expect(text="Here.", attempts=2),
        injected=True,
    ),
    Scenario(
        name="x-should-not-retry-503",
        topic="retries",
        about="A server that says x-should-retry: false on a 503 is believed.",
        ways=("create", "chunks"),
        server=(Status(503, headers={"x-should-retry": "false"}),),
        expect=Expect(error=OverloadedError, facts={"retry_safe": False}, attempts=1),
        injected=True,
    ),
    Scenario(
        name="x-should-not-retry-429-with-a-delay",
        topic="retries",
        about="x-should-retry: false is over a Retry-After; the delay is told.",
        server=(Status(429, retry_after=UNIT, headers={"x-should-retry": "false"}),),
        expect=Expect(error=RateLimitError, facts={"retry_safe": False, "retry_after": UNIT}, attempts=1),
        injected=True,
    ),
    Scenario(
        name="x-should-retry-with-a-delay",
        topic="retries",
        about="x-should-retry: TRUE on a 403, with a Retry-After: both are obeyed.",
        server=(Status(403, retry_after=UNIT, headers={"x-should-retry": "TRUE"}), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, waits=((UNIT, UNIT * 1.1 + 0.05),)),
    ),
    Scenario(
        name="x-should-retry-of-no-known-word",
        topic="retries",
        about="x-should-retry: maybe says nothing: the status decides.",
        server=(Status(401, headers={"x-should-retry": "maybe"}),),
        expect=Expect(error=AuthenticationError, attempts=1),
    ),
    Scenario(
        name="x-should-retry-on-an-answer",
        topic="retries",
        about="x-should-retry: true beside an answer changes nothing.",
        server=(Reply("Here.", headers={"x-should-retry": "true"}),),
        expect=Expect(text="Here.", attempts=1),
    ),
    Scenario(
        name="outage-is-not-amplified",
        topic="retries",
        about="While everything fails, retries add what the quota allows and not two for each call.",
        server_options={"default": Status(500)},
        ask=Ask(together=60),
        expect=Expect(error=InternalServerError, attempts=None, checks=(_are_few,)),
        injected=True,
        usable_after=False,
    ),
    Scenario(
        name="outage-of-connections-is-not-amplified",
        topic="retries",
        about="Connections that die count against the quota as statuses do.",
        server_options={"default": Reply(faults=[Close()])},
        ask=Ask(together=60),
        expect=Expect(error=twinwire.APIConnectionError, attempts=None, checks=(_are_few,)),
        usable_after=False,
    ),
    Scenario(
        name="quota-lets-first-tries-through",
        topic="retries",
        about="With a quota of nothing there are no retries, but every call is tried, and its note says why it was not repeated.",
        server_options={"default": Status(500)},
        ask=Ask(together=5, options={"retry": twinwire.Retry(quota_ratio=0, quota_per_second=0)}),
        expect=Expect(error=InternalServerError, attempts=1, facts={"retry_safe": True}),
        usable_after=False,
    ),
    Scenario(
        name="callers-come-back-spread",
        topic="retries",
        about="Fifty callers that are told the same delay come back spread out, and none of them early.",
        server=_refused_once_each,
        ask=Ask(
            together=50, options={"retry": twinwire.Retry(quota_ratio=1.0, quota_per_second=QUICK.quota_per_second)}
        ),
        expect=Expect(attempts=2, checks=(_are_spread,)),
    ),
)
