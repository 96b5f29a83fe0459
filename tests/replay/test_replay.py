"""
Every recorded exchange, served over a real socket, through the blocking and the async client.

The client talks to the recorded provider's own host, so that this provider's module judges the reply; a loopback provider stands in as
the proxy to it. Each body is served in its recorded pieces, whole, and byte by byte up to 20 kB.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.chat import reference
from tests.client.cases import CASES, OPENAI, OPENROUTER, USER, Case, Flavour, done, inside
from tests.client.cases import following as read
from tests.replay.expected_errors import EXPECTED, Expected
from tests.replay.recordings import Recording, recordings
from twinwire._model.convert import structure
from twinwire.chat.accumulate import ChatAccumulator
from twinwire.errors import APIStatusError
from twinwire.testing import Exchange, LoopbackProvider, Pieces
from twinwire.types import ChatCompletion, ChatCompletionChunk, CreateEmbeddingResponse, Model, ModelList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GROUPS = sorted({recording.group for recording in recordings()})
RUNNERS: dict[Flavour, Case] = {case.flavour: case for case in CASES if case.flavour != "trio"}
MAX_BYTEWISE = 20_000
REFERENCE_CANNOT = {"tool_delta_no_index", "content_is_list"}
"""Streams that the reference fold of the chat tests does not understand; there they are looked at by eye."""

pytestmark = [
    pytest.mark.skipif(not GROUPS, reason="the recordings are reference data beside the project, and are not here"),
    pytest.mark.no_cover,  # measured, they take four times as long, over lines that other tests run as well
]


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackProvider]:
    """One server for all of them, in a process of its own: this one has enough to do."""
    with LoopbackProvider(process=True) as running:
        yield running


def text_of(value: Any) -> str:
    """Sorted JSON text, which tells 1 from 1.0 and from true as == does not."""
    return json.dumps(value, sort_keys=True)


def ways(recording: Recording) -> Iterator[Exchange]:
    """The reply in its recorded pieces, whole, and byte by byte."""
    if recording.pieces:
        yield Exchange(recording.status, recording.headers, recording.body, recording.pieces)
    yield Exchange(recording.status, recording.headers, recording.body, (len(recording.body),))
    if len(recording.body) <= MAX_BYTEWISE:
        yield Exchange(recording.status, recording.headers, recording.body, faults=[Pieces(1)])


def client_of(recording: Recording, flavour: Flavour, server: LoopbackProvider) -> Any:
    """A client that knows whose server it talks to."""
    row: Case = OPENROUTER if recording.provider == "openrouter" else OPENAI
    make: Callable[..., Any] = row.blocking_class if flavour == "blocking" else row.awaited_class
    url = f"http://{recording.host}/v1"
    # Without limits, for a recorded refusal would pause the recordings after it.
    options: dict[str, Any] = {"max_retries": 0, "timeout": 20, "limits": False}
    return make(base_url=url, allow_http=True, proxy=server.origin, api_key="sk-replay", **options)


async def whole_reply(client: Any, recording: Recording) -> Any:
    """What the method of the recording's endpoint returns."""
    if recording.endpoint == "models":
        single = recording.path.partition("/models/")[2]
        return await done(client.models.retrieve(model=single) if single else client.models.list())
    if recording.endpoint == "embeddings":
        options = {name: recording.asked[name] for name in ("encoding_format",) if name in recording.asked}
        asked = recording.asked.get("input", "text")
        return await done(client.embeddings.create(model="m", input=asked, **options))
    return await done(
        client.chat.completions.create(
            model="m",
            messages=[USER],
        )
    )


async def streamed_reply(client: Any) -> Any:
    """What a stream comes to."""
    async with inside(client.chat.completions.stream(model="m", messages=[USER])) as opened:
        return await done(opened.result())


def reply_class(recording: Recording) -> type[Any]:
    """The class that a whole reply must have."""
    if recording.endpoint == "models":
        return Model if "/models/" in recording.path else ModelList
    return ChatCompletion if recording.endpoint == "chat.completions" else CreateEmbeddingResponse


