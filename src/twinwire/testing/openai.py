"""OpenAI's dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.testing.chat import CREATED, Chat, argument_fragments, with_usage
from twinwire.testing.dialect import DATE, DONE, Pairs, event, phrase, retry_headers
from twinwire.testing.jsons import dump

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from twinwire.testing.answers import Status
    from twinwire.testing.rate_limit import Told

_CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}
_TYPES = {429: "requests", 401: "invalid_request_error", 403: "invalid_request_error"}


class OpenAIDialect:
    """As api.openai.com writes, with `reasoning_content` for compatible servers that send reasoning."""

    prefix = "/v1"
    told: Told = "openai"

    def headers(self, number: int) -> Pairs:
        """Date, version and request id."""
        return [("date", DATE), ("openai-version", "2020-10-01"), ("x-request-id", f"req_{number:06}")]

    def chat_headers(self, number: int) -> Pairs:  # the protocol's signature
        """Processing time and rate limits."""
        return [
            ("openai-processing-ms", "5"),
            ("x-ratelimit-limit-requests", "10000"),
            ("x-ratelimit-limit-tokens", "2000000"),
            ("x-ratelimit-remaining-requests", "9999"),
            ("x-ratelimit-remaining-tokens", "1999900"),
            ("x-ratelimit-reset-requests", "6ms"),
            ("x-ratelimit-reset-tokens", "3ms"),
        ]

    def call_body(self, value: object) -> bytes:
        """Plain JSON."""
        return dump(value)

    def completion(self, chat: Chat) -> dict[str, object]:
        """A `chat.completion`."""
        return {
            **_frame(chat, "chat.completion"),
            "choices": [
                {"index": index, "message": _message(chat), "logprobs": None, "finish_reason": chat.finish_reason}
                for index in range(chat.choices)
            ],
            "usage": _usage(chat),
            "service_tier": "default",
            "system_fingerprint": "fp_loopback",
            **chat.extra,
        }

    def events(self, chat: Chat) -> Iterator[bytes]:
        """Chunks; usage comes last, without choices, and only when it was asked for."""
        for index in range(chat.choices):
            for delta in _deltas(chat):
                yield self._chunk(chat, index, delta, None)
            yield self._chunk(chat, index, {}, chat.finish_reason)
        if chat.includes_usage:
            yield event({**_frame(chat, "chat.completion.chunk"), "choices": [], "usage": _usage(chat), **chat.extra})
        yield DONE

    def _chunk(self, chat: Chat, index: int, delta: Mapping[str, object], finish_reason: str | None) -> bytes:
        chunk: dict[str, object] = {
            **_frame(chat, "chat.completion.chunk"),
            "service_tier": "default",
            "system_fingerprint": "fp_loopback",
            "choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish_reason}],
            **chat.extra,
        }
        if chat.includes_usage:
            chunk["usage"] = None
        if chat.is_obfuscated:
            chunk["obfuscation"] = "x" * 12
        return event(chunk)

    def error(self, status: Status) -> tuple[Pairs, dict[str, object]]:
        """`{"error": {message, type, param, code}}`."""
        headers = retry_headers(status)
        if status.reset_seconds is not None:
            headers.append(("x-ratelimit-remaining-requests", "0"))
            headers.append(("x-ratelimit-reset-requests", f"{status.reset_seconds * 1000:.10g}ms"))
        usual_type = "server_error" if status.status >= 500 else "invalid_request_error"
        error: dict[str, object] = {
            "message": status.message or phrase(status.status),
            "type": status.type or _TYPES.get(status.status, usual_type),
            "param": status.param,
            "code": _CODES.get(status.status) if status.code is None else status.code,
        }
        if status.metadata is not None:  # as compatible servers have it
            error["metadata"] = dict(status.metadata)
        return headers, {"error": error}

    def embeddings(
        self, model: str, vectors: Sequence[object], tokens: int, cost: float, number: int
    ) -> dict[str, object]:  # the protocol's signature
        """A list of embeddings."""
        return {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)
            ],
            "model": model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }

    def listing(self, path: str, query: Mapping[str, str], models: Sequence[str]) -> object:  # the protocol's signature
        """`/models`, and each of them."""
        if path == "/models":
            return {"object": "list", "data": [_model(name) for name in models]}
        name = path.removeprefix("/models/")
        return _model(name) if name != path and name in models else None


def _frame(chat: Chat, kind: str) -> dict[str, object]:
    return {"id": f"chatcmpl-{chat.number:06}", "object": kind, "created": CREATED, "model": chat.model}


def _message(chat: Chat) -> dict[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": chat.text, "refusal": chat.refusal, "annotations": []}
    if chat.reasoning is not None:
        message["reasoning_content"] = chat.reasoning
    if chat.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in chat.tool_calls
        ]
    return message


def _deltas(chat: Chat) -> Iterator[dict[str, object]]:
    yield {"role": "assistant", "content": None if chat.text is None else "", "refusal": None}
    if chat.reasoning is not None:
        yield {"reasoning_content": chat.reasoning}
    for text in chat.deltas:
        yield {"content": text}
    if chat.refusal is not None:
        yield {"refusal": chat.refusal}
    for index, call in enumerate(chat.tool_calls):
        function = {"name": call.name, "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]}
        for fragment in argument_fragments(call.arguments):
            yield {"tool_calls": [{"index": index, "function": {"arguments": fragment}}]}


def _usage(chat: Chat) -> dict[str, object]:
    counted: dict[str, object] = {
        "prompt_tokens": chat.prompt_tokens,
        "completion_tokens": chat.completion_tokens,
        "total_tokens": chat.prompt_tokens + chat.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": chat.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    return with_usage(counted, chat.usage)


def _model(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "loopback"}
