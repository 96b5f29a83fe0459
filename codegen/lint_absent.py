"""What is judged of how a reply reads where something is absent or of another form: `x-absent`, `x-text` and `x-lenient`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.document import is_object
from codegen.load import reference_name
from codegen.lower import is_class
from codegen.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.document import JsonObject
    from codegen.load import Schema, Spec

_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


def absent_problems(spec: Spec) -> Iterator[Problem]:
    """What is wrong with these in *spec*."""
    for schema in spec.schemas.values():
        is_reply = "reply" in schema.sides and is_class(schema.body)
        if "x-absent" in schema.body:
            yield Problem(
                schema.file, schema.name, "x-absent on a schema", "write it on the properties that it is about"
            )
        for name, node in schema.body.get("properties", {}).items():
            place = f"{schema.name}.{name}"
            for extension in ("x-absent", "x-text", "x-lenient"):
                if extension in node and not is_reply:
                    yield Problem(schema.file, place, f"{extension} on what no reply has", "leave it out")
            if node.get("x-lenient") and name in schema.body.get("required", ()):
                yield Problem(schema.file, place, "x-lenient on what is required", "leave one of them out")
            if is_reply and "x-absent" in node and node["x-absent"] is None:
                yield Problem(schema.file, place, "absent reads as null anyway", "leave x-absent out")
            elif is_reply and "x-absent" in node and not _fits(node, schema, spec):
                remedy = "write a value of its type, an empty list, or an empty object"
                yield Problem(schema.file, place, f"it cannot read as {node['x-absent']!r}", remedy)
            if node.get("x-text") and not _may_be_text(node):
                yield Problem(schema.file, place, "x-text on what is no union with a text", "leave it out")


def _fits(node: JsonObject, schema: Schema, spec: Spec) -> bool:
    """Whether absence may read as what *node* says. A list or object is made anew for each reply, so it must be empty."""
    absent = node["x-absent"]
    if absent in ([], {}) or not isinstance(absent, list | dict):
        return _KINDS[type(absent)] in _kinds(node, schema, spec)
    return False


def _kinds(node: JsonObject, schema: Schema, spec: Spec) -> set[str]:
    """The JSON kinds of *node*. An object of another topic is none: its class is not at hand when the module loads."""
    name = reference_name(node)
    if name is not None:
        target = spec.schemas[name]
        if is_class(target.body):
            can_be_empty = target.topic == schema.topic and not target.body.get("required")
            return {"object"} if can_be_empty else set()
        return _kinds(target.body, schema, spec)
    members = [member for keyword in ("anyOf", "oneOf") for member in node.get(keyword, ()) if is_object(member)]
    if members:
        return {kind for member in members for kind in _kinds(member, schema, spec)}
    kinds = node.get("type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _may_be_text(node: JsonObject) -> bool:
    return any(is_object(member) and member.get("type") == "string" for member in node.get("anyOf", ()))
