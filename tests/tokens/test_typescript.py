"""Tools are rendered as models see them."""

from __future__ import annotations

from typing import Any

import pytest

from twinwire.tokens.typescript import comment, render


def _type(schema: dict[str, Any], **more: Any) -> str:
    """How a required property of this schema is declared, in a function that has no other."""
    parameters = {"type": "object", "properties": {"p": schema}, "required": ["p"], **more}
    text = render([{"name": "f", "parameters": parameters}])
    return text.removeprefix("namespace functions {\n\ntype f = (_: ").removesuffix(
        ") => any;\n\n} // namespace functions"
    )


@pytest.mark.parametrize(
    ("schema", "declared"),
    [
        ({"type": "string"}, "{ p: string }"),
        ({"type": "integer", "minimum": 1, "format": "int32"}, "{ p: number }"),
        ({"type": "boolean"}, "{ p: boolean }"),
        ({"type": ["string", "null"]}, "{ p: string | null }"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "{ p: string | null }"),
        ({"enum": ["a", 1, None]}, '{ p: "a" | 1 | null }'),
        ({"const": "ü"}, '{ p: "ü" }'),
        ({"type": "array", "items": {"type": "string"}}, "{ p: string[] }"),
        ({"type": "array"}, "{ p: any[] }"),
        ({"type": "object"}, "{ p: object }"),
        (
            {"type": "object", "properties": {"a": {}, "b": {"type": "number"}}, "required": ["b"]},
            "{ p: { a?: any, b: number } }",
        ),
        ({"type": "string", "description": " What.\n\n  How. "}, "{\n// What.\n//\n// How.\np: string,\n}"),
        ({"type": "string", "title": "P"}, "{\n// P\np: string,\n}"),
        ({"type": "boolean", "default": False}, "{\np: boolean, // default: false\n}"),
        ({"$ref": "#/$defs/none"}, "{ p: any }"),
        ({"type": "no such"}, "{ p: any }"),
    ],
)
def test_declared_type(schema: dict[str, Any], declared: str) -> None:
    """One line without comments, several with one."""
    assert _type(schema) == declared


def test_references_are_resolved() -> None:
    """What stands beside one wins."""
    there = {"type": "string", "description": "There."}

    assert (
        _type({"$ref": "#/$defs/a~1b", "description": "Here."}, **{"$defs": {"a/b": there}})
        == "{\n// Here.\np: string,\n}"
    )


@pytest.mark.parametrize("definition", [{"$ref": "#/$defs/a"}, {"type": "array", "items": {"$ref": "#/$defs/a"}}])
def test_schema_that_contains_itself_ends(definition: dict[str, Any]) -> None:
    """It is cut off at some depth."""
    assert "any" in _type({"$ref": "#/$defs/a"}, **{"$defs": {"a": definition}})


def test_schema_that_contains_itself_twice_ends() -> None:
    """A tree would double at every depth: it is cut off by its size."""
    node = {"type": "object", "properties": {side: {"$ref": "#/$defs/n"} for side in ("left", "right")}}

    assert len(_type({"$ref": "#/$defs/n"}, **{"$defs": {"n": node}})) < 1_000_000


def test_title_and_description_of_the_whole() -> None:
    """They stand before the brace."""
    assert _type({"type": "string"}, title="T", description="D") == "// T\n// D\n{ p: string }"


def test_function_without_parameters() -> None:
    """It takes nothing; an empty description is none."""
    assert (
        render([{"name": "f", "description": " "}])
        == "namespace functions {\n\ntype f = () => any;\n\n} // namespace functions"
    )


def test_snapshots_of_2023() -> None:
    """Several lines always; what is nested is indented and has no comments."""
    inner = {"type": "object", "properties": {"b": {"type": "string", "description": "No."}}}
    parameters = {"type": "object", "properties": {"a": {**inner, "title": "No.", "description": "Yes."}}}
    declared = render([{"name": "f", "parameters": parameters}], is_old=True)

    assert "(_: {\n// Yes.\na?: {\n  b?: string,\n},\n}) => any;" in declared


def test_comment_of_nothing() -> None:
    """White space is no comment."""
    assert comment(" \n ") == ""
