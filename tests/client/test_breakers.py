"""The circuit breaker of a client, over real sockets."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.cases import OPENAI, Case, create, inside, items, stream
from twinwire import (
    AsyncOpenAI,
    BadRequestError,
    Breaker,
    CircuitOpenError,
    ConfigError,
    InternalServerError,
    OpenAI,
    RateLimitError,
    Retry,
    StreamTruncatedError,
)
from twinwire.testing import AfterEvents, Close, LoopbackProvider, Reply, Stall, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing import Answer

THREE = Breaker(failure_rate=None, consecutive_failures=3, open_seconds=60.0)
SHORT = Breaker(failure_rate=None, consecutive_failures=3, open_seconds=0.2)
ONCE = Retry(max_retries=0)


async def fail(client: Any, case: Case, times: int = 3) -> None:
    """Make calls that end in 500."""
    for _ in range(times):
        with pytest.raises(InternalServerError):
            await create(client, case)


def let_pass(seconds: float) -> None:
    """Time passes, and nobody does anything meanwhile."""
    time.sleep(seconds)


async def test_calls_are_refused(case: Case, server: LoopbackProvider) -> None:
    """After three failures in a row nothing is sent, and the error says what and for how long; another model is called."""
    server.script(Status(500), Status(502), Status(503))
    async with case.client(server, breaker=THREE, retry=ONCE) as client:
        await fail(client, case)
        with pytest.raises(CircuitOpenError) as refused:
            await create(client, case)
        other = await create(client, case, model="another-model")

    assert len(server.requests) == 4
    assert other.text == "one two three"
    assert refused.value.model == case.model
    assert refused.value.retry_after is not None
    assert 50.0 < refused.value.retry_after <= 66.0
    assert "because 3 attempts in a row failed, the last by OverloadedError" in str(refused.value)


async def test_streams_count(case: Case, server: LoopbackProvider) -> None:
    """Streams that break off are failures, and a stream is refused as a whole reply is."""
    server.default = Reply("one two three", faults=[Close(at=AfterEvents(2))])
    async with case.client(server, breaker=THREE, retry=ONCE) as client:
        for _ in range(3):
            with pytest.raises(StreamTruncatedError):
                async with inside(stream(client, case)) as opened:
                    await items(opened)
        with pytest.raises(CircuitOpenError):
            async with inside(stream(client, case)) as opened:
                await items(opened)

    assert len(server.requests) == 3


async def test_a_stream_that_is_left_says_nothing(case: Case, server: LoopbackProvider) -> None:
    """Leaving them early opens no breaker."""
    server.default = Reply("one two three four five", delay_seconds=0.01)
    async with case.client(server, breaker=THREE, retry=ONCE) as client:
        for _ in range(5):
            async with inside(stream(client, case)):
                pass
        states = client.breakers.snapshot()

    assert [state.failures for state in states] in ([], [0])


@pytest.mark.parametrize(
    ("answer", "error"), [(Status(400), BadRequestError), (Status(429), RateLimitError)], ids=["400", "429"]
)
async def test_the_callers_mistakes(
    case: Case, server: LoopbackProvider, answer: Answer, error: type[Exception]
) -> None:
    """They open no breaker. Without limits, since a 429 would make the next call wait."""
    async with case.client(server, breaker=THREE, retry=ONCE, limits=False) as client:
        for _ in range(5):
            server.script(answer)
            with pytest.raises(error):
                await create(client, case)
        await create(client, case)


async def test_a_probe_closes_it(case: Case, server: LoopbackProvider) -> None:
    """Once its time has passed one call is let through, and then all are; a failed one makes the time twice as long."""
    server.script(*[Status(500)] * 4)
    async with case.client(server, breaker=SHORT, retry=ONCE) as client:
        await fail(client, case)
        opened = client.breakers.snapshot()[0]
        let_pass(0.25)
        waiting = client.breakers.snapshot()[0]
        await fail(client, case, 1)
        again = client.breakers.snapshot()[0]
        let_pass(0.5)
        await create(client, case)
        closed = client.breakers.snapshot()[0]

    assert [state.state for state in (opened, waiting, again, closed)] == ["open", "half_open", "open", "closed"]
    assert again.retry_after > 0.25
    assert again.times_opened == 2


async def test_a_refused_retry(case: Case, server: LoopbackProvider) -> None:
    """The call raises what led to the retry, and says why there was none."""
    server.default = Status(500)
    async with case.client(server, breaker=THREE) as client:
        with pytest.raises(InternalServerError):
            await create(client, case)
        with pytest.raises(CircuitOpenError):
            await create(client, case)
        client.breakers.reset()
        await fail(client, case, 1)

    assert len(server.requests) == 6


async def test_resetting(case: Case, server: LoopbackProvider) -> None:
    """`reset()` lets calls through at once."""
    server.script(*[Status(500)] * 3)
    async with case.client(server, breaker=THREE, retry=ONCE) as client:
        await fail(client, case)
        client.breakers.reset(case.model)
        reply = await create(client, case)

    assert reply.text == "one two three"


async def test_copies_share(case: Case, server: LoopbackProvider) -> None:
    """A copy of a client knows what the client knows; without a breaker there is none to be shown."""
    server.script(*[Status(500)] * 3)
    async with case.client(server, breaker=THREE, retry=ONCE) as client:
        copy = client.with_options(timeout=5.0)
        await fail(client, case)
        with pytest.raises(CircuitOpenError):
            await create(copy, case)
        bare = client.with_options(breaker=None)
        await create(bare, case)

        assert bare.breakers.snapshot() == ()


async def test_wrong_options(case: Case) -> None:
    """`breaker` takes a Breaker."""
    with pytest.raises(ConfigError, match="breaker must be a Breaker or None"):
        async with case.client(breaker=0.5):
            pass


def crowd(call: Callable[[], object], count: int) -> list[object]:
    """What so many threads get that call at once."""
    barrier = threading.Barrier(count)

    def one() -> object:
        barrier.wait()
        try:
            return call()
        except CircuitOpenError as refusal:
            return refusal

    with ThreadPoolExecutor(count) as threads:
        return [future.result() for future in [threads.submit(one) for _ in range(count)]]


def test_fifty_threads_at_a_half_open_breaker() -> None:
    """One of them is sent, while it is under way none of the others."""
    with (
        LoopbackProvider() as server,
        OpenAI(base_url=server.base_url, api_key="test-key", breaker=SHORT, max_retries=0) as client,
    ):
        server.script(*[Status(500)] * 3, Reply("back", faults=[Stall(1.5, at="before_head")]))
        for _ in range(3):
            with pytest.raises(InternalServerError):
                client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
        time.sleep(0.3)

        found = crowd(
            lambda: client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}]).text, 50
        )

        assert [each for each in found if not isinstance(each, CircuitOpenError)] == ["back"]
        assert len(server.requests) == 4
        assert client.breakers.snapshot()[0].state == "closed"


def test_cancelled_probes_do_not_wedge_it() -> None:
    """Fifty tasks at a half-open breaker, the probe is cancelled, five times; then one gets through."""

    async def scenario() -> None:
        with LoopbackProvider() as server:
            async with AsyncOpenAI(
                base_url=server.base_url, api_key="test-key", breaker=SHORT, max_retries=0
            ) as client:

                async def ask() -> str | None:
                    reply = await client.chat.completions.create(
                        model=OPENAI.model, messages=[{"role": "user", "content": "hi"}]
                    )
                    return reply.text

                server.script(*[Status(500)] * 3)
                for _ in range(3):
                    with pytest.raises(InternalServerError):
                        await ask()
                await asyncio.sleep(0.3)
                for _ in range(5):
                    server.script(Reply("never", faults=[Stall(at="before_head")]))
                    tasks = [asyncio.create_task(ask()) for _ in range(50)]
                    over, under_way = await asyncio.wait(tasks, timeout=0.3)
                    assert len(under_way) == 1
                    assert all(isinstance(task.exception(), CircuitOpenError) for task in over)
                    for task in under_way:
                        task.cancel()
                    await asyncio.wait(under_way)

                assert await ask() == "hi"
                assert client.breakers.snapshot()[0].state == "closed"

    asyncio.run(scenario())
