"""From the spec to the source of `twinwire.types`: one module per topic, and the package that finds each name's topic."""

from __future__ import annotations

import ast
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.lower import Lowering
from codegen.tools import ToolError, run_tool

if TYPE_CHECKING:
    from codegen.load import Spec

FOLDER: Final = "src/twinwire/types"
TEMPLATES: Final = Path(__file__).parent / "templates"

_OPTIONS: Final = (
    "--ignore-pyproject",  # the user's own settings are not ours
    *("--input-file-type", "openapi"),
    *("--output-model-type", "dataclasses.dataclass"),
    *("--custom-template-dir", str(TEMPLATES / "types")),
    *("--target-python-version", "3.11"),
    *("--enum-field-as-literal", "all"),
    "--use-type-alias",
    "--use-exact-imports",
    "--no-use-type-checking-imports",  # which imports those are is decided once the two sides are in one file
    "--keep-model-order",
    "--keyword-only",  # else properties are sorted by whether they are required
    "--strict-refs",
    "--disable-timestamp",
    "--no-formatters",  # the whole set of files is formatted at once
    "--additional-imports",
    # Those that a module does not need are taken out when it is formatted. The base class goes by its module because a schema
    # may have its name: the generator would rename the schema.
    "attrs.field,typing.NotRequired,twinwire._model.base",
)


def render(spec: Spec) -> dict[str, str]:
    """
    The modules of `twinwire.types`, not formatted, by their path in the project.

    Raises:
        ToolError: the generator failed.
    """
    lowering = Lowering(spec)
    names: dict[str, list[str]] = {}
    for schema, side in lowering.emitted():
        names.setdefault(schema.topic, []).append(lowering.name(schema.name, side))
    modules = _generated(lowering)
    for topic in sorted({*modules, *names}):
        _check_names(topic, modules.get(topic, ""), names.get(topic, []))
    files = {f"{FOLDER}/{topic}.py": _with_docstring(topic, text) for topic, text in modules.items()}
    return {**files, f"{FOLDER}/__init__.py": _package(names)}


def _generated(lowering: Lowering) -> dict[str, str]:
    """The generator's output by topic."""
    lowered = lowering.document()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spec.json").write_text(json.dumps(lowered.document), encoding="utf-8")
        (folder / "data.json").write_text(json.dumps(lowered.template_data), encoding="utf-8")
        files = ("--input", "spec.json", "--output", "out", "--extra-template-data", "data.json")
        run_tool("datamodel_code_generator", (*_OPTIONS, *files), folder)
        found = sorted((folder / "out").glob("*.py"))
        return {path.stem: path.read_text(encoding="utf-8") for path in found if path.stem != "__init__"}


def _check_names(topic: str, text: str, expected: list[str]) -> None:
    """Refuse a module in which the generator has renamed, merged or left out what the spec names; it does so silently."""
    defined: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined.add(node.target.id)
    if defined != set(expected):
        differing = ", ".join(sorted(defined ^ set(expected)))
        raise ToolError(
            f"the generated module {topic} has other names than its schemas: {differing}; rename the schemas"
        )


def _with_docstring(topic: str, text: str) -> str:
    """*text* with a docstring in place of the generator's own header."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return f'"""The types of `spec/schemas/{topic}.yaml`."""\n{body}\n'


def _package(names: dict[str, list[str]]) -> str:
    environment = Environment(  # noqa: S701 - Python source, not HTML
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    topics = {topic: sorted(names[topic]) for topic in sorted(names)}
    topic_of = {name: topic for topic, found in topics.items() for name in found}
    return environment.get_template("types_package.jinja2").render(
        topics=topics, topic_of=dict(sorted(topic_of.items()))
    )
