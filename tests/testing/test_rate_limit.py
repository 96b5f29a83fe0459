"""The limiter's arithmetic, and what callers are told."""

from __future__ import annotations

import json
import math
import time
from random import Random
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.testing.rawclient import HELLO, STREAM
from twinwire import OpenAI
from twinwire.testing import AfterEvents, LoopbackProvider, RateLimit, Reply, Stall
from twinwire.testing.chat import CREATED
from twinwire.testing.limit_styles import duration
from twinwire.testing.limiter import Caller, Limiter
from twinwire.testing.rate_limit import KINDS, TOLD, tokens_of

if TYPE_CHECKING:
    from twinwire.testing.dialect import DialectName
    from twinwire.testing.rate_limit import LimitKind, RetryAfter, Told

INFINITE = math.inf
STEPS: list[tuple[list[RateLimit], list[tuple[float, int]], list[str | None]]] = [
    # limits, calls as (when, tokens), and for each what there was too much of
    ([RateLimit(requests=2)], [(0.0, 1), (0.5, 1), (0.99, 1), (1.0, 1)], [None, None, "requests", None]),
    ([RateLimit(tokens=10)], [(5.0, 6), (5.1, 5), (5.2, 4), (6.0, 10)], [None, "tokens", None, None]),
    ([RateLimit(requests=1, tokens=1)], [(0.0, 2), (0.0, 1), (0.0, 0)], ["tokens", None, "requests"]),
    ([RateLimit(1, window_seconds=0.2)], [(0.0, 0), (0.3, 0), (0.45, 0), (0.5, 0)], [None, None, "requests", None]),
    ([RateLimit()], [(0.0, 10**9)] * 3, [None] * 3),
    # A window that slides: two calls at the end of one second and two at the start of the next are three too many.
    (
        [RateLimit(2, kind="sliding")],
        [(0.9, 0), (0.95, 0), (1.0, 0), (1.89, 0), (1.9, 0), (1.91, 0)],
        [None, None, "requests", "requests", None, "requests"],
    ),
    (
        [RateLimit(tokens=10, kind="sliding")],
        [(0.0, 4), (0.5, 6), (0.9, 1), (1.0, 5), (1.0, 4)],
        [None, None, "tokens", "tokens", None],
    ),
    # A bucket: all of it at first, then as it fills.
    (
        [RateLimit(2, kind="bucket")],
        [(9.0, 0), (9.0, 0), (9.4, 0), (9.5, 0), (9.9, 0), (99.0, 0), (99.0, 0), (99.0, 0)],
        [None, None, "requests", None, "requests", None, None, "requests"],
    ),
    (
        [RateLimit(tokens=10, kind="bucket")],
        [(0.0, 11), (0.0, 10), (0.3, 4), (0.4, 4)],
        ["tokens", None, "tokens", None],
    ),
    # Several at once: what one refuses counts for none.
    (
        [RateLimit(3), RateLimit(4, window_seconds=60), RateLimit(tokens=5, window_seconds=60)],
        [(0.0, 6), (0.0, 1), (0.1, 1), (0.2, 1), (0.3, 1), (1.0, 1), (2.0, 1)],
        ["tokens", None, None, None, "requests", None, "requests"],
    ),
    # Refused calls that count, as OpenAI has it: who keeps knocking is never let in.
    (
        [RateLimit(1, kind="sliding", counts_refused=True)],
        [(0.0, 0), (0.9, 0), (1.5, 0), (2.4, 0), (3.4, 0)],
        [None, "requests", "requests", "requests", None],
    ),
]


@pytest.mark.parametrize(("limits", "calls", "exceeded"), STEPS)
def test_kinds(limits: list[RateLimit], calls: list[tuple[float, int]], exceeded: list[str | None]) -> None:
    """Each limit allows what it allows; what is refused counts for nothing."""
    limiter = Limiter(limits)

    admissions = [limiter.admit(now, Caller(most_tokens=tokens)) for now, tokens in calls]

    assert [None if each.refusal is None else each.refusal.what for each in admissions] == exceeded


