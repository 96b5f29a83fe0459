"""
What a schema admits, seen through references, unions and `allOf`, so that two specs of different make can be compared.

Works on OpenAPI 3.0 and 3.1, and on the recorded outlines in `spec/upstream/`, whose references are bare names.
"""

from __future__ import annotations

from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from codegen.document import JsonObject, is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_UNIONS = ("oneOf", "anyOf")


@frozen
class Node:
    """One schema and where it stands: `ChatRequest.stop[]`."""

    schema: JsonObject
    where: str


@frozen(kw_only=True)
class Shape:
    """One object with known properties."""

    where: str
    properties: dict[str, Node]
    required: frozenset[str]
    tags: dict[str, frozenset[str]]
    """The properties that have fixed text, with what it may be."""


@frozen(kw_only=True)
class Facts:
    """What one place admits."""

    kinds: frozenset[str] = frozenset()
    """JSON kinds, in the words of JSON schema; empty when it does not say."""
    anything: bool = False
    values: frozenset[str] = frozenset()
    """The values that are listed, as text."""
    is_open: bool = False
    """Whether other text than *values* is admitted."""
    shapes: tuple[Shape, ...] = ()
    has_free_keys: bool = False
    """Whether an object with keys of the user's own is admitted."""
    items: tuple[Node, ...] = ()
    map_values: tuple[Node, ...] = ()
    tag: str | None = None
    """The property that a discriminator names."""

    def __or__(self, other: Facts) -> Facts:
        return Facts(
            kinds=self.kinds | other.kinds,
            anything=self.anything or other.anything,
            values=self.values | other.values,
            is_open=self.is_open or other.is_open,
            shapes=(*self.shapes, *(shape for shape in other.shapes if shape not in self.shapes)),
            has_free_keys=self.has_free_keys or other.has_free_keys,
            items=(*self.items, *other.items),
            map_values=(*self.map_values, *other.map_values),
            tag=self.tag or other.tag,
        )


