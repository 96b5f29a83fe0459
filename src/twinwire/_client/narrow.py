"""Narrowing of values that a user handed in, for the type checkers: `isinstance` alone leaves the contents unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Whether *value* is a mapping, of anything to anything."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Whether *value* is a list or a tuple, of anything."""
    return isinstance(value, list | tuple)
