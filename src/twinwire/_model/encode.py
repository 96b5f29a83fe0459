"""From typed values back to plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeGuard

from twinwire._model.unset import Unset

if TYPE_CHECKING:
    from twinwire._model.json import Json

_PLAIN = frozenset({str, int, float, bool, type(None)})


class Encodable:
    """A value that knows its own JSON."""

    __slots__ = ()

    def _encode(self) -> Json:
        raise NotImplementedError


def unstructure(value: object) -> Json:
    """
    Turn *value* into plain JSON in containers of its own: replies and their parts, mappings, sequences, plain values.

    Members of mappings that are `UNSET` are left out.

    Raises:
        TypeError: something in it has no JSON form; the message has its type, not its value.
    """
    if value.__class__ in _PLAIN:
        return value  # type: ignore[return-value]  # the line above is a check that checkers cannot follow
    if isinstance(value, Encodable):
        return value._encode()
    if isinstance(value, str | int | float):
        return value
    if _is_mapping(value):
        return {_key(key): unstructure(item) for key, item in value.items() if not isinstance(item, Unset)}
    if _is_sequence(value):
        return [unstructure(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the keys of a JSON object are text, got {type(key).__name__}")
    return key
