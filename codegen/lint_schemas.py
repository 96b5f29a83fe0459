"""What is judged of each schema by itself: its keywords, its names, what it requires."""

from __future__ import annotations

import builtins
import keyword
import re
from importlib import import_module
from typing import TYPE_CHECKING, Final

from codegen.client_options import ARGUMENTS_OF_ITS_OWN
from codegen.document import is_object
from codegen.lint_absent import absent_problems
from codegen.load import ROOT_FILE
from codegen.lower import BASES, Lowering, is_class
from codegen.problems import Problem
from codegen.walk import UNIONS, Node, nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.document import JsonObject
    from codegen.load import Schema, Spec

Found = tuple[str, str]
"""What is wrong, and the remedy."""

KINDS: Final = frozenset({"string", "integer", "number", "boolean", "null", "array", "object"})
KEYWORDS: Final = frozenset(
    {
        *("$ref", "type", "const", "enum", "properties", "required", "additionalProperties", "items", *UNIONS),
        *("discriminator", "description", "deprecated", "title", "default", "example", "examples", "format", "pattern"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "propertyNames"),
    }
)
"""The keywords of JSON schema that the generation knows; one that it does not know it would pass over in silence."""
EXTENSIONS: Final = frozenset(
    {
        *("x-absent", "x-base", "x-deprecated-reason", "x-lenient", "x-open-enum", "x-providers", "x-python-name"),
        *("x-takes-replies", "x-text"),
    }
)
TYPE_NAMES: Final = frozenset(
    {
        *("Json", "JsonObject", "Literal", "Mapping", "NotRequired", "Sequence", "TypeAlias", "TypedDict", "Unset"),
        *("UnknownMember", *BASES, *dir(builtins)),
    }
)
"""Names that generated modules import or that Python has."""
FIELD_NAMES: Final = frozenset({"str", "int", "float", "bool", "list", "dict", "field"})
"""Names that annotations and defaults in a class use; a field of that name would hide them."""


def schema_problems(spec: Spec) -> Iterator[Problem]:
    """What is wrong with the schemas of *spec*, each by itself."""
    lowering = Lowering(spec)
    for node in nodes(spec):
        for found in (*_keywords(node), *_shape(node), *_extensions(node), *_taken_replies(node, spec)):
            yield Problem(node.file, node.place, *found)
        if is_object(node.schema.get("properties")):
            yield from (Problem(node.file, node.place, *found) for found in _requires_properties(node.schema))
    for schema in spec.schemas.values():
        yield from (Problem(schema.file, schema.name, *found) for found in _naming(schema, lowering))
        if is_class(schema.body):
            yield from _field_names(schema, lowering)
    yield from _repeated_names(lowering)
    yield from absent_problems(spec)
    yield from _required_replies(spec, lowering)


def _keywords(node: Node) -> Iterator[Found]:
    for name in node.schema:
        if name == "nullable":
            yield "`nullable` is OpenAPI 3.0", 'write `type: [string, "null"]`, or `anyOf` with `type: "null"`'
        elif name.startswith("x-") and name not in EXTENSIONS:
            yield f"the extension {name} is unknown", f"write one of {', '.join(sorted(EXTENSIONS))}"
        elif not name.startswith("x-") and name not in KEYWORDS:
            yield f"the keyword {name} is not generated from", "say it with others, or teach codegen/lower.py"


def _shape(node: Node) -> Iterator[Found]:
    schema = node.schema
    if "properties" in schema and not node.is_named:
        yield "an inline object would get an unstable name", "give it a name of its own and refer to that"
    if node.is_named and _is_any_object(schema):
        yield "a component that is any object would become an empty class", "write it where it is used"
    if "$ref" in schema and schema.keys() & {"type", "properties", "enum", "const", "items", *UNIONS}:
        yield "a reference stands beside what describes a schema", "leave one of them out"
    if len([name for name in UNIONS if name in schema]) > 1 or len(schema.get("allOf", [{}])) != 1:
        yield "schemas are combined, which is not generated from", "write the result out"
    kinds = schema.get("type", [])
    unknown = {kinds} - KINDS if isinstance(kinds, str) else set(kinds) - KINDS
    if unknown:
        yield f"unknown type {', '.join(sorted(map(str, unknown)))}", f"write one of {', '.join(sorted(KINDS))}"
    if "array" in kinds and "items" not in schema:
        yield "a list without `items`", "say what it holds"
    if "enum" in schema and (not schema["enum"] or any(isinstance(value, (dict, list)) for value in schema["enum"])):
        yield "an enum of nothing, or of lists or objects", "list texts, numbers or null"


def _is_any_object(schema: JsonObject) -> bool:
    is_open = schema.get("additionalProperties", True) in (True, {})
    return schema.get("type") == "object" and not is_class(schema) and is_open


