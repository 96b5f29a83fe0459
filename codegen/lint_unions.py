"""What is judged of unions: their members must be told apart by a tag or by their JSON kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.load import reference_name
from codegen.lower import Lowering, is_class
from codegen.problems import Problem
from codegen.walk import Node, nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codegen.document import JsonObject
    from codegen.load import Spec

Found = tuple[str, str]
"""What is wrong, and the remedy."""


def union_problems(spec: Spec) -> Iterator[Problem]:
    """What is wrong with the unions of *spec*."""
    unions = _Unions(spec)
    for node in nodes(spec):
        if "oneOf" in node.schema or "anyOf" in node.schema:
            found = unions.tagged(node) if "discriminator" in node.schema else unions.untagged(node)
            yield from (Problem(node.file, node.place, *problem) for problem in found)
        elif "discriminator" in node.schema:
            yield Problem(node.file, node.place, "a discriminator without a union", "write `oneOf`, or leave it out")


class _Unions:
    def __init__(self, spec: Spec) -> None:
        self._schemas = spec.schemas
        self._lowering = Lowering(spec)

    def untagged(self, node: Node) -> Iterator[Found]:
        members = [member for keyword in ("oneOf", "anyOf") for member in node.schema.get(keyword, ())]
        if len([member for member in members if any(self._lowering.classes_of([member]))]) > 1:
            yield "several objects without a discriminator", "name the property that tells them apart"
        if node.owner is not None and "reply" in node.owner.sides:
            kinds = [kind for member in members for kind in self._containers(member)]
            for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
                yield f"several members are a JSON {kind}, so a reply cannot be told apart", "merge them"

    def tagged(self, node: Node) -> Iterator[Found]:
        tag = node.schema["discriminator"].get("propertyName", "")
        default = node.schema["discriminator"].get("x-default")
        owners: dict[str, str] = {}
        untagged: list[str] = []
        members: list[JsonObject] = node.schema.get("oneOf") or node.schema.get("anyOf") or []
        for name in self._lowering.classes_of(members):
            body = self._schemas[name].body
            values = _tag_values(body["properties"].get(tag, {}))
            if not values:
                yield f"{name} has no {tag!r} with a `const` or an `enum` of texts", "give it one"
            for value in values:
                if owners.setdefault(value, name) != name:
                    yield f"{name} and {owners[value]} have the same {tag} {value!r}", "give them different ones"
            if tag not in body.get("required", ()):
                untagged.append(name)
        yield from _defaults(tag, default, owners, untagged)
        yield from self._mapping(node.schema["discriminator"], owners)

    def _mapping(self, discriminator: JsonObject, owners: dict[str, str]) -> Iterator[Found]:
        mapping = {
            value: reference_name({"$ref": target}) for value, target in discriminator.get("mapping", {}).items()
        }
        if mapping and mapping != owners:
            differing = ", ".join(
                sorted(value for value in mapping.keys() | owners if mapping.get(value) != owners.get(value))
            )
            yield (
                f"the mapping differs from the members' tags: {differing}",
                "make them agree, or leave the mapping out",
            )

    def _containers(self, member: JsonObject, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The JSON kinds of *member* that hold others: array and object, as often as they occur."""
        name = reference_name(member)
        if name is not None:
            body = self._schemas[name].body
            if name not in seen:
                yield from ["object"] if is_class(body) else self._containers(body, seen | {name})
            return
        for keyword in ("oneOf", "anyOf", "allOf"):
            # The classes of a tagged union are one object.
            inner = [kind for part in member.get(keyword, ()) for kind in self._containers(part, seen)]
            yield from dict.fromkeys(inner) if "discriminator" in member else inner
        kinds = member.get("type", ())
        yield from (
            kind for kind in ("array", "object") if kind == kinds or (kind in kinds and not isinstance(kinds, str))
        )


def _tag_values(node: JsonObject) -> list[str]:
    values: Iterable[object] = [node["const"]] if "const" in node else node.get("enum", ())
    return [value for value in values if isinstance(value, str)]


def _defaults(tag: str, default: object, owners: dict[str, str], untagged: list[str]) -> Iterator[Found]:
    """The one member that may come without a tag is named; every other requires it."""
    expected = owners.get(str(default)) if default is not None else None
    for name in untagged:
        if name != expected:
            yield f"{name} does not require the tag {tag!r}", f"require it, or write `x-default` with its {tag}"
    if default is not None and expected not in untagged:
        yield f"x-default {default!r} is no tag of a member that may leave it out", "correct it, or leave it out"
