"""
The hook for unions, literals and plain values: by the kind of the JSON, then, among classes, by the tag.

The kind alone decides which member takes a value, so nothing is guessed. `UnknownMember` takes what is left, and what its tag promised
but is not: a tool call without a function is no reason to lose the answer that it stands in.
"""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union, get_args, get_origin

from attrs import AttrsInstance, define, field, has

from twinwire._model.base import Model
from twinwire._model.kinds import Mismatch, in_words, plain_kinds, refuse
from twinwire._model.tags import find_tag
from twinwire._model.text import JsonText, PartsText
from twinwire._model.unknown import UnknownMember
from twinwire._model.unset import Unset

if TYPE_CHECKING:
    from cattrs import BaseConverter

Hook: TypeAlias = Callable[[Any, Any], Any]
"""A cattrs hook: takes a value and the type wanted."""

_MAX_EXACT = 2.0**53
"""Up to here a float is the very integer that was written."""
_ANYTHING: tuple[object, ...] = (Any, object)
"""Raw JSON: not looked into."""


@define
class _Members:
    """The members of a union, by what decides on them."""

    plain: set[type] = field(factory=set[type])
    """Kinds that are taken as they are."""
    closed: set[tuple[type, object]] = field(factory=set[tuple[type, object]])
    """Values of literals, with their kinds, for `1 == True`."""
    containers: dict[type, object] = field(factory=dict[type, object])
    """`list[X]` and `dict[str, X]`."""
    classes: list[type[AttrsInstance]] = field(factory=list[type[AttrsInstance]])
    rest: Callable[[Any], Any] | None = None
    """What takes all others."""

    @classmethod
    def of(cls, union: object) -> _Members:
        """The members of *union*; one if it is none."""
        members = cls()
        for member in get_args(union) if get_origin(union) in (Union, UnionType) else [union]:
            members.add(member)
        return members

    def add(self, member: object) -> None:
        kinds = plain_kinds(member)
        origin = get_origin(member)
        if kinds is not None:
            self.plain |= kinds
        elif origin is Literal:
            self.closed |= {(type(value), value) for value in get_args(member)}
        elif isinstance(origin, type) and origin in (list, dict) and origin not in self.containers:
            self.containers[origin] = member
        elif member is PartsText:
            self.containers[list] = member
        elif member is JsonText:
            self.containers = {list: member, dict: member, **self.containers}
        elif member is UnknownMember:
            self.rest = UnknownMember
        elif member in _ANYTHING:
            self.rest = _keep
        elif isinstance(member, type) and issubclass(member, Model) and has(member):
            self.classes.append(member)
        elif member is not Unset:
            raise TypeError(f"a union cannot have {member!r} here")

    def in_words(self) -> str:
        objects = [dict] if self.classes else []
        kinds = in_words([*self.plain, *self.containers, *objects])
        if not self.closed:
            return kinds
        literals = ", ".join(sorted(repr(value) for _, value in self.closed))
        return f"one of {literals} or {kinds}" if kinds else f"one of {literals}"


def is_union(cls: object) -> bool:
    """Whether `union_hook` is for *cls*."""
    return (
        get_origin(cls) in (Union, UnionType, Literal)
        or plain_kinds(cls) is not None
        or cls in (*_ANYTHING, UnknownMember)
    )


def plain_members(cls: object) -> frozenset[type]:
    """The Python types whose values the union *cls*, or what could be a member of one, takes as they are."""
    return frozenset(_Members.of(cls).plain)


def union_hook(cls: object, converter: BaseConverter) -> Hook:
    """The hook for *cls*: a union, or what could be a member of one."""
    members = _Members.of(cls)
    plain, closed, rest = frozenset(members.plain), frozenset(members.closed), members.rest
    closed_kinds = frozenset(kind for kind, _ in closed)
    expected = members.in_words()
    hooks: dict[type, Hook] = {
        kind: converter.get_structure_hook(member) for kind, member in members.containers.items()
    }
    if members.classes:
        hooks[dict] = _class_hook(members, converter)

    def structure(value: Any, _: object) -> Any:
        kind = value.__class__
        if kind in plain:
            return value
        hook = hooks.get(kind)
        if hook is not None:
            return hook(value, cls)
        if kind in closed_kinds and (kind, value) in closed:
            return value
        if kind is float and int in plain and value.is_integer() and abs(value) <= _MAX_EXACT:
            return int(value)  # to JSON, 12.0 and 12 are one number, and an integer
        if rest is not None:
            return rest(value)
        return refuse(value, expected)

    return structure


def _class_hook(members: _Members, converter: BaseConverter) -> Hook:
    """The hook for the objects of a union that has classes."""
    hooks = {cls: converter.get_structure_hook(cls) for cls in members.classes}
    rest = members.rest
    tag = find_tag(members.classes)
    if tag is None or (len(hooks) == 1 and rest is None):
        if len(hooks) > 1:
            raise TypeError(f"no field tells {', '.join(cls.__name__ for cls in hooks)} apart")
        return hooks[members.classes[0]]

    def structure(value: Any, _: object) -> Any:
        cls = tag.choose(value)
        if cls is not None:
            try:
                return hooks[cls](value, cls)
            except Mismatch:
                if rest is None:
                    raise
        if rest is not None:
            return rest(value)
        raise Mismatch(f"expected one of {', '.join(map(repr, sorted(tag.classes)))} as its {tag.name!r}")

    return structure


def _keep(value: Any) -> Any:
    return value
