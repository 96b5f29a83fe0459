"""Time limits: one deadline over everything, and a limit for each step, each with an error of its own."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from tests.client.cases import (
    AWAITED,
    USER,
    WITHOUT_TRIO,
    Case,
    create,
    done,
    drained,
    inside,
    items,
    result,
    stream,
    texts_into,
)
from twinwire import (
    APITimeoutError,
    DeadlineExceededError,
    Pool,
    PoolTimeoutError,
    Timeout,
)
from twinwire.testing import AfterBytes, AfterEvents, Insert, LoopbackProvider, Pieces, Reply, Stall, Status
from twinwire.types import ChatCompletion

LONG = 30.0
"""What no test waits for."""
SHORT = 0.1
ENDLESS = Insert(b'data: {"choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n', AfterEvents(1), None, 0.001)


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Reply(faults=[Stall()]), id="silence"),
        pytest.param(Reply(faults=[Stall(at="mid_head")]), id="half-a-head"),
        pytest.param(Reply(faults=[Pieces(1, 0.02, of="wire")]), id="dribbled-head"),
        pytest.param(Reply(faults=[Stall(at="before_body")]), id="no-body"),
        pytest.param(Reply(faults=[Pieces(1, 0.02)]), id="dribbled-body"),
        pytest.param(Reply(faults=[Insert(b" ", "before_body", None, 0.01)]), id="white-space-forever"),
    ],
)
async def test_deadline_of_a_whole_reply(case: Case, server: LoopbackProvider, answer: Reply) -> None:
    """However slowly the server speaks, a call ends at its deadline."""
    server.script(answer)
    async with case.in_time(), case.client(server) as client:
        with pytest.raises(DeadlineExceededError) as caught:
            await create(client, case, deadline=SHORT)
        server.wait_for(lambda: server.open_connections == 0)

    error = caught.value
    assert (error.where, error.deadline_seconds) == ("attempt", SHORT)
    assert (error.provider, error.model, error.retry_safe) == (case.provider, case.model, False)
    assert len(error.attempts) == 1
    assert 90 <= (error.attempts[0].ms_to_end or 0.0) < 4000
    assert error.possibly_billed


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize(
    ("answer", "where"),
    [
        pytest.param(Reply(faults=[Stall()]), "attempt", id="silence"),
        pytest.param(Reply(faults=[Insert(b": alive\n\n", "before_body", None, 0.01)]), "attempt", id="comments-first"),
        pytest.param(Reply(faults=[Stall(at=AfterEvents(3))]), "stream", id="stall"),
        pytest.param(Reply(faults=[Insert(b": alive\n\n", AfterEvents(3), None, 0.01)]), "stream", id="comments-later"),
        pytest.param(Reply(faults=[ENDLESS]), "stream", id="endless"),
        pytest.param(Reply("one two three " * 50, delay_seconds=0.01), "stream", id="slow"),
    ],
)
async def test_deadline_of_a_stream(case: Case, server: LoopbackProvider, answer: Reply, where: str) -> None:
    """The deadline bounds the stream too, also one that never ends or only keeps alive."""
    server.script(answer)
    async with case.in_time(), case.client(server, deadline=SHORT) as client:
        opened = stream(client, case)
        with pytest.raises(DeadlineExceededError) as caught:
            await drained(opened)
        server.wait_for(lambda: server.open_connections == 0)

    assert caught.value.where == where
    assert caught.value.deadline_seconds == SHORT
    assert caught.value.partial is None or isinstance(caught.value.partial, ChatCompletion)


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_deadline_while_the_consumer_works(case: Case, server: LoopbackProvider) -> None:
    """A deadline that passes between two reads ends the stream at the next one; what is ready is still delivered."""
    server.script(Reply("one two three", faults=[Stall(0.25, at=AfterEvents(3))]))
    async with case.client(server) as client:
        opened = await create(client, case, stream=True, deadline=SHORT)
        texts: list[str] = []
        with pytest.raises(DeadlineExceededError) as caught:
            await texts_into(texts, opened)

    assert "".join(texts).startswith("one")
    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text == "".join(texts)


async def test_deadline_over_attempts(case: Case, server: LoopbackProvider) -> None:
    """Attempts and waits count together, and a wait that would cross the deadline is not begun: both numbers are told."""
    server.script(Status(500), Status(429, retry_after=20))
    async with case.in_time(), case.client(server) as client:
        with pytest.raises(DeadlineExceededError, match="cross the deadline of 5 s") as caught:
            await create(client, case, deadline=5)

    error = caught.value
    assert (error.where, error.deadline_seconds, error.retry_after) == ("wait", 5.0, 20.0)
    assert error.wait_seconds is not None
    assert error.wait_seconds >= 20
    assert [getattr(attempt, "status", None) for attempt in error.attempts] == [500, 429]
    assert type(error.__cause__).__name__ == "RateLimitError"


async def test_deadline_in_the_queue(case: Case, server: LoopbackProvider) -> None:
    """Waiting for a connection counts, and nothing is sent by a call that waited in vain."""
    server.script(Reply("one two three", faults=[Stall(at=AfterEvents(3))]))
    async with case.in_time(), case.client(server, pool=Pool(max_connections=1)) as client:
        opened = await create(client, case, stream=True)
        with pytest.raises(DeadlineExceededError) as caught:
            await create(client, case, deadline=SHORT)
        await done(opened.close())

    assert (caught.value.where, caught.value.sent) == ("queue", False)
    assert len(server.requests) == 1


async def test_pool_timeout(case: Case, server: LoopbackProvider) -> None:
    """Waiting for a connection has its own limit and its own error, and is seen in the pool's numbers."""
    server.script(Reply("one two three", faults=[Stall(at=AfterEvents(3))]))
    options: dict[str, Any] = {"pool": Pool(max_connections=1), "timeout": Timeout(pool=SHORT)}
    async with case.in_time(), case.client(server, **options) as client:
        async with inside(await create(client, case, stream=True)):
            with pytest.raises(PoolTimeoutError) as caught:
                await create(client, case)
            stats = client.pool.stats()
        reply = await create(client, case)

    assert (caught.value.sent, caught.value.possibly_billed) == (False, False)
    assert len(caught.value.attempts) == 1
    assert (stats.open, stats.idle, stats.waiting) == (1, 0, 0)
    assert stats.longest_wait_seconds >= 0.09
    assert reply.text == "one two three"


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize(
    ("answer", "phase"),
    [
        pytest.param(Reply(faults=[Stall()]), "first_event", id="head"),
        pytest.param(Reply(faults=[Stall(at=AfterEvents(3))]), "between_events", id="stream"),
    ],
)
async def test_timeouts_of_a_stream(case: Case, server: LoopbackProvider, answer: Reply, phase: str) -> None:
    """Silence before the first event and silence between events have limits of their own."""
    server.default = answer
    limits = Timeout(**{"first_event": LONG, "between_events": LONG, phase: SHORT})
    async with case.in_time(), case.client(server, timeout=limits, max_retries=0) as client:
        opened = stream(client, case)
        with pytest.raises(APITimeoutError) as caught:
            await drained(opened)

    assert (caught.value.phase, caught.value.limit_seconds) == (phase, SHORT)
    assert caught.value.possibly_billed
    assert (caught.value.partial is not None) is (phase == "between_events")


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_timeout_of_a_whole_reply(case: Case, server: LoopbackProvider) -> None:
    """A number sets all limits of a call; a timeout is repeated as often as allowed."""
    server.default = Reply(faults=[Stall()])
    async with case.in_time(), case.client(server, timeout=LONG) as client:
        with pytest.raises(APITimeoutError) as caught:
            await create(client, case, timeout=SHORT, max_retries=1)

    assert caught.value.phase == "first_event"
    assert [getattr(attempt, "error", None) for attempt in caught.value.attempts] == ["APITimeoutError"] * 2


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_timeout_inside_a_body(case: Case, server: LoopbackProvider) -> None:
    """A body that stops halfway runs into the limit between events."""
    server.script(Reply("x", faults=[Stall(at=AfterBytes(10))]))
    limits = Timeout(first_event=LONG, between_events=SHORT)
    async with case.in_time(), case.client(server, timeout=limits, max_retries=0) as client:
        with pytest.raises(APITimeoutError) as caught:
            await create(client, case)

    assert (caught.value.phase, caught.value.limit_seconds) == ("between_events", SHORT)


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_keep_alive_comments_are_life(case: Case, server: LoopbackProvider) -> None:
    """Comments keep a stream from timing out, before the first event and after it."""
    comments = (b": alive\n\n", 9, 0.05)
    server.script(
        Reply(
            "one two three",
            faults=[
                Insert(comments[0], "before_body", comments[1], comments[2]),
                Insert(comments[0], AfterEvents(3), comments[1], comments[2]),
            ],
        )
    )
    limits = Timeout(first_event=0.3, between_events=0.3)
    async with case.in_time(), case.client(server, timeout=limits, max_retries=0) as client:
        reply = await result(client, case)

    assert reply.text == "one two three"
    assert reply.trace.attempts[0].ms_to_first_event >= 350


