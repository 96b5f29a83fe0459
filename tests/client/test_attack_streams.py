"""What hostile servers and careless users do to streams."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.client.cases import Case, create, done, following, inside, items, run_plain, stream
from twinwire import (
    APIStatusError,
    AuthenticationError,
    ChatStream,
    DecodeError,
    RateLimitError,
    StreamError,
    StreamTruncatedError,
)
from twinwire.testing import (
    AfterEvents,
    Close,
    Exchange,
    LoopbackProvider,
    Reply,
    Reset,
    Stall,
    Status,
    WithoutDone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

SSE = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}
DEEP = "[" * 700 + "]" * 700


def chunk(content: str | None = None, finish_reason: str | None = None, **fields: object) -> dict[str, Any]:
    """One chunk of one choice."""
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **fields}


def events(*chunks: object, end: str = "data: [DONE]\n\n") -> Exchange:
    """A stream of these chunks."""
    return Exchange(200, SSE, "".join(f"data: {json.dumps(one)}\n\n" for one in chunks) + end)


async def result(case: Case, server: LoopbackProvider, answer: Exchange | Reply) -> Any:
    """The reply that a stream of events adds up to, without retries."""
    server.script(answer)
    async with case.client(server, max_retries=0) as client, inside(stream(client, case)) as opened:
        return await done(opened.result())


@pytest.mark.parametrize("fault", [Reset(at="end_of_body"), Close(at="end_of_body")])
async def test_a_connection_that_breaks_after_the_answer(case: Case, server: LoopbackProvider, fault: Any) -> None:
    """With every finish reason there and the usage, nothing but `[DONE]` is missing: the answer is complete."""
    reply = await result(case, server, Reply("one two", faults=[fault, WithoutDone()]))

    assert reply.text == "one two"
    assert reply.usage
    assert reply.trace.attempts[-1].error is None


@pytest.mark.parametrize("headers", [SSE, {}, {"content-type": "text/plain"}])
async def test_json_under_the_name_of_a_stream(case: Case, server: LoopbackProvider, headers: dict[str, str]) -> None:
    """A whole reply that a server sends without saying so is kept in the error."""
    whole = {"id": "x", "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "paid for"}}]}
    with pytest.raises(StreamError) as caught:
        await result(case, server, Exchange(200, headers, whole))

    assert caught.value.partial.text == "paid for"  # type: ignore[attr-defined]  # a reply, of the operation's class


async def test_an_error_under_the_name_of_a_stream(case: Case, server: LoopbackProvider) -> None:
    """An error body that claims to be a stream is the error that it is."""
    with pytest.raises(RateLimitError):
        await result(case, server, Exchange(200, SSE, {"error": {"message": "slow down", "code": 429}}))


@pytest.mark.parametrize(
    "body", ["", ": comment\n\n", "data: [DONE]\n\n", 'data: {"id": "c", "choices": []}\n\ndata: [DONE]\n\n']
)
async def test_no_answer_at_all(case: Case, server: LoopbackProvider, body: str) -> None:
    """A stream in which no choice ever began is no empty answer, whatever it says at its end."""
    with pytest.raises(StreamTruncatedError):
        await result(case, server, Exchange(200, SSE, body))


async def test_an_error_event_in_words(case: Case, server: LoopbackProvider) -> None:
    """`event: error` reports an error also where its data is no JSON."""
    with pytest.raises(APIStatusError, match="internal failure") as caught:
        await result(case, server, events(chunk("a"), end="event: error\ndata: internal failure\n\n"))

    assert caught.value.partial.text == "a"  # type: ignore[attr-defined]  # a reply, of the operation's class


async def test_a_deep_chunk(case: Case, server: LoopbackProvider) -> None:
    """Nesting that Python's functions cannot follow is typed, with what had arrived."""
    deep = json.dumps(chunk("b", "stop"))[:-1] + f', "x": {DEEP}}}'
    with pytest.raises(DecodeError, match="nested deeper") as caught:
        await result(case, server, events(chunk("a"), end=f"data: {deep}\n\n"))

    assert caught.value.partial.text == "a"  # type: ignore[attr-defined]  # a reply, of the operation's class


async def test_a_deep_error(case: Case, server: LoopbackProvider) -> None:
    """An error is reported however deep its details are."""
    with pytest.raises(RateLimitError, match="slow down"):
        await result(
            case,
            server,
            events(chunk("a"), end=f'data: {{"error": {{"code": 429, "message": "slow down", "x": {DEEP}}}}}\n\n'),
        )


