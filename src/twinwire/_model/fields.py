"""
Fields that know whether they were sent.

**Absent is an empty slot.** What was not sent is not stored at all, so an object costs what it holds. Reading an empty slot gives the
field's default, which is what absence reads as for it: None, "", a new list, `UNSET`. The encoding leaves it out. So a reader has plain
values, and the wire's own state is kept, without a flag per field.

Two things more are remembered, in hidden slots that are themselves empty as a rule: which fields were null though their type has no
None (they read as if absent, and are written as null), and the lists and objects that reading absent fields gave, because they count
as sent once something is in them.

There is no `__setattr__` or `__delattr__`, which would make each assignment three times as slow: a chunk is a dozen of them.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeVar, dataclass_transform

import attrs
from attrs import NOTHING, Factory, field, fields, has

from twinwire._model.encode import unstructure
from twinwire._model.unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_C = TypeVar("_C", bound="Fields")


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(field,))
def define(cls: type[_C]) -> type[_C]:
    """
    Make *cls* a slotted attrs class whose fields are keyword arguments.

    The default of a field is what it reads as where it is absent. A field without one is required; `metadata={"required": True}` says
    that one with a default is, which is then for null alone. `metadata={"wire": …}` is its name on the wire if that is another. With
    `metadata={"lenient": True}`, a value that does not fit is kept in `extra`, and the field is absent.
    """
    # `__init__` is inherited: the one of attrs would fill every slot.
    made: type[_C] = attrs.define(cls, init=False, repr=False, eq=False, kw_only=True)
    all_fields = _fields(made)
    made._wire_names = {each.name: each.metadata.get("wire", each.name) for each in all_fields}
    made._required = frozenset(
        each.name for each in all_fields if each.default is NOTHING or each.metadata.get("required")
    )
    defaults = {each.name: each.default for each in all_fields if each.default is not NOTHING}
    made._when_empty = {**made._when_empty, **defaults}
    return made


def wire_names(cls: type) -> Mapping[str, str]:
    """The wire name of each attribute of *cls*, in wire order; none if it is no class of ours."""
    return cls._wire_names if issubclass(cls, Fields) else {}


def _fields(cls: type) -> tuple[attrs.Attribute[object], ...]:
    return fields(cls) if has(cls) else ()


class Fields:
    """The base of what `define` makes."""

    __slots__ = ("__weakref__", "_lent", "_nulls")

    if TYPE_CHECKING:
        # Seen at run time, the annotations would be resolved along with each subclass's fields.
        _wire_names: ClassVar[Mapping[str, str]]
        _required: ClassVar[frozenset[str]]
        _hidden: ClassVar[tuple[str, ...]]
        _when_empty: ClassVar[Mapping[str, object]]
        """What reading an empty slot gives."""
        _lent: Mapping[str, object]
        """The lists and objects that reading absent fields gave."""
        _nulls: frozenset[str]
        """The fields that were null though their type has no None."""
    else:
        # Hidden from checkers: `define` tells them of the constructor, and `__getattr__` would make every attribute exist.
        _wire_names = MappingProxyType({})
        _required = frozenset()
        _hidden = ("_lent", "_nulls")
        _when_empty = MappingProxyType({"_lent": MappingProxyType({}), "_nulls": frozenset()})

        def __init__(self, **values: object) -> None:
            unknown = values.keys() - self._wire_names.keys()
            if unknown:
                raise TypeError(f"{type(self).__name__} has no field {min(unknown)!r}")
            missing = self._required - values.keys()
            if missing:
                raise TypeError(f"{type(self).__name__} needs the field {min(missing)!r}")
            for name, value in values.items():
                if value is not UNSET:
                    setattr(self, name, value)

        def __getattr__(self, name: str) -> object:
            # Python asks here when a slot is empty, or a property failed.
            default = self._when_empty.get(name, NOTHING)
            if default is NOTHING:
                return super().__getattribute__(name)  # for its error
            if not isinstance(default, Factory):
                return default
            if name not in self._lent:
                self._lent = {**self._lent, name: default.factory()}
            return self._lent[name]

    def is_set(self, name: str) -> bool:
        """Whether the field *name* (as an attribute) was sent or assigned, be it null."""
        if name not in self._wire_names:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}", name=name, obj=self)
        return name in self._set_fields()

    def _set_fields(self) -> dict[str, object]:
        """The value of each field that is set, in wire order; None where null reads as another value."""
        found = self._stored(self._wire_names)
        if self._lent or self._nulls:
            used = {name: value for name, value in self._lent.items() if unstructure(value)}
            found = {**dict.fromkeys(self._nulls), **used, **found}
            found = {name: found[name] for name in self._wire_names if name in found}
        return {name: value for name, value in found.items() if value is not UNSET}

    def _stored(self, names: Iterable[str]) -> dict[str, object]:
        """What is in the slots *names* that are not empty."""
        stored: dict[str, object] = {}
        for name in names:
            try:
                stored[name] = object.__getattribute__(self, name)
            except AttributeError:
                continue
        return stored