@pytest.mark.parametrize(
    ("limit", "calls", "waits", "resets"),
    [
        # of the last call: how long it has to wait, and the time until all is free
        (RateLimit(1, window_seconds=2), [(10.0, 0), (10.5, 0)], 1.5, 1.5),
        (RateLimit(2, window_seconds=2, kind="sliding"), [(10.0, 0), (11.0, 0), (11.5, 0)], 0.5, 1.5),
        (RateLimit(2, window_seconds=2, kind="bucket"), [(10.0, 0), (10.0, 0), (10.5, 0)], 0.5, 1.5),
        (RateLimit(tokens=10, kind="sliding"), [(0.0, 3), (0.1, 3), (0.2, 4), (0.5, 6)], 0.6, 0.7),
        (RateLimit(tokens=10, kind="bucket"), [(0.0, 10), (0.5, 6)], 0.1, 0.5),
        (RateLimit(tokens=10), [(0.0, 11)], INFINITE, 0.0),
        (RateLimit(tokens=10, kind="sliding"), [(0.0, 11)], INFINITE, 0.0),
        (RateLimit(tokens=10, kind="bucket"), [(0.0, 11)], INFINITE, 0.0),
    ],
)
def test_waits(limit: RateLimit, calls: list[tuple[float, int]], waits: float, resets: float) -> None:
    """Who is refused is told exactly when to come again; who then comes is let in."""
    limiter = Limiter([limit])
    *earlier, (now, tokens) = calls
    for at, amount in earlier:
        assert limiter.admit(at, Caller(most_tokens=amount)).refusal is None

    admission = limiter.admit(now, Caller(most_tokens=tokens))

    assert admission.refusal is not None
    assert admission.refusal.wait_seconds == pytest.approx(waits)
    assert admission.standings[0].amounts[0].reset_seconds == pytest.approx(resets)
    if waits < INFINITE:
        assert limiter.admit(now + (admission.refusal.wait_seconds or 0), Caller(most_tokens=tokens)).refusal is None


@pytest.mark.parametrize("kind", KINDS)
def test_never_more_than_allowed(kind: LimitKind) -> None:
    """Over many calls no window lets more through than its limit, and little less: a bucket at most twice, at first."""
    chance = Random(7)
    limiter = Limiter([RateLimit(10, kind=kind)])
    now, admitted = 0.0, list[float]()
    while now < 50:
        now += chance.expovariate(30)
        if limiter.admit(now, Caller()).refusal is None:
            admitted.append(now)

    per_window = [sum(start <= at < start + 1 for at in admitted) for start in admitted]
    assert max(per_window) <= {"window": 20, "sliding": 10, "bucket": 20}[kind]
    assert 450 <= len(admitted) <= 510


def test_of_each_key_and_model() -> None:
    """What is counted apart does not get in each other's way, and a limit can be for some models only."""
    per_key, per_pair = RateLimit(2, models=["a", "b"]), RateLimit(1, per=("key", "model"))
    together = RateLimit(5, per=())
    limiter = Limiter([per_key, per_pair, together])
    calls = ["1a", "1a", "1b", "1b", "1c", "2a", "2c", "2c", "3c"]

    admissions = [limiter.admit(0.0, Caller(key=key, model=model)) for key, model in map(tuple, calls)]

    refusals = [None if each.refusal is None else each.refusal.limit for each in admissions]
    assert refusals == [None, per_pair, None, per_key, None, None, None, per_pair, together]


def test_at_once() -> None:
    """So many may be under way; one that ends makes room, one that was refused holds none."""
    limiter = Limiter([RateLimit(concurrent=2)])

    def refused() -> bool:
        return limiter.admit(0.0, Caller()).refusal is not None

    assert [refused() for _ in range(3)] == [False, False, True]
    limiter.ended(0.0, Caller(), 0)
    assert [refused() for _ in range(2)] == [False, True]


def test_tokens_that_were_used() -> None:
    """A limit may count the prompt at once and the answer when it has been given."""
    limiter = Limiter([RateLimit(tokens=10, counts="used")])
    caller = Caller(prompt_tokens=3, most_tokens=1000)

    lefts: list[int] = []
    for used in (4, 5):
        lefts.append(limiter.admit(0.0, caller).standings[0].amounts[0].left)
        limiter.ended(0.1, caller, used)

    assert lefts == [7, 3]
    assert limiter.admit(0.2, caller).refusal is not None


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
    assert [allowed.headers[name] for name in names] == ["mine", "0", "1m0s"]
    assert (refused.status_code, refused.json()["error"]["type"], remaining) == (429, "requests", 1)
    assert [refused.headers[name] for name in names[:2]] == ["1", "0"]
    assert 0 < float(refused.headers[names[2]].removesuffix("s")) < 60
    assert listed.status_code == 200


