"""Damage: to JSON as a tree, and to any bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.chat.reference import is_list, is_object

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance

DEEP = "@@deep@@"
LONG = "@@long@@"
"""These stand in the tree for what cannot be in one, and are replaced in the text."""
SCALARS: tuple[Any, ...] = (
    None, "", 0, -1, 1, True, False, "a", "0", "1", 0.5, 12.0, 2**31, 2**63, 10**30, -(10**400), 1e308, float("nan"), float("inf"),
    float("-inf"), "\ud83d", "a\0b", "null", "{", '{"a": 1}', "stop", "error", "tool_calls", "function", "x" * 2000, "\u2028\x85\x1b[0m",
)  # fmt: skip
KEYS = (
    "choices", "error", "message", "delta", "content", "tool_calls", "function", "index", "id", "usage", "finish_reason", "object",
    "data", "type", "name", "arguments", "detail", "errors", "code", "metadata", "status", "text", "reasoning", "custom", "", "extra",
)  # fmt: skip


def tree(chance: Chance, root: Any, most: int = 3) -> Any:
    """
    A copy of the JSON with up to *most* changes: dropped, null, of another type, moved, repeated, deepened.

    Each place is found by going down from the root, so what stands high is hit more often.
    """
    root = json.loads(json.dumps(root))
    for _ in range(chance.between(1, most)):
        root = _change_one(chance, root)
    return root


def _change_one(chance: Chance, root: Any) -> Any:
    holder: Any = None
    key: Any = None
    node = root
    while node and (holder is None or not chance.hit(5)):
        if is_object(node):
            key = chance.pick(list(node))
        elif is_list(node):
            key = chance.below(len(node))
        else:
            break
        holder = node
        node = holder[key]
    changed = _changed(chance, node, holder, key)
    if holder is None:
        return changed
    if changed is not _DROPPED:
        holder[key] = changed
    return root


_DROPPED = object()


def _changed(chance: Chance, node: Any, holder: Any, key: Any) -> Any:
    match chance.below(10):
        case 0 | 1:
            if holder is None:
                return None
            del holder[key]
            return _DROPPED
        case 2:
            return None
        case 3 | 4:
            return chance.pick(SCALARS)
        case 5:
            wrapped: tuple[Any, ...] = ([], {}, [node], {"a": node}, [None, node], {chance.pick(KEYS): node})
            return chance.pick(wrapped)
        case 6:
            return chance.pick((DEEP, LONG))
        case 7:
            if is_list(holder):
                holder.insert(key, node)
                return _DROPPED
            return [node, node]
        case 8:
            if is_object(holder):
                holder[chance.pick(KEYS)] = node
            return node
        case _:
            if is_object(node):
                node[chance.pick(KEYS)] = chance.pick((*SCALARS, DEEP))
                return node
            return str(node) if isinstance(node, int | float) else node[: chance.below(8)] if node else "x"


def written(chance: Chance, root: Any) -> bytes:
    """The tree as text, in one of the ways in which servers write JSON."""
    is_ascii = not chance.hit(3)
    try:
        text = json.dumps(root, ensure_ascii=is_ascii, separators=chance.pick((None, (",", ":")))).encode()
    except UnicodeEncodeError:
        text = json.dumps(root).encode()
    if DEEP.encode() in text:
        depth = chance.pick((101, 98, 900, 5000, 30))
        opening, closing = chance.pick(((b"[", b"]"), (b'{"a":', b"}")))
        text = text.replace(b'"%s"' % DEEP.encode(), opening * depth + b"1" + closing * depth)
    if LONG.encode() in text:
        text = text.replace(
            b'"%s"' % LONG.encode(), chance.pick((b"9" * 5000, b"1e999", b"-0", b"1" + b"0" * 400 + b".0"))
        )
    if chance.hit(8):  # a key twice: the last one holds
        place = text.rfind(b"}", 0, chance.between(1, len(text)))
        if place > 0 and text[place - 1 : place] != b"{":
            again = json.dumps(chance.pick(KEYS)) + ":" + json.dumps(chance.pick(SCALARS[:12]))
            text = text[:place] + b"," + again.encode() + text[place:]
    return text


def damage(chance: Chance, data: bytes, most: int = 3) -> bytes:
    """The bytes with up to *most* changes: cut, flipped, inserted, dropped, repeated."""
    for _ in range(chance.between(1, most)):
        place = chance.below(len(data) + 1)
        span = chance.pick((1, 2, 5, 30))
        match chance.below(6):
            case 0:
                data = data[:place]
            case 1:
                data = (
                    data[:place]
                    + bytes(byte ^ (1 << chance.below(8)) for byte in data[place : place + 1])
                    + data[place + 1 :]
                )
            case 2:
                data = data[:place] + chance.take(span) + data[place:]
            case 3:
                data = data[:place] + data[place + span :]
            case 4:
                data = data[:place] + data[place : place + span] * 2 + data[place + span :]
            case _:
                data = (
                    data[:place]
                    + chance.pick((b"\n", b"\r", b"\n\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"{", b"]", b'"', b"NaN"))
                    + data[place:]
                )
    return data