def _extensions(node: Node) -> Iterator[Found]:
    schema = node.schema
    if "x-deprecated-reason" in schema and not schema.get("deprecated"):
        yield "x-deprecated-reason on what is not deprecated", "write `deprecated: true`, or leave the reason out"
    if "x-open-enum" in schema and "enum" not in schema and "const" not in schema:
        yield "x-open-enum on what is no enum", "leave it out"
    if "x-base" in schema and not node.is_named:
        yield "x-base on what is no named schema", "leave it out"
    if "x-python-name" in schema and not re.fullmatch(r".*\.[^.\[\]{}]+", node.place):
        yield "x-python-name on what is no property", "leave it out"


def _taken_replies(node: Node, spec: Spec) -> Iterator[Found]:
    for name in node.schema.get("x-takes-replies", ()):
        if name not in spec.schemas or "reply" not in spec.schemas[name].sides:
            yield f"x-takes-replies names {name!r}, which is no schema of a reply", "correct the name"


def _requires_properties(schema: JsonObject) -> Iterator[Found]:
    for name in schema.get("required", ()):
        if name not in schema["properties"]:
            yield f"requires {name!r}, which is none of its properties", "correct the name, or describe the property"


def _naming(schema: Schema, lowering: Lowering) -> Iterator[Found]:
    name = schema.name
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or name in TYPE_NAMES:
        yield "cannot be the name of a type in the generated module", "give it another, such as MyType"
    if not schema.body.get("description") and not lowering.is_body(name):
        yield "it has no description, so its type has no docstring", "write one"
    if not schema.sides:
        yield "nothing refers to it", "refer to it from an operation, or remove it"
    is_typed_dict = "reply" not in schema.sides and is_class(schema.body) and not lowering.is_body(name)
    if is_typed_dict and not name.endswith("Param"):
        yield "it becomes a typed dict, whose names end in Param", f"call it {name}Param"
    base = schema.body.get("x-base")
    if base is not None and base not in BASES:
        yield f"x-base {base!r} is unknown", f"write one of {', '.join(sorted(BASES))}"
    if base is not None and not ("reply" in schema.sides and is_class(schema.body)):
        yield "x-base on what is not the class of a reply", "leave it out"


def _repeated_names(lowering: Lowering) -> Iterator[Problem]:
    """Typed dicts of schemas that replies share have `Param` appended, which another schema may be called."""
    owners: dict[str, str] = {}
    for schema, side in lowering.emitted():
        name = lowering.name(schema.name, side)
        other = owners.setdefault(name, schema.name)
        if other != schema.name:
            yield Problem(schema.file, schema.name, f"{other} becomes a type called {name} too", "rename one of them")


def _field_names(schema: Schema, lowering: Lowering) -> Iterator[Problem]:
    """Names that the class or typed dict cannot have, and overrides that are not needed (any more)."""
    is_reply = "reply" in schema.sides
    base = _base_of(schema) if is_reply else object
    taken: set[str] = set()
    for wire, node in schema.body["properties"].items():
        place = f"{schema.name}.{wire}"
        name = str(node.get("x-python-name", wire))
        # The arguments of a method stand beside the options of a call.
        reserved = _is_reserved(name, base) or (lowering.is_body(schema.name) and name in ARGUMENTS_OF_ITS_OWN)
        if reserved and (is_reply or lowering.is_body(schema.name)):
            yield Problem(schema.file, place, f"{name!r} is a reserved name", f"write `x-python-name: {wire}_`, say")
        elif reserved:
            yield Problem(
                schema.file, place, "a typed dict cannot have this key", "leave it out; any mapping is sent as it is"
            )
        if name in taken:
            yield Problem(schema.file, place, f"two properties are called {name!r} in Python", "change x-python-name")
        if name != wire and is_reply and not _is_reserved(wire, base):
            yield Problem(schema.file, place, "x-python-name is not needed", "leave it out")
        taken.add(name)


def _is_reserved(name: str, base: type) -> bool:
    own = base is not object and (name in FIELD_NAMES or hasattr(base, name))
    return own or keyword.iskeyword(name) or not name.isidentifier() or name.startswith("__")


def _base_of(schema: Schema) -> type:
    path = BASES.get(schema.body.get("x-base", ""), "twinwire._model.base.Model")
    module, _, name = path.rpartition(".")
    found: type = getattr(import_module(module), name)
    return found


def _required_replies(spec: Spec, lowering: Lowering) -> Iterator[Problem]:
    """
    What a reply must have is listed in the root with its reason, because a reply without it is lost.

    The tags of unions need no reason.
    """
    allowed: JsonObject = spec.document.get("x-required", {})
    required = {
        f"{schema.name}.{name}": schema.file
        for schema in spec.schemas.values()
        if "reply" in schema.sides
        for name in schema.body.get("required", ())
        if not lowering.is_tag(schema.name, name)
    }
    for place in required.keys() - allowed.keys():
        remedy = f"leave it out of `required`, or list it with the reason in `x-required` of {ROOT_FILE}"
        yield Problem(required[place], place, "a reply without it would be lost", remedy)
    for place in allowed.keys() - required.keys():
        yield Problem(ROOT_FILE, f"x-required.{place}", "no reply requires it", "remove the entry")
