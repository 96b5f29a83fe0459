"""What a chat call is answered with, worked out once for every dialect: texts, tokens, finish reason."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from twinwire.testing.answers import Reply, ToolCall
from twinwire.testing.jsons import is_array, is_object
from twinwire.testing.spending import NO_PRICES, NOTHING_BILLED, Bill, Prices, usd
from twinwire.testing.texts import texts_of, words

if TYPE_CHECKING:
    from collections.abc import Mapping

CREATED = 1_700_000_000
"""The moment of every answer, so that two runs give the same bytes: Tue, 14 Nov 2023 22:13:20 GMT."""


class Refused(Exception):
    """The request cannot be answered; the server says so with a 400, naming *param*."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


@frozen(kw_only=True)
class Chat:
    """Everything that a body or a stream of one chat answer is made of."""

    number: int
    model: str
    text: str | None
    deltas: tuple[str, ...]
    reasoning: str | None
    refusal: str | None
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str
    choices: int
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    usage: Mapping[str, object]
    """Scripted fields of the usage."""
    bill: Bill = NOTHING_BILLED
    includes_usage: bool
    is_obfuscated: bool
    extra: Mapping[str, object]

    @property
    def cost(self) -> float:
        """US dollars, as a reply says it."""
        return float(self.bill.prompt_usd + self.bill.completion_usd)


def answer_chat(request: Mapping[str, object], reply: Reply, number: int, prices: Prices = NO_PRICES) -> Chat:
    """
    Work out the answer to *request*, and what it costs.

    Raises:
        Refused: the request has no model or no messages.
    """
    model = request.get("model")
    if not isinstance(model, str) or not model:
        raise Refused("you must provide a model parameter", "model")
    messages = request.get("messages")
    if not is_array(messages) or not messages:
        raise Refused("you must provide a non-empty list of messages", "messages")

    deltas = _deltas(reply, messages)
    deltas, finish_reason = _shorten(deltas, request)
    if reply.tool_calls and finish_reason == "stop":
        finish_reason = "tool_calls"
    choices = _count(request, "n", 1)
    reasoning_tokens = len(words(reply.reasoning or "")) * choices
    completion_tokens = _answer_tokens(reply, deltas) * choices + reasoning_tokens
    prompt_tokens = sum(len(words(text)) for text in texts_of(messages))
    options = request.get("stream_options")
    options = options if is_object(options) else {}
    chat = Chat(
        number=number,
        model=reply.model or model,
        text=None if deltas is None else "".join(deltas),
        deltas=tuple(deltas or ()),
        reasoning=reply.reasoning,
        refusal=reply.refusal,
        tool_calls=_with_ids(reply.tool_calls, number),
        finish_reason=reply.finish_reason or finish_reason,
        choices=choices,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        reasoning_tokens=reasoning_tokens,
        usage=reply.usage or {},
        includes_usage=options.get("include_usage") is True,
        is_obfuscated=options.get("include_obfuscation") is True,
        extra=reply.extra,
    )
    return evolve(chat, bill=_bill(request, chat, reply, prices))


def _deltas(reply: Reply, messages: list[object]) -> list[str] | None:
    if reply.deltas is not None:
        return list(reply.deltas)
    if reply.text is not None:
        return words(reply.text)
    if reply.tool_calls or reply.refusal is not None:
        return None
    return words(_last_user_text(messages))


def _last_user_text(messages: list[object]) -> str:
    for message in reversed(messages):
        if is_object(message) and message.get("role") == "user":
            return "".join(texts_of([message]))
    return ""


def _shorten(deltas: list[str] | None, request: Mapping[str, object]) -> tuple[list[str] | None, str]:
    if deltas is None:
        return None, "stop"
    stop = request.get("stop")
    stops = [stop] if isinstance(stop, str) else stop if is_array(stop) else []
    text = "".join(deltas)
    found = [text.index(word) for word in stops if isinstance(word, str) and word and word in text]
    if found:
        deltas = words(text[: min(found)])
    limit = _count(request, "max_completion_tokens", _count(request, "max_tokens", len(deltas)))
    return (deltas[:limit], "length") if limit < len(deltas) else (deltas, "stop")


def _count(request: Mapping[str, object], name: str, default: int) -> int:
    value = request.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refused(f"{name} must be an integer of 1 or more", name)
    return value


def _answer_tokens(reply: Reply, deltas: list[str] | None) -> int:
    calls = sum(1 + len(words(call.arguments)) for call in reply.tool_calls)
    return len(deltas or ()) + len(words(reply.refusal or "")) + calls


def _with_ids(calls: tuple[ToolCall, ...], number: int) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(call.name, call.arguments, call.id or f"call_{number:06}_{position}")
        for position, call in enumerate(calls)
    )


def _bill(request: Mapping[str, object], chat: Chat, reply: Reply, prices: Prices) -> Bill:
    """What the usage costs that the answer reports; a scripted cost is shared out by what prompt and answer would cost."""
    usage = {"prompt_tokens": chat.prompt_tokens, "completion_tokens": chat.completion_tokens, **chat.usage}
    prompt_tokens, completion_tokens = _tokens(usage, "prompt_tokens"), _tokens(usage, "completion_tokens")
    prompt_price, completion_price = prices.of(chat.model, str(request.get("model")))
    prompt, completion = usd(prompt_tokens, prompt_price), usd(completion_tokens, completion_price)
    scripted = usage.get("cost") if reply.cost is None else reply.cost
    if isinstance(scripted, int | float) and math.isfinite(scripted):
        cost = Decimal(repr(scripted))
        prompt = cost * prompt / (prompt + completion) if prompt + completion else Decimal(0)
        completion = cost - prompt
    return Bill(
        model=chat.model,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        prompt_usd=prompt,
        completion_usd=completion,
    )


def _tokens(usage: Mapping[str, object], name: str) -> int:
    value = usage.get(name)
    return int(value) if isinstance(value, int | float) and math.isfinite(value) and value > 0 else 0


def argument_fragments(arguments: str) -> list[str]:
    """The pieces in which a stream sends a tool call's arguments."""
    return words(arguments)


def with_usage(counted: dict[str, object], scripted: Mapping[str, object]) -> dict[str, object]:
    """Replace counted fields by scripted ones; a total that nobody scripted follows its parts."""
    usage = {**counted, **scripted}
    parts = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
    if "total_tokens" not in scripted and isinstance(parts[0], int) and isinstance(parts[1], int):
        usage["total_tokens"] = parts[0] + parts[1]
    return usage
