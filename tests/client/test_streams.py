"""Streams: as chunks and as events, read to the end, broken off, and asked for their result at any time."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from tests.client.cases import USER, Case, create, done, following, inside, items, stream, texts_into
from twinwire import (
    APIStatusError,
    DecodeError,
    Pool,
    ReasoningEvent,
    RefusalEvent,
    StreamError,
    StreamTruncatedError,
    TextEvent,
    Timeout,
    ToolCallEvent,
    UsageEvent,
)
from twinwire.testing import (
    AfterEvents,
    Close,
    ErrorEvent,
    Exchange,
    Insert,
    LoopbackProvider,
    Pieces,
    Reply,
    Stall,
    ToolCall,
    WithoutDone,
)
from twinwire.types import ChatCompletion, ChatCompletionChunk

pytestmark = pytest.mark.transports

ONE = Pool(max_connections=1)
STALLED = Reply("one two three", faults=[Stall(at=AfterEvents(3))])
"""A stream that begins and then says nothing more for as long as anybody listens."""


async def fail_at_first(stream: Any) -> None:
    """Raise something inside of a block."""
    async with inside(stream) as opened:
        async for _ in following(opened):
            raise LookupError("mine")


async def open_chunks(client: Any, case: Case, **arguments: Any) -> Any:
    return await create(client, case, stream=True, **arguments)


async def test_chunks(case: Case, server: LoopbackProvider) -> None:
    """`create(stream=True)` yields the chunks themselves, in the wire's shape."""
    async with case.client(server) as client:
        opened = await open_chunks(client, case)
        chunks = await items(opened)

    assert {type(chunk) for chunk in chunks} == {ChatCompletionChunk}
    assert "".join(chunk.text for chunk in chunks) == "one two three"
    assert opened.request_id == case.request_ids.format(1)
    assert [attempt.status for attempt in opened.trace.attempts] == [200]
    assert chunks[-1].usage.total_tokens == 6


async def test_what_a_stream_sends(case: Case, server: LoopbackProvider) -> None:
    """Usage is asked for where the server is known to understand it, unless the user says otherwise."""
    async with case.client(server) as client:
        await items(await open_chunks(client, case))
        await items(await open_chunks(client, case, stream_options={"include_usage": False}))
        await items(await open_chunks(client, case, stream_options=None))
    bodies = [request.json for request in server.requests]
    asked = {"stream_options": {"include_usage": True}} if case.asks_for_usage else {}

    assert bodies[0] == {"model": case.model, "messages": [USER], "stream": True, **asked}
    assert bodies[1]["stream_options"] == {"include_usage": False}
    assert bodies[2]["stream_options"] is None
    assert server.requests[0].headers["accept"] == "text/event-stream"


async def test_events(case: Case, server: LoopbackProvider) -> None:
    """`.stream()` yields typed events; the text of all of them is the answer and nothing else."""
    server.script(
        Reply("Rain today.", reasoning="Look outside.", tool_calls=[ToolCall("note", {"a": [1, 2]}, id="call_1")])
    )
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        events = await items(opened)
        reply = await done(opened.result())

    kinds = [event.type for event in events]
    assert "".join(event.text for event in events) == opened.text == reply.text == "Rain today."
    assert list(dict.fromkeys(kinds)) == ["reasoning", "text", "tool_call", "usage"]
    assert "".join(event.reasoning for event in events if isinstance(event, ReasoningEvent)) == "Look outside."
    assert [event.text for event in events if isinstance(event, TextEvent)] == ["Rain", " today."]
    calls = [event for event in events if isinstance(event, ToolCallEvent)]
    assert (calls[0].id, calls[0].name, calls[0].call_index) == ("call_1", "note", 0)
    assert "".join(event.arguments_delta for event in calls) == '{"a":[1,2]}'
    (usage,) = [event for event in events if isinstance(event, UsageEvent)]
    assert usage.usage.total_tokens == reply.usage.total_tokens
    assert reply.reasoning == "Look outside."
    assert reply.tool_calls[0].function.arguments == '{"a":[1,2]}'
    assert reply.finish_reason == "tool_calls"


