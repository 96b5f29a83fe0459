"""
From the request side of the spec to the source of `clients/_checks.py`, the tables that `twinwire._client.checks` interprets.

A schema becomes a rule per JSON kind. Where a union has several alternatives of one kind that only their insides tell apart, the rule
takes the looser limits: the server knows better, and what it would take must not be refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen, mutable

from codegen.document import JsonObject, is_array, is_object
from codegen.load import reference_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from codegen.load import Operation, Spec

KINDS = ("string", "integer", "number", "boolean", "list", "mapping", "null")
"""In the order in which a message names them."""
_KIND_OF_TYPE = {"array": "list", "object": "mapping"}
_LIMITS = {
    "minimum": ("minimum", min),
    "maximum": ("maximum", max),
    "exclusiveMinimum": ("exclusive_minimum", min),
    "exclusiveMaximum": ("exclusive_maximum", max),
    "minLength": ("min_length", min),
    "maxLength": ("max_length", max),
    "minItems": ("min_items", min),
    "maxItems": ("max_items", max),
    "maxProperties": ("max_properties", max),
}
_LIMITED_KINDS = {
    "minLength": ("string",),
    "maxLength": ("string",),
    "minItems": ("list",),
    "maxItems": ("list",),
    "maxProperties": ("mapping",),
}
_NUMBERS = ("integer", "number")
_OWN_TAG = "type"
_CLOSED_TAG = "role"
"""Providers add kinds of content parts and tools, but not roles: an unknown one is refused."""


@frozen(kw_only=True)
class CheckTables:
    """What the template writes."""

    constants: dict[str, str]
    """Rules without limits, which many properties share: name to source."""
    shapes: dict[str, str]
    """Each object that a request can hold: schema name to source."""
    arguments: dict[str, str]
    """Each operation's own arguments: constant name to source."""


def check_tables(spec: Spec, operations: Mapping[str, Operation]) -> CheckTables:
    """Derive the tables of *operations*, which are named as their constants are."""
    builder = _Builder(spec)
    arguments = {name: builder.arguments(operation) for name, operation in sorted(operations.items())}
    shapes = builder.reached_shapes()
    return CheckTables(constants=dict(sorted(builder.constants.items())), shapes=shapes, arguments=arguments)


