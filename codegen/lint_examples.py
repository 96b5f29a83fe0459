"""The spec as a whole is an OpenAPI document, and its examples are examples of what they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from codegen.document import is_object
from codegen.load import ROOT_FILE
from codegen.problems import Problem
from codegen.walk import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError

    from codegen.document import JsonObject
    from codegen.load import Spec


def openapi_problems(spec: Spec) -> Iterator[Problem]:
    """Where schemas depart from JSON schema 2020-12, else where the bundled document departs from OpenAPI 3.1."""
    # The OpenAPI validator judges schemas too, but does not say which one is wrong.
    wrong_schemas = list(_json_schema_problems(spec))
    yield from wrong_schemas
    if not wrong_schemas:
        for error in OpenAPIV31SpecValidator(spec.document).iter_errors():
            place = ".".join(map(str, error.absolute_path)) or "-"
            yield Problem(ROOT_FILE, place, f"not OpenAPI 3.1: {_short(error.message)}", "correct it")


def _json_schema_problems(spec: Spec) -> Iterator[Problem]:
    validator = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for schema in spec.schemas.values():
        errors: Iterator[ValidationError] = validator.iter_errors(schema.body)  # pyright: ignore[reportUnknownMemberType] # half typed
        for error in errors:
            place = ".".join(map(str, [schema.name, *error.absolute_path]))
            yield Problem(schema.file, place, f"not JSON schema: {_short(error.message)}", "correct it")


def example_problems(spec: Spec) -> Iterator[Problem]:
    """Examples that do not fit the schema they stand in."""
    for node in nodes(spec):
        for name, example in _of_schema(node.schema):
            yield from _judged(example, node.schema, spec, node.file, f"{node.place}.{name}")
    for operation in spec.operations:
        body = operation.raw.get("requestBody", {}).get("content", {})
        answers = [response.get("content", {}) for response in operation.raw.get("responses", {}).values()]
        for holder in [
            *(media for content in (body, *answers) for media in content.values()),
            *operation.raw.get("parameters", ()),
        ]:
            for name, example in _of_holder(holder):
                yield from _judged(example, holder.get("schema", {}), spec, ROOT_FILE, f"{operation.place}.{name}")


def _of_schema(schema: JsonObject) -> Iterator[tuple[str, Any]]:
    if "example" in schema:
        yield "example", schema["example"]
    for index, example in enumerate(schema.get("examples", ())):
        yield f"examples[{index}]", example


def _of_holder(holder: JsonObject) -> Iterator[tuple[str, Any]]:
    """The examples of a parameter or of one media type, which OpenAPI keeps beside the schema and by name."""
    if "example" in holder:
        yield "example", holder["example"]
    for name, example in holder.get("examples", {}).items():
        if is_object(example) and "value" in example:
            yield f"examples.{name}", example["value"]


def _judged(example: Any, schema: JsonObject, spec: Spec, file: str, place: str) -> Iterator[Problem]:
    validator = Draft202012Validator({**schema, "components": spec.document["components"]})
    errors: Iterator[ValidationError] = validator.iter_errors(example)  # pyright: ignore[reportUnknownMemberType] # half typed
    for error in errors:
        where = "".join(f"[{step!r}]" for step in error.absolute_path)
        yield Problem(file, place + where, f"the example does not fit: {_short(error.message)}", "correct one of them")


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"