async def test_refusal_events(case: Case, server: LoopbackProvider) -> None:
    """A refusal is told as one, and is no text."""
    server.script(Reply(refusal="I would rather not."))
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        events = await items(opened)
        reply = await done(opened.result())

    assert "".join(event.refusal for event in events if isinstance(event, RefusalEvent)) == "I would rather not."
    assert (reply.refusal, reply.text, opened.text) == ("I would rather not.", "", "")


async def test_result_is_what_create_returns(case: Case, server: LoopbackProvider) -> None:
    """The same class as `create()`, with cost, trace and request id, and equal to it but for what only a stream has."""
    async with case.client(server) as client:
        whole = await create(client, case)
        async with inside(stream(client, case)) as opened:
            reply = await done(opened.result())

    assert isinstance(reply, ChatCompletion)
    assert (reply.text, reply.finish_reason, reply.usage) == (whole.text, whole.finish_reason, whole.usage)
    assert (reply.object, reply.model, reply.created) == (whole.object, whole.model, whole.created)
    assert reply.request_id == case.request_ids.format(2)
    assert (reply.cost is not None) is case.reports_cost
    assert reply.cost == whole.cost
    attempt: Any = reply.trace.attempts[0]
    assert len(reply.trace.attempts) == 1
    assert 0 < attempt.ms_to_headers <= attempt.ms_to_first_event <= attempt.ms_to_end
    assert reply.raw.status_code == 200


async def test_nothing_is_sent_before_it_is_entered(case: Case, server: LoopbackProvider) -> None:
    """A stream that nobody entered costs nothing."""
    async with case.client(server) as client:
        opened = stream(client, case)
        before = (opened.text, opened.trace, opened.request_id, opened.snapshot())
        await done(opened.close())

    assert before == ("", None, None, None)
    assert server.requests == ()


async def test_result_early(case: Case, server: LoopbackProvider) -> None:
    """Asked for before anything was read, and without a block, the result reads to the end."""
    async with case.client(server) as client:
        opened = stream(client, case)
        first, second = await done(opened.result()), await done(opened.result())

    assert first.text == "one two three"
    assert first is second


async def test_result_in_the_middle(case: Case, server: LoopbackProvider) -> None:
    """After a break inside the block, the result reads on to the end."""
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        async for event in following(opened):
            if event.text:
                break
        early = opened.snapshot()
        reply = await done(opened.result())
        left = await items(opened)

    assert early.text.startswith("one")
    assert early.finish_reason is None
    assert reply.text == "one two three"
    assert left == []


async def test_result_after_the_block(case: Case, server: LoopbackProvider) -> None:
    """A stream that was read to its end keeps its result when it is closed."""
    async with case.client(server) as client:
        async with inside(stream(client, case)) as opened:
            await items(opened)
        reply = await done(opened.result())

    assert reply.text == "one two three"


async def test_result_of_what_was_broken_off(case: Case, server: LoopbackProvider) -> None:
    """A stream that was closed early has no result: a typed error holds what had arrived."""
    server.script(STALLED)
    async with case.client(server) as client:
        async with inside(stream(client, case)) as opened:
            async for event in following(opened):
                if event.text:
                    break
        with pytest.raises(StreamError, match="closed before its end") as caught:
            await done(opened.result())

    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text.startswith("one")


async def test_result_of_what_was_closed_unread(case: Case, server: LoopbackProvider) -> None:
    """A stream that was closed before it began has no result, and asks for none."""
    async with case.client(server) as client:
        opened = stream(client, case)
        await done(opened.close())
        with pytest.raises(StreamError):
            await done(opened.result())

    assert server.requests == ()


async def test_several_choices(case: Case, server: LoopbackProvider) -> None:
    """Each event says whose piece it is, and the result has all choices."""
    async with case.client(server) as client, inside(stream(client, case, extra_body={"n": 2})) as opened:
        events = await items(opened)
        reply = await done(opened.result())

    texts = [event for event in events if isinstance(event, TextEvent)]
    assert "".join(event.text for event in texts if event.choice_index == 1) == "one two three"
    assert [choice.message.content for choice in reply.choices] == ["one two three"] * 2


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_in_pieces(case: Case, server: LoopbackProvider, size: int) -> None:
    """However the bytes are split, the answer is the same."""
    server.script(Reply("Grüße 👋 an alle", faults=[Pieces(size)]))
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        assert (await done(opened.result())).text == "Grüße 👋 an alle"