@mutable
class _Builder:
    spec: Spec
    constants: dict[str, str] = field(factory=dict[str, str])
    _waiting: list[str] = field(factory=list[str])
    _shapes: dict[str, str] = field(factory=dict[str, str])

    def arguments(self, operation: Operation) -> str:
        properties: dict[str, JsonObject] = {}
        required: list[str] = []
        for parameter in operation.parameters:
            schema = parameter.schema
            if parameter.location == "path":
                schema = {"allOf": [schema], "minLength": 1}  # an empty one would name another operation
            if parameter.location != "header":
                properties[parameter.name] = schema
                required += [parameter.name] if parameter.required else []
        if operation.body is not None:
            body = self.spec.schemas[operation.body].body
            properties |= body.get("properties", {})
            required += body.get("required", [])
        return self._shape(properties, required)

    def reached_shapes(self) -> dict[str, str]:
        while self._waiting:
            name = self._waiting.pop()
            if name not in self._shapes:
                body = self.spec.schemas[name].body
                self._shapes[name] = ""  # a shape may hold itself
                required = body.get("required", [])
                self._shapes[name] = self._shape(_nullable(body.get("properties", {}), required), required)
        return dict(sorted(self._shapes.items()))

    def _shape(self, properties: Mapping[str, JsonObject], required: Iterable[str]) -> str:
        rules = {name: self._rule([schema]) for name, schema in sorted(properties.items())}
        lines = "".join(f"{name!r}: {rule}, " for name, rule in rules.items() if rule is not None)
        needed = "".join(f"{name!r}, " for name in required)
        return f"Shape({f'required=({needed}), ' if needed else ''}properties={{{lines}}})"

    def _rule(self, schemas: Sequence[JsonObject]) -> str | None:
        """Return the source of the rule for *schemas*, any of which may hold; None where anything may."""
        leaves = [leaf for schema in schemas for leaf in self._leaves(schema, {})]
        kinds: set[str] = set()
        for leaf in leaves:
            found = _kinds(leaf)
            if not found:
                return None
            kinds |= found
        if "number" in kinds:
            kinds.discard("integer")
        ordered = [kind for kind in KINDS if kind in kinds]
        details = [*_limits(leaves), *self._list_details(leaves), *self._mapping_details(leaves)]
        if not details:
            return self._constant(ordered)
        return f"Rule({', '.join([*map(repr, ordered), *details])})"

    def _constant(self, kinds: Sequence[str]) -> str:
        name = "_OR_".join(kind.upper() for kind in kinds)
        self.constants[name] = f"Rule({', '.join(map(repr, kinds))})"
        return name

    def _leaves(self, schema: JsonObject, outer: JsonObject) -> Iterator[JsonObject]:
        """Yield the alternatives of *schema* without references and unions, each with the limits and the tag from around it."""
        name = reference_name(schema)
        kept = {key: value for key, value in schema.items() if key in _LIMITS}
        tag = schema.get("discriminator", {}).get("propertyName")
        around = outer | kept | ({"tag": tag} if tag else {})
        if name is not None:
            yield from self._leaves(self.spec.schemas[name].body, around | {"name": name})
            return
        members = next((schema[key] for key in ("oneOf", "anyOf", "allOf") if is_array(schema.get(key))), None)
        if members is None:
            yield schema | around
            return
        if "allOf" in schema and len(members) != 1:
            raise NotImplementedError(f"allOf of {len(members)} schemas in a request: write the properties out")
        for member in members:
            yield from self._leaves(member, {key: value for key, value in around.items() if key != "name"})

    def _list_details(self, leaves: Sequence[JsonObject]) -> Iterator[str]:
        lists = [leaf for leaf in leaves if "list" in _kinds(leaf)]
        if lists and all(leaf.get("items") for leaf in lists):
            items = self._rule([leaf["items"] for leaf in lists])
            if items is not None:
                yield f"items={items}"

    def _mapping_details(self, leaves: Sequence[JsonObject]) -> Iterator[str]:
        objects = [leaf for leaf in leaves if "mapping" in _kinds(leaf)]
        if len(objects) == 1 and not self._has_own_tag(objects[0]):
            yield from self._only_mapping(objects[0])
        elif len(objects) == 1:
            yield from self._tagged_mappings(objects, _OWN_TAG)
        elif objects and len({leaf.get("tag") for leaf in objects}) == 1 and objects[0].get("tag"):
            yield from self._tagged_mappings(objects, objects[0]["tag"])

    def _has_own_tag(self, leaf: JsonObject) -> bool:
        """Whether an object that stands alone says what it is: others may join it, as image parts join text parts."""
        tag = leaf.get("properties", {}).get(_OWN_TAG)
        return tag is not None and _OWN_TAG in leaf.get("required", ()) and bool(_tag_values(tag, self.spec))

    def _only_mapping(self, leaf: JsonObject) -> Iterator[str]:
        values = leaf.get("additionalProperties")
        if leaf.get("properties"):
            self._waiting.append(leaf["name"])
            yield f"shape={leaf['name']!r}"
        elif is_object(values) and values:
            rule = self._rule([values])
            if rule is not None:
                yield f"values={rule}"

    def _tagged_mappings(self, objects: Sequence[JsonObject], tag: str) -> Iterator[str]:
        names: dict[str, str] = {}
        for leaf in objects:
            for value in _tag_values(leaf["properties"][tag], self.spec):
                names[value] = leaf["name"]
        self._waiting += names.values()
        yield f"tag={tag!r}"
        yield f"shapes={dict(sorted(names.items()))!r}"
        if tag == _CLOSED_TAG:
            yield "closed=True"


def _nullable(properties: Mapping[str, JsonObject], required: Sequence[str]) -> dict[str, JsonObject]:
    """
    Let what may be missing inside an argument be null as well.

    A reply that is handed back as a mapping is full of nulls, and whether a server minds them is its own affair.
    """
    return {
        name: schema if name in required else {"anyOf": [schema, {"type": "null"}]}
        for name, schema in properties.items()
    }


def _kinds(leaf: JsonObject) -> set[str]:
    """Return the JSON kinds that *leaf* admits; none when it does not say."""
    types: Any = leaf.get("type")
    if types is None and "properties" in leaf:
        types = "object"
    if types is None:
        constants = leaf.get("enum", [leaf["const"]] if "const" in leaf else [])
        return {_kind_of(value) for value in constants}
    names: list[str] = [types] if isinstance(types, str) else types
    return {_KIND_OF_TYPE.get(name, name) for name in names}


def _kind_of(value: object) -> str:
    kinds: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return kinds[type(value)]


def _limits(leaves: Sequence[JsonObject]) -> Iterator[str]:
    for key, (argument, looser) in _LIMITS.items():
        concerned = [leaf for leaf in leaves if _kinds(leaf) & set(_LIMITED_KINDS.get(key, _NUMBERS))]
        values = [leaf[key] for leaf in concerned if key in leaf]
        if values and len(values) == len(concerned):
            yield f"{argument}={looser(values)!r}"


def _tag_values(schema: JsonObject, spec: Spec) -> list[str]:
    name = reference_name(schema)
    if name is not None:
        return _tag_values(spec.schemas[name].body, spec)
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))