def test_openrouter_says_it_in_the_body() -> None:
    """An answer says nothing of a limit, a 429 all of it."""
    with LoopbackProvider(dialect="openrouter", rate_limit=RateLimit(tokens=3)) as server:
        answers = [httpx.post(f"{server.base_url}/chat/completions", json=HELLO) for _ in range(2)]

    told = json.loads(answers[1].text)["error"]["metadata"]["headers"]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert not [name for answer in answers for name in answer.headers if "ratelimit" in name]
    assert (told["X-RateLimit-Limit"], told["X-RateLimit-Remaining"]) == ("3", "0")


@pytest.mark.parametrize(("dialect", "requests"), [("openai", 2), ("openrouter", 3)])
def test_client_that_waits(dialect: DialectName, requests: int) -> None:
    """Who comes again when told is served; who is told beforehand comes when it may."""
    with (
        LoopbackProvider(dialect=dialect, rate_limit=RateLimit(1, window_seconds=0.3)) as server,
        OpenAI(base_url=server.base_url, api_key="k") as client,
    ):
        started = time.monotonic()
        for _ in range(2):
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
        seconds = time.monotonic() - started
        count = len(server.requests)

    assert count == requests
    assert seconds >= 0.25


@pytest.mark.parametrize(
    ("seconds", "text"),
    # as recorded: OpenAI's 6ms, 1.582s, 14m24s and 0s, Groq's 25m54.826s
    [
        (0, "0s"),
        (0.006, "6ms"),
        (1.582, "1.582s"),
        (60, "1m0s"),
        (864, "14m24s"),
        (1554.826, "25m54.826s"),
        (86_400, "24h0m0s"),
        (0.0001, "1ms"),
        (0.5, "500ms"),
        (6, "6s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """Times are spelled as they were recorded."""
    assert duration(seconds) == text


SPELLED: dict[Told, dict[str, str]] = {
    # a bucket of 4 requests in 120 s, of which one was taken, as each tells it
    "openai": {
        "x-ratelimit-limit-requests": "4",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "30s",
        "x-ratelimit-remaining-tokens": "1999900",
    },
    "groq": {
        "x-ratelimit-limit-requests": "4",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "30s",
    },
    "azure": {
        "x-ratelimit-limit-requests": "4",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "30",
    },
    "azure-odd": {
        "x-ratelimit-limit-requests": "0",
        "x-ratelimit-remaining-requests": "-1",
        "x-ratelimit-reset-requests": "0",
    },
    "cerebras": {
        "x-ratelimit-limit-requests-minute": "4",
        "x-ratelimit-remaining-requests-minute": "3",
        "x-ratelimit-reset-requests-minute": "30.0",
    },
    "anthropic": {
        "anthropic-ratelimit-requests-limit": "4",
        "anthropic-ratelimit-requests-remaining": "3",
        "anthropic-ratelimit-requests-reset": "2023-11-14T22:13:50Z",
    },
    "openrouter": {},
    "none": {},
}
WAITS: dict[Told, set[str]] = {
    "groq": {"retry-after"},
    "azure": {"retry-after", "retry-after-ms"},
    "anthropic": {"retry-after"},
    "none": {"retry-after"},
}


@pytest.mark.parametrize("style", TOLD)
def test_spellings(style: Told) -> None:
    """Each provider's names and spellings, on answers and on the 429, and nothing of another's."""
    limit = RateLimit(4, window_seconds=120, kind="bucket", headers=style)
    with LoopbackProvider(rate_limit=limit) as server:
        first, *_, last = [httpx.post(f"{server.base_url}/chat/completions", json=HELLO) for _ in range(5)]

    spelled = SPELLED[style]
    assert {name: first.headers[name] for name in spelled} == spelled
    usual: set[str] = (
        set() if style != "openai" else {f"x-ratelimit-{each}-tokens" for each in ("limit", "remaining", "reset")}
    )
    assert {name for name in first.headers if "ratelimit" in name} == set(spelled) | usual
    assert last.status_code == 429
    assert {name for name in last.headers if "ratelimit" in name} == set(spelled) - usual
    assert {name for name in last.headers if "retry-after" in name} == WAITS.get(style, set())
    metadata = last.json()["error"].get("metadata")
    assert (metadata is not None) == (style == "openrouter")
    if metadata is not None:
        assert CREATED * 1000 < int(metadata["headers"]["X-RateLimit-Reset"]) <= (CREATED + 30) * 1000


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("seconds", {"retry-after"}),
        ("milliseconds", {"retry-after-ms"}),
        ("both", {"retry-after", "retry-after-ms"}),
        ("nothing", set[str]()),
    ],
)
def test_retry_after(said: RetryAfter, names: set[str]) -> None:
    """What a 429 says of the wait can be chosen."""
    limit = RateLimit(1, window_seconds=50, headers="none", retry_after=said)
    with LoopbackProvider(rate_limit=limit) as server:
        *_, last = [httpx.post(f"{server.base_url}/chat/completions", json=HELLO) for _ in range(2)]

    found = {name: float(value) for name, value in last.headers.items() if name.startswith("retry-after")}
    assert set(found) == names
    assert all(40 < seconds / (1000 if name.endswith("ms") else 1) <= 50 for name, seconds in found.items())


def test_several_limits_are_told() -> None:
    """Where two limits share a header, the one with less left is told; a day's and a minute's of Cerebras have their names."""
    limits = [RateLimit(10, 1000, window_seconds=60), RateLimit(4, window_seconds=86_400)]
    named = [
        RateLimit(tokens=9, headers="cerebras", name="minute"),
        RateLimit(8, window_seconds=86_400, headers="cerebras"),
    ]
    with LoopbackProvider(rate_limit=limits) as plain, LoopbackProvider(rate_limit=named) as cerebras:
        told, with_names = [
            httpx.post(f"{each.base_url}/chat/completions", json=HELLO).headers for each in (plain, cerebras)
        ]

    assert told["x-ratelimit-limit-requests"] == "4"
    assert told["x-ratelimit-reset-requests"] == "24h0m0s"
    assert (told["x-ratelimit-limit-tokens"], told["x-ratelimit-remaining-tokens"]) == ("1000", "997")
    assert with_names["x-ratelimit-remaining-tokens-minute"] == "6"
    assert with_names["x-ratelimit-remaining-requests-day"] == "7"


def test_call_that_is_too_large() -> None:
    """A call that alone is more than the limit is told so, and no time."""
    with LoopbackProvider(rate_limit=RateLimit(tokens=2, headers="none")) as server:
        answer = httpx.post(f"{server.base_url}/chat/completions", json=HELLO)

    assert (answer.status_code, answer.json()["error"]["type"]) == (429, "tokens")
    assert "too large" in answer.json()["error"]["message"]
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize("process", [False, True])
def test_too_many_at_once(process: bool) -> None:
    """A stream that is under way holds its place until it ends, or its client leaves."""
    url = "/chat/completions"
    with (
        LoopbackProvider(rate_limit=RateLimit(concurrent=1), process=process) as server,
        httpx.Client(base_url=server.base_url) as client,
    ):
        server.script(Reply("One two", faults=[Stall(at=AfterEvents(1))]), Reply("three"), Reply("four"))
        with client.stream("POST", url, json=STREAM) as held:
            pieces = held.iter_bytes()  # which closes it as soon as nobody holds it
            next(pieces)
            refused = httpx.post(server.base_url + url, json=HELLO)
        server.wait_for(lambda: server.open_connections == 0)
        served = [client.post(url, json=HELLO) for _ in range(2)]
        counts = (server.admitted, server.refused)

    assert refused.status_code == 429
    assert "at once" in refused.json()["error"]["message"]
    assert [answer.status_code for answer in served] == [200, 200]
    assert counts == (3, 1) == (server.admitted, server.refused)
    assert [request.is_refused for request in server.requests] == [False, True, False, False]


def test_each_key_has_its_own() -> None:
    """A key that has no more left leaves the others alone; a request without a key is another."""
    with LoopbackProvider(rate_limit=RateLimit(1, window_seconds=60)) as server:
        headers = [{"authorization": "Bearer one"}, {"authorization": "Bearer two"}, {}] * 2
        answers = [httpx.post(f"{server.base_url}/chat/completions", json=HELLO, headers=each) for each in headers]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429, 429]
