"""
A key that a server echoes: hidden in headers and in all that an error holds, and left alone in an answer.

An answer is handed over byte for byte: to change it would be a silent wrong answer, and short keys are ordinary words
(`ollama`). What is told about an exchange (headers, ids, errors) is not the answer.
"""

from __future__ import annotations

import copy
import json
import pickle
import time
from typing import Any

import pytest

from tests.client.cases import KEY, Case, create, done, drained, inside, items, result, stream
from tests.client.telling import lines_with_key, shown, told
from twinwire import APIError, APIStatusError, DecodeError, StreamTruncatedError
from twinwire._client.secret import Mask, Secret
from twinwire.testing import AfterEvents, Close, Exchange, LoopbackProvider, Raw, Reply, Status
from twinwire.types import ChatCompletion

JSON = {"content-type": "application/json"}
ECHOED = {"x-echo": f"Bearer {KEY}", "x-partly": f"{KEY[:8]}****{KEY[-4:]}", f"x-{KEY}": "y", "set-cookie": f"k={KEY}"}
ASKED = {"role": "user", "content": f"Say {KEY}."}


@pytest.mark.transports
async def test_headers_of_replies(case: Case, server: LoopbackProvider) -> None:
    """Of a whole reply, a raw response, a stream, and its result; also where they were copied and pickled."""
    server.default = Reply("one two", headers=ECHOED)
    async with case.client(server) as client:
        reply = await create(client, case)
        raw = await done(client.chat.completions.with_raw_response.create(model=case.model, messages=[ASKED]))
        raw_stream = await done(
            client.chat.completions.with_raw_response.create(model=case.model, messages=[ASKED], stream=True)
        )
        chunks = await items(raw_stream.parse())
        ended = await result(client, case)

    assert chunks
    for headers in (reply.raw.headers, raw.headers, raw_stream.headers, ended.raw.headers, raw.parse().raw.headers):
        assert headers["x-echo"] == "Bearer ***"
        assert headers["x-partly"] == "***"
        assert headers["x-***"] == "y"
        assert headers["content-type"]
        assert KEY not in repr(headers.pairs)
    for kept in (reply, ended, copy.deepcopy(reply), pickle.loads(pickle.dumps(ended))):  # noqa: S301  # our own
        assert lines_with_key(shown(kept, 6)) == []


@pytest.mark.transports
async def test_an_answer_is_left_as_it_is(case: Case, server: LoopbackProvider) -> None:
    """What the model said is the answer, also where it holds the key: whole, as bytes, as chunks and as events."""
    said = f"Your key is {KEY}, is it not?"
    server.default = Reply(said)
    async with case.client(server) as client:
        reply = await create(client, case)
        chunks = await items(await create(client, case, stream=True))
        ended = await result(client, case)

    assert reply.text == ended.text == "".join(chunk.text for chunk in chunks) == said
    assert json.loads(reply.raw.content)["choices"][0]["message"]["content"] == said


async def test_what_an_error_keeps_of_an_answer(case: Case, server: LoopbackProvider) -> None:
    """A partial answer travels with the error into logs and pickles, so a key is hidden there, at any depth."""
    server.default = Reply(f"Your key is {KEY}, is it not? And so it goes on", faults=[Close(at=AfterEvents(6))])
    async with case.client(server) as client:
        with pytest.raises(StreamTruncatedError) as caught:
            await drained(stream(client, case))

    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text.startswith("Your key is ***,")
    assert lines_with_key(shown(caught.value, 8)) == []
    assert KEY.encode() not in pickle.dumps(caught.value)


async def test_a_placeholder_is_no_secret(case: Case, server: LoopbackProvider) -> None:
    """A short key is an ordinary word, which a partial answer keeps."""
    server.default = Reply("I run on ollama-local today, and so it goes on", faults=[Close(at=AfterEvents(6))])
    async with case.client(server, api_key="ollama-local") as client:
        with pytest.raises(StreamTruncatedError) as caught:
            await drained(stream(client, case))

    assert isinstance(caught.value.partial, ChatCompletion)
    assert "ollama-local" in caught.value.partial.text