async def test_a_stream_cut_inside_a_tool_call(case: Case, server: LoopbackProvider) -> None:
    """It was cut; that the call is incomplete follows from it."""
    call = {"index": 0, "id": "a", "type": "function", "function": {"arguments": "{"}}
    first = chunk()
    first["choices"][0]["delta"] = {"tool_calls": [call]}
    with pytest.raises(StreamTruncatedError):
        await result(case, server, events(first, end=""))


async def side_by_side(case: Case, read: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run *read* twice at once, in tasks or in threads."""
    if case.is_awaited:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            tasks.start_soon(read)
    else:
        threads = [threading.Thread(target=lambda: run_plain(read())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("kind", ["chunks", "events"])
async def test_two_readers(case: Case, server: LoopbackProvider, kind: str) -> None:
    """A second reader is told so, and the first gets everything. Nothing is sent twice, even where both would begin the stream."""
    server.script(
        Reply("one two three four", delay_seconds=0.02, faults=[Stall(0.3, at=AfterEvents(n)) for n in (0, 2)])
    )
    seen: list[str] = []
    refused: list[BaseException] = []

    async with case.client(server) as client:
        opened = stream(client, case) if kind == "events" else await create(client, case, stream=True)

        async def read() -> None:
            try:
                async for item in following(opened):
                    seen.append(item.text)  # noqa: PERF401  # what came before an error counts, too
            except StreamError as error:
                refused.append(error)

        await side_by_side(case, read)

    assert "".join(seen) == "one two three four"
    assert ["one reader" in str(error) for error in refused] == [True]
    assert len(server.requests) == 1


async def test_closed_while_it_begins(case: Case, server: LoopbackProvider) -> None:
    """A stream that somebody else closes before the server has answered yields nothing, and gives its connection back."""
    server.script(Reply("one two", faults=[Stall(0.3)]))
    seen: list[Any] = []
    async with case.client(server) as client:
        opened = stream(client, case)
        is_reader = iter((True, False))

        async def play() -> None:
            if next(is_reader):
                seen.extend(await items(opened))
                return
            await wait_for(case, lambda: len(server.requests) == 1, server)
            await done(opened.close())

        await side_by_side(case, play)
        with pytest.raises(StreamError, match="closed before its end"):
            await done(opened.result())

        assert seen == []
        stats = client.pool.stats()
        assert stats.open == stats.idle


async def wait_for(case: Case, condition: Callable[[], bool], server: LoopbackProvider) -> None:
    """Wait until the server has seen enough."""
    if case.is_awaited:
        await anyio.to_thread.run_sync(server.wait_for, condition)
    else:
        server.wait_for(condition)


async def test_entering_what_was_closed(case: Case, server: LoopbackProvider) -> None:
    """A stream that was closed before it was opened sends nothing any more."""
    async with case.client(server) as client:
        opened = stream(client, case)
        await done(opened.close())
        with pytest.raises(StreamError, match="closed before its end") as caught:
            async with inside(opened):
                pass

    assert caught.value.sent is False
    assert not caught.value.possibly_billed
    assert not server.requests


async def test_asking_again_after_a_refusal(case: Case, server: LoopbackProvider) -> None:
    """A stream that was refused says so again, and is not sent again."""
    server.script(Status(401))
    async with case.client(server) as client:
        opened = stream(client, case)
        with pytest.raises(AuthenticationError):
            await done(opened.result())
        with pytest.raises(AuthenticationError):
            await items(opened)

    assert len(server.requests) == 1


async def test_the_facts_of_a_stream_that_was_broken_off(case: Case, server: LoopbackProvider) -> None:
    """The error of a missing result tells as much of the call as any."""
    server.script(Reply("one two three"))
    async with case.client(server) as client:
        opened: ChatStream = stream(client, case)
        async with inside(opened):
            async for _ in following(opened):
                break
        with pytest.raises(StreamError) as caught:
            await done(opened.result())

    error = caught.value
    assert (error.provider, error.model, error.sent, error.possibly_billed) == (case.provider, case.model, True, True)
    assert error.request_id == case.request_ids.format(1)
    assert len(error.attempts) == 1
    assert error.partial.text.startswith("one")  # type: ignore[attr-defined]  # a reply, of the operation's class
