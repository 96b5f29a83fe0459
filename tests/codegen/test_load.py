"""Reading the spec: YAML as OpenAPI means it, references, sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codegen.document import read_document
from codegen.load import Operation, Spec, load
from codegen.problems import SpecError
from tests.codegen.project import ANSWER_YAML, ASK_YAML, EXTRA_YAML, ROOT_YAML, write_project

if TYPE_CHECKING:
    from pathlib import Path


def _document(tmp_path: Path, text: str) -> dict[str, object]:
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return read_document(path, "spec/file.yaml")


def _ask(spec: Spec) -> Operation:
    (operation,) = spec.operations
    return operation


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("2025-01-31", "2025-01-31"),
        ("12:30", "12:30"),
        ("true", True),
        ("null", None),
        ("", None),
        ("~", None),
        ("12", 12),
        ("-1.5e3", -1500.0),
        ("1e3", 1000.0),
        ("'12'", "12"),
    ],
)
def test_yaml_is_read_as_openapi_means_it(tmp_path: Path, text: str, value: object) -> None:
    """Words and dates are text; numbers, booleans and null are what JSON has."""
    document = _document(tmp_path, f"key: {text}")

    assert document == {"key": value}


def test_keys_are_text(tmp_path: Path) -> None:
    """A status code is a text key, with or without quotes."""
    document = _document(tmp_path, "200: {on: 1}")

    assert document == {"200": {"on": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "spec/file.yaml: line 3: the key 'a' occurs twice; correct the YAML"),
        ("a: [1", "spec/file.yaml: line 1: expected ',' or ']', but got '<stream end>'; correct the YAML"),
        ("- a", "spec/file.yaml: -: the file holds no mapping; write one key per schema"),
    ],
)
def test_wrong_yaml_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """What is no mapping, or says a key twice, names the file and the line."""
    with pytest.raises(SpecError) as caught:
        _document(tmp_path, text)

    assert str(caught.value) == message


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A folder without a spec is named as what it is."""
    with pytest.raises(SpecError) as caught:
        load(tmp_path)

    assert "spec/twinwire.yaml: -: the file is missing; run from a checkout" in str(caught.value)


def test_operations_are_records(tmp_path: Path) -> None:
    """An operation knows its names, its place and the schemas of its bodies."""
    operation = _ask(load(write_project(tmp_path)))

    assert (operation.place, operation.id, operation.group, operation.method_name) == (
        "POST /ask/{topic}",
        "ask",
        "questions",
        "ask",
    )
    assert (operation.body, operation.reply, operation.stream, operation.providers) == (
        "AskParams",
        "Answer",
        None,
        None,
    )
    assert [(parameter.name, parameter.location) for parameter in operation.parameters] == [("topic", "path")]


def test_shared_parameters_and_components_are_found(tmp_path: Path) -> None:
    """Parameters of a path, and those that the root keeps among its components, are parameters of the operation."""
    root = ROOT_YAML.replace("    post:\n", "    parameters: [{$ref: '#/components/parameters/Page'}]\n    post:\n") + (
        "components: {parameters: {Page: {name: page, in: query, x-providers: [openai], schema: {type: integer}}}}\n"
    )

    operation = _ask(load(write_project(tmp_path, spec=root)))

    assert [(parameter.name, parameter.providers) for parameter in operation.parameters] == [
        ("page", ("openai",)),
        ("topic", None),
    ]


def test_references_point_into_the_bundle(tmp_path: Path) -> None:
    """References between files, within a file and of a discriminator become references within one document."""
    extra = """
Extra:
  oneOf: [{$ref: "#/Mood"}]
  discriminator: {propertyName: type, mapping: {a: "#/Mood", b: "answer.yaml#/Mood"}}
"""
    spec = load(write_project(tmp_path, extra=extra))

    mood = "#/components/schemas/Mood"
    assert spec.schemas["AskParams"].body["properties"]["mood"] == {"$ref": mood}
    assert spec.schemas["Extra"].body["discriminator"]["mapping"] == {"a": mood, "b": mood}
    assert spec.document["components"]["schemas"]["Mood"]["enum"] == ["merry", "sad"]


def test_examples_are_not_read_as_schemas(tmp_path: Path) -> None:
    """What looks like a reference in an example is data."""
    extra = EXTRA_YAML + '  example: {note: "a", $ref: "#/Nowhere"}\n'

    spec = load(write_project(tmp_path, extra=extra))

    assert spec.schemas["Extra"].body["example"] == {"note": "a", "$ref": "#/Nowhere"}


@pytest.mark.parametrize("reference", ["#/Nowhere", "nowhere.yaml#/Mood", "../twinwire.yaml#/paths/nowhere", "Mood"])
def test_dangling_references_are_refused(tmp_path: Path, reference: str) -> None:
    """A reference that leads nowhere names its place."""
    extra = f'Extra: {{type: object, properties: {{part: {{$ref: "{reference}"}}}}}}\n'

    with pytest.raises(SpecError) as caught:
        load(write_project(tmp_path, extra=extra))

    assert f"spec/schemas/answer.yaml: Extra.properties.part: the reference '{reference}' leads nowhere" in str(
        caught.value
    )


def test_names_are_unique_over_all_topics(tmp_path: Path) -> None:
    """A name of two topics is refused, because a type has one place."""
    with pytest.raises(SpecError) as caught:
        load(write_project(tmp_path, ask=ASK_YAML + "Mood: {type: string}\n"))

    message = "spec/schemas/ask.yaml: Mood: answer.yaml has a schema of this name too; rename one of them"
    assert message in str(caught.value)


def test_schemas_know_their_sides(tmp_path: Path) -> None:
    """What a request or a reply can hold is marked so, at any depth, error bodies and stream events included."""
    root = ROOT_YAML.replace("      x-method: ask\n", "      x-method: ask\n      x-stream: Piece\n") + (
        '        default: {$ref: "#/components/responses/Error"}\n'
        "components: {responses: {Error: {description: Error., content: "
        '{application/json: {schema: {$ref: "schemas/answer.yaml#/Failure"}}}}}}\n'
    )
    answer = ANSWER_YAML + "Failure: {type: string}\nPiece: {type: string}\nUnused: {type: string}\n"

    schemas = load(write_project(tmp_path, spec=root, answer=answer)).schemas

    assert {name: sorted(schema.sides) for name, schema in schemas.items()} == {
        "Answer": ["reply"],
        "Mood": ["reply", "request"],
        "Failure": ["reply"],
        "Piece": ["reply"],
        "Unused": [],
        "Extra": ["reply"],
        "AskParams": ["request"],
        "ExtraParam": ["request"],
    }
