"""Names and types of a provider's published spec: what `spec/upstream/` holds, so that drift can be told from a clean clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from codegen.compare import operations_of
from codegen.document import JsonObject, is_array, is_object
from codegen.load import references_in

if TYPE_CHECKING:
    from codegen.outline import Outline

HEAD = """\
# Names and types of a published spec, without its words, derived by `python -m codegen drift --record`.
# Do not edit: record anew.
"""
_KEPT = ("type", "required", "enum", "const", "nullable")
_LISTS_OF_SCHEMAS = ("oneOf", "anyOf", "allOf")
_SCHEMAS = ("items", "additionalProperties")


def outline_text(ours: Outline, upstream: Outline, *, source: str, date: str) -> str:
    """
    Return the YAML of the operations of *upstream* that *ours* has too, with all that they reach.

    Descriptions, examples, defaults and limits are left out. The other operations are listed by name.
    """
    theirs = operations_of(upstream)
    carried = {name: operation for name, operation in theirs.items() if name in operations_of(ours)}
    paths: JsonObject = {}
    for name, operation in carried.items():
        verb, path = name.split(" ", 1)
        paths.setdefault(path, {})[verb.lower()] = _operation(operation, upstream)
    document = {
        "source": source,
        "date": date,
        "other_operations": sorted(theirs.keys() - carried.keys()),
        "paths": paths,
        "components": {"schemas": _reached(paths, upstream)},
    }
    return HEAD + yaml.safe_dump(document, sort_keys=False, width=120, default_flow_style=None, allow_unicode=True)


def other_operations(ours: Outline, upstream: Outline) -> list[str]:
    """Return the operations of *upstream* that *ours* does not have."""
    recorded: list[str] = upstream.document.get("other_operations", [])
    return sorted({*recorded, *operations_of(upstream)} - operations_of(ours).keys())


def _operation(operation: JsonObject, upstream: Outline) -> JsonObject:
    parameters = [upstream.resolved(parameter) for parameter in operation["parameters"]]
    stripped: JsonObject = {"operationId": operation.get("operationId", "")}
    if parameters:
        stripped["parameters"] = [
            {
                "name": parameter["name"],
                "in": parameter["in"],
                "required": bool(parameter.get("required", False)),
                "schema": _stripped(parameter.get("schema", {})),
            }
            for parameter in parameters
        ]
    if "requestBody" in operation:
        stripped["requestBody"] = {"content": _content(upstream.resolved(operation["requestBody"]))}
    response = upstream.resolved(operation.get("responses", {}).get("200", {}))
    stripped["responses"] = {"200": {"content": _content(response)}}
    return stripped


def _content(holder: JsonObject) -> JsonObject:
    content = holder.get("content", {})
    return {
        media_type: {"schema": _stripped(content[media_type].get("schema", {}))}
        for media_type in ("application/json", "text/event-stream")
        if media_type in content
    }


def _reached(paths: JsonObject, upstream: Outline) -> JsonObject:
    reached: JsonObject = {}
    waiting = list(references_in(paths))
    while waiting:
        name = waiting.pop()
        node = upstream.reference(name)
        if node is not None and name not in reached:
            reached[name] = _stripped(node.schema)
            waiting.extend(references_in(reached[name]))
    return dict(sorted(reached.items()))


def _stripped(schema: object) -> JsonObject:
    """Return *schema* with its names and types alone."""
    if not is_object(schema):  # `true`, which admits anything
        return {}
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    stripped = {key: schema[key] for key in _KEPT if schema.get(key)}
    if is_object(schema.get("properties")):
        stripped["properties"] = {name: _stripped(value) for name, value in schema["properties"].items()}
    for key in _SCHEMAS:
        if is_object(schema.get(key)):
            stripped[key] = _stripped(schema[key])
    for key in _LISTS_OF_SCHEMAS:
        if is_array(schema.get(key)):
            stripped[key] = [_stripped(member) for member in schema[key]]
    tag = schema.get("discriminator", {}).get("propertyName")
    return stripped | ({"discriminator": {"propertyName": tag}} if tag else {})