async def check_whole(client: Any, recording: Recording) -> None:
    """A whole reply equals the one built from the body, and encodes back to the body."""
    reply = await whole_reply(client, recording)
    expected = structure(recording.json(), reply_class(recording))

    assert type(reply) is type(expected)
    assert text_of(reply.to_dict()) == text_of(recording.json())
    assert reply.raw.content == recording.body
    if recording.asked.get("encoding_format") == "base64":
        assert all(type(number) is float for vector in reply.vectors for number in vector)
    else:
        assert reply == expected


async def check_chunks(client: Any, recording: Recording) -> None:
    """Chunk by chunk, a stream is what each event holds, and each encodes back to it."""
    opened = await done(client.chat.completions.create(model="m", messages=[USER], stream=True))
    chunks = [chunk async for chunk in read(opened)]

    assert chunks == [structure(raw, ChatCompletionChunk) for raw in recording.chunks()]
    assert [text_of(chunk.to_dict()) for chunk in chunks] == [text_of(raw) for raw in recording.chunks()]


async def check_result(client: Any, recording: Recording) -> None:
    """The result of a stream is what its whole body folds to, by our own fold and by the reference."""
    async with inside(client.chat.completions.stream(model="m", messages=[USER])) as opened:
        events = [event async for event in read(opened)]
        reply = await done(opened.result())
    accumulator = ChatAccumulator()
    for raw in recording.chunks():
        accumulator.add(raw)

    assert reply == structure(accumulator.snapshot(), ChatCompletion)
    assert text_of(reply.to_dict()) == text_of(accumulator.snapshot())
    assert "".join(event.text for event in events if not getattr(event, "choice_index", 0)) == opened.text
    if not REFERENCE_CANNOT & recording.tags:
        expected = reference.fold(recording.chunks())
        if "x_groq" in recording.tags:  # Groq's compound models count in a field of their own
            expected["usage"] = expected["usage"] or accumulator.usage
        assert reference.facts(reply.to_dict()) == expected


async def check_error(client: Any, recording: Recording, expected: Expected) -> None:
    """A recorded error comes in its class, with status, code and message."""
    with pytest.raises(APIStatusError) as caught:
        await (streamed_reply(client) if recording.wants_stream else whole_reply(client, recording))
    error = caught.value
    body: Any = recording.chunks()[-1] if recording.is_stream else recording.json()
    for name in expected.message_at:
        body = body[name]

    assert (type(error), error.status_code, error.code) == (expected.kind, expected.status, expected.code)
    assert " ".join(body.split())[:900] in str(error)
    assert error.sent is True


async def replay(server: LoopbackProvider, flavour: Flavour, group: str) -> tuple[int, int]:
    """Serve each recording of the group in each way → how many recordings came out right, and how many replies were served."""
    right = served = 0
    name = ""
    members = [recording for recording in recordings() if recording.group == group]
    client = client_of(members[0], flavour, server)
    try:
        for recording in members:
            name = recording.id
            error = EXPECTED.get(name)
            for exchange in ways(recording):
                if error is not None:
                    server.script(exchange)
                    await check_error(client, recording, error)
                elif recording.is_stream:
                    server.script(exchange, exchange)
                    await check_chunks(client, recording)
                    await check_result(client, recording)
                else:
                    server.script(exchange)
                    await check_whole(client, recording)
                served += 1
            right += 1
    except Exception as error:
        error.add_note(f"while replaying {name}")
        raise
    finally:
        await done(client.close())
        server.clear()
    return right, served


@pytest.mark.parametrize("flavour", RUNNERS)
@pytest.mark.parametrize("group", GROUPS)
def test_replay(
    server: LoopbackProvider, flavour: Flavour, group: str, record_property: Callable[[str, object], None]
) -> None:
    """What the client returns or raises is what the whole body says, however it arrives."""
    count = sum(1 for recording in recordings() if recording.group == group)
    right, served = RUNNERS[flavour].run(lambda: replay(server, flavour, group))
    record_property("replay", (flavour, right, count, served))

    assert right == count


def test_every_expected_error_is_there() -> None:
    """The table names recordings that exist, and every recorded error status is in it."""
    by_id = {recording.id: recording for recording in recordings()}

    assert EXPECTED.keys() <= by_id.keys()
    assert {name for name, recording in by_id.items() if recording.status != 200} <= EXPECTED.keys()
