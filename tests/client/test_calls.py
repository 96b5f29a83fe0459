"""A call whose reply comes whole: what is sent, and what comes back."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import pytest

from tests.client.cases import KEY, USER, Case, create, done
from twinwire import DecodeError, NotFoundError
from twinwire._version import VERSION
from twinwire.testing import Encode, Exchange, Framing, LoopbackProvider, Pieces, Reply, ToolCall
from twinwire.types import ChatCompletion

pytestmark = pytest.mark.transports


async def test_reply(case: Case, server: LoopbackProvider) -> None:
    """A reply has the wire's own shape, the shortcuts, and how it came."""
    async with case.client(server) as client:
        reply = await create(client, case)

    assert isinstance(reply, ChatCompletion)
    assert reply.choices[0].message.content == reply.text == "one two three"
    assert reply.finish_reason == "stop"
    assert reply.tool_calls == []
    assert reply.usage
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (3, 3, 6)
    assert reply.request_id == case.request_ids.format(1)
    assert reply.raw.status_code == 200
    assert reply.raw.json() == reply.to_dict() == json.loads(reply.to_json())


async def test_what_is_sent(case: Case, server: LoopbackProvider) -> None:
    """Only what the user set goes into the body, and the documented headers beside it."""
    async with case.client(server) as client:
        await create(client, case, temperature=None, max_tokens=5)

    request = server.requests[-1]
    assert (request.method, request.path, request.query) == ("POST", f"{case.prefix}/chat/completions", {})
    assert request.json == {"model": case.model, "messages": [USER], "temperature": None, "max_tokens": 5}
    sent = dict(request.headers)
    assert sent.pop("authorization") == f"Bearer {KEY}"
    assert sent.pop("user-agent").startswith(f"twinwire/{VERSION} python/")
    assert len(sent.pop("idempotency-key")) == 36
    assert sent.pop("host") == server.origin.removeprefix("http://")
    assert sent.pop("content-length") == str(len(request.body))
    assert sent.pop("accept-encoding") == "gzip, deflate"
    sent.pop("connection", None)  # an injected client says keep-alive
    assert sent == {"accept": "application/json", "content-type": "application/json"}


async def test_trace(case: Case, server: LoopbackProvider) -> None:
    """The trace of a plain call has one attempt, with its milliseconds in order."""
    async with case.client(server) as client:
        reply = await create(client, case)

    (attempt,) = reply.trace.attempts
    assert (attempt.number, attempt.status, attempt.error, attempt.wait_seconds) == (1, 200, None, 0.0)
    assert attempt.wait_reason is None
    assert attempt.request_id == reply.request_id
    assert 0 < attempt.ms_to_headers <= attempt.ms_to_end < 5000
    assert attempt.ms_to_first_event is None
    assert attempt.possibly_billed is False


async def test_cost(case: Case, server: LoopbackProvider) -> None:
    """The cost is what the provider reports, as a decimal of what it wrote, and unknown where it reports none."""
    server.script(Reply("x", cost=0.00014))
    async with case.client(server) as client:
        reply = await create(client, case)

    if case.reports_cost:
        assert reply.cost.usd == Decimal("0.00014")
        assert reply.cost.provenance == "reported"
    else:
        assert reply.cost is None


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param({"is_byok": True, "cost": 0.001, "cost_details": {"upstream_inference_cost": 0.02}}, "0.021"),
        pytest.param({"is_byok": True, "cost": 0, "cost_details": {"upstream_inference_cost": 0.02}}, "0.02"),
        pytest.param({"is_byok": True, "cost": 0.001, "cost_details": {"upstream_inference_cost": None}}, None),
        pytest.param({"is_byok": False, "cost": 0.02, "cost_details": {"upstream_inference_cost": 0.02}}, "0.02"),
        pytest.param({"is_byok": False, "cost": 0, "cost_details": None}, "0"),
        pytest.param({"cost": None}, None),
    ],
)
async def test_cost_with_a_key_of_ones_own(
    case: Case, server: LoopbackProvider, usage: dict[str, Any], expected: str | None
) -> None:
    """With the user's own provider key, its charge is added; unknown is None and never zero."""
    server.script(Reply("x", usage=usage))
    async with case.client(server) as client:
        reply = await create(client, case)

    assert (None if reply.cost is None else reply.cost.usd) == (None if expected is None else Decimal(expected))


