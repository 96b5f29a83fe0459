"""
The base class of every generated type.

A generated class is `@define(repr=False, eq=False, kw_only=True) class X(Model)`: attrs writes slots and `__init__`, this class has
the rest, once. A method that attrs writes per class costs loading time, and there are some hundreds of classes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, TypeVar

from attrs import fields, has

from twinwire._model.encode import Encodable, unstructure
from twinwire._model.show import brief
from twinwire._model.unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire._model.json import Json, JsonObject

_M = TypeVar("_M", bound="Model")


_wire_names: dict[type, Mapping[str, str]] = {}


def wire_names(cls: type) -> Mapping[str, str]:
    """The wire name of each attribute of *cls*, in wire order."""
    names = _wire_names.get(cls)
    if names is None:
        all_fields = fields(cls) if has(cls) else ()
        names = _wire_names[cls] = {field.name: field.metadata.get("wire", field.name) for field in all_fields}
    return names


def _rebuild(cls: type[_M], state: dict[str, object]) -> _M:
    # Without __init__: a pickle of an older version lacks the fields that came later, and they are then unset.
    instance = cls.__new__(cls)
    for name, value in (dict.fromkeys(wire_names(cls), UNSET) | state).items():
        setattr(instance, name, value)
    return instance


class Model(Encodable):
    """
    A JSON object with typed fields.

    A field that was not sent is `UNSET`, one that was null is `None`. Fields may be assigned; the encoding follows.
    Two are equal when they are of the same class and have the same set fields and the same unknown ones.
    """

    __slots__ = ("__weakref__", "_extra")
    _hidden: ClassVar[tuple[str, ...]] = ("_extra",)

    if TYPE_CHECKING:
        # Seen at run time, the annotation would be resolved along with each subclass's fields.
        _extra: dict[str, Json]

    @property
    def extra(self) -> dict[str, Json]:
        """Fields that the spec does not know, by wire name. They are written back; this is the dict itself."""
        try:
            return self._extra
        except AttributeError:
            self._extra = {}
            return self._extra

    def is_set(self, name: str) -> bool:
        """Whether the field *name* (as an attribute) was sent or assigned, be it null."""
        if name not in wire_names(type(self)):
            raise AttributeError(f"{type(self).__name__} has no field {name!r}", name=name, obj=self)
        return getattr(self, name, UNSET) is not UNSET

    def to_dict(self) -> JsonObject:
        """The object as plain JSON under its wire names: fields that are set, then unknown ones. Shares nothing with it."""
        names = wire_names(type(self))
        encoded = {names[name]: unstructure(value) for name, value in self._set_fields().items()}
        for name, value in self._unknown().items():
            if name in encoded:
                raise ValueError(f"{type(self).__name__}.extra has {name!r}, which is a field: assign the attribute")
            encoded[name] = unstructure(value)
        return encoded

    def to_json(self, indent: int | None = None) -> str:
        """The object as JSON text; compact without *indent*."""
        separators = (",", ":") if indent is None else None
        text = json.dumps(self.to_dict(), indent=indent, separators=separators, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            # Half a surrogate pair, such as `"\ud83d"` of a text cut by the token limit: only an escape can carry it.
            return json.dumps(self.to_dict(), indent=indent, separators=separators)
        return text

    def _encode(self) -> Json:
        return self.to_dict()

    def _set_fields(self) -> dict[str, object]:
        values = {name: getattr(self, name, UNSET) for name in wire_names(type(self))}
        return {name: value for name, value in values.items() if value is not UNSET}

    def _unknown(self) -> dict[str, Json]:
        return getattr(self, "_extra", {})

    def __repr__(self) -> str:
        shown = [f"{name}={brief(value)}" for name, value in self._set_fields().items()]
        if self._unknown():
            shown.append(f"extra={brief(self._unknown())}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(other) is not type(self):
            return NotImplemented
        return self._set_fields() == other._set_fields() and self._unknown() == other._unknown()

    __hash__ = None  # type: ignore[assignment]  # mutable; said aloud since attrs leaves it to this class

    def __reduce__(self) -> tuple[object, ...]:
        # Also for copy and deepcopy. The generated state of a slotted attrs class would lose the hidden slots.
        state = self._set_fields()
        for name in self._hidden:
            if hasattr(self, name):
                state[name] = getattr(self, name)
        state["_extra"] = dict(self._unknown())
        return _rebuild, (type(self), state)
