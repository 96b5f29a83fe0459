"""What a server sends too much of ends in a typed error, and not in memory."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.cases import OPENAI, OPENROUTER, WITHOUT_TRIO, Case, create, done, drained, following, items, stream
from twinwire import APIStatusError, Caps, ConfigError, DecodeError, StreamError
from twinwire.testing import AfterBytes, AfterEvents, Encode, Exchange, Framing, Insert, LoopbackProvider, Reply
from twinwire.types import ChatCompletion

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MEGABYTE = 1024 * 1024
SMALL = Caps(max_body_bytes=MEGABYTE, max_event_bytes=MEGABYTE // 4, max_error_bytes=64 * 1024)
BOUND_BYTES = 24 * MEGABYTE
"""What a call with small caps may hold at its peak: a few pieces of a megabyte, many times less than the bombs unpack to."""
BOMB_BYTES = 100 * MEGABYTE
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}


def packed(coding: str, opening: bytes, repeated: bytes, size: int = BOMB_BYTES) -> bytes:
    """A bomb of *size* bytes, made without holding them."""
    packer = zlib.compressobj(9, wbits={"gzip": 31, "deflate": 15, "deflate-raw": -15}[coding])
    piece = repeated * (MEGABYTE // len(repeated))
    pieces = [packer.compress(opening), *(packer.compress(piece) for _ in range(size // MEGABYTE)), packer.flush()]
    return b"".join(pieces)


ZEROS = {coding: packed(coding, b'{"text": "', b"0" * 64) for coding in ("gzip", "deflate", "deflate-raw")}


@asynccontextmanager
async def bounded_memory(most_bytes: int = BOUND_BYTES) -> AsyncGenerator[None]:
    """Fail if the block's peak is higher."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < most_bytes, f"{peak} bytes at the peak, which should be under {most_bytes}"


