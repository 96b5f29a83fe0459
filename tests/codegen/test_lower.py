"""Lowering: what the generator is told in place of our schemas, and the same as type expressions."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from codegen.annotations import Annotations
from codegen.load import load
from codegen.lower import JSON_OBJECT, NULL, TEXT_OR_JSON, TEXT_OR_PARTS, Lowering
from tests.codegen.project import EXTRA_PARAM_YAML, EXTRA_YAML, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.load import Side, Spec

SIDES: tuple[Side, Side] = ("reply", "request")
REPOSITORY = Path(__file__).resolve().parents[2]

CLASSES = """
Extra:
  description: One of two.
  oneOf: [{$ref: "#/Left"}, {$ref: "#/Right"}]
  discriminator: {propertyName: type}
Left: {type: object, required: [type], properties: {type: {const: left}, kind: {const: left}}}
Right: {type: object, required: [type], properties: {type: {enum: [right, rite]}}}
"""


@pytest.mark.parametrize(
    ("schema", "reply", "request_"),
    [
        ("type: string", "str", "str"),
        ("{type: string, format: date-time, minLength: 1, default: a}", "str", "str"),
        ("type: [integer, string, 'null']", "int | str | None", "int | str | None"),
        ("type: [string, 'null', number]", "str | float | None", "str | float | None"),
        ("enum: [a, b]", 'Literal["a", "b"] | str', 'Literal["a", "b"] | str'),
        ("enum: [a, null]", 'Literal["a"] | str | None', 'Literal["a"] | str | None'),
        ("{type: [string, 'null'], enum: [a]}", 'Literal["a"] | str | None', 'Literal["a"] | str | None'),
        (
            "enum: [1, 2.5, true]",
            "Literal[1, 2.5, True] | int | float | bool",
            "Literal[1, 2.5, True] | int | float | bool",
        ),
        ("{enum: [a, b], x-open-enum: false}", 'Literal["a", "b"]', 'Literal["a", "b"]'),
        ("const: a", 'Literal["a"] | str', 'Literal["a"]'),
        ("{const: a, x-open-enum: true}", 'Literal["a"] | str', 'Literal["a"] | str'),
        ("const: null", "None", "None"),
        ("{}", "Json", "object"),
        ("{description: Anything.}", "Json", "object"),
        ("type: object", "JsonObject", "Mapping[str, object]"),
        ("{type: object, additionalProperties: true}", "JsonObject", "Mapping[str, object]"),
        ("{type: object, additionalProperties: {}}", "JsonObject", "Mapping[str, object]"),
        ("{type: object, additionalProperties: {type: integer}}", "dict[str, int]", "Mapping[str, int]"),
        ("{type: [object, 'null'], additionalProperties: {}}", "JsonObject | None", "Mapping[str, object] | None"),
        ("{type: array, items: {type: string}}", "list[str]", "Sequence[str]"),
        ("{type: array, items: {type: array, items: {}}}", "list[list[Json]]", "Sequence[Sequence[object]]"),
        (
            "anyOf: [{type: 'null'}, {type: string}, {enum: [a]}]",
            'str | Literal["a"] | None',
            'str | Literal["a"] | None',
        ),
        ("allOf: [{$ref: '#/components/schemas/Mood'}]", "Mood", "Mood"),
        ("{$ref: '#/components/schemas/Left', description: What.}", "Left", "LeftParam"),
        (
            "oneOf: [{$ref: '#/components/schemas/Left'}, {type: string}]",
            "Left | str | UnknownMember",
            "LeftParam | str",
        ),
        (
            "anyOf: [{$ref: '#/components/schemas/Left'}, {type: 'null'}]",
            "Left | None",
            "LeftParam | None",
        ),
    ],
)
def test_type_of_a_property(tmp_path: Path, schema: str, reply: str, request_: str) -> None:
    """Each shape of schema has one type in a reply, and one that takes what users have at hand in a request."""
    annotations = Annotations(load(write_project(tmp_path, extra=CLASSES)))
    node = yaml.safe_load(schema)

    assert annotations.annotation(node, "reply").text == reply
    assert annotations.annotation(node, "request").text == request_


def test_needed_names_come_along(tmp_path: Path) -> None:
    """A type expression says which names it needs and where they are."""
    annotations = Annotations(load(write_project(tmp_path)))
    node = {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/ExtraParam"}, {"enum": ["a"]}, {}]}}

    assert annotations.annotation(node, "request").imports == {
        ("collections.abc", "Sequence"),
        ("twinwire.types.ask", "ExtraParam"),
        ("typing", "Literal"),
    }


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("$ref: '#/components/schemas/ExtraParam'", "ExtraParam | Mapping[str, object]"),
        (
            "{type: array, items: {$ref: '#/components/schemas/ExtraParam'}}",
            "Sequence[ExtraParam | Mapping[str, object]]",
        ),
        (
            "anyOf: [{type: 'null'}, {$ref: '#/components/schemas/ExtraParam'}, {type: string}]",
            "ExtraParam | str | Mapping[str, object] | None",
        ),
        ("$ref: '#/components/schemas/EitherParam'", "EitherParam | Mapping[str, object]"),
        ("$ref: '#/components/schemas/Mood'", "Mood"),
    ],
)
def test_arguments_take_mappings(tmp_path: Path, schema: str, expected: str) -> None:
    """An argument that is a typed dict, or a union with one, takes any mapping too."""
    extra_param = EXTRA_PARAM_YAML.replace("type: array, items: {type: string}", '$ref: "#/EitherParam"') + (
        'EitherParam: {anyOf: [{$ref: "#/ExtraParam"}, {type: string}]}\n'
    )
    annotations = Annotations(load(write_project(tmp_path, extra_param=extra_param)))

    assert annotations.annotation(yaml.safe_load(schema), "request", takes_mappings=True).text == expected


def test_literals_are_quoted_safely(tmp_path: Path) -> None:
    """A value with quotes or backslashes stays the value."""
    annotations = Annotations(load(write_project(tmp_path)))
    values = ["plain", 'do"uble', "sin'gle", "back\\slash", "new\nline"]
    text = annotations.annotation({"enum": values, "x-open-enum": False}, "request").text

    assert list(ast.literal_eval(text.removeprefix("Literal"))) == values


def test_tags_are_closed(tmp_path: Path) -> None:
    """The property that tells the members of a union apart has no other values; its neighbour does."""
    lowering = Lowering(load(write_project(tmp_path, extra=CLASSES)))
    properties = {
        name: schema["properties"] for name, schema in lowering.document().document["components"]["schemas"].items()
        if "properties" in schema
    }  # fmt: skip

    assert properties["answer.Left"]["type"] == {"enum": ["left"], "type": "string"}
    assert properties["answer.Right"]["type"] == {"enum": ["right", "rite"], "type": "string"}
    assert {"type": "string"} in properties["answer.Left"]["kind"]["anyOf"]


def test_tags_are_found_behind_an_alias(tmp_path: Path) -> None:
    """A union of unions is told apart by the same property."""
    extra = CLASSES + "Outer: {oneOf: [{$ref: '#/Extra'}], discriminator: {propertyName: kind}}\n"

    assert Lowering(load(write_project(tmp_path, extra=extra))).is_tag("Left", "kind")


def test_shared_schemas_become_two(tmp_path: Path) -> None:
    """A class that requests hold too becomes a typed dict as well; a plain enum serves both."""
    extra_param = EXTRA_PARAM_YAML.replace("type: array, items: {type: string}", '$ref: "answer.yaml#/Left"')
    lowering = Lowering(load(write_project(tmp_path, extra=CLASSES, extra_param=extra_param)))
    names: list[tuple[str, Side]] = [(lowering.name(schema.name, side), side) for schema, side in lowering.emitted()]

    assert names == [
        ("Answer", "reply"),
        ("Mood", "reply"),
        ("Extra", "reply"),
        ("Left", "reply"),
        ("LeftParam", "request"),
        ("Right", "reply"),
        ("ExtraParam", "request"),
    ]


def test_one_alias_serves_both_sides(tmp_path: Path) -> None:
    """An alias without lists or objects is the same for requests and replies; with them it is two."""
    extra_param = EXTRA_PARAM_YAML.replace("type: array, items: {type: string}", '$ref: "answer.yaml#/Extra"')
    words = "Extra: {anyOf: [{$ref: '#/Mood'}, {type: integer}, {type: 'null'}]}\n"
    lists = "Extra: {anyOf: [{$ref: '#/Mood'}, {type: array, items: {type: string}}]}\n"

    one = Lowering(load(write_project(tmp_path, extra=words, extra_param=extra_param)))
    two = Lowering(load(write_project(tmp_path, extra=lists, extra_param=extra_param)))

    assert [(one.name("Extra", side), two.name("Extra", side)) for side in SIDES] == [
        ("Extra", "Extra"),
        ("Extra", "ExtraParam"),
    ]


def test_template_data(tmp_path: Path) -> None:
    """What may be left out, its name on the wire and its words travel beside the schema; every property is required."""
    extra = EXTRA_YAML.replace(
        "note: {type: string}", "from: {type: string, x-python-name: from_, description: Whence.}"
    )
    lowered = Lowering(load(write_project(tmp_path, extra=extra))).document()

    assert lowered.template_data["answer.Extra"] == {
        "side": "reply",
        "doc": "A part of it.",
        "optional": ["from_"],
        "arguments_of": {"from_": ["default=None", "metadata={'wire': 'from'}"]},
        "docs": {"from_": "Whence."},
    }
    assert lowered.document["components"]["schemas"]["answer.Extra"] == {
        "type": "object",
        "required": ["from_"],
        "properties": {"from_": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    }


STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "lowered", "default"),
    [
        ("{type: string}", {"anyOf": [STRING, NULL]}, "default=None"),
        ("{type: [string, 'null'], x-absent: ''}", STRING, "default=''"),
        ("{type: boolean, x-absent: false}", {"type": "boolean"}, "default=False"),
        ("{const: left, x-absent: left}", {"anyOf": [{"enum": ["left"], **STRING}, STRING]}, "default='left'"),
        (
            "{type: array, items: {type: string}, x-absent: []}",
            {"type": "array", "items": STRING},
            "factory=lambda: []",
        ),
        ("{type: object, x-absent: {}}", JSON_OBJECT, "factory=lambda: {}"),
        ("{$ref: '#/Note', x-absent: {}}", {"$ref": "#/components/schemas/answer.Note"}, "factory=lambda: Note()"),
        (
            "{x-text: true, anyOf: [{type: string}, {type: object}, {type: 'null'}], x-absent: ''}",
            TEXT_OR_JSON,
            "default=''",
        ),
        (
            "{x-text: true, anyOf: [{type: string}, {type: array, items: {}}]}",
            {"anyOf": [TEXT_OR_PARTS, NULL]},
            "default=None",
        ),
    ],
)
def test_what_absence_reads_as(tmp_path: Path, schema: str, lowered: dict[str, object], default: str) -> None:
    """What may be left out has a type without what it never reads as, and its reading as the default."""
    extra = (
        f"Extra: {{type: object, properties: {{part: {schema}}}}}\nNote: {{type: object, properties: {{a: {{}}}}}}\n"
    )
    made = Lowering(load(write_project(tmp_path, extra=extra))).document()

    assert made.document["components"]["schemas"]["answer.Extra"]["properties"]["part"] == lowered
    assert made.template_data["answer.Extra"]["arguments_of"]["part"] == [default]


def test_required_and_lenient_properties(tmp_path: Path) -> None:
    """A required property has a default for null alone, and the metadata says so; so it does of a lenient one."""
    extra = (
        "Extra: {type: object, required: [type, list], properties: "
        "{type: {type: string}, list: {type: [array, 'null'], items: {}, x-absent: []}, a: {type: string, x-lenient: true}}}\n"
    )
    data = Lowering(load(write_project(tmp_path, extra=extra))).document().template_data["answer.Extra"]

    assert data["arguments_of"] == {
        "type": [],
        "list": ["factory=lambda: []", "metadata={'required': True}"],
        "a": ["default=None", "metadata={'lenient': True}"],
    }


def test_signatures_and_types_agree() -> None:
    """For every property of the spec, a signature's type expression is the one in the generated module."""
    spec = load(REPOSITORY)
    expected = dict(_by_expression(spec))
    written = dict(_in_modules(spec))

    assert {place: text for place, text in written.items() if place in expected} == expected
    assert len(expected) > 500


