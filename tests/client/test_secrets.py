"""The key is nowhere but in the request: not in what is shown, kept, raised, pickled or logged."""

from __future__ import annotations

import copy
import gc
import logging
import pickle
from typing import Any

import pytest

from tests.client.cases import KEY, Case, create, done, inside, items, stream
from tests.client.telling import lines_with_key, shown, told
from twinwire import APIError, ConfigError, TwinwireError
from twinwire.testing import (
    AfterEvents,
    Answer,
    Close,
    Encode,
    ErrorEvent,
    Exchange,
    Insert,
    LoopbackProvider,
    Raw,
    Reply,
    Stall,
    Status,
)

JSON = {"content-type": "application/json"}
PROMPT = "a-prompt-that-nobody-else-may-read"
MESSAGES = [{"role": "user", "content": PROMPT}]


async def test_a_client_shows_no_key(case: Case, server: LoopbackProvider) -> None:
    """Neither its repr nor its attributes, nor those of what it holds, show the key; a key function is not called for it."""
    async with case.client(server) as client:
        await create(client, case)
        attributes = client.__dict__
        text = shown(client, 6) + repr(attributes) + shown(client.with_options(timeout=3), 6)

    assert KEY not in text
    assert repr(client) == f"<{type(client).__name__} {server.base_url}>"


async def test_a_client_is_not_pickled(case: Case, server: LoopbackProvider) -> None:
    """A client cannot carry a key into a file."""
    async with case.client(server) as client:
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(client)
        with pytest.raises(TypeError, match="not pickled"):
            copy.deepcopy(client)


ECHOES: list[Any] = [
    pytest.param(Status(401, f"Incorrect API key provided: {KEY}."), id="message"),
    pytest.param(Exchange(400, JSON, {"error": {"message": "no", "headers": [f"Bearer {KEY}"]}}), id="body"),
    pytest.param(Exchange(400, JSON, {f"{KEY}": {"deep": [f"x{KEY}x"]}, "error": "x"}), id="name"),
    pytest.param(Exchange(403, {"content-type": "text/plain"}, f"denied {KEY}"), id="text"),
    pytest.param(Exchange(200, JSON, f"oops {KEY}"), id="no-json"),
    pytest.param(Exchange(200, JSON, {"id": KEY, "choices": [{"index": 0, "message": KEY}]}), id="undecodable"),
    pytest.param(Exchange(200, JSON, {"error": {"message": KEY, "code": KEY, "type": KEY, "param": KEY}}), id="in-200"),
    pytest.param(Exchange(400, JSON, {"error": {"message": "m", "code": KEY, "type": KEY, "param": KEY}}), id="code"),
    pytest.param(Exchange(400, {**JSON, "x-request-id": KEY, "x-generation-id": KEY}, {"error": "x"}), id="request-id"),
    pytest.param(Status(429, retry_after=KEY), id="retry-after"),
    pytest.param(Raw([f"HTTP/1.1 {KEY} no\r\n\r\n".encode()]), id="status-line"),
    pytest.param(Exchange(200, {"content-encoding": KEY}, "x"), id="encoding"),
    pytest.param(Reply(faults=[Close()]), id="close"),
    pytest.param(Reply(faults=[Stall()]), id="timeout"),
    pytest.param(Reply(faults=[Encode("gzip"), Insert(b"\xff", "before_body", is_encoded=False)]), id="broken-gzip"),
]


@pytest.mark.parametrize("answer", ECHOES)
async def test_an_error_tells_no_key(case: Case, server: LoopbackProvider, answer: Answer) -> None:
    """Also where a server echoes it; not in messages, bodies, pickles, causes, nor tracebacks with local variables."""
    server.default = answer
    async with case.client(server, timeout=0.2, max_retries=0) as client:
        with pytest.raises(APIError) as caught:
            await create(client, case)
    text = told(caught.value)

    assert lines_with_key(text) == []


