"""
A second fold, written to be obviously right rather than quick or clever.

It knows streams in which every tool-call delta has its index, as the API is documented, and starts anew for each question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject

Raw = dict[str, Any]


def listed(holder: Raw, field: str) -> list[Raw]:
    """A list of objects, empty where it is null or absent."""
    return holder.get(field) or list[Raw]()


def held(holder: Raw, field: str) -> Raw:
    """An object, empty where it is null or absent."""
    return holder.get(field) or Raw()


def entries(chunks: list[Raw], index: int) -> list[Raw]:
    """What the chunks say about one choice, in order."""
    return [entry for chunk in chunks for entry in listed(chunk, "choices") if entry["index"] == index]


def joined(chunks: list[Raw], index: int, field: str) -> str | None:
    """All strings of one field of a choice's deltas; None where there are none."""
    values = [held(entry, "delta").get(field) for entry in entries(chunks, index)]
    strings = [value for value in values if isinstance(value, str)]
    return "".join(strings) if strings else None


def calls(chunks: list[Raw], index: int) -> list[Raw]:
    """The tool calls of a choice, told apart by their index, in the order in which they begin."""
    fragments = [
        fragment for entry in entries(chunks, index) for fragment in listed(held(entry, "delta"), "tool_calls")
    ]
    order = list(dict.fromkeys(fragment["index"] for fragment in fragments))
    return [call([fragment for fragment in fragments if fragment["index"] == place]) for place in order]


def call(fragments: list[Raw]) -> Raw:
    """One call of its fragments: the first id, type and name, all arguments."""
    functions = [held(fragment, "function") for fragment in fragments]
    return {
        "id": next((fragment["id"] for fragment in fragments if fragment.get("id")), ""),
        "type": next((fragment["type"] for fragment in fragments if fragment.get("type")), "function"),
        "function": {
            "name": next((function["name"] for function in functions if function.get("name")), ""),
            "arguments": "".join(function.get("arguments") or "" for function in functions),
        },
    }


def last_usage(chunks: list[Raw]) -> JsonObject | None:
    """The usage that was sent last."""
    usages: list[JsonObject] = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    return usages[-1] if usages else None


def last_finish_reason(chunks: list[Raw], index: int) -> str | None:
    """The finish reason that was sent last."""
    reasons: list[str] = [entry["finish_reason"] for entry in entries(chunks, index) if entry.get("finish_reason")]
    return reasons[-1] if reasons else None


def fold(chunks: list[Raw]) -> Raw:
    """The facts of a whole reply, per choice."""
    indexes: list[int] = sorted({entry["index"] for chunk in chunks for entry in listed(chunk, "choices")})
    return {
        "usage": last_usage(chunks),
        "choices": {
            index: {
                "content": joined(chunks, index, "content"),
                "refusal": joined(chunks, index, "refusal"),
                "reasoning": joined(chunks, index, "reasoning"),
                "reasoning_content": joined(chunks, index, "reasoning_content"),
                "tool_calls": calls(chunks, index),
                "finish_reason": last_finish_reason(chunks, index),
            }
            for index in indexes
        },
    }


def facts(body: Any) -> Raw:  # raw JSON of any shape
    """The same facts of an accumulator's snapshot."""
    return {
        "usage": body.get("usage"),
        "choices": {
            choice["index"]: {
                "content": choice["message"]["content"],
                "refusal": choice["message"].get("refusal"),
                "reasoning": choice["message"].get("reasoning"),
                "reasoning_content": choice["message"].get("reasoning_content"),
                "tool_calls": choice["message"].get("tool_calls", []),
                "finish_reason": choice["finish_reason"],
            }
            for choice in body["choices"]
        },
    }