def bomb(coding: str, status: int, content_type: str) -> Exchange:
    """A reply that unpacks to hundreds of megabytes."""
    headers = {"content-type": content_type, "content-encoding": coding.removesuffix("-raw")}
    return Exchange(status, headers, ZEROS[coding])


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize("coding", sorted(ZEROS))
async def test_a_bomb_for_a_whole_reply(case: Case, server: LoopbackProvider, coding: str) -> None:
    """A reply that unpacks past the cap is refused, is not asked for again, and fills no memory."""
    server.default = bomb(coding, 200, "application/json")
    async with case.client(server, caps=SMALL) as client, bounded_memory():
        with pytest.raises(DecodeError, match=rf"limit is {SMALL.max_body_bytes} \(caps\.max_body_bytes\)") as caught:
            await create(client, case)

    assert (caught.value.retry_safe, caught.value.possibly_billed) == (False, True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize("coding", sorted(ZEROS))
async def test_a_bomb_for_an_error(case: Case, server: LoopbackProvider, coding: str) -> None:
    """The status is told although nobody unpacks all of the body, and the message stays short."""
    server.default = bomb(coding, 400, "text/plain")
    async with case.client(server, caps=SMALL) as client, bounded_memory():
        with pytest.raises(APIStatusError) as caught:
            await create(client, case)

    assert caught.value.status_code == 400
    assert len(str(caught.value)) < 1200
    assert len(str(caught.value.body)) <= SMALL.max_error_bytes


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize("coding", sorted(ZEROS))
async def test_a_bomb_for_an_event(case: Case, server: LoopbackProvider, coding: str) -> None:
    """One event that unpacks past its cap ends the stream."""
    server.default = Exchange(
        200, {**EVENTS, "content-encoding": coding.removesuffix("-raw")}, packed(coding, b"data: ", b"0" * 64)
    )
    async with case.client(server, caps=SMALL) as client, bounded_memory():
        with pytest.raises(StreamError, match=rf"limit is {SMALL.max_event_bytes} \(caps\.max_event_bytes\)"):
            await drained(stream(client, case))


CHUNK = b'data: {"choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n'
SMALL_EVENTS = [
    pytest.param(CHUNK, id="content"),
    pytest.param(b": alive\n\n", id="comments"),
    pytest.param(b'data: {"choices": []}\n\n', id="no-content"),
]


@pytest.mark.no_cover  # ten times as long, over a million times the same lines
@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize("event", SMALL_EVENTS)
async def test_a_bomb_of_small_events(case: Case, server: LoopbackProvider, event: bytes) -> None:
    """A million small events in a few bytes come one megabyte at a time, and end when they are plainly no answer."""
    server.default = Exchange(200, {**EVENTS, "content-encoding": "gzip"}, packed("gzip", CHUNK, event, 3 * MEGABYTE))
    async with case.client(server, caps=SMALL) as client, bounded_memory(2 * BOUND_BYTES):
        with pytest.raises(DecodeError, match=rf"limit is {SMALL.max_body_bytes} \(caps\.max_body_bytes\)") as caught:
            await _to_its_end(await create(client, case, stream=True))

    assert isinstance(caught.value.partial, ChatCompletion)


async def _to_its_end(opened: Any) -> None:
    """Read a stream and keep nothing of it."""
    async for _ in following(opened):
        pass


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_a_long_stream_that_is_compressed(case: Case, server: LoopbackProvider) -> None:
    """A stream may be longer than a whole reply: what compresses as an answer does is no bomb."""
    words = [f"word{number * 2654435761 % 1000003} " for number in range(2000)]
    server.default = Reply("".join(words), faults=[Encode("gzip")])
    caps = Caps(max_body_bytes=10_000)
    async with case.client(server, caps=caps) as client:
        chunks = await items(await create(client, case, stream=True))

    assert "".join(chunk.text for chunk in chunks).split() == "".join(words).split()


ENDLESS_HEADS = [
    pytest.param(Insert(b"x-more: " + b"y" * 100 + b"\r\n", "mid_head", 5000), id="lines"),
    pytest.param(Insert(b"x-more: " + b"y" * MEGABYTE + b"\r\n", "mid_head"), id="line"),
    pytest.param(Insert(b"HTTP/1.1 103 Early Hints\r\nlink: y\r\n\r\n", "before_head", 50_000), id="interim-replies"),
]


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize("fault", ENDLESS_HEADS)
async def test_an_endless_head(case: Case, server: LoopbackProvider, fault: Insert) -> None:
    """A head larger than its cap is refused and not asked for again."""
    server.default = Reply(faults=[fault])
    async with case.client(server) as client, bounded_memory():
        with pytest.raises(DecodeError, match=r"head is larger than 65536 bytes \(caps\.max_head_bytes\)"):
            await create(client, case)
        with pytest.raises(DecodeError, match=r"head is larger than 65536 bytes \(caps\.max_head_bytes\)"):
            await drained(stream(client, case))

    assert len(server.requests) == 2


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_the_cap_of_a_head(case: Case, server: LoopbackProvider) -> None:
    """It can be set, also for a copy of a client, which shares the connections of its original."""
    server.default = Reply(headers={"x-long": "y" * 3000})
    async with case.client(server) as client:
        assert (await create(client, case)).raw.headers["x-long"] == "y" * 3000
        narrow = client.with_options(caps=Caps(max_head_bytes=2000))
        with pytest.raises(DecodeError, match=r"head is larger than 2000 bytes \(caps\.max_head_bytes\)"):
            await create(narrow, case)
        await create(client, case)

    server.default = Reply(headers={"x-long": "y" * 90_000})
    async with case.client(server, caps=Caps(max_head_bytes=100_000)) as client:
        assert len((await create(client, case)).raw.headers["x-long"]) == 90_000


ENDLESS_EVENTS = [
    pytest.param(b"x" * 1000, id="line"),
    pytest.param(b"x\ndata: " * 100, id="lines"),
    pytest.param(b"\ndata:" * 100, id="empty-lines"),
]


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize("data", ENDLESS_EVENTS)
async def test_an_event_without_end(case: Case, server: LoopbackProvider, data: bytes) -> None:
    """What had arrived before is in the error; the connection goes."""
    opening = Insert(b"data: ", AfterEvents(3))
    server.default = Reply("one two three", faults=[opening, Insert(data * 20, AfterEvents(3), None, 0.001)])
    async with case.client(server, caps=SMALL) as client, bounded_memory():
        with pytest.raises(StreamError, match=rf"limit is {SMALL.max_event_bytes} \(caps\.max_event_bytes\)") as caught:
            await drained(stream(client, case))
        server.wait_for(lambda: server.open_connections == 0)

    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text.startswith("one")


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
@pytest.mark.parametrize("page", [b"<html>" + b"x" * 1000, b'{"error": {"message": "' + b"x" * 1000, b"plain " * 100])
async def test_an_endless_error_page(case: Case, server: LoopbackProvider, page: bytes) -> None:
    """As much is read as anybody looks at, and the message has at most a thousand characters of it."""
    server.default = Exchange(
        400, {}, page, faults=[Framing("chunked"), Insert(page * 100, AfterBytes(len(page)), None, 0.001)]
    )
    async with case.in_time(), case.client(server, caps=SMALL) as client, bounded_memory():
        with pytest.raises(APIStatusError) as caught:
            await create(client, case)
        server.wait_for(lambda: server.open_connections == 0)

    assert caught.value.status_code == 400
    assert len(str(caught.value)) < 1200


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_an_endless_reply(case: Case, server: LoopbackProvider) -> None:
    """Uncompressed, it ends at the same cap."""
    server.default = Exchange(
        200, JSON, b"{}", faults=[Framing("chunked"), Insert(b" " * 100_000, AfterBytes(1), None, 0.001)]
    )
    async with case.in_time(), case.client(server, caps=SMALL) as client, bounded_memory():
        with pytest.raises(DecodeError, match=rf"limit is {SMALL.max_body_bytes} \(caps\.max_body_bytes\)"):
            await create(client, case)


@pytest.mark.parametrize("case", WITHOUT_TRIO, ids=str, indirect=True)
async def test_a_reply_of_the_size_of_its_cap(case: Case, server: LoopbackProvider) -> None:
    """A cap is the most that is taken, so exactly so much is fine."""
    body = json.dumps({"id": "x", "object": "list", "data": [], "pad": "y" * 1000}).encode()
    server.script(*[Exchange(200, {**JSON, "content-encoding": "gzip"}, gzip.compress(body))] * 2)
    async with case.client(server, caps=Caps(max_body_bytes=len(body))) as client:
        await done(client.models.list())
        with pytest.raises(DecodeError, match="limit is 1000"):
            await done(client.with_options(caps=Caps(max_body_bytes=1000)).models.list())


@pytest.mark.parametrize("name", ["max_body_bytes", "max_event_bytes", "max_head_bytes", "max_error_bytes"])
@pytest.mark.parametrize("value", [0, -1, True, 1.5, "1", None, float("inf")])
def test_wrong_caps(name: str, value: Any) -> None:
    """Each is a whole number of bytes."""
    with pytest.raises(ConfigError, match=rf"caps\.{name} must be a whole number of bytes, at least 1, got"):
        Caps(**{name: value})


def test_a_cap_that_cannot_be_kept() -> None:
    """The HTTP library reads no longer head, and one that is handed in reads heads in its own way."""
    with pytest.raises(ConfigError, match=r"caps\.max_head_bytes must be at most 102400, got 1000000"):
        Caps(max_head_bytes=1_000_000)
    for row in (OPENAI, OPENROUTER):
        for make in (row.blocking_class, row.awaited_class):
            with pytest.raises(ConfigError, match=r"caps\.max_head_bytes would do nothing"):
                make(api_key="k", caps=Caps(max_head_bytes=1000), http_client=object())
            with pytest.raises(ConfigError, match="caps must be a Caps, got int"):
                make(api_key="k", caps=5)
