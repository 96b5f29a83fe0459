"""
A second fold, written to be obviously right rather than quick or clever.

It knows streams in which every tool-call delta has its index, as the API is documented, and starts anew for each question.
`is_documented` says of any JSON whether it is such a stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject

Raw = dict[str, Any]


def is_object(value: object) -> TypeGuard[Raw]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON list."""
    return isinstance(value, list)


def listed(holder: Raw, field: str) -> list[Raw]:
    """A list of objects, empty where it is null or absent."""
    return holder.get(field) or list[Raw]()


def held(holder: Raw, field: str) -> Raw:
    """An object, empty where it is null or absent."""
    return holder.get(field) or Raw()


def entries(chunks: list[Raw], index: int) -> list[Raw]:
    """What the chunks say about one choice, in order."""
    return [
        entry
        for chunk in chunks
        for place, entry in enumerate(listed(chunk, "choices"))
        if index_of(entry, place) == index
    ]


def index_of(entry: Raw, place: int) -> int:
    """Which choice an entry is of: as it says, else by its place."""
    index = entry.get("index")
    return place if index is None or index < 0 else index


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
    """The usage that was sent last; Groq's compound models have theirs in a field of their own."""
    usages: list[JsonObject] = []
    for chunk in chunks:
        usage = chunk.get("usage")
        if usage is None:
            usage = held(chunk, "x_groq").get("usage")
        if usage:
            usages.append(usage)
    return usages[-1] if usages else None


def last_finish_reason(chunks: list[Raw], index: int) -> str | None:
    """The finish reason that was sent last, but for a `stop` that follows another one with nothing said in between."""
    reason: str | None = None
    is_between = False
    for entry in entries(chunks, index):
        if says_something(held(entry, "delta")):
            is_between = False
        said: str | None = entry.get("finish_reason")
        if said and not (said == "stop" and is_between and reason != "stop"):
            reason = said
            is_between = True
    return reason


def says_something(delta: Raw) -> bool:
    """Whether a reader would miss the delta."""
    texts = ("content", "refusal", "reasoning", "reasoning_content")
    others = [value for key, value in delta.items() if key not in {*texts, "role"}]
    return any(delta.get(key) for key in texts) or any(value and isinstance(value, list | dict) for value in others)


def fold(chunks: list[Raw]) -> Raw:
    """The facts of a whole reply, per choice."""
    indexes: list[int] = sorted(
        {index_of(entry, place) for chunk in chunks for place, entry in enumerate(listed(chunk, "choices"))}
    )
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


def is_documented(chunks: list[Any]) -> bool:
    """Whether these are chunks as the API is documented, so that `fold` knows what they say."""
    if not all(_is_chunk(chunk) for chunk in chunks):
        return False
    indexes = {index_of(entry, place) for chunk in chunks for place, entry in enumerate(listed(chunk, "choices"))}
    return all(_has_plain_calls(chunks, index) for index in indexes)


def _is_chunk(chunk: Any) -> bool:
    if not is_object(chunk) or not _is(chunk, list, "choices") or not _is(chunk, dict, "usage", "x_groq"):
        return False
    return _is(held(chunk, "x_groq"), dict, "usage") and all(_is_entry(entry) for entry in listed(chunk, "choices"))


def _is_entry(entry: Any) -> bool:
    if not is_object(entry) or not is_object(entry.get("delta")) or not _is(entry, str, "finish_reason"):
        return False
    index: Any = entry.get("index")
    delta: Raw = entry["delta"]
    return (
        _is_index(index)
        and _is(delta, str, "content", "refusal", "reasoning", "reasoning_content")
        and _is(delta, list, "tool_calls")
        and all(_is_fragment(fragment) for fragment in listed(delta, "tool_calls"))
    )


def _is_fragment(fragment: Any) -> bool:
    return (
        is_object(fragment)
        and fragment.keys() <= {"index", "id", "type", "function"}
        and fragment.get("type") in (None, "", "function")
        and _is_index(fragment.get("index"))
        and _is(fragment, str, "id")
        and _is(fragment, dict, "function")
        and held(fragment, "function").keys() <= {"name", "arguments"}
        and _is(held(fragment, "function"), str, "name", "arguments")
    )


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is(holder: Any, kind: type, *names: str) -> bool:
    return all(holder.get(name) is None or isinstance(holder[name], kind) for name in names)


def _has_plain_calls(chunks: list[Raw], index: int) -> bool:
    """Whether each call of a choice has one name, said once, and an id of its own."""
    owners: dict[str, int] = {}
    named: list[int] = []
    for entry in entries(chunks, index):
        for fragment in listed(held(entry, "delta"), "tool_calls"):
            place = fragment["index"]
            if fragment.get("id") and owners.setdefault(fragment["id"], place) != place:
                return False
            if held(fragment, "function").get("name"):
                named.append(place)
    return len(named) == len(set(named)) and len(owners) == len(set(owners.values()))