async def test_end_without_done(case: Case, server: LoopbackProvider) -> None:
    """A stream in which every choice has its finish reason is complete without `[DONE]`."""
    server.script(Reply("x", faults=[WithoutDone()]))
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        assert (await done(opened.result())).text == "x"


@pytest.mark.parametrize(("index", "asked"), [(0, {"extra_body": {"n": 2}}), (1, {}), (1, {"extra_body": {"n": 2}})])
async def test_end_before_another_choice(
    case: Case, server: LoopbackProvider, index: int, asked: dict[str, object]
) -> None:
    """A choice that was asked for, or that comes before one that came, and never began is missing."""
    choice = f'{{"index": {index}, "delta": {{"content": "a"}}, "finish_reason": "stop"}}'
    body = f'data: {{"choices": [{choice}]}}\n\n'
    server.script(Exchange(200, {"content-type": "text/event-stream"}, body))
    async with case.client(server) as client, inside(stream(client, case, **asked)) as opened:
        with pytest.raises(StreamTruncatedError, match="a choice") as caught:
            await items(opened)

    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text == "a"


async def test_done_ends_it(case: Case, server: LoopbackProvider) -> None:
    """After `[DONE]` nobody waits for the end of the connection (an injected client: not beyond its limit), nor reads what follows."""
    server.script(Reply("x", faults=[Insert(b'data: {"choices": "?"}\n\n'), Stall(at="end_of_body")]))
    async with case.in_time(), case.client(server, timeout=Timeout(first_event=1, between_events=1)) as client:
        chunks = await items(await open_chunks(client, case))

    assert "".join(chunk.text for chunk in chunks) == "x"


async def test_connection_is_reused(case: Case, server: LoopbackProvider) -> None:
    """A stream that was read to its end leaves its connection for the next call."""
    async with case.client(server) as client:
        await items(await open_chunks(client, case))
        async with inside(stream(client, case)) as opened:
            await done(opened.result())
        await create(client, case)

    assert server.connections == 1


@pytest.mark.parametrize("kind", ["chunks", "events"])
async def test_break_in_a_block(case: Case, server: LoopbackProvider, kind: str) -> None:
    """Leaving the block early closes the connection at once, and the next call has its place."""
    server.script(STALLED)
    async with case.in_time(), case.client(server, pool=ONE, timeout=4) as client:
        opened = stream(client, case) if kind == "events" else await open_chunks(client, case)
        async with inside(opened):
            async for _ in following(opened):
                break
        server.wait_for(lambda: server.open_connections == 0)
        stats = client.pool.stats()
        after = await items(opened)
        reply = await create(client, case)

    assert (stats.open, stats.idle, stats.waiting) == (0, 0, 0)
    assert after == []
    assert reply.text == "one two three"


# Trio tells everybody who leaves an async generator halfway, also those inside of a library. With a block it has no reason to.
@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in. <async_generator:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["chunks", "events"])
async def test_break_without_a_block(case: Case, server: LoopbackProvider, kind: str) -> None:
    """A stream that was broken off and let go gives its connection back, too."""
    server.script(STALLED)
    async with case.in_time(), case.client(server, pool=ONE, timeout=4) as client:
        opened: Any = stream(client, case) if kind == "events" else await open_chunks(client, case)
        async for _ in following(opened):
            break
        del opened
        gc.collect()
        server.wait_for(lambda: server.open_connections == 0)
        reply = await create(client, case)

    assert reply.text == "one two three"


@pytest.mark.parametrize("kind", ["chunks", "events"])
async def test_exception_in_a_block(case: Case, server: LoopbackProvider, kind: str) -> None:
    """An exception of the user's own goes through, and the connection goes."""
    server.script(STALLED)
    async with case.in_time(), case.client(server, pool=ONE, timeout=4) as client:
        opened = stream(client, case) if kind == "events" else await open_chunks(client, case)
        with pytest.raises(LookupError, match="mine"):
            await fail_at_first(opened)
        server.wait_for(lambda: server.open_connections == 0)

        assert client.pool.stats().open == 0


