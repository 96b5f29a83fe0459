"""Replies handed back as messages: what is sent of them, and what each provider's server would refuse."""

from __future__ import annotations

import json
from collections import UserDict
from types import MappingProxyType
from typing import Any

import pytest

from tests.client.cases import USER, Case, create, done, inside, stream
from twinwire.testing import Exchange, LoopbackProvider, Reply, ToolCall

pytestmark = pytest.mark.transports

NEXT = {"role": "user", "content": "And now?"}
JSON = {"content-type": "application/json"}


def full_reply(**message: object) -> Exchange:
    """A reply with a message of everything that servers have sent."""
    body = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "a", **message}}],
    }
    return Exchange(200, JSON, body)


async def second_request(case: Case, server: LoopbackProvider, first: Any, handed: str = "reply") -> list[Any]:
    """The messages of a second call that hands the first reply back."""
    server.script(first)
    async with case.client(server) as client:
        reply = await create(client, case)
        back = {"reply": reply, "message": reply.message, "choice": reply.choices[0].message}[handed]
        await create(client, case, messages=[USER, back, NEXT])
    messages: Any = server.requests[-1].json["messages"]
    return list(messages)


@pytest.mark.parametrize("handed", ["reply", "message", "choice"])
async def test_a_reply_is_its_message(case: Case, server: LoopbackProvider, handed: str) -> None:
    """A reply, or its message, stands where a message stands."""
    first, back, last = await second_request(case, server, Reply("Hello there"), handed)

    assert (first, last) == (USER, NEXT)
    assert {"role": "assistant", "content": "Hello there"}.items() <= back.items()
    assert back.keys() <= {"role", "content", "refusal", "reasoning"}


async def test_tool_calls_go_back(case: Case, server: LoopbackProvider) -> None:
    """A reply with tool calls goes back whole, with null content, so that tool messages can answer it."""
    server.script(Reply(tool_calls=[ToolCall("now", {"zone": "UTC"}, id="call_1")]))
    async with case.client(server) as client:
        reply = await create(client, case)
        answer = {"role": "tool", "tool_call_id": reply.tool_calls[0].id, "content": "noon"}
        await create(client, case, messages=[USER, reply, answer])
    messages: Any = server.requests[-1].json["messages"]

    assert messages[1]["content"] is None
    assert [{name: call[name] for name in ("id", "type", "function")} for call in messages[1]["tool_calls"]] == [
        {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": '{"zone":"UTC"}'}}
    ]
    assert ("index" in messages[1]["tool_calls"][0]) is False
    assert messages[2] == answer


async def test_a_streamed_reply_goes_back(case: Case, server: LoopbackProvider) -> None:
    """The result of a stream goes back as a whole reply does."""
    server.script(Reply(tool_calls=[ToolCall("now", {"zone": "UTC"}, id="call_1")]))
    async with case.client(server) as client:
        async with inside(stream(client, case)) as opened:
            reply = await done(opened.result())
        await create(client, case, messages=[USER, reply, {"role": "tool", "tool_call_id": "call_1", "content": "x"}])
    messages: Any = server.requests[-1].json["messages"]

    assert messages[1]["role"] == "assistant"
    assert messages[1]["tool_calls"][0]["function"] == {"name": "now", "arguments": '{"zone":"UTC"}'}


async def test_reasoning_goes_back_where_it_is_wanted(case: Case, server: LoopbackProvider) -> None:
    """OpenRouter takes reasoning and its details back, signatures and all; OpenAI refuses the fields, so they stay here."""
    details = [
        {"type": "reasoning.text", "text": "Hm.", "signature": "c2ln", "format": "anthropic-claude-v1", "index": 0},
        {"type": "reasoning.encrypted", "data": "AAAA", "id": "rs_1", "index": 1},
        {"type": "reasoning.unheard_of", "new": [1]},
    ]
    first = full_reply(reasoning="Hm.", reasoning_details=details, reasoning_content="Hm.")
    back = (await second_request(case, server, first))[1]

    if case.provider == "openrouter":
        assert back["reasoning_details"] == details
        assert back["reasoning"] == "Hm."
    else:
        assert back == {"role": "assistant", "content": "a"}


async def test_fields_that_only_replies_have(case: Case, server: LoopbackProvider) -> None:
    """Annotations are not sent back; audio is referred to by its id where that is how it is taken."""
    audio = {"id": "audio_1", "data": "UklGRg==", "transcript": "a", "expires_at": 1}
    first = full_reply(annotations=[], tool_calls=[], function_call=None, audio=audio, refusal=None)
    back = (await second_request(case, server, first))[1]

    assert "annotations" not in back
    if case.provider == "openai":
        assert back == {"role": "assistant", "content": "a", "audio": {"id": "audio_1"}}


async def test_the_reply_is_not_changed(case: Case, server: LoopbackProvider) -> None:
    """Handing a reply back leaves it as it was, and an own change of it is sent."""
    server.script(full_reply(annotations=[], reasoning="Hm."))
    async with case.client(server) as client:
        reply = await create(client, case)
        before = reply.to_json()
        await create(client, case, messages=[reply, NEXT])
        assert reply.to_json() == before
        reply.choices[0].message.content = "edited"
        await create(client, case, messages=[reply, NEXT])
    messages: Any = server.requests[-1].json["messages"]

    assert messages[0]["content"] == "edited"


async def test_all_kinds_of_mappings(case: Case, server: LoopbackProvider) -> None:
    """A message is any mapping, the list may be a tuple, and parts may hold pieces of replies."""
    parts = ({"type": "text", "text": "hi"},)
    messages = (MappingProxyType(USER), UserDict({"role": "user", "content": parts}), dict(NEXT))
    async with case.client(server) as client:
        await create(client, case, messages=messages)

    assert server.requests[0].json["messages"] == [
        USER,
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        NEXT,
    ]


async def test_text_of_all_kinds_is_sent(case: Case, server: LoopbackProvider) -> None:
    """Text travels as UTF-8; a lone surrogate, which has none, as its JSON escape."""
    texts = ["Grüße 👋 \u2028 \x00", "broken \ud83d here"]
    async with case.client(server) as client:
        for text in texts:
            await create(client, case, messages=[{"role": "user", "content": text}])

    assert [json.loads(request.body)["messages"][0]["content"] for request in server.requests] == texts
    assert "Grüße".encode() in server.requests[0].body
    assert rb"\ud83d" in server.requests[1].body
