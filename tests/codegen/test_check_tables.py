"""From schemas to the rules that check arguments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.check_tables import CheckTables, check_tables
from codegen.clients import constant_name
from codegen.load import load
from tests.codegen.project import ASK_YAML, write_project

if TYPE_CHECKING:
    from codegen.load import Spec

KINDS_YAML = """
OneParam:
  type: object
  required: [kind, deep]
  properties:
    kind: {type: string, const: one}
    deep: {$ref: "#/OneParam"}
TwoParam:
  type: object
  required: [kind]
  properties:
    kind: {$ref: "#/TwoKind"}
TwoKind: {type: string, enum: [two, zwei]}
UnionParam:
  oneOf: [{$ref: "#/OneParam"}, {$ref: "#/TwoParam"}]
  discriminator: {propertyName: kind}
TypedParam:
  type: object
  required: [type]
  properties:
    type: {type: string, const: typed}
ShortText: {type: string, maxLength: 5}
"""


def tables(spec: Spec) -> CheckTables:
    return check_tables(spec, {constant_name(operation): operation for operation in spec.operations})


def rule(tmp_path: Path, schema: str) -> str | None:
    """The rule for a property of *schema*; None where anything may be."""
    ask = ASK_YAML + f"    value: {schema}\n" + KINDS_YAML
    (source,) = tables(load(write_project(tmp_path, ask=ask))).arguments.values()
    _, found, rest = source.partition("'value': ")
    return rest.removesuffix(", })") if found else None


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{type: string}", "STRING"),
        ('{type: [integer, "null"]}', "INTEGER_OR_NULL"),
        ("{anyOf: [{type: number}, {type: integer}]}", "NUMBER"),
        ("{}", None),
        ("{description: Anything.}", None),
        ("{enum: [a, 1, 0.5, true, null]}", "STRING_OR_NUMBER_OR_BOOLEAN_OR_NULL"),
        ("{const: a}", "STRING"),
        ("{type: number, minimum: 0, exclusiveMaximum: 2}", "Rule('number', minimum=0, exclusive_maximum=2)"),
        # the looser limits of several alternatives, and none where one has none
        ("{anyOf: [{type: string, maxLength: 3}, {type: string, maxLength: 9}]}", "Rule('string', max_length=9)"),
        ("{anyOf: [{type: string, maxLength: 3}, {type: string}]}", "STRING"),
        ("{anyOf: [{type: integer, minimum: 1}, {type: string}]}", "Rule('string', 'integer', minimum=1)"),
        # limits around a reference
        ('{allOf: [{$ref: "#/ShortText"}], minLength: 2}', "Rule('string', min_length=2, max_length=5)"),
        # lists
        ("{type: array}", "LIST"),
        ("{type: array, items: {}}", "LIST"),
        ("{type: array, minItems: 1, items: {type: string}}", "Rule('list', min_items=1, items=STRING)"),
        (
            "{anyOf: [{type: array, items: {type: string}}, {type: array, items: {type: integer}}]}",
            "Rule('list', items=STRING_OR_INTEGER)",
        ),
        # mappings
        ("{type: object}", "MAPPING"),
        ("{type: object, additionalProperties: true}", "MAPPING"),
        ("{type: object, additionalProperties: {}}", "MAPPING"),
        ("{type: object, additionalProperties: {type: number}}", "Rule('mapping', values=NUMBER)"),
        ('{$ref: "#/ExtraParam"}', "Rule('mapping', shape='ExtraParam')"),
        ('{$ref: "#/TypedParam"}', "Rule('mapping', tag='type', shapes={'typed': 'TypedParam'})"),
        (
            '{anyOf: [{$ref: "#/UnionParam"}, {type: "null"}]}',
            "Rule('mapping', 'null', tag='kind', shapes={'one': 'OneParam', 'two': 'TwoParam', 'zwei': 'TwoParam'})",
        ),
        # nothing tells these apart
        ('{anyOf: [{$ref: "#/ExtraParam"}, {$ref: "#/TypedParam"}]}', "MAPPING"),
    ],
)
def test_a_schema_becomes_a_rule(tmp_path: Path, schema: str, expected: str | None) -> None:
    """A rule names the JSON kinds, their limits, and what is inside."""
    assert rule(tmp_path, schema) == expected


def test_parts_that_are_put_together_are_refused(tmp_path: Path) -> None:
    """What no rule can say is an error of the generation, not a check that lets all through."""
    with pytest.raises(NotImplementedError, match="write the properties out"):
        rule(tmp_path, '{allOf: [{$ref: "#/ExtraParam"}, {$ref: "#/TypedParam"}]}')


def test_a_shape_that_holds_itself_is_written_once(tmp_path: Path) -> None:
    """Shapes refer to each other by name."""
    ask = ASK_YAML + '    value: {$ref: "#/UnionParam"}\n' + KINDS_YAML
    shapes = tables(load(write_project(tmp_path, ask=ask))).shapes

    assert sorted(shapes) == ["ExtraParam", "OneParam", "TwoParam"]
    assert "Rule('mapping', shape='OneParam')" in shapes["OneParam"]


def test_every_name_in_the_tables_has_a_shape() -> None:
    """The tables of the project's own spec are closed, and roles are the only tags that must be known."""
    found = tables(load(Path(__file__).parents[2]))
    sources = [*found.shapes.values(), *found.arguments.values()]
    named = {part.split("'")[0] for source in sources for part in source.split("shape='")[1:]}

    assert named <= found.shapes.keys()
    assert [source.count("closed=True") for source in sources if "closed=True" in source] == [1]
