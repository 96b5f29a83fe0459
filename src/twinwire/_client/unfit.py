"""
What in a request body has no JSON of its own, and where it stands.

The encoder of the standard library says that something is wrong, not where. And it writes keys that are no text in a way of its own: None
becomes `"null"`, and of `{1: "a", "1": "b"}` a server sees one name twice. So the keys are looked at, too.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from twinwire._client.narrow import is_list, is_mapping
from twinwire._model.unset import Unset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MOST_BITS = 14_000
"""Python writes no longer number as decimal digits (4300 of them)."""
_PLAIN = frozenset({str, int, float, bool, type(None)})
_PLAIN_AND_PARTS = _PLAIN | {dict, list, tuple}
_TEXT = frozenset({str})
_SHOWN_KEY_LENGTH = 40
_SHOWN_STEPS = 12


class Unfit(Exception):
    """Says what is wrong with a value, and where it stands."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path
        self.reason = reason


def has_odd_keys(body: dict[str, object]) -> bool:
    """Whether some mapping in *body*, which has no cycles, has a key that is no text. Quick: this is asked of every body."""
    left: list[object] = [body]
    while left:
        value = left.pop()
        if is_mapping(value):
            if not set(map(type, value)) <= _TEXT:
                return True
            items: Iterable[object] = value.values()
        elif is_list(value):
            items = value
        else:
            continue
        if not set(map(type, items)) <= _PLAIN:
            left += items
    return False


def find_unfit(body: dict[str, object], prefixes: dict[str, str], plain: Callable[[object], object]) -> Unfit | None:
    """
    The first place in *body* that JSON cannot hold, or None; without recursion, since too deep is one of the answers.

    *prefixes* are the paths of the members at the top, where they are not their names. *plain* makes JSON's own kinds of others, or raises
    TypeError.
    """
    steps: list[str | int] = []
    inside: dict[int, None] = {}  # in their order, and found at once
    open_items: list[Iterator[tuple[str | int, object]]] = [_members(body, steps, prefixes)]
    while open_items:
        found = next(open_items[-1], None)
        if found is None:
            open_items.pop()
            if steps:
                steps.pop()
                inside.popitem()
            continue
        step, value = found
        if isinstance(value, Unfit):
            return value
        steps.append(step)
        if type(value) not in _PLAIN_AND_PARTS:
            if isinstance(value, Unset) and isinstance(step, str):
                steps.pop()  # it is left out
                continue
            try:
                value = value if isinstance(value, str | int | float) or is_list(value) else plain(value)
            except TypeError as error:
                return Unfit(_path(steps, prefixes), f"cannot be written as JSON: {error}")
        if is_mapping(value) or is_list(value):
            if id(value) in inside:
                return Unfit(_path(steps, prefixes), "cannot be written as JSON: it holds itself")
            inside[id(value)] = None
            open_items.append(_members(value, steps, prefixes))
            continue
        reason = _reason(value)
        if reason is not None:
            return Unfit(_path(steps, prefixes), reason)
        steps.pop()
    return None


def _members(value: object, steps: list[str | int], prefixes: dict[str, str]) -> Iterator[tuple[str | int, object]]:
    if is_list(value):
        yield from enumerate(value)
    elif is_mapping(value):
        seen: set[str] = set()
        for key, item in value.items():
            name = (
                key
                if isinstance(key, str)
                else str(int(key))
                if isinstance(key, int) and not isinstance(key, bool)
                else None
            )
            if name is None:
                yield (
                    "",
                    Unfit(
                        _path(steps, prefixes),
                        f"cannot be written as JSON: it has a key that is no text, but {type(key).__name__}",
                    ),
                )
            elif name in seen:
                yield (
                    "",
                    Unfit(
                        _path(steps, prefixes),
                        f"cannot be written as JSON: it has the key {name[:_SHOWN_KEY_LENGTH]!r} twice, as a number and as text",
                    ),
                )
            else:
                seen.add(name)
                yield name, item


def _reason(value: object) -> str | None:
    if isinstance(value, float) and not isfinite(value):
        return f"cannot be written as JSON: {value!r} has no place there"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return f"cannot be written as JSON: an int of {value.bit_length()} bits is too long"
    return None


def _path(steps: list[str | int], prefixes: dict[str, str]) -> str:
    path = ""
    for step in steps[:_SHOWN_STEPS]:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not path:
            path = prefixes.get(step, step)
        elif step.isidentifier() and len(step) <= _SHOWN_KEY_LENGTH:
            path += f".{step}"
        else:
            path += f"[{step[:_SHOWN_KEY_LENGTH]!r}]"
    return (path or "the body") + ("…" if len(steps) > _SHOWN_STEPS else "")