async def test_keys_beside_the_key(case: Case, server: LoopbackProvider) -> None:
    """What a user gives as a header or query parameter whose name says that it is secret is hidden as well."""
    second, third = "second-secret-0123456789", "third-secret-0123456789"
    server.default = Status(400, f"no {second} and {third}")
    options = {"default_headers": {"X-Proxy-Token": second}, "default_query": {"key": third}}
    async with case.client(server, **options) as client:
        with pytest.raises(APIStatusError, match=r"no \*\*\* and \*\*\*") as caught:
            await create(client, case)
        with pytest.raises(APIStatusError, match=r"no \*\*\* and \*\*\*"):
            await create(
                client.with_options(default_headers={}, default_query={}),
                case,
                extra_headers={"X-Api-Key": second},
                extra_query={"access_token": third},
            )
    with_basic = {"Authorization": f"Basic {second}"}
    async with case.client(server, default_headers=with_basic) as client:
        with pytest.raises(APIStatusError, match=r"no \*\*\* and third"):
            await create(client, case)

    assert second not in shown(caught.value, 6)


LONG = "x" * 60_000
LONG_ANSWERS: list[Any] = [
    pytest.param(Status(400, LONG), id="message"),
    pytest.param(Exchange(400, JSON, {"error": {"message": [{"loc": [LONG], "msg": LONG}], "code": LONG}}), id="list"),
    pytest.param(Exchange(502, {"content-type": "text/plain"}, LONG), id="text"),
    pytest.param(Exchange(200, JSON, {"error": {"message": LONG, "code": LONG, "type": LONG}}), id="in-200"),
    pytest.param(Exchange(200, JSON, LONG), id="no-json"),
    pytest.param(Exchange(200, {**JSON, "content-encoding": LONG}, "x"), id="encoding"),
    pytest.param(Exchange(200, {"content-type": LONG}, "{}"), id="content-type"),
    pytest.param(Exchange(302, {"location": f"https://example.com/{LONG}"}, LONG), id="location"),
    pytest.param(Status(429, retry_after=LONG), id="retry-after"),
    pytest.param(Raw([f"HTTP/1.1 {LONG} no\r\n\r\n".encode()]), id="status-line"),
    pytest.param(Raw([f"HTTP/1.1 200 OK\r\n{LONG} x\r\n\r\n".encode()]), id="header-line"),
    pytest.param(Raw([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + LONG.encode() + b"\r\n"]), id="chunk"),
    pytest.param(Raw([b"HTTP/1.1 200 OK\r\ncontent-length: " + LONG.encode() + b"\r\n\r\n"]), id="length"),
    pytest.param(Exchange(200, JSON, {"choices": [{"index": 0, "message": LONG}]}), id="shape"),
    pytest.param(Exchange(200, JSON, {"choices": [], "usage": LONG, LONG: LONG}), id="usage"),
]


@pytest.mark.transports
@pytest.mark.parametrize("answer", LONG_ANSWERS)
async def test_messages_are_short(case: Case, server: LoopbackProvider, answer: Any) -> None:
    """No message has more than about a kilobyte of what a server said; what is behind an error neither."""
    server.default = answer
    async with case.client(server, max_retries=0) as client:
        for attempt in (lambda: create(client, case), lambda: drained(stream(client, case))):
            with pytest.raises(APIError) as caught:
                await attempt()
            error: BaseException | None = caught.value
            while error is not None:
                assert max(len(str(error)), len(repr(error))) < 1800
                error = error.__cause__ or error.__context__
            assert isinstance(caught.value, APIError)


async def test_the_body_of_what_cannot_be_read(case: Case, server: LoopbackProvider) -> None:
    """It is whole, but for the key."""
    server.default = Exchange(200, JSON, f"oops {KEY} " + LONG)
    async with case.client(server, max_retries=0) as client:
        with pytest.raises(DecodeError) as caught:
            await create(client, case)

    assert caught.value.body == "oops *** " + LONG
    assert lines_with_key(told(caught.value)) == []
    async with inside(client):
        pass


def test_stars_in_a_long_text() -> None:
    """Looking for excerpts of a key takes a time that grows with the text, and no faster."""
    mask = Mask()
    mask.learn(Secret(KEY))
    text = f"{'x' * 500_000}**{'y' * 500_000} {KEY[:8]}****{KEY[-4:]} {KEY[:3]}** **{KEY[-4:]} {KEY[:3]}x**"
    began = time.monotonic()

    assert mask(text) == f"{'x' * 500_000}**{'y' * 500_000} *** *** *** {KEY[:3]}x**"
    assert time.monotonic() - began < 5
