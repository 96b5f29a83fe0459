"""The generated modules: their text, and that they are what the spec named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codegen import types
from codegen.describe import WIDTH, description, wrapped
from codegen.load import load
from codegen.output import finished
from codegen.tools import ToolError
from codegen.types import render
from tests.codegen.project import write_project

REPOSITORY = Path(__file__).resolve().parents[2]

EXTRA = r'''
Extra:
  description: One of two.
  oneOf: [{$ref: "#/Left"}, {$ref: "#/Right"}]
  discriminator: {propertyName: type, x-default: right}
Left:
  description: |
    A left part, such as "C:\left" or """quoted""".

    - one
    - two
  type: object
  x-base: Reply
  required: [type, moods]
  properties:
    type: {type: string, const: left}
    from: {type: string, x-python-name: from_, description: 'Ends with "quotes"'}
    class: {type: array, items: {}, x-python-name: class_}
    two words: {type: boolean, x-python-name: two_words}
    moods: {type: array, items: {$ref: "#/Mood"}, default: []}
    whole: {$ref: "#/Answer"}
Right:
  type: object
  deprecated: true
  x-providers: [openai]
  properties:
    type: {type: string, const: right}
    note: {type: string, deprecated: true, x-deprecated-reason: Nobody read it., default: ""}
    words: {x-text: true, x-absent: "", anyOf: [{type: string}, {type: object, additionalProperties: true}]}
    moods: {type: [array, "null"], items: {$ref: "#/Mood"}, x-absent: []}
    other: {$ref: "#/Late", x-absent: {}}
    is: {type: string, x-python-name: is_}
Late:
  description: Stands after what holds it.
  type: object
  properties:
    note: {type: string}
'''
EXTRA_PARAM = """
ExtraParam:
  type: object
  description: More to say.
  required: [kind, maybe]
  properties:
    kind: {type: string, const: more}
    maybe: {type: [string, "null"], description: A word or null.}
    words: {type: array, items: {type: string}}
    moods: {type: object, additionalProperties: {$ref: "answer.yaml#/Mood"}}
    empty: {$ref: "#/EmptyParam"}
    again: {$ref: "#/ExtraParam"}
    object: {type: object, additionalProperties: true}
    anything: {}
EmptyParam: {type: object, properties: {}}
"""
EXPECTED = Path(__file__).with_name("data")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The generated files of a spec with all that is hard."""
    project = write_project(tmp_path_factory.mktemp("project"), extra=EXTRA, extra_param=EXTRA_PARAM)
    return finished(render(load(project)))


def test_set_of_files(files: dict[str, str]) -> None:
    """There is a module for each topic, and the package."""
    assert list(files) == [f"src/twinwire/types/{name}.py" for name in ("__init__", "answer", "ask")]


def test_header(files: dict[str, str]) -> None:
    """Each file says where it is from, how to renew it, and what wrote it; and has no date."""
    heads = {text.partition("\n\n")[0] for text in files.values()}

    assert heads == {
        (
            "# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.\n"
            "# Written with datamodel-code-generator 0.89.0, ruff 0.17.5."
        )
    }


@pytest.mark.parametrize("name", ["package", "answer", "ask"])
def test_text(files: dict[str, str], name: str) -> None:
    """The text of each module is the expected one."""
    path = f"src/twinwire/types/{'__init__' if name == 'package' else name}.py"

    assert files[path] == (EXPECTED / f"types_{name}.txt").read_text(encoding="utf-8")


def test_same_bytes_from_anywhere(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the current folder nor the settings in it change what is written."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.ruff]\nline-length = 60\n[tool.datamodel-codegen]\ntarget-python-version = '3.13'\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    project = write_project(tmp_path, extra=EXTRA, extra_param=EXTRA_PARAM)

    assert finished(render(load(project))) == files


def test_renamed_types_are_refused(tmp_path: Path) -> None:
    """A type that the generator calls otherwise than the spec is an error; it renames what hides one of its imports."""
    answer = "Answer: {type: object, x-base: Reply, properties: {other: {$ref: '#/Reply'}}}\n"
    other = "Reply: {type: object, properties: {text: {type: string}}}\nMood: {type: string}\n"

    with pytest.raises(
        ToolError, match="the generated module answer has other names than its schemas: Reply, ReplyModel"
    ):
        render(load(write_project(tmp_path, answer=answer, extra=other)))


def test_failure_of_the_generator_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the generator says when it fails reaches the user."""
    monkeypatch.setattr(types, "_OPTIONS", ("--no-such-option",))

    with pytest.raises(ToolError, match=r"(?s)datamodel_code_generator failed with exit status 2:.*--no-such-option"):
        render(load(write_project(tmp_path)))


def test_package_loads_topics_when_asked() -> None:
    """The package loads nothing; a name loads its topic and those that its bases need, and no other."""
    code = (
        "import sys, twinwire.types as types\n"
        "loaded = lambda: sorted(name for name in sys.modules if name.startswith('twinwire.types.') or name == 'attrs')\n"
        "print(loaded(), 'CompletionUsage' in dir(types))\n"
        "print(types.CompletionUsage.__module__, loaded())\n"
        "print(hasattr(types, 'Nothing'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY / "src"
    )

    assert done.stdout.splitlines() == ["[] True", "twinwire.types.usage ['attrs', 'twinwire.types.usage']", "False"]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({}, ""),
        ({"description": "  A word.\n"}, "A word."),
        ({"deprecated": True}, "Deprecated."),
        (
            {"description": "A word.", "deprecated": True, "x-deprecated-reason": "Use two."},
            "A word.\n\nDeprecated: Use two.",
        ),
        ({"description": "A word.", "x-providers": ["openai", "other"]}, "A word.\n\nProviders: openai, other."),
    ],
)
def test_description(node: dict[str, object], expected: str) -> None:
    """The words of the spec, who has it, and that it is deprecated, in this order."""
    assert description(node) == expected


def test_long_text_is_filled() -> None:
    """Paragraphs and list items are filled to the width; items keep their indent, links stay whole."""
    text = wrapped(f"{'word ' * 40}\n\n- {'item ' * 40}\n  more\n\nhttps://{'x' * 200}\n")
    lines = text.splitlines()

    assert [line[:6] for line in lines] == ["word w", "word w", "", "- item", "  item", "", "https:"]
    assert all(len(line) <= WIDTH for line in lines[:-1])
    assert lines[4].endswith("item more")