async def test_tool_calls(case: Case, server: LoopbackProvider) -> None:
    """Tool calls come as they were sent, arguments as text."""
    server.script(
        Reply(tool_calls=[ToolCall("get_weather", {"city": "Köln"}, id="call_1"), ToolCall("now", "{broken")])
    )
    async with case.client(server) as client:
        reply = await create(client, case, tools=[{"type": "function", "function": {"name": "get_weather"}}])

    assert [call.function.name for call in reply.tool_calls] == ["get_weather", "now"]
    assert json.loads(reply.tool_calls[0].function.arguments) == {"city": "Köln"}
    assert reply.tool_calls[1].function.arguments == "{broken"
    assert reply.finish_reason == "tool_calls"
    assert reply.text == ""


async def test_reasoning_and_refusal(case: Case, server: LoopbackProvider) -> None:
    """Reasoning and refusal stand under names of their own."""
    server.script(Reply(refusal="I would rather not.", reasoning="Look outside."))
    async with case.client(server) as client:
        reply = await create(client, case)

    assert (reply.text, reply.reasoning, reply.refusal) == ("", "Look outside.", "I would rather not.")


async def test_several_choices(case: Case, server: LoopbackProvider) -> None:
    """All choices are there; the shortcuts read the first."""
    async with case.client(server) as client:
        reply = await create(client, case, extra_body={"n": 2})

    assert [choice.message.content for choice in reply.choices] == ["one two three"] * 2
    assert reply.text == "one two three"


async def test_unknown_fields_are_kept(case: Case, server: LoopbackProvider) -> None:
    """A field that nobody knew yesterday is kept and written back."""
    server.script(Reply("x", extra={"moderation": {"score": 1.50}, "new": None}))
    async with case.client(server) as client:
        reply = await create(client, case)

    assert reply.extra["new"] is None
    assert reply.to_dict()["moderation"] == {"score": 1.5}


async def test_reply_travels(case: Case, server: LoopbackProvider) -> None:
    """A reply can be pickled and copied with cost, trace and raw bytes, and holds no key."""
    async with case.client(server) as client:
        reply = await create(client, case)

    packed = pickle.dumps(reply)
    for twin in (pickle.loads(packed), copy.deepcopy(reply), copy.copy(reply)):  # noqa: S301  # our own bytes
        assert twin == reply
        assert (twin.trace, twin.cost, twin.request_id) == (reply.trace, reply.cost, reply.request_id)
        assert twin.raw.content == reply.raw.content
    assert KEY.encode() not in packed


@pytest.mark.parametrize("coding", ["gzip", "deflate", "deflate-raw"])
async def test_compressed(case: Case, server: LoopbackProvider, coding: Any) -> None:
    """Compressed bodies are decoded, also in single bytes."""
    server.script(Reply("Grüße " * 200, faults=[Encode(coding)]), Reply("Grüße", faults=[Encode(coding), Pieces(1)]))
    async with case.client(server) as client:
        long, short = await create(client, case), await create(client, case)

    assert long.text == "Grüße " * 200
    assert short.text == "Grüße"


@pytest.mark.parametrize("framing", ["content-length", "chunked", "close"])
async def test_framings(case: Case, server: LoopbackProvider, framing: Any) -> None:
    """However the end of a body is marked, the reply is whole."""
    server.script(Reply("Hello", faults=[Framing(framing), Pieces(7)]))
    async with case.client(server) as client:
        reply = await create(client, case)

    assert reply.text == "Hello"


async def test_undecodable_reply_keeps_what_was_paid_for(case: Case, server: LoopbackProvider) -> None:
    """A reply that is JSON but not a completion is an error with path, text and the facts of the call; it is not retried."""
    body = {"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": 5}}]}
    server.script(Exchange(200, {"content-type": "application/json"}, body))
    async with case.client(server) as client:
        with pytest.raises(DecodeError) as caught:
            await create(client, case)

    error = caught.value
    assert error.path == "$.choices[0].message.content"
    assert json.loads(str(error.body)) == body
    assert (error.provider, error.model, error.possibly_billed) == (case.provider, case.model, True)
    assert len(error.attempts) == len(server.requests) == 1


