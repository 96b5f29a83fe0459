"""Limits of a client: configured, learned, and looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.cases import CASES, WITHOUT_TRIO, Case, create, done, inside, result, stream
from twinwire import DeadlineExceededError, Limits, LimitTimeoutError, Rate, RateLimitError
from twinwire.testing import LoopbackProvider, RateLimit, Reply, Status

OPENAI = [case for case in CASES if case.provider == "openai"]


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_configured(case: Case, server: LoopbackProvider) -> None:
    """Calls wait for their turn; streams too."""
    limits = Limits(rates=(Rate(requests=2, seconds=1.5),), learn=False)
    async with case.client(server, limits=limits) as client:
        first = await create(client, case)
        await result(client, case)
        third = await create(client, case)

    assert first.trace.attempts[0].queued_seconds < 1
    assert third.trace.attempts[0].queued_seconds > 0
    # Less the way of the first call, which also connects.
    assert server.requests[2].received_at - server.requests[0].received_at >= 1.4


async def test_longer_than_one_may_wait(case: Case, server: LoopbackProvider) -> None:
    """By `max_wait`, by the deadline, and where it never fits; nothing is sent."""
    async with case.client(server, limits=Limits(requests_per_minute=1, max_wait=1)) as client:
        await create(client, case)
        with pytest.raises(LimitTimeoutError) as waited:
            await create(client, case)
        patient = client.with_options(limits=Limits(requests_per_hour=1, learn=False))
        await create(patient, case)
        async with case.in_time():
            with pytest.raises(DeadlineExceededError) as late:
                await create(patient, case, deadline=30)
        with pytest.raises(LimitTimeoutError) as large:
            await create(client.with_options(limits=Limits(tokens_per_minute=10)), case, max_tokens=100)

    assert len(server.requests) == 2
    assert waited.value.wait_seconds is not None
    assert waited.value.wait_seconds > 1
    assert (late.value.where, late.value.deadline_seconds) == ("queue", 30)
    assert late.value.wait_seconds is not None
    assert late.value.wait_seconds > 30
    assert large.value.wait_seconds is None
    assert "10 tokens" in str(large.value)


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_by_tags(case: Case, server: LoopbackProvider) -> None:
    """Each user has a limit of his own, besides that of all."""
    limits = [Limits(requests_per_minute=1, per="user", max_wait=0.1), Limits(requests_per_minute=3, max_wait=0.1)]
    async with case.client(server, limits=limits) as client:
        for user in ("1", "2"):
            await create(client, case, tags={"user": user})
            with pytest.raises(LimitTimeoutError, match=f"user:{user}"):
                await create(client, case, tags={"user": user})
        await create(client, case, tags={"user": "3"})
        with pytest.raises(LimitTimeoutError) as of_all:
            await create(client, case, tags={"user": "4"})

    assert "user" not in of_all.value.limit


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_concurrent(case: Case, server: LoopbackProvider) -> None:
    """A stream has its place until its end."""
    async with case.client(server, limits=Limits(concurrent=1, max_wait=0.1)) as client:
        async with inside(stream(client, case)) as opened:
            with pytest.raises(LimitTimeoutError):
                await create(client, case)
            await done(opened.result())
        await create(client, case)


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str)
async def test_learned(case: Case) -> None:
    """With nothing configured, a server's limit is kept after its first answer: nothing is refused."""
    async with case.in_time(20):
        with case.server(rate_limit=RateLimit(requests=3, window_seconds=0.5, headers="openai")) as server:
            async with case.client(server) as client:
                replies = [await create(client, case) for _ in range(8)]
                known = await done(client.limits.snapshot())

    assert all(len(reply.trace.attempts) == 1 for reply in replies)
    assert ("requests", 3, "learned") in [(state.quantity, state.maximum, state.source) for state in known]


async def test_a_refusal_pauses_everybody(case: Case, server: LoopbackProvider) -> None:
    """Another call of that key and model waits as long as the server said; of another model it does not."""
    server.script(Status(429, retry_after=0.4))
    async with case.client(server, max_retries=0) as client:
        with pytest.raises(RateLimitError):
            await create(client, case)
        other = await create(client, case, model="other")
        same = await create(client, case)

    assert other.trace.attempts[0].queued_seconds < 0.3
    assert same.trace.attempts[0].queued_seconds >= 0.2
    assert server.requests[2].received_at - server.requests[0].received_at >= 0.4


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_a_pause_that_is_too_long(case: Case, server: LoopbackProvider) -> None:
    """It is told at once, as a retry's wait is."""
    server.script(Status(429, retry_after=3600))
    async with case.client(server) as client, case.in_time():
        with pytest.raises(RateLimitError):
            await create(client, case)
        with pytest.raises(LimitTimeoutError) as told:
            await create(client, case)

    assert told.value.retry_after is not None
    assert 3500 < told.value.retry_after <= 3700


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_off(case: Case, server: LoopbackProvider) -> None:
    """Not even what the server says."""
    server.script(Status(429, retry_after=3600))
    async with case.client(server, limits=False, max_retries=0) as client:
        with pytest.raises(RateLimitError):
            await create(client, case)
        await create(client, case)
        assert await done(client.limits.snapshot()) == ()
        assert (await done(client.limits.check())).allowed


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_looked_at(case: Case, server: LoopbackProvider) -> None:
    """`check()` reserves nothing, and says how long a call would wait."""
    async with case.client(server, limits=Limits(requests_per_minute=1, tokens_per_minute=1000)) as client:
        before = [await done(client.limits.check(model=case.model, tokens=10)) for _ in range(3)]
        large = await done(client.limits.check(model=case.model, tokens=5000))
        await create(client, case)
        after = await done(client.limits.check(model=case.model, tokens=10))
        states: Any = await done(client.limits.snapshot())

    assert [check.allowed for check in before] == [True] * 3
    assert not large.allowed
    assert not after.allowed
    assert 0 < after.wait_seconds <= 62
    assert "1 request" in after.limit
    used = {state.quantity: (state.used, state.maximum) for state in states if state.source == "configured"}
    assert used["requests"] == (1, 1)
    assert 0 < used["tokens"][0] < 200


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_the_true_usage_is_settled(case: Case, server: LoopbackProvider) -> None:
    """What was reserved and not used is given back: the next call need not wait for it."""
    server.default = Reply("x", usage={"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10})
    async with case.client(server, limits=Limits(tokens_per_minute=1000, max_wait=0.1, learn=False)) as client:
        for _ in range(5):
            await create(client, case, max_tokens=800)