STREAM_ECHOES: list[Any] = [
    pytest.param(Reply("a b c", faults=[ErrorEvent(after_events=3, message=f"bad key {KEY}")]), id="event"),
    pytest.param(Reply("a b c", faults=[Insert(f"data: {{{KEY}\n\n".encode(), AfterEvents(3))]), id="no-json"),
    pytest.param(Reply("a b c", faults=[Insert(f'data: "{KEY}"\n\n'.encode(), AfterEvents(3))]), id="no-object"),
    pytest.param(
        Reply("a b c", faults=[Insert(f'data: {{"choices": "{KEY}"}}\n\n'.encode(), AfterEvents(3))]), id="misshapen"
    ),
    pytest.param(Reply("a b c", faults=[Close(at=AfterEvents(3))]), id="cut"),
]


@pytest.mark.parametrize("answer", STREAM_ECHOES)
async def test_a_stream_s_error_tells_no_key(case: Case, server: LoopbackProvider, answer: Answer) -> None:
    """The same for what goes wrong in the middle of a stream."""
    server.default = answer
    async with case.client(server, max_retries=0) as client:
        with pytest.raises(APIError) as caught:
            async with inside(stream(client, case)) as opened:
                await items(opened)
    text = told(caught.value)

    assert lines_with_key(text) == []


async def test_an_error_before_sending_tells_no_key(case: Case, server: LoopbackProvider) -> None:
    """A key with a line break is refused by its kind and not by its text; a header that holds one neither."""
    for wrong in (KEY + "\n", " " + KEY, KEY + "é", KEY + "\r\nX: y"):
        with pytest.raises(ConfigError) as caught:
            case.client_class(api_key=wrong, base_url=server.base_url)
        assert KEY not in "".join(map(str, (caught.value, repr(caught.value))))
    with pytest.raises(ConfigError) as caught:
        case.client_class(api_key=KEY, default_headers={"X-Key": f"{KEY}\r\n"})
    assert KEY not in str(caught.value)


async def test_logs_of_everybody(case: Case, server: LoopbackProvider, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at DEBUG, neither key nor prompt nor answer is logged, in success and failure."""
    with caplog.at_level(logging.DEBUG):
        for name in ("twinwire", "httpcore", "httpx", "h11", "anyio", "asyncio"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        server.script(Status(500), Reply("the-answer"), Status(401, f"wrong {KEY}"))
        async with case.client(server) as client:
            await create(client, case, messages=MESSAGES)
            with pytest.raises(APIError):
                await create(client, case, messages=MESSAGES)
            await items(await create(client, case, messages=MESSAGES, stream=True))
        for name in ("twinwire", "httpcore", "httpx", "h11", "anyio", "asyncio"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    text = "\n".join(f"{item.getMessage()} {item.args} {item.exc_text}" for item in caplog.records)

    assert caplog.records
    assert not [secret for secret in (KEY, PROMPT, "the-answer") if secret in text]


async def test_prompts_are_not_told(case: Case, server: LoopbackProvider) -> None:
    """An error about an argument names its place and kind, and never repeats a prompt."""
    async with case.client(server) as client:
        with pytest.raises(TwinwireError) as caught:
            await create(client, case, messages=[{"role": "user", "content": {PROMPT: PROMPT}}])
        with pytest.raises(TwinwireError) as unknown:
            await create(client, case, messages=[{"role": PROMPT, "content": "x"}])

    assert PROMPT not in f"{caught.value!r} {unknown.value!r}"


async def test_replies_hold_no_key(case: Case, server: LoopbackProvider) -> None:
    """A reply, its trace and raw response show no key, and no object of ours refers to the request after the call."""
    async with case.client(server) as client:
        reply = await create(client, case)
        raw = await done(client.chat.completions.with_raw_response.create(model=case.model, messages=MESSAGES))
    text = shown(reply) + shown(reply.raw) + shown(reply.trace) + shown(raw) + repr(pickle.dumps(reply))
    gc.collect()

    assert KEY not in text
