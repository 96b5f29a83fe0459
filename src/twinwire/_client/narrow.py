"""Narrowing of values that a user handed in, for the type checkers: `isinstance` alone leaves the contents unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

_MAPPINGS = dict, Mapping
"""The plain kind first, since asking an abstract class takes longer; and made once."""
_LISTS = list, tuple
_SHORT = 12
_SHORT_BITS = 64


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Whether *value* is a mapping, of anything to anything."""
    return isinstance(value, _MAPPINGS)


def brief(value: object) -> str:
    """What an option was, for the message of an error. A long text may be a key that was given in the wrong place."""
    if isinstance(value, str) and len(value) > _SHORT:
        return f"a text of {len(value)} characters"
    if isinstance(value, int) and value.bit_length() > _SHORT_BITS:
        return f"an int of {value.bit_length()} bits"  # Python refuses to write some thousands of digits
    return f"{value!r:.80}" if isinstance(value, str | int | float | None) else type(value).__name__


def is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Whether *value* is a list or a tuple, of anything."""
    return isinstance(value, _LISTS)
