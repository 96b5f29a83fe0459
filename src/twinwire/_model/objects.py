"""
The hook for the classes of objects.

It goes over what the object has, not over what its class could have: a chunk brings a third of its fields, and stores no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from attrs import NOTHING, fields, has

from twinwire._model.base import Model
from twinwire._model.kinds import Mismatch, in_words, refuse
from twinwire._model.names import resolve_fields
from twinwire._model.unions import Hook, plain_members
from twinwire._model.unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cattrs import BaseConverter

    _Plan: TypeAlias = "Mapping[str, tuple[str, frozenset[type], bool, Hook]]"
    """By wire name: the attribute, what it takes as it is, whether null reads as if it were absent, and the hook for the rest."""


def is_model(cls: object) -> TypeGuard[type[Model]]:
    """Whether `object_hook` is for *cls*."""
    return isinstance(cls, type) and issubclass(cls, Model) and has(cls)


def object_hook(cls: Any, converter: BaseConverter) -> Hook:
    """The hook for the class *cls*."""
    new = cls.__new__
    plan: _Plan | None = None
    lenient = {cls._wire_names[field.name] for field in fields(cls) if field.metadata.get("lenient")}
    required = [cls._wire_names[name] for name in cls._wire_names if name in cls._required]

    def structure(value: Any, _: object) -> Any:
        nonlocal plan
        if value.__class__ is not dict:
            refuse(value, in_words([dict]))
        if plan is None:
            # Not before: a chat reply can hold some forty classes, few do hold more than five, and some hold themselves.
            plan = _plan(cls, converter)
        made = new(cls)
        extra: dict[str, Any] = {}
        wire = ""
        try:
            for wire, item in value.items():
                field = plan.get(wire)
                if field is None:
                    extra[wire] = item
                    continue
                name, kinds, is_null_hidden, hook = field
                if item.__class__ in kinds:
                    setattr(made, name, item)
                elif item is None and is_null_hidden:
                    made._nulls |= {name}
                else:
                    try:
                        setattr(made, name, hook(item, None))
                    except Mismatch:
                        if wire not in lenient:
                            raise
                        extra[wire] = item
        except Mismatch as error:
            error.steps.append(wire)
            raise
        for wire in required:
            if wire not in value:
                raise Mismatch("required, but missing", wire)
        if extra:
            made._extra = extra
        return made

    return structure


def _plan(cls: type[Any], converter: BaseConverter) -> _Plan:
    resolve_fields(cls)
    plan: dict[str, tuple[str, frozenset[type], bool, Hook]] = {}
    for field in fields(cls):
        kinds = plain_members(field.type)
        is_null_hidden = field.default not in (NOTHING, UNSET, None) and type(None) not in kinds
        plan[cls._wire_names[field.name]] = (
            field.name,
            kinds,
            is_null_hidden,
            converter.get_structure_hook(field.type),
        )
    return plan