@pytest.mark.parametrize("kind", ["chunks", "events"])
async def test_cut(case: Case, server: LoopbackProvider, kind: str) -> None:
    """After content has been delivered a cut is not repeated: an error that holds what had arrived."""
    server.script(Reply("one two three", faults=[Close(at=AfterEvents(3))]))
    async with case.client(server) as client:
        opened = stream(client, case) if kind == "events" else await open_chunks(client, case)
        texts: list[str] = []
        with pytest.raises(StreamTruncatedError) as caught:
            await texts_into(texts, opened)
        again: Any = None
        if kind == "events":
            with pytest.raises(StreamTruncatedError) as again:
                await done(opened.result())

    error = caught.value
    assert isinstance(error.partial, ChatCompletion)
    assert error.partial.text == "".join(texts) != ""
    assert (error.provider, error.model, error.sent, error.possibly_billed) == (case.provider, case.model, True, True)
    assert error.request_id == case.request_ids.format(1)
    assert len(error.attempts) == len(server.requests) == 1
    assert again is None or again.value is error


@pytest.mark.parametrize("dress", ["top_level", "with_choice", "named_event", "finish_reason"])
async def test_error_in_the_middle(case: Case, server: LoopbackProvider, dress: Any) -> None:
    """An error in a chunk, however it is dressed, is an error in the class of its cause, with what had arrived."""
    fault = ErrorEvent(dress, after_events=3, status=502, message="The provider failed.")
    server.script(Reply("one two three", faults=[fault]))
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        with pytest.raises(APIStatusError, match=r"The provider failed\.") as caught:
            await items(opened)

    error = caught.value
    assert type(error).__name__ == "InternalServerError"
    assert error.status_code == 502
    assert isinstance(error.partial, ChatCompletion)
    assert error.partial.text.startswith("one")
    assert len(server.requests) == 1


async def test_broken_chunk(case: Case, server: LoopbackProvider) -> None:
    """A chunk that is no JSON is an error with its text and the partial answer."""
    server.script(Reply("one two three", faults=[Insert(b"data: {nonsense\n\n", at=AfterEvents(3))]))
    async with case.client(server) as client, inside(stream(client, case)) as opened:
        with pytest.raises(DecodeError) as caught:
            await items(opened)

    assert caught.value.body == "{nonsense"
    assert isinstance(caught.value.partial, ChatCompletion)


async def test_items_before_an_error_arrive(case: Case, server: LoopbackProvider) -> None:
    """What one read completed before the error is delivered first."""
    server.script(Reply("one two three", faults=[ErrorEvent(after_events=4)]))
    async with case.client(server) as client:
        opened = await open_chunks(client, case)
        texts: list[str] = []
        with pytest.raises(APIStatusError):
            await texts_into(texts, opened)

    assert "".join(texts) == "one two three"


async def test_close_twice(case: Case, server: LoopbackProvider) -> None:
    """Closing a stream again does nothing, and a closed one yields nothing."""
    async with case.client(server) as client:
        for opened in (await open_chunks(client, case), stream(client, case)):
            await done(opened.close())
            await done(opened.close())

            assert await items(opened) == []


@pytest.mark.parametrize("is_read", [True, False], ids=["read", "left"])
@pytest.mark.parametrize("kind", ["chunks", "events"])
async def test_iterating_after_the_block(case: Case, kind: str, is_read: bool) -> None:
    """A stream that was left early says so; it is not an empty answer. One that was read to its end has no more."""
    with case.server(default=Reply("one two three")) as server:
        async with case.client(server) as client:
            opened = await create(client, case, stream=True) if kind == "chunks" else stream(client, case)
            async with inside(opened) as entered:
                if is_read:
                    await items(entered)
            if is_read:
                assert await items(opened) == []
            else:
                with pytest.raises(StreamError, match="the stream was closed before its end"):
                    iter(opened) if hasattr(opened, "__iter__") else aiter(opened)
