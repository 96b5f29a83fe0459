"""Which class of a union takes an object: decided by its tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args, get_origin

from attrs import NOTHING, AttrsInstance, fields, frozen

from twinwire._model.fields import wire_names
from twinwire._model.names import resolve_fields
from twinwire._model.unset import Unset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@frozen
class Tag:
    """The field that tells the classes of one union apart."""

    name: str
    """Its wire name."""
    classes: Mapping[str, type]
    """The class for each value."""
    default: type | None
    """The class whose tag may be missing or null, if there is just one."""

    def choose(self, value: Mapping[str, object]) -> type | None:
        """The class for the object *value*; None for a tag that no class has."""
        tag = value.get(self.name)
        if isinstance(tag, str):
            return self.classes.get(tag)
        return self.default if tag is None else None


def find_tag(classes: Sequence[type[AttrsInstance]]) -> Tag | None:
    """
    The tag of a union of *classes*: the field that each has as a closed `Literal` of strings, no two sharing a value.

    `type` if there are several, else the first. None if there is none.
    """
    tagged = [_closed_fields(cls) for cls in classes]
    names = [name for name in tagged[0] if _tells_apart(name, tagged)]
    if not names:
        return None
    name = "type" if "type" in names else names[0]
    values = [(value, cls) for cls, closed in zip(classes, tagged, strict=True) for value in closed[name].values]
    optional = [cls for cls, closed in zip(classes, tagged, strict=True) if closed[name].is_optional]
    return Tag(name, dict(values), optional[0] if len(optional) == 1 else None)


@frozen
class _Closed:
    values: frozenset[str]
    is_optional: bool


def _tells_apart(name: str, tagged: Sequence[Mapping[str, _Closed]]) -> bool:
    if not all(name in closed for closed in tagged):
        return False
    values = [value for closed in tagged for value in closed[name].values]
    return len(values) == len(set(values))


def _closed_fields(cls: type[AttrsInstance]) -> dict[str, _Closed]:
    resolve_fields(cls)
    found: dict[str, _Closed] = {}
    names = wire_names(cls)
    for field in fields(cls):
        values = _closed_values(field.type)
        if values:
            found[names[field.name]] = _Closed(values, field.default is not NOTHING)
    return found


def _closed_values(annotation: object) -> frozenset[str]:
    """The values of a closed `Literal` of strings, absent and null aside; empty for any other annotation."""
    is_single = get_origin(annotation) is Literal
    values: set[str] = set()
    for member in (annotation,) if is_single else get_args(annotation):
        literals = get_args(member) if get_origin(member) is Literal else ()
        if not literals and member not in (Unset, type(None)):
            return frozenset()
        for value in literals:
            if not isinstance(value, str):
                return frozenset()
            values.add(value)
    return frozenset(values)