async def test_no_limit(case: Case, server: LoopbackProvider) -> None:
    """None switches limits off, for the client or for one call."""
    server.default = Reply("x", faults=[Stall(0.05)])
    async with case.client(server, timeout=None) as client:
        await create(client, case)
    async with case.client(server, timeout=0.01, deadline=0.01) as client:
        reply = await create(client, case, timeout=None, deadline=None)

    assert reply.text == "x"


@pytest.mark.parametrize("case", AWAITED, ids=str, indirect=True)
async def test_a_cancelled_call(case: Case, server: LoopbackProvider) -> None:
    """Cancelling a task closes its connection at once, and its place in the pool is free."""
    server.script(Reply(faults=[Stall()]))
    async with case.in_time(), case.client(server, pool=Pool(max_connections=1)) as client:
        with anyio.move_on_after(0.05) as scope:
            await create(client, case)
        server.wait_for(lambda: server.open_connections == 0)
        server.clear()  # on a busy machine the call may have ended before it took its answer
        stats = client.pool.stats()
        reply = await create(client, case)

    assert scope.cancelled_caught
    assert (stats.open, stats.waiting) == (0, 0)
    assert reply.text == "one two three"


@pytest.mark.parametrize("case", AWAITED, ids=str, indirect=True)
@pytest.mark.parametrize("kind", ["chunks", "events"])
async def test_a_cancelled_stream(case: Case, server: LoopbackProvider, kind: str) -> None:
    """Cancelling in the middle of a stream closes its connection at once, with and without a block."""
    server.script(Reply("one two three", faults=[Stall(at=AfterEvents(3))]))
    async with case.in_time(), case.client(server, pool=Pool(max_connections=1)) as client:
        opened = stream(client, case) if kind == "events" else await create(client, case, stream=True)
        with anyio.move_on_after(0.05) as scope:
            await items(opened)
        server.wait_for(lambda: server.open_connections == 0)
        reply = await create(client, case, messages=[USER])

    assert scope.cancelled_caught
    assert reply.text == "one two three"
