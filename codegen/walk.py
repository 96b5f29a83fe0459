"""Every schema of the spec with the place it stands in, however deep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from codegen.document import is_array, is_object
from codegen.load import ROOT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.document import JsonObject
    from codegen.load import Schema, Spec

UNIONS = ("oneOf", "anyOf", "allOf")


@frozen
class Node:
    """A schema where it stands."""

    file: str
    place: str
    """`Name`, `Name.property`, `Name.property[]` for what a list holds, `Name.property{}` for what a mapping holds."""
    schema: JsonObject
    owner: Schema | None
    """The named schema that it is part of; None for the schema of a parameter."""

    @property
    def is_named(self) -> bool:
        return self.owner is not None and self.owner.body is self.schema


def nodes(spec: Spec) -> Iterator[Node]:
    """All schemas of *spec*: the named ones, those of parameters, and what they are made of."""
    for schema in spec.schemas.values():
        yield from _within(Node(schema.file, schema.name, schema.body, schema))
    for operation in spec.operations:
        for parameter in operation.parameters:
            yield from _within(Node(ROOT_FILE, f"{operation.place}.{parameter.name}", parameter.schema, None))


def _within(node: Node) -> Iterator[Node]:
    yield node
    for place, child in _children(node.schema):
        if is_object(child):
            yield from _within(Node(node.file, node.place + place, child, node.owner))


def _children(schema: JsonObject) -> Iterator[tuple[str, object]]:
    properties = schema.get("properties")
    if is_object(properties):
        for name, child in properties.items():
            yield f".{name}", child
    yield "[]", schema.get("items")
    yield "{}", schema.get("additionalProperties")
    for keyword in UNIONS:
        members = schema.get(keyword)
        if is_array(members):
            for index, member in enumerate(members):
                yield f".{keyword}[{index}]", member
