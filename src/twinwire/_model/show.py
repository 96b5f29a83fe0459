"""Short forms of values, for reprs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TEXT = 100
MAX_ITEMS = 3
MAX_DEPTH = 4


def brief(value: object, depth: int = 0) -> str:
    """The repr of *value* with long text and long or deep containers shortened."""
    if isinstance(value, str):
        return repr(value) if len(value) <= MAX_TEXT else repr(value[:MAX_TEXT] + "…")
    if _is_list(value):
        return f"[{_joined((brief(item, depth + 1) for item in value), len(value), depth)}]"
    if _is_dict(value):
        shown = (f"{brief(key)}: {brief(item, depth + 1)}" for key, item in value.items())
        return f"{{{_joined(shown, len(value), depth)}}}"
    return repr(value)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_dict(value: object) -> TypeGuard[dict[object, object]]:
    return isinstance(value, dict)


def _joined(shown: Iterable[str], count: int, depth: int) -> str:
    if depth >= MAX_DEPTH and count:
        return "…"
    rest = [f"… {count - MAX_ITEMS} more"] if count > MAX_ITEMS else []
    return ", ".join([*islice(shown, MAX_ITEMS), *rest])
