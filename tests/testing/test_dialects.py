"""What the two providers' endpoints say, over a real connection."""

from __future__ import annotations

import base64
import json
import struct
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.testing.rawclient import HELLO, STREAM
from twinwire.testing import LoopbackProvider, RecordedRequest, Reply, Status, ToolCall
from twinwire.testing.jsons import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from twinwire.testing.dialect import DialectName


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A client without any default of its own that matters here."""
    with httpx.Client() as client:
        yield client


def post(client: httpx.Client, server: LoopbackProvider, body: object = HELLO) -> httpx.Response:
    """Make a chat call."""
    return client.post(f"{server.base_url}/chat/completions", json=body)


def chunks(response: httpx.Response) -> list[dict[str, object]]:
    """The chunks of a stream, which must end with [DONE]."""
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def deltas(response: httpx.Response) -> list[object]:
    """The delta of each chunk that has a choice."""
    return [chunk["choices"][0]["delta"] for chunk in json_chunks(response) if chunk["choices"]]


def json_chunks(response: httpx.Response) -> list[dict[str, list[dict[str, object]]]]:
    """The chunks, for those who look at choices only."""
    return json.loads(json.dumps(chunks(response)))  # type: ignore[no-any-return]  # choices are lists of objects


def test_openai_reply(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """A plain reply is OpenAI's, byte by byte the same in every run."""
    response = post(client, twinwire_openai)

    assert response.headers["x-request-id"] == "req_000001"
    assert response.headers["date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert response.headers["x-ratelimit-remaining-requests"] == "9999"
    assert response.json() == {
        "id": "chatcmpl-000001",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "One two three", "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 3,
            "total_tokens": 6,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
        "service_tier": "default",
        "system_fingerprint": "fp_loopback",
    }


def test_openai_usage_comes_when_asked_for(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """The usage chunk has no choices, and is null before; without `include_usage` there is none at all."""
    asked = chunks(post(client, twinwire_openai, {**STREAM, "stream_options": {"include_usage": True}}))
    not_asked = chunks(post(client, twinwire_openai, STREAM))

    assert asked[-1]["choices"] == []
    assert is_object(asked[-1]["usage"])
    assert all(chunk["usage"] is None for chunk in asked[:-1])
    assert all("usage" not in chunk and chunk["choices"] for chunk in not_asked)


def test_openai_obfuscation(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """Padding comes when it is asked for."""
    padded = chunks(post(client, twinwire_openai, {**STREAM, "stream_options": {"include_obfuscation": True}}))

    assert all(chunk["obfuscation"] for chunk in padded)


def test_openai_deltas(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """Role, reasoning, text, refusal, tool call fragments and the end, in OpenAI's order."""
    call = ToolCall("f", {"a": "b c"})
    twinwire_openai.script(Reply("Hi you", reasoning="Hm", refusal="No", tool_calls=[call], extra={"x": 1}))

    response = post(client, twinwire_openai, STREAM)

    assert deltas(response) == [
        {"role": "assistant", "content": "", "refusal": None},
        {"reasoning_content": "Hm"},
        {"content": "Hi"},
        {"content": " you"},
        {"refusal": "No"},
        {
            "tool_calls": [
                {"index": 0, "id": "call_000001_0", "type": "function", "function": {"name": "f", "arguments": ""}}
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a":"b'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ' c"}'}}]},
        {},
    ]
    assert all(chunk["x"] == 1 for chunk in chunks(response))


def test_openai_message(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """Reasoning and tool calls stand in the message."""
    twinwire_openai.script(Reply(reasoning="Hm", tool_calls=[ToolCall("f")], model="m-2024"))

    body = post(client, twinwire_openai).json()

    assert body["model"] == "m-2024"
    assert body["choices"][0]["message"] == {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "annotations": [],
        "reasoning_content": "Hm",
        "tool_calls": [{"id": "call_000001_0", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }


def test_openrouter_reply(twinwire_openrouter: LoopbackProvider, client: httpx.Client) -> None:
    """White space comes first, and the usage has a cost."""
    twinwire_openrouter.script(Reply("Hi", reasoning="Hm", tool_calls=[ToolCall("f")], cost=0.25))

    response = post(client, twinwire_openrouter)
    body = response.json()

    assert response.content.startswith(b"\n         \n")
    assert response.headers["x-generation-id"] == body["id"] == "gen-1700000000-000001"
    assert "x-request-id" not in response.headers
    assert body["choices"][0]["native_finish_reason"] == "tool_calls"
    assert body["choices"][0]["message"]["reasoning_details"] == [
        {"type": "reasoning.text", "text": "Hm", "format": "unknown", "index": 0}
    ]
    assert body["usage"]["cost"] == body["usage"]["cost_details"]["upstream_inference_cost"] == 0.25


def test_openrouter_stream(twinwire_openrouter: LoopbackProvider, client: httpx.Client) -> None:
    """Comments come first; the last chunk repeats the finish reason and carries the usage, unasked."""
    twinwire_openrouter.script(Reply("Hi", reasoning="Hm", refusal="No", tool_calls=[ToolCall("f")]))

    response = post(client, twinwire_openrouter, STREAM)
    last = chunks(response)[-1]

    assert response.text.startswith(": OPENROUTER PROCESSING\n\n")
    assert is_object(last["usage"])
    assert last["usage"]["cost"] == 1.3e-05
    assert deltas(response) == [
        {
            "role": "assistant",
            "content": "",
            "reasoning": "Hm",
            "reasoning_details": [{"type": "reasoning.text", "text": "Hm", "format": "unknown", "index": 0}],
        },
        {"role": "assistant", "content": "Hi"},
        {"role": "assistant", "content": None, "refusal": "No"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"index": 0, "id": "call_000001_0", "type": "function", "function": {"name": "f", "arguments": ""}}
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"index": 0, "function": {"arguments": "{}"}}],
        },
        {"role": "assistant", "content": "", "reasoning": None},
        {"role": "assistant", "content": ""},
    ]


@pytest.mark.parametrize("dialect", ["openai", "openrouter"])
def test_several_choices(dialect: DialectName, client: httpx.Client) -> None:
    """`n` choices come in a body and in a stream."""
    with LoopbackProvider(dialect=dialect) as server:
        whole = post(client, server, {**HELLO, "n": 2}).json()
        streamed = json_chunks(post(client, server, {**STREAM, "n": 2}))

    assert [choice["index"] for choice in whole["choices"]] == [0, 1]
    assert {choice["index"] for chunk in streamed for choice in chunk["choices"]} == {0, 1}


@pytest.mark.parametrize(
    ("dialect", "status", "headers", "body"),
    [
        (
            "openai",
            Status(429, retry_after=0.05, reset_seconds=0.02),
            {"retry-after": "0.05", "x-ratelimit-reset-requests": "20ms", "x-request-id": "req_000001"},
            {
                "error": {
                    "message": "Too Many Requests",
                    "type": "requests",
                    "param": None,
                    "code": "rate_limit_exceeded",
                }
            },
        ),
        (
            "openai",
            Status(429, "No money.", code="insufficient_quota", type="insufficient_quota", retry_after_ms=70),
            {"retry-after-ms": "70"},
            {
                "error": {
                    "message": "No money.",
                    "type": "insufficient_quota",
                    "param": None,
                    "code": "insufficient_quota",
                }
            },
        ),
        (
            "openai",
            Status(529, headers={"x-should-retry": "true", "x-request-id": None}),
            {"x-should-retry": "true", "x-request-id": None},
            {"error": {"message": "Status 529", "type": "server_error", "param": None, "code": None}},
        ),
        (
            "openrouter",
            Status(402, "Buy credits.", metadata={"provider_name": None}, retry_after="soon"),
            {"retry-after": "soon"},
            {
                "error": {"message": "Buy credits.", "code": 402, "metadata": {"provider_name": None}},
                "user_id": "user_loopback",
            },
        ),
        (
            "openrouter",
            Status(429, reset_seconds=1.5, retry_at_seconds=2),
            {"retry-after": "Tue, 14 Nov 2023 22:13:22 GMT", "date": "Tue, 14 Nov 2023 22:13:20 GMT"},
            {
                "error": {
                    "message": "Too Many Requests",
                    "code": 429,
                    "metadata": {
                        "headers": {
                            "X-RateLimit-Limit": "20",
                            "X-RateLimit-Remaining": "0",
                            "X-RateLimit-Reset": "1700000001500",
                        },
                        "provider_name": None,
                    },
                },
                "user_id": "user_loopback",
            },
        ),
    ],
)
def test_errors(
    dialect: DialectName,
    status: Status,
    headers: Mapping[str, str | None],
    body: object,
    client: httpx.Client,
) -> None:
    """An error has the dialect's body, and says where it does how long to wait."""
    with LoopbackProvider(dialect=dialect) as server:
        server.script(status)
        response = post(client, server)

    assert response.status_code == status.status
    assert response.json() == body
    assert {name: response.headers.get(name) for name in headers} == headers


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/nothing", b"", 404),
        ("POST", "/models", b"{}", 404),
        ("GET", "/chat/completions", b"", 405),
        ("POST", "/chat/completions", b"{", 400),
        ("POST", "/chat/completions", b"[]", 400),
        ("POST", "/chat/completions", b"\xff", 400),
        ("POST", "/chat/completions", b"{}", 400),
        ("POST", "/embeddings", b"{}", 400),
        ("POST", "/embeddings", b'{"model": "m"}', 400),
        ("GET", "/models/unknown", b"", 404),
    ],
)
def test_bad_requests(
    method: str, path: str, content: bytes, status: int, twinwire_openai: LoopbackProvider, client: httpx.Client
) -> None:
    """What cannot be answered is an error in the dialect's body."""
    response = client.request(method, twinwire_openai.base_url + path, content=content)

    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_path_outside_the_prefix(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """A wrong base URL is a 404, as with the provider."""
    assert client.post(f"{twinwire_openai.origin}/chat/completions", json=HELLO).status_code == 404


def test_keys(client: httpx.Client) -> None:
    """With keys of its own, the server takes no other, and none is not enough; the script waits."""
    with LoopbackProvider(api_keys=["right"]) as server:
        server.script(Reply("In."))
        url = f"{server.base_url}/chat/completions"
        refused = [client.post(url, json=HELLO, headers=headers) for headers in ({}, {"authorization": "Bearer wrong"})]
        taken = client.post(url, json=HELLO, headers={"authorization": "Bearer right"})

    assert [response.status_code for response in refused] == [401, 401]
    assert refused[0].json()["error"]["code"] == "invalid_api_key"
    assert taken.json()["choices"][0]["message"]["content"] == "In."


def test_known_models(client: httpx.Client) -> None:
    """With models of its own, the server knows no other."""
    with LoopbackProvider(models=["m"]) as server:
        known, unknown = post(client, server), post(client, server, {**HELLO, "model": "x"})
        listed = client.get(f"{server.base_url}/models").json()
        one = client.get(f"{server.base_url}/models/m").json()

    assert known.status_code == 200
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    assert listed == {"object": "list", "data": [one]}
    assert one == {"id": "m", "object": "model", "created": 1700000000, "owned_by": "loopback"}


def test_embeddings(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """Vectors depend on the text alone, have length one, and come as floats or in base64."""
    url = f"{twinwire_openai.base_url}/embeddings"
    floats = client.post(url, json={"model": "e", "input": ["One two", "three"], "dimensions": 4}).json()
    coded = client.post(
        url, json={"model": "e", "input": "One two", "dimensions": 4, "encoding_format": "base64"}
    ).json()

    first, second = (item["embedding"] for item in floats["data"])
    assert len(first) == 4
    assert first != second
    assert sum(value * value for value in first) == pytest.approx(1)
    assert struct.unpack("<4f", base64.b64decode(coded["data"][0]["embedding"])) == pytest.approx(first)
    assert floats["usage"] == {"prompt_tokens": 3, "total_tokens": 3}


@pytest.mark.parametrize(("value", "count", "tokens"), [([1, 2, 3], 1, 3), ([[1, 2], [3]], 2, 3)])
def test_embeddings_of_tokens(
    value: object, count: int, tokens: int, twinwire_openrouter: LoopbackProvider, client: httpx.Client
) -> None:
    """Token numbers can be embedded too; OpenRouter names the cost."""
    url = f"{twinwire_openrouter.base_url}/embeddings"

    body = client.post(url, json={"model": "e", "input": value}).json()

    assert len(body["data"]) == count
    assert body["usage"] == {
        "prompt_tokens": tokens,
        "total_tokens": tokens,
        "cost": tokens * 1e-6,
        "is_byok": False,
    }


def test_openrouter_account(twinwire_openrouter: LoopbackProvider, client: httpx.Client) -> None:
    """What a generation cost is found again in its record and in the account."""
    generation_id = post(client, twinwire_openrouter, STREAM).headers["x-generation-id"]

    def get(path: str) -> dict[str, dict[str, object]]:
        body: dict[str, dict[str, object]] = client.get(twinwire_openrouter.base_url + path).json()
        return body

    assert get(f"/generation?id={generation_id}")["data"]["total_cost"] == 9e-06
    assert get(f"/generation?id={generation_id}")["data"]["streamed"] is True
    assert get("/key")["data"]["usage"] == 9e-06
    assert get("/credits")["data"] == {"total_credits": 100, "total_usage": 9e-06}
    assert len(get("/providers")["data"]) == 1
    assert len(get("/models")["data"]) == 3
    assert get("/models/openai/gpt-4o-mini/endpoints")["data"]["id"] == "openai/gpt-4o-mini"


def test_openrouter_forgets_old_generations(twinwire_openrouter: LoopbackProvider, client: httpx.Client) -> None:
    """The last thousand generations are kept, so that memory stays bounded."""
    for _ in range(1001):
        post(client, twinwire_openrouter)

    def status(number: int) -> int:
        url = f"{twinwire_openrouter.base_url}/generation?id=gen-1700000000-{number:06}"
        return client.get(url).status_code

    assert (status(1), status(2)) == (404, 200)


def test_lone_surrogate_comes_back(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """Text that UTF-8 cannot hold is escaped, not lost."""
    content = json.dumps({"model": "m", "messages": [{"role": "user", "content": "\ud800"}]})

    response = client.post(f"{twinwire_openai.base_url}/chat/completions", content=content)

    assert response.json()["choices"][0]["message"]["content"] == "\ud800"


def test_request_is_recorded(twinwire_openai: LoopbackProvider, client: httpx.Client) -> None:
    """Everything that was sent can be looked at."""
    client.post(
        f"{twinwire_openai.base_url}/chat/completions?a=1&b=",
        json=HELLO,
        headers=[("X-Twice", "1"), ("X-Twice", "2")],
    )
    (request,) = twinwire_openai.requests

    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.query == {"a": "1", "b": ""}
    assert request.headers["x-twice"] == "1, 2"
    assert request.json == HELLO
    assert (request.connection, request.received_at > 0) == (1, True)


def test_json_of_another_request_is_refused() -> None:
    """A body that is no JSON object says so."""
    request = RecordedRequest(method="POST", target="/", headers={}, body=b"[]")

    with pytest.raises(ValueError, match="JSON of type list"):
        _ = request.json
