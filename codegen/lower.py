"""
Turn the schemas of the spec into schemas that datamodel-code-generator renders as we want them.

The rules of twinwire's types are applied here, as plain JSON schema, and nowhere else:

- a schema that requests and replies share becomes two: a class with its name, and a typed dict with `Param` appended (one is enough
  where both would be the same, as with a plain enum);
- enums take any other value of their kind (a closed one would turn a new value into an error); tags of unions stay closed;
- a union of classes on a reply ends with `UnknownMember`;
- what a reply may leave out may also be null, and reads as None or as what `x-absent` says; every property is then "required",
  so that the generator adds nothing of its own, and the defaults of those that are not travel beside the schema, as template data;
- a text that some servers send in another form (`x-text`) is text;
- lists and mappings that users write are `Sequence` and `Mapping`, so that their own variables fit;
- a name of another topic is a plain import, because the generator moves modules that refer to each other into one.

A custom type is said with the generator's `customTypePath`, `customBasePath` and `x-python-type`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from codegen.describe import description
from codegen.document import is_array, is_object
from codegen.load import SCHEMA_PREFIX, Schema, Side, Spec, reference_name, references_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codegen.document import JsonObject

TYPES_PACKAGE = "twinwire.types"
BASES: Final = {
    "Reply": "twinwire._model.reply.Reply",
    "ListReply": "twinwire._model.reply.ListReply",
    "EmbeddingReply": "twinwire._model.embedding.EmbeddingReply",
    "EmbeddingItem": "twinwire._model.embedding.EmbeddingItem",
    "ChatReply": "twinwire.chat.reply.ChatReply",
    "ChunkReply": "twinwire.chat.reply.ChunkReply",
}
"""What `x-base` may name, and where it is."""

NULL: JsonObject = {"type": "null"}
OBJECT: JsonObject = {"customTypePath": "builtins.object"}
JSON: JsonObject = {"customTypePath": "twinwire._model.json.Json"}
JSON_OBJECT: JsonObject = {"customTypePath": "twinwire._model.json.JsonObject"}
UNKNOWN_MEMBER: JsonObject = {"customTypePath": "twinwire._model.unknown.UnknownMember"}
TEXT_OR_PARTS: JsonObject = {"customTypePath": "twinwire._model.text.TextOrParts"}
TEXT_OR_JSON: JsonObject = {"customTypePath": "twinwire._model.text.TextOrJson"}


@frozen
class Lowered:
    """What the generator is given."""

    document: JsonObject
    """An OpenAPI document whose schemas are called `topic.Name`."""
    template_data: JsonObject = field(repr=False)
    """Per schema: what the templates cannot know from it."""


def is_class(body: JsonObject) -> bool:
    """Whether the schema *body* is an object with properties, which becomes a class or a typed dict; else it is an alias."""
    return "properties" in body


class Lowering:
    """The rules above, for one spec."""

    def __init__(self, spec: Spec) -> None:
        self._schemas = spec.schemas
        self._bodies = {operation.body for operation in spec.operations}
        self._tags = {pair for schema in spec.schemas.values() for pair in self._tags_of(schema.body)}
        self._neutral: dict[str, bool] = {}

    def document(self) -> Lowered:
        """Everything that is generated, in the order of the spec."""
        schemas: JsonObject = {}
        data: JsonObject = {}
        for schema, side in self.emitted():
            key = f"{schema.topic}.{self.name(schema.name, side)}"
            if is_class(schema.body):
                schemas[key], data[key] = self._class(schema, side)
            else:
                schemas[key] = self.lowered(schema.body, side, schema.topic)
                data[key] = {"doc": description(schema.body)}
        info = {"title": "twinwire", "version": "1"}
        return Lowered({"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}, data)

    def emitted(self) -> Iterator[tuple[Schema, Side]]:
        """Each schema with each side it is generated for. A request body is none: it becomes the arguments of a method."""
        for schema in self._schemas.values():
            if "reply" in schema.sides:
                yield schema, "reply"
            if "request" in schema.sides and not self.is_body(schema.name) and not self._is_shared(schema):
                yield schema, "request"

    def name(self, schema: str, side: Side) -> str:
        """What the schema called *schema* is called in Python on *side*."""
        known = self._schemas[schema]
        both = side == "request" and "reply" in known.sides and not self._is_shared(known)
        return f"{schema}Param" if both else schema

    def is_body(self, schema: str) -> bool:
        """Whether the schema called *schema* is a request body, whose properties are the arguments of a method."""
        return schema in self._bodies

    def is_tag(self, schema: str, wire_name: str) -> bool:
        """Whether a union tells the schema called *schema* apart by its property *wire_name*."""
        return (schema, wire_name) in self._tags

    def lowered(self, node: JsonObject, side: Side, topic: str | None = None, *, is_tag: bool = False) -> JsonObject:
        """
        The schema *node* by the rules of *side*, as it stands in *topic* (None: outside of `twinwire.types`).

        *is_tag* says that it tells the members of a union apart, so that no other value is possible.
        """
        reference = reference_name(node)
        if reference is not None:
            return self._reference(reference, side, topic)
        if side == "reply" and node.get("x-text"):
            return _text(node)
        if "enum" in node or "const" in node:
            return _enum(node, is_closed=is_tag or _is_closed_enum(node, side))
        for keyword in ("anyOf", "oneOf", "allOf"):
            if keyword in node:
                return self._union(node[keyword], side, topic)
        kinds = node.get("type")
        if is_array(kinds):
            return _any_of([self._kind(kind, node, side, topic) for kind in kinds])
        return self._kind(kinds, node, side, topic)

    def _kind(self, kind: str | None, node: JsonObject, side: Side, topic: str | None) -> JsonObject:
        if kind == "array":
            items = self.lowered(node.get("items", {}), side, topic)
            return {"type": "array", "items": items, **({"x-python-type": "Sequence"} if side == "request" else {})}
        if kind == "object":
            values = node.get("additionalProperties", True)
            if side == "reply":
                is_free = values in (True, {})
                return JSON_OBJECT if is_free else _mapping(self.lowered(values, side, topic))
            values = OBJECT if values is True else self.lowered(values, side, topic)
            return {**_mapping(values), "x-python-type": "Mapping"}
        if kind is None:
            return JSON if side == "reply" else OBJECT
        return {"type": kind}

    def _class(self, schema: Schema, side: Side) -> tuple[JsonObject, JsonObject]:
        required = set(schema.body.get("required", ()))
        properties: JsonObject = {}
        data: JsonObject = {
            "side": side,
            "doc": description(schema.body),
            "optional": [],
            "arguments_of": {},
            "docs": {},
        }
        for wire, node in schema.body["properties"].items():
            name = node.get("x-python-name", wire) if side == "reply" else wire
            properties[name] = self.lowered(node, side, schema.topic, is_tag=self.is_tag(schema.name, wire))
            if wire not in required:
                data["optional"].append(name)
            if side == "reply":
                properties[name], data["arguments_of"][name] = self._field(properties[name], schema, wire, name)
            data["docs"][name] = description(node)
        body: JsonObject = {"type": "object", "required": list(properties), "properties": properties}
        if side == "request":
            body["customBasePath"] = "typing.TypedDict"
        elif "x-base" in schema.body:
            body["customBasePath"] = BASES[schema.body["x-base"]]
        return body, data

    def _field(self, lowered: JsonObject, schema: Schema, wire: str, name: str) -> tuple[JsonObject, list[str]]:
        """The type of the property *wire* of a reply, which is *lowered* where it may not be left out, and the arguments of `field()`."""
        arguments: list[str] = []
        metadata: JsonObject = {} if name == wire else {"wire": wire}
        if wire not in schema.body.get("required", ()) or "x-absent" in schema.body["properties"][wire]:
            absent = self.absent(schema, wire)
            members = [part for part in lowered.get("anyOf", [lowered]) if part != NULL]
            lowered = _any_of([*members, NULL] if absent is None else members)
            arguments.append(self._default(absent, schema.body["properties"][wire]))
            if wire in schema.body.get("required", ()):
                metadata["required"] = True  # null reads as the default, but it must be there
        if schema.body["properties"][wire].get("x-lenient"):
            metadata["lenient"] = True
        if metadata:
            arguments.append(f"metadata={metadata!r}")
        return lowered, arguments

    def _default(self, absent: object, node: JsonObject) -> str:
        if absent == []:
            return "factory=lambda: []"  # checkers find out of what; `list` alone would be of unknown things
        if absent == {}:
            name = reference_name(node)
            # Late, as the class may stand further down.
            return "factory=lambda: {}" if name is None else f"factory=lambda: {self.name(name, 'reply')}()"
        return f"default={absent!r}"

    def absent(self, schema: Schema, wire: str) -> object:
        """What the property *wire* of a reply reads as where it is absent: its own `x-absent`, or None."""
        return schema.body["properties"][wire].get("x-absent")

    def _reference(self, name: str, side: Side, topic: str | None) -> JsonObject:
        target = self._schemas[name].topic
        python_name = self.name(name, side)
        if target == topic:
            return {"$ref": f"{SCHEMA_PREFIX}{target}.{python_name}"}
        return {"customTypePath": f"{TYPES_PACKAGE}.{target}.{python_name}"}

    def _union(self, members: list[JsonObject], side: Side, topic: str | None) -> JsonObject:
        lowered = [self.lowered(member, side, topic) for member in members]
        names = [reference_name(member) for member in members if member != NULL]
        has_class = any(name is not None and is_class(self._schemas[name].body) for name in names)
        if side == "reply" and has_class and len(names) > 1:
            lowered.append(UNKNOWN_MEMBER)
        return _any_of(lowered)

    def _tags_of(self, node: Any) -> Iterator[tuple[str, str]]:
        """The name and property of each class that a union anywhere in *node* tells apart by that property."""
        if is_array(node):
            for item in node:
                yield from self._tags_of(item)
        elif is_object(node):
            if "discriminator" in node:
                tag = node["discriminator"]["propertyName"]
                for member in self.classes_of(node.get("oneOf", ()) or node.get("anyOf", ())):
                    yield member, tag
            for value in node.values():
                yield from self._tags_of(value)

    def classes_of(self, members: Iterable[JsonObject]) -> Iterator[str]:
        """The classes among *members*, also those behind an alias."""
        for member in members:
            name = reference_name(member)
            if name is None:
                continue
            body = self._schemas[name].body
            if is_class(body):
                yield name
            else:
                yield from self.classes_of([*body.get("oneOf", ()), *body.get("anyOf", ())])

    def _is_shared(self, schema: Schema) -> bool:
        """Whether one alias serves requests and replies, because both would be the same."""
        return len(schema.sides) == 2 and self._is_neutral(schema.name)

    def _is_neutral(self, name: str) -> bool:
        if name not in self._neutral:
            self._neutral[name] = True  # while its own references are looked at
            body = self._schemas[name].body
            self._neutral[name] = _is_scalar(body) and all(self._is_neutral(other) for other in references_in(body))
        return self._neutral[name]


def _is_scalar(node: JsonObject) -> bool:
    members = [member for keyword in ("anyOf", "oneOf", "allOf") for member in node.get(keyword, ())]
    if members:
        return all(_is_scalar(member) for member in members)
    if "$ref" in node or "enum" in node or "const" in node:
        return True
    kinds = node.get("type", "object")
    return not {"array", "object"}.intersection([kinds] if isinstance(kinds, str) else kinds)


def _is_closed_enum(node: JsonObject, side: Side) -> bool:
    """On a request, a constant is what has to be sent; whatever else the spec lists may have grown."""
    return not node.get("x-open-enum", side == "reply" or "const" not in node)


def _enum(node: JsonObject, *, is_closed: bool) -> JsonObject:
    values = [node["const"]] if "const" in node else node["enum"]
    known = [value for value in values if value is not None]
    members: list[JsonObject] = [{"enum": known, "type": _kind_of(known[0])}] if known else []
    if not is_closed:
        members += [{"type": kind} for kind in dict.fromkeys(_kind_of(value) for value in known)]
    if None in values or "null" in node.get("type", ()):
        members.append(NULL)
    return _any_of(members)


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "integer" if isinstance(value, int) else "number"


def _text(node: JsonObject) -> JsonObject:
    members = node["anyOf"]
    is_in_parts = any(member.get("type") == "array" for member in members)
    return _any_of([TEXT_OR_PARTS if is_in_parts else TEXT_OR_JSON, *(member for member in members if member == NULL)])


def _mapping(values: JsonObject) -> JsonObject:
    return {"type": "object", "additionalProperties": values}


def _any_of(members: Iterable[JsonObject]) -> JsonObject:
    """The union of *members*: flat, each once, null last."""
    flat: list[JsonObject] = []
    for member in members:
        for part in member.get("anyOf", [member]):
            if part not in flat:
                flat.append(part)
    flat.sort(key=lambda part: part == NULL)
    return flat[0] if len(flat) == 1 else {"anyOf": flat}