async def test_embeddings(case: Case, server: LoopbackProvider) -> None:
    """Vectors are the same numbers whether floats or base64 travelled, and come in order."""
    async with case.client(server) as client:
        plain = await done(client.embeddings.create(model="e", input=["a", "b"], dimensions=4))
        packed = await done(
            client.embeddings.create(model="e", input=["a", "b"], dimensions=4, encoding_format="base64")
        )

    assert "encoding_format" not in server.requests[0].json
    assert plain.vectors == [item.embedding for item in plain]
    assert [[round(number, 6) for number in vector] for vector in packed.vectors] == [
        [round(number, 6) for number in vector] for vector in plain.vectors
    ]
    assert len(plain.vectors[0]) == 4
    assert plain.usage.prompt_tokens == 2
    assert packed.to_dict() == packed.raw.json()
    assert (plain.cost is not None) is case.reports_cost


async def test_broken_base64(case: Case, server: LoopbackProvider) -> None:
    """A vector that is no base64 of floats is an error that names the place and keeps the body."""
    body = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": "AAA="}], "model": "e"}
    server.script(Exchange(200, {"content-type": "application/json"}, body))
    async with case.client(server) as client:
        with pytest.raises(DecodeError) as caught:
            await done(client.embeddings.create(model="e", input="a", encoding_format="base64"))

    assert caught.value.path == "$.data[0].embedding"
    assert json.loads(str(caught.value.body)) == body


async def test_models(case: Case, server: LoopbackProvider) -> None:
    """The list of models can be iterated, and has its `data`."""
    async with case.client(server) as client:
        models = await done(client.models.list())

    request = server.requests[-1]
    assert (request.method, request.path, request.body) == ("GET", f"{case.prefix}/models", b"")
    assert "idempotency-key" not in request.headers
    assert "content-type" not in request.headers
    assert [model.id for model in models] == [model.id for model in models.data]
    assert case.model in [model.id for model in models]


async def test_the_provider_s_own_listings(case: Case, server: LoopbackProvider) -> None:
    """Each provider's further endpoints answer, and path parameters are escaped whole."""
    async with case.client(server) as client:
        if case.provider == "openai":
            model = await done(client.models.retrieve(model="gpt-4o-mini"))
            assert model.id == "gpt-4o-mini"
            assert server.requests[-1].path == "/v1/models/gpt-4o-mini"
            return
        reply = await create(client, case)
        endpoints = await done(client.models.endpoints(author="openai", slug="gpt-4o-mini"))
        generation = await done(client.generations.retrieve(id=reply.id))
        key = await done(client.key.retrieve())
        credit = await done(client.credits.retrieve())
        providers = await done(client.providers.list())

    assert [request.path for request in server.requests[1:]] == [
        "/api/v1/models/openai/gpt-4o-mini/endpoints",
        "/api/v1/generation",
        "/api/v1/key",
        "/api/v1/credits",
        "/api/v1/providers",
    ]
    assert server.requests[2].query == {"id": reply.id}
    assert endpoints.data.id == "openai/gpt-4o-mini"
    assert generation.data.id == reply.id
    assert key.data is not None
    assert credit.data is not None
    assert len(providers.data) > 0


async def test_path_parameter_cannot_leave_its_place(case: Case, server: LoopbackProvider) -> None:
    """Slashes, dots, queries and fragments in a name stay in it."""
    name = "../x/y?z#é"
    async with case.client(server, max_retries=0) as client:
        method = client.models.retrieve if case.provider == "openai" else client.models.endpoints
        arguments = {"model": name} if case.provider == "openai" else {"author": name, "slug": "m"}
        with pytest.raises(NotFoundError):
            await done(method(**arguments))

    assert server.requests[-1].target.startswith(f"{case.prefix}/models/..%2Fx%2Fy%3Fz%23%C3%A9")
