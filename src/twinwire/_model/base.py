"""
The base class of every generated type.

A generated class is `@base.define class X(base.Model)`: attrs keeps its fields and slots, this class and its base have the methods,
once. A method that is written per class costs loading time, and there are some hundreds of classes.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Self, TypeGuard, TypeVar

from twinwire._model.encode import Encodable, unstructure
from twinwire._model.fields import Fields, define
from twinwire._model.show import brief
from twinwire._model.text import JsonText, PartsText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from twinwire._model.json import Json, JsonObject

__all__ = ["Model", "define"]

MOST_LEVELS = 200
"""How deep the plain JSON in an object may be for pickle: twice as deep as any reply that is taken from a server."""


_M = TypeVar("_M", bound="Model")


def _rebuild(cls: type[_M], state: dict[str, object]) -> _M:
    # Without __init__: a pickle of an older version lacks the fields that came later, and they are then absent.
    instance = cls.__new__(cls)
    for name, value in state.items():
        setattr(instance, name, value)
    return instance


class Model(Fields, Encodable):
    """
    A JSON object with typed fields.

    A field that was not sent reads as its default; `is_set()` tells it from one that was. Fields may be assigned and mutated, and set
    ones deleted, which makes them absent; the encoding follows. Two objects are equal when they are of the same class and have the same set fields
    and the same unknown ones.
    """

    __slots__ = ("_extra",)
    _hidden = (*Fields._hidden, "_extra")

    if TYPE_CHECKING:
        # Seen at run time, the annotation would be resolved along with each subclass's fields.
        _extra: Mapping[str, Json]
    else:
        _when_empty = MappingProxyType({**Fields._when_empty, "_extra": MappingProxyType({})})

    @property
    def extra(self) -> dict[str, Json]:
        """Fields that the spec does not know, by wire name. They are written back; this is the dict itself."""
        if not isinstance(self._extra, dict):
            self._extra = {}
        return self._extra

    def to_dict(self) -> JsonObject:
        """
        The object as plain JSON under its wire names: fields that are set, then unknown ones. Shares nothing with it.

        Raises:
            TypeError: something was put into it that has no JSON form.
            ValueError: something nested too deep to be followed was, or a field was put into `extra`. Replies that came from a
                server are never so deep.
        """
        encoded: JsonObject = {}
        try:
            for name, value in self._set_fields().items():
                encoded[self._wire_names[name]] = (
                    value.form() if isinstance(value, PartsText | JsonText) else unstructure(value)
                )
            for name, value in self._extra.items():
                if name in encoded:
                    raise ValueError(
                        f"{type(self).__name__}.extra has {name!r}, which is a field: assign the attribute"
                    )
                encoded[name] = unstructure(value)
        except RecursionError:
            raise self._too_deep() from None
        return encoded

    def to_json(self, indent: int | None = None) -> str:
        """The object as JSON text; compact without *indent*. Raises what `to_dict()` does."""
        separators = (",", ":") if indent is None else None
        try:
            text = json.dumps(self.to_dict(), indent=indent, separators=separators, ensure_ascii=False)
            text.encode()
        except RecursionError:
            raise self._too_deep() from None
        except UnicodeEncodeError:
            # Half a surrogate pair, such as `"\ud83d"` of a text cut by the token limit: only an escape can carry it.
            return json.dumps(self.to_dict(), indent=indent, separators=separators)
        return text

    def _encode(self) -> Json:
        return self.to_dict()

    def __repr__(self) -> str:
        shown = [f"{name}={brief(value)}" for name, value in self._set_fields().items()]
        if self._extra:
            shown.append(f"extra={brief(self._extra)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(other) is not type(self):
            return NotImplemented
        return self._set_fields() == other._set_fields() and self._extra == other._extra

    __hash__ = None  # type: ignore[assignment]  # mutable; said aloud since attrs leaves it to this class

    def __reduce__(self) -> tuple[object, ...]:
        # Also for deepcopy. The generated state of a slotted attrs class would lose the hidden slots.
        state = self._state()
        if _is_deep(state.values()):
            raise self._too_deep()  # before pickle fails halfway, with an error of its own for each way to be too deep
        return _rebuild, (type(self), state)

    def __copy__(self) -> Self:
        return _rebuild(type(self), self._state())

    def _state(self) -> dict[str, object]:
        state = self._stored((*self._wire_names, *self._hidden))
        if self._extra:
            state["_extra"] = dict(self._extra)
        return state

    def _too_deep(self) -> ValueError:
        return ValueError(f"this {type(self).__name__} is nested too deep to be written")


def _is_deep(values: Iterable[object]) -> bool:
    """Whether plain JSON among *values* is nested deeper than pickle is sure to follow; parts that are objects say so themselves."""
    layer = _parts(values)
    for _ in range(MOST_LEVELS):
        if not layer:
            return False
        layer = _parts(item for part in layer for item in part)
    return True


def _parts(values: Iterable[object]) -> list[Iterable[object]]:
    """The members of each dict and list among *values*, of those that are shared once."""
    found: dict[int, Iterable[object]] = {}
    for value in values:
        if _is_dict(value):
            found[id(value)] = value.values()
        elif _is_list(value):
            found[id(value)] = value
    return list(found.values())


def _is_dict(value: object) -> TypeGuard[dict[object, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
