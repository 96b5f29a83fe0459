"""OpenRouter's dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.testing.chat import CREATED, Chat, argument_fragments, with_usage
from twinwire.testing.dialect import DATE, DONE, Pairs, event, phrase, retry_headers
from twinwire.testing.jsons import dump
from twinwire.testing.openrouter_listings import Generation, listing
from twinwire.testing.spending import NO_PRICES, Prices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from twinwire.testing.answers import Status
    from twinwire.testing.rate_limit import Told

_KEEP_ALIVE = b"\n         \n" * 2
"""OpenRouter sends white space while a JSON answer is in the making."""
_COMMENT = b": OPENROUTER PROCESSING\n\n"
_GENERATIONS_KEPT = 1000


class OpenRouterDialect:
    """As openrouter.ai writes; it remembers its last generations for `/generation`."""

    prefix = "/api/v1"
    told: Told = "openrouter"

    def __init__(self, prices: Prices = NO_PRICES) -> None:
        self._prices = prices
        self._generations: dict[str, Generation] = {}

    def headers(self, number: int) -> Pairs:  # the protocol's signature
        """Date; OpenRouter has no request id."""
        return [("date", DATE), ("access-control-allow-origin", "*")]

    def chat_headers(self, number: int) -> Pairs:
        """The generation's id."""
        return [("x-generation-id", _id(number))]

    def call_body(self, value: object) -> bytes:
        """JSON after white space."""
        return _KEEP_ALIVE + dump(value)

    def completion(self, chat: Chat) -> dict[str, object]:
        """A `chat.completion` with provider, native finish reason and cost."""
        self._remember(chat, is_streamed=False)
        return {
            **_frame(chat, "chat.completion"),
            "system_fingerprint": None,
            "choices": [
                {
                    "index": index,
                    "logprobs": None,
                    "finish_reason": chat.finish_reason,
                    "native_finish_reason": chat.finish_reason,
                    "message": _message(chat),
                }
                for index in range(chat.choices)
            ],
            "usage": _usage(chat),
            **chat.extra,
        }

    def events(self, chat: Chat) -> Iterator[bytes]:
        """Comments, then chunks; the last repeats the finish reason and carries the usage, asked for or not."""
        self._remember(chat, is_streamed=True)
        yield _COMMENT
        yield _COMMENT
        for index in range(chat.choices):
            for delta in _deltas(chat):
                yield event(_chunk(chat, index, delta, None))
            yield event(_chunk(chat, index, {"content": "", "reasoning": None}, chat.finish_reason))
        yield event({**_chunk(chat, chat.choices - 1, {"content": ""}, chat.finish_reason), "usage": _usage(chat)})
        yield DONE

    def error(self, status: Status) -> tuple[Pairs, dict[str, object]]:
        """`{"error": {message, code, metadata}, "user_id"}`; rate limits stand in the metadata."""
        error: dict[str, object] = {
            "message": status.message or phrase(status.status),
            "code": status.status if status.code is None else status.code,
        }
        metadata = dict(status.metadata or {})
        if status.reset_seconds is not None:
            # Epoch milliseconds, beside the server's own Date.
            reset = f"{(CREATED + status.reset_seconds) * 1000:.0f}"
            limits = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
            metadata |= {"headers": limits, "provider_name": None}
        if metadata:
            error["metadata"] = metadata
        return retry_headers(status), {"error": error, "user_id": "user_loopback"}

    def embeddings(
        self, model: str, vectors: Sequence[object], tokens: int, cost: float, number: int
    ) -> dict[str, object]:
        """A list of embeddings with cost."""
        return {
            "object": "list",
            "data": [
                {"object": "embedding", "embedding": vector, "index": index} for index, vector in enumerate(vectors)
            ],
            "model": model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens, "cost": cost, "is_byok": False},
            "provider": "Loopback",
            "id": f"gen-emb-{CREATED}-{number:06}",
        }

    def listing(self, path: str, query: Mapping[str, str], models: Sequence[str]) -> object:
        """`/models` and what is known of the account."""
        return listing(path, query, models, self._generations, self._prices)

    def _remember(self, chat: Chat, *, is_streamed: bool) -> None:
        while len(self._generations) >= _GENERATIONS_KEPT:
            del self._generations[next(iter(self._generations))]
        self._generations[_id(chat.number)] = Generation(chat=chat, is_streamed=is_streamed)


def _id(number: int) -> str:
    return f"gen-{CREATED}-{number:06}"


def _frame(chat: Chat, kind: str) -> dict[str, object]:
    return {
        "id": _id(chat.number),
        "provider": "Loopback",
        "model": chat.model,
        "object": kind,
        "created": CREATED,
    }


def _chunk(chat: Chat, index: int, delta: Mapping[str, object], finish_reason: str | None) -> dict[str, object]:
    choice = {
        "index": index,
        "delta": {"role": "assistant", **delta},
        "finish_reason": finish_reason,
        "native_finish_reason": finish_reason,
        "logprobs": None,
    }
    return {**_frame(chat, "chat.completion.chunk"), "choices": [choice], **chat.extra}


def _details(reasoning: str) -> list[object]:
    return [{"type": "reasoning.text", "text": reasoning, "format": "unknown", "index": 0}]


def _message(chat: Chat) -> dict[str, object]:
    message: dict[str, object] = {
        "role": "assistant",
        "content": chat.text,
        "refusal": chat.refusal,
        "reasoning": chat.reasoning,
    }
    if chat.reasoning is not None:
        message["reasoning_details"] = _details(chat.reasoning)
    if chat.tool_calls:
        message["tool_calls"] = [
            {
                "index": index,
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for index, call in enumerate(chat.tool_calls)
        ]
    return message


def _deltas(chat: Chat) -> Iterator[dict[str, object]]:
    if chat.reasoning is not None:
        yield {"content": "", "reasoning": chat.reasoning, "reasoning_details": _details(chat.reasoning)}
    for text in chat.deltas:
        yield {"content": text}
    if chat.refusal is not None:
        yield {"content": None, "refusal": chat.refusal}
    for index, call in enumerate(chat.tool_calls):
        function = {"name": call.name, "arguments": ""}
        yield {
            "content": None,
            "tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}],
        }
        for fragment in argument_fragments(call.arguments):
            yield {"content": None, "tool_calls": [{"index": index, "function": {"arguments": fragment}}]}


def _usage(chat: Chat) -> dict[str, object]:
    counted: dict[str, object] = {
        "prompt_tokens": chat.prompt_tokens,
        "completion_tokens": chat.completion_tokens,
        "total_tokens": chat.prompt_tokens + chat.completion_tokens,
        "cost": chat.cost,
        "is_byok": False,
        "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 0, "video_tokens": 0},
        "cost_details": {
            "upstream_inference_cost": chat.cost,
            "upstream_inference_prompt_cost": float(chat.bill.prompt_usd),
            "upstream_inference_completions_cost": float(chat.bill.completion_usd),
        },
        "completion_tokens_details": {
            "reasoning_tokens": chat.reasoning_tokens,
            "image_tokens": 0,
            "audio_tokens": 0,
        },
    }
    return with_usage(counted, chat.usage)
