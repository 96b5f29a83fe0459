"""The command: what it writes, what it compares, how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import tools
from codegen.__main__ import main
from codegen.output import difference, write
from codegen.tools import ToolError, check_pins, installed_versions
from tests.codegen.project import ROOT_YAML, write_project

REPOSITORY = Path(__file__).resolve().parents[2]
TYPES = "src/twinwire/types"
FILES = {f"{TYPES}/__init__.py": "a = 1\n", f"{TYPES}/one.py": "b = 1\nc = 2\n"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with the pins of this one."""
    (tmp_path / "pyproject.toml").write_bytes((REPOSITORY / "pyproject.toml").read_bytes())
    return write_project(tmp_path)


def test_write_makes_the_rooms_hold_the_files(tmp_path: Path) -> None:
    """What is new or changed is written, what is stale goes, and a second time nothing changes."""
    room = tmp_path / TYPES
    room.mkdir(parents=True)
    (room / "one.py").write_text("b = 2\n", encoding="utf-8")
    (room / "stale.py").write_text("", encoding="utf-8")

    assert write(tmp_path, FILES) == [f"{TYPES}/__init__.py", f"{TYPES}/one.py", f"{TYPES}/stale.py"]
    assert sorted(path.name for path in room.iterdir()) == ["__init__.py", "one.py"]
    assert (room / "one.py").read_text(encoding="utf-8") == FILES[f"{TYPES}/one.py"]
    assert write(tmp_path, FILES) == []


def test_write_leaves_other_rooms_alone(tmp_path: Path) -> None:
    """Handwritten files, and what Python caches, are not touched."""
    kept = [tmp_path / "src/twinwire/errors.py", tmp_path / TYPES / "__pycache__" / "one.pyc"]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")

    write(tmp_path, FILES)

    assert [path.is_file() for path in kept] == [True, True]
    assert difference(tmp_path, FILES) == ""


def test_difference_is_one_unified_diff(tmp_path: Path) -> None:
    """A changed line, a missing file and stale ones are all in the diff."""
    write(tmp_path, {**FILES, f"{TYPES}/one.py": "b = 1\nc = 3", f"{TYPES}/old.py": "d = 1\n", f"{TYPES}/none.py": ""})
    (tmp_path / TYPES / "__init__.py").unlink()

    assert difference(tmp_path, FILES) == (
        f"--- /dev/null\n+++ b/{TYPES}/__init__.py\n@@ -0,0 +1 @@\n+a = 1\n"
        f"--- a/{TYPES}/none.py\n+++ /dev/null\n"
        f"--- a/{TYPES}/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-d = 1\n"
        f"--- a/{TYPES}/one.py\n+++ b/{TYPES}/one.py\n@@ -1,2 +1,2 @@\n b = 1\n"
        "-c = 3\n\\ No newline at end of file\n+c = 2\n"
    )


def test_line_endings_are_part_of_the_contents(tmp_path: Path) -> None:
    """A checkout that turned line ends is not what was generated."""
    write(tmp_path, FILES)
    (tmp_path / TYPES / "one.py").write_bytes(b"b = 1\r\nc = 2\r\n")

    assert difference(tmp_path, FILES).startswith(f"--- a/{TYPES}/one.py\n+++ b/{TYPES}/one.py\n")


def test_generate_then_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After `generate`, `check` finds nothing; after an edit, a stale file or a change of the spec it fails with the diff."""
    assert main(["generate"], project) == 0
    assert f"{TYPES}/answer.py\n" in capsys.readouterr().out
    assert main(["check"], project) == 0
    assert "generated files are up to date\n" in capsys.readouterr().out

    (project / "src/twinwire/clients/extra.py").write_text("x = 1\n", encoding="utf-8")
    answer = project / "spec/schemas/answer.yaml"
    answer.write_text(answer.read_text(encoding="utf-8").replace("[merry, sad]", "[merry, sad, mad]"), encoding="utf-8")

    assert main(["check"], project) == 1
    printed = capsys.readouterr().out
    assert "--- a/src/twinwire/clients/extra.py\n+++ /dev/null\n" in printed
    assert "+Mood: TypeAlias = \"Literal['merry', 'sad', 'mad'] | str\"\n" in printed


@pytest.mark.no_cover  # ten times as long; smaller specs go the same ways
def test_own_files_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """The committed files are what the committed spec says."""
    assert main(["check"]) == 0, capsys.readouterr().out


def test_lint_succeeds(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A spec in order says how much was looked at."""
    assert main(["lint"], project) == 0
    assert capsys.readouterr().out == "5 schemas and 1 operations are in order\n"


@pytest.mark.parametrize("command", ["lint", "generate", "check"])
def test_problems_of_the_spec(project: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Each command refuses a spec that is not in order, names each problem, and writes nothing."""
    write_project(
        project, spec=ROOT_YAML.replace("      operationId: ask\n", "").replace("x-method: ask", "x-method: Ask")
    )

    assert main([command], project) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not (project / "src").exists()


def test_missing_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a spec there is one line, and no traceback."""
    assert main(["lint"], tmp_path) == 1
    assert capsys.readouterr().err.startswith("spec/twinwire.yaml: -: the file is missing;")


def test_drift_gets_its_arguments(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What follows `drift` is judged by drift."""
    with pytest.raises(SystemExit) as caught:
        main(["drift", "--provider", "nobody"], project)

    assert caught.value.code == 2
    assert "--provider must be one of openai, openrouter, got 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["renew"], ["lint", "--fast"]])
def test_wrong_arguments(arguments: list[str]) -> None:
    """A command line that is not understood ends with 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2


def test_other_versions_are_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A generator of another version may write other bytes, so it writes none."""
    monkeypatch.setattr(tools, "version", {"datamodel-code-generator": "0.0.1", "ruff": "0.0.1"}.__getitem__)

    assert main(["generate"], project) == 2
    assert capsys.readouterr().err == (
        "datamodel-code-generator 0.0.1 is installed and datamodel-code-generator==0.89.0 is pinned in pyproject.toml; "
        "install what `codegen` in the dependency groups of pyproject.toml lists\n"
    )


def test_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the generator the message says what to install."""
    monkeypatch.setattr(tools, "GENERATOR", "no-such-generator")

    with pytest.raises(ToolError, match="no-such-generator is not installed; install what `codegen`"):
        installed_versions()


def test_pins_are_those_installed() -> None:
    """The project's own pins are met here."""
    check_pins(REPOSITORY)