@frozen
class Outline:
    """A spec as one provider's reader sees it: what `x-providers` gives to others only is not there."""

    document: JsonObject = field(repr=False)
    provider: str

    def facts(self, nodes: Iterable[Node]) -> Facts:
        """Return what any of *nodes* admits."""
        leaves = (leaf for node in nodes for leaf in self._leaves(node))
        return reduce(lambda facts, leaf: facts | self._leaf_facts(leaf), leaves, Facts())

    def reference(self, reference: str) -> Node | None:
        """Return the schema that *reference*, or the bare name, means; None where there is none."""
        name = reference.rpartition("/")[2]
        schema = self.document.get("components", {}).get("schemas", {}).get(name)
        return Node(schema, name) if schema is not None else None

    def resolved(self, node: JsonObject) -> JsonObject:
        """Return *node*, a parameter, a body or a response, or what it refers to."""
        while "$ref" in node:
            found: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def has(self, schema: JsonObject) -> bool:
        """Whether the provider has *schema*, and what it refers to."""
        while True:
            providers = schema.get("x-providers")
            if providers is not None and self.provider not in providers:
                return False
            target = self.reference(schema["$ref"]) if "$ref" in schema else None
            if target is None:
                return True
            schema = target.schema

    def _leaves(self, node: Node) -> Iterator[Node]:
        """Yield the alternatives of *node*, free of references, unions and `allOf`."""
        schema = node.schema
        if not self.has(schema):
            return
        if "$ref" in schema:
            target = self.reference(schema["$ref"])
            if target is not None:
                yield from self._leaves(target)
            return
        if schema.get("nullable") is True:  # OpenAPI 3.0
            yield Node({"type": "null"}, node.where)
        combinations = list(product(*self._parts(node)))
        for index, combination in enumerate(combinations):
            fallback = node.where if len(combinations) == 1 else f"{node.where}&{index}"
            yield _merged(combination, fallback)

    def _parts(self, node: Node) -> Iterator[list[Node]]:
        """Yield, for each condition that *node* puts, the alternatives that meet it."""
        schema = node.schema
        own = {key: value for key, value in schema.items() if key not in {*_UNIONS, "allOf", "discriminator"}}
        conditions = [key for key in (*_UNIONS, "allOf") if is_array(schema.get(key))]
        if not conditions or any(key in own for key in ("type", "properties", "enum", "const", "items")):
            yield [Node(own, node.where)]
        tag = schema.get("discriminator", {}).get("propertyName")
        for key in conditions:
            members = [Node(member, f"{node.where}|{index}") for index, member in enumerate(schema[key])]
            if key == "allOf":
                yield from ([*self._leaves(member)] for member in members if _says_something(member.schema))
                continue
            leaves = [leaf for member in members if _says_something(member.schema) for leaf in self._leaves(member)]
            if leaves:
                yield [evolve(leaf, schema=leaf.schema | {"x-tag": tag}) for leaf in leaves] if tag else leaves

    def _leaf_facts(self, leaf: Node) -> Facts:
        schema = leaf.schema
        kinds = _kinds(schema)
        values = _values(schema)
        facts = Facts(
            kinds=kinds,
            anything=not kinds,
            values=values,
            is_open=("string" in kinds and not values) or schema.get("x-open-enum") is True,
            tag=schema.get("x-tag"),
        )
        if "array" in kinds and is_object(schema.get("items")):
            facts = evolve(facts, items=(Node(schema["items"], f"{leaf.where}[]"),))
        return self._object_facts(leaf, facts) if "object" in kinds else facts

    def _object_facts(self, leaf: Node, facts: Facts) -> Facts:
        properties: JsonObject = leaf.schema.get("properties") or {}
        if properties:
            return evolve(facts, shapes=(self.shape(leaf.where, properties, leaf.schema.get("required", ())),))
        values = leaf.schema.get("additionalProperties")
        if is_object(values) and values:
            return evolve(facts, has_free_keys=True, map_values=(Node(values, f"{leaf.where}{{}}"),))
        return evolve(facts, has_free_keys=True)

    def shape(self, where: str, properties: JsonObject, required: Sequence[str]) -> Shape:
        """Return the object that has *properties*, without what the provider lacks."""
        known: JsonObject = {
            name: schema if is_object(schema) else {} for name, schema in properties.items()
        }  # or `true`
        nodes = {name: Node(schema, f"{where}.{name}") for name, schema in known.items() if self.has(schema)}
        tags = {name: values for name, node in nodes.items() if (values := self._fixed_text(node))}
        return Shape(where=where, properties=nodes, required=frozenset(required) & nodes.keys(), tags=tags)

    def _fixed_text(self, node: Node) -> frozenset[str]:
        leaves = list(self._leaves(node))
        if len(leaves) != 1 or _kinds(leaves[0].schema) != frozenset({"string"}):
            return frozenset()
        return _values(leaves[0].schema)


def _says_something(schema: JsonObject) -> bool:
    """Whether *schema* restricts anything: a branch of `required` alone, or of a description, does not."""
    return any(key in schema for key in ("$ref", "type", "properties", "enum", "const", "items", "allOf", *_UNIONS))


def _merged(conditions: Sequence[Node], fallback: str) -> Node:
    """Return what meets all *conditions*, called after the one that has properties, or *fallback* when several have."""
    bearing = [node for node in conditions if node.schema.get("properties")] or conditions
    schema: JsonObject = {}
    for node in conditions:
        properties = schema.get("properties", {}) | node.schema.get("properties", {})
        required = [*schema.get("required", ()), *node.schema.get("required", ())]
        schema = schema | node.schema | {"properties": properties, "required": required}
    return Node(schema, bearing[0].where if len(bearing) == 1 else fallback)


def _kinds(schema: JsonObject) -> frozenset[str]:
    types = schema.get("type")
    if isinstance(types, str):
        return frozenset({types})
    if is_array(types):
        return frozenset(types)
    if schema.get("properties"):
        return frozenset({"object"})
    constants = schema.get("enum", [schema["const"]] if "const" in schema else [])
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return frozenset(names[type(value)] for value in constants)


def _values(schema: JsonObject) -> frozenset[str]:
    constants = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return frozenset(str(value) for value in constants if value is not None)
