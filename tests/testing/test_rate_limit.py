"""The limiter's arithmetic, and what callers are told."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.testing.rawclient import HELLO, STREAM
from twinwire import OpenAI
from twinwire.testing import LoopbackProvider, RateLimit, Reply
from twinwire.testing.rate_limit import Limiter, tokens_of

if TYPE_CHECKING:
    from twinwire.testing.dialect import DialectName

STEPS = [
    # limit, calls as (when, tokens), and for each what was exceeded
    (RateLimit(requests=2), [(0.0, 1), (0.5, 1), (0.99, 1), (1.0, 1)], [None, None, "requests", None]),
    (RateLimit(tokens=10), [(5.0, 6), (5.1, 5), (5.2, 4), (6.0, 10)], [None, "tokens", None, None]),
    (RateLimit(requests=1, tokens=1), [(0.0, 2), (0.0, 1), (0.0, 0)], ["tokens", None, "requests"]),
    (RateLimit(1, window_seconds=0.2), [(0.0, 0), (0.3, 0), (0.45, 0), (0.5, 0)], [None, None, "requests", None]),
    (RateLimit(), [(0.0, 10**9)] * 3, [None] * 3),
]


@pytest.mark.parametrize(("limit", "calls", "exceeded"), STEPS)
def test_windows(limit: RateLimit, calls: list[tuple[float, int]], exceeded: list[str | None]) -> None:
    """Each window allows what it allows; what is refused counts for nothing."""
    limiter = Limiter(limit)

    assert [limiter.admit(now, tokens).exceeded for now, tokens in calls] == exceeded


def test_end_of_the_window() -> None:
    """A caller is told exactly when the window ends."""
    limiter = Limiter(RateLimit(1, window_seconds=2))

    assert [limiter.admit(now, 0).reset_seconds for now in (10.0, 10.5, 11.75)] == [2.0, 1.5, 0.25]


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        (HELLO, 3),
        ({**HELLO, "max_tokens": 7}, 10),
        ({**HELLO, "max_completion_tokens": 7, "max_tokens": 9}, 10),
        ({"input": "a b"}, 2),
        ({"input": ["a b", "c"]}, 3),
        ({"messages": 1}, 0),
    ],
)
def test_tokens_of_a_call(body: dict[str, object], tokens: int) -> None:
    """The words of the prompt, and the most that the answer may have."""
    assert tokens_of(body) == tokens


@pytest.mark.parametrize("process", [False, True])
def test_openai_says_it_in_headers(process: bool) -> None:
    """Every answer says where the caller stands; the script waits for calls that are allowed, and listings are free."""
    limit = RateLimit(requests=1, window_seconds=60)
    with LoopbackProvider(rate_limit=limit, process=process) as server:
        server.script(Reply("First", headers={"x-ratelimit-limit-requests": "mine"}), Reply("Second"))
        allowed = httpx.post(f"{server.base_url}/chat/completions", json=HELLO)
        refused = httpx.post(f"{server.base_url}/chat/completions", json=STREAM)
        remaining = server.remaining
        listed = httpx.get(f"{server.base_url}/models")

    names = [f"x-ratelimit-{name}-requests" for name in ("limit", "remaining", "reset")]
    assert [allowed.headers[name] for name in names] == ["mine", "0", "60000ms"]
    assert (refused.status_code, refused.json()["error"]["type"], remaining) == (429, "requests", 1)
    assert [refused.headers[name] for name in names[:2]] == ["1", "0"]
    assert 0 < float(refused.headers[names[2]].removesuffix("ms")) < 60_000
    assert listed.status_code == 200


def test_openrouter_says_it_in_the_body() -> None:
    """An answer says nothing of a limit, a 429 all of it."""
    with LoopbackProvider(dialect="openrouter", rate_limit=RateLimit(tokens=3)) as server:
        answers = [httpx.post(f"{server.base_url}/chat/completions", json=HELLO) for _ in range(2)]

    told = json.loads(answers[1].text)["error"]["metadata"]["headers"]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert not [name for answer in answers for name in answer.headers if "ratelimit" in name]
    assert told["X-RateLimit-Remaining"] == "0"


@pytest.mark.parametrize("dialect", ["openai", "openrouter"])
def test_client_that_waits(dialect: DialectName) -> None:
    """Who comes again when told is served."""
    with (
        LoopbackProvider(dialect=dialect, rate_limit=RateLimit(1, window_seconds=0.3)) as server,
        OpenAI(base_url=server.base_url, api_key="k") as client,
    ):
        started = time.monotonic()
        for _ in range(2):
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
        seconds = time.monotonic() - started
        count = len(server.requests)

    assert count == 3
    assert seconds >= 0.25