def _by_expression(spec: Spec) -> Iterator[tuple[str, str]]:
    """What each field should be annotated with, but for tags: that one is a tag is not seen from its schema."""
    annotations, lowering = Annotations(spec), Lowering(spec)
    for schema, side in lowering.emitted():
        for wire, node in schema.body.get("properties", {}).items():
            text = annotations.annotation(node, side).text
            if side == "reply" and (wire not in schema.body.get("required", ()) or "x-absent" in node):
                ending = " | None" if lowering.absent(schema, wire) is None else ""
                text = text.removesuffix(" | None") + ending
            elif wire not in schema.body.get("required", ()):
                text = f"NotRequired[{text}]"
            if not lowering.is_tag(schema.name, wire):
                yield (
                    f"{lowering.name(schema.name, side)}.{node.get('x-python-name', wire)}",
                    ast.unparse(ast.parse(text)),
                )


def _in_modules(spec: Spec) -> Iterator[tuple[str, str]]:
    """What each field of the generated modules is annotated with."""
    for topic in {schema.topic for schema in spec.schemas.values()}:
        source = (REPOSITORY / "src/twinwire/types" / f"{topic}.py").read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            for field in node.body if isinstance(node, ast.ClassDef) else ():
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(node, ast.ClassDef)
                ):
                    yield f"{node.name}.{field.target.id}", ast.unparse(field.annotation)
