"""One YAML file as plain JSON values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import yaml

from codegen.problems import Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object of the spec. The OpenAPI validator and the lint vouch for its form, so its members are not narrowed again."""


def is_object(node: object) -> TypeGuard[JsonObject]:
    """Whether *node* is a JSON object."""
    return isinstance(node, dict)


def is_array(node: object) -> TypeGuard[list[Any]]:
    """Whether *node* is a JSON array."""
    return isinstance(node, list)


class _Loader(yaml.SafeLoader):
    """
    YAML 1.2 as OpenAPI wants it: what looks like a word or a date is text, keys are text, and none is written twice.

    PyYAML reads YAML 1.1, where `on` and `no` are booleans and `2025-01-01` is a date: wrong as an enum value or an example.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own attribute

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                mark = key_node.start_mark
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} occurs twice", mark)
            mapping[key] = self.construct_object(value_node, deep=True)  # pyright: ignore[reportUnknownMemberType] # half typed stub
        return mapping


_SCALARS = (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", "~n"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
)
for _tag, _pattern, _starts in _SCALARS:
    for _start in (*_starts, *([""] if _tag == "null" else [])):
        _resolver = (f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"))
        _Loader.yaml_implicit_resolvers.setdefault(_start, []).append(_resolver)


def read_document(path: Path, name: str) -> JsonObject:
    """
    Read the YAML file at *path*, called *name* in messages.

    Raises:
        SpecError: it is missing, is not YAML, says a key twice, or is not a mapping.
    """
    try:
        document: object = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        raise SpecError(
            [Problem(name, "-", "the file is missing", "run from a checkout or an unpacked sdist")]
        ) from None
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else "-"
        raise SpecError([Problem(name, place, error.problem or "not YAML", "correct the YAML")]) from error
    if not is_object(document):
        raise SpecError([Problem(name, "-", "the file holds no mapping", "write one key per schema")])
    return document
