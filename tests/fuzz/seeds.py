"""
What damage is done to: replies and streams of the project's own, and the recorded ones where they are at hand.

The own ones are few and small, and each holds what the others do not.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from tests.replay.recordings import HOSTS, recordings

if TYPE_CHECKING:
    from collections.abc import Sequence

Raw = dict[str, Any]
Endpoint = Literal["chat.completions", "embeddings", "models"]

MAX_BYTES = 12_000
"""Longer recordings are left out: they hold more of the same and cost the time of ten others."""

USAGE: Raw = {
    "prompt_tokens": 3,
    "completion_tokens": 5,
    "total_tokens": 8,
    "cost": 0.25,
    "cost_details": {"upstream_inference_cost": None},
}
MESSAGES: Sequence[Raw] = (
    {"role": "assistant", "content": "Hello", "refusal": None},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "x", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}]},
    {"role": "assistant", "content": "", "tool_calls": [{"id": "x", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}]},
    {"role": "assistant", "content": "6", "reasoning": "2 * 3", "reasoning_details": [{"type": "reasoning.text", "text": "2 * 3", "index": 0}]},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "6"}]},
    {"role": "assistant", "content": {"a": 1}, "annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A", "start_index": 0, "end_index": 1}}]},
    {"role": "assistant", "content": None, "audio": {"id": "a", "data": "AAAA", "transcript": "hi", "expires_at": 1}, "function_call": {"name": "f", "arguments": "{}"}},
)  # fmt: skip
LOGPROBS: Raw = {"content": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}], "refusal": None}
ERRORS: Sequence[Raw] = (
    {"error": {"message": "no", "type": "invalid_request_error", "param": "model", "code": "model_not_found"}},
    {"error": {"message": "Provider returned error", "code": 429, "metadata": {"provider_name": "P", "raw": '{"error": {"message": "busy", "code": 1}}', "headers": {"X-RateLimit-Reset": "1759671180000", "X-RateLimit-Remaining": "0"}}}, "user_id": "u"},
    {"error": {"error": {"message": "out of credit", "code": 402}, "code": 402}},
    {"error": "text alone", "code": "some"},
    {"object": "error", "message": "flat", "type": "invalid_model", "param": None, "code": "1500"},
    {"detail": [{"loc": ["body", "n", 0], "msg": "wrong", "input": "secret"}]},
    {"errors": [{"message": "first", "code": 7003}]},
    {"error": {"message": "filtered", "code": "content_filter", "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    {"title": "Too Many", "status": 429},
)  # fmt: skip
LISTINGS: Sequence[Raw] = (
    {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "o"}]},
    {"data": [{"id": "a/b", "name": "B", "pricing": {"prompt": "0.1", "completion": "0"}, "context_length": 8, "architecture": {"modality": "text"}, "per_request_limits": None}]},
)  # fmt: skip
EMBEDDINGS: Sequence[Raw] = (
    {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -1, 1e-9]}], "model": "e", "usage": {"prompt_tokens": 1, "total_tokens": 1}},
    {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": "AACAPwAAAEA="}], "model": "e"},
)  # fmt: skip


@frozen(kw_only=True)
class Seed:
    """One reply."""

    provider: str
    endpoint: Endpoint
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@cache
def whole_replies() -> tuple[Seed, ...]:
    """Replies of status 200 that are JSON."""
    own: list[tuple[Endpoint, Raw]] = [
        *(("chat.completions", _completion(message)) for message in MESSAGES),
        *(("chat.completions", error) for error in ERRORS[:2]),
        *(("models", body) for body in LISTINGS),
        *(("embeddings", body) for body in EMBEDDINGS),
    ]
    made = [_seed(provider, endpoint, 200, body) for endpoint, body in own for provider in ("openai", "openrouter")]
    return (*made, *_recorded(is_stream=False, is_error=False))


@cache
def error_replies() -> tuple[Seed, ...]:
    """Replies of other statuses."""
    statuses = (400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 502, 503, 529)
    made = [
        _seed(provider, "chat.completions", statuses[place % len(statuses)], body)
        for place, (body, provider) in enumerate(
            (body, name) for body in ERRORS for name in ("openai", "openrouter", "mistral")
        )
    ]
    return (*made, *_recorded(is_stream=False, is_error=True))


@cache
def streams() -> tuple[Seed, ...]:
    """Streams, some of which report an error."""
    made = [_stream("openai", chunks) for chunks in _own_chunks()]
    return (*made, *_recorded(is_stream=True, is_error=False))


@cache
def chunk_lists() -> tuple[list[Raw], ...]:
    """The chunks of the streams."""
    return tuple(_chunks(seed.body) for seed in streams())


def _completion(message: Raw) -> Raw:
    choice: Raw = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": LOGPROBS}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}


def _own_chunks() -> list[list[Raw]]:
    head: Raw = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def of(*deltas: Raw, finish: str = "stop") -> list[Raw]:
        entries: list[Raw] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
        entries.append({"index": 0, "delta": {}, "finish_reason": finish})
        return [{**head, "choices": [entry]} for entry in entries] + [{**head, "choices": [], "usage": USAGE}]

    call: Raw = {"index": 0, "id": "x", "type": "function", "function": {"name": "f", "arguments": ""}}
    other: Raw = {"index": 1, "id": "y", "type": "function", "function": {"name": "g", "arguments": ""}}
    return [
        of({"role": "assistant", "content": ""}, {"content": "Hel"}, {"content": "lo"}),
        of(
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"tool_calls": [other]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
            {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]},
            finish="tool_calls",
        ),
        of(
            {"reasoning": "h", "reasoning_details": [{"type": "reasoning.text", "text": "h", "index": 0}]},
            {"content": "6"},
        ),
        of(*(delta for message in MESSAGES[4:] for delta in (message,))),
        [*of({"content": "par"})[:1], {"error": {"message": "broke", "code": 502}, "choices": []}],
    ]


def _stream(provider: str, chunks: list[Raw]) -> Seed:
    data = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    headers = (("content-type", "text/event-stream"),)
    return Seed(provider=provider, endpoint="chat.completions", status=200, headers=headers, body=data.encode())


def _seed(provider: str, endpoint: Endpoint, status: int, body: Raw) -> Seed:
    headers = (("content-type", "application/json"), ("x-request-id", "req-1"))
    return Seed(provider=provider, endpoint=endpoint, status=status, headers=headers, body=json.dumps(body).encode())


def _recorded(*, is_stream: bool, is_error: bool) -> list[Seed]:
    endpoints: dict[str, Endpoint] = {
        "chat.completions": "chat.completions",
        "embeddings": "embeddings",
        "models": "models",
    }
    return [
        Seed(
            provider=each.provider if each.provider in HOSTS else "compatible",
            endpoint=endpoints[each.endpoint],
            status=each.status,
            # The bodies stand here as they were unpacked.
            headers=tuple(
                (name, value)
                for name, value in each.headers
                if name.lower() not in {"content-encoding", "content-length"}
            ),
            body=each.body,
        )
        for each in recordings()
        if each.is_stream is is_stream
        and (each.status != 200) is is_error
        and len(each.body) <= MAX_BYTES
        and "/models/" not in each.path
    ]


def _chunks(body: bytes) -> list[Raw]:
    lines = [line.removeprefix("data:").strip() for line in body.decode().splitlines() if line.startswith("data:")]
    return [json.loads(line) for line in lines if line != "[DONE]"]
