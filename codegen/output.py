"""What becomes of generated sources: a header, one format, and the whole set of files written or compared."""

from __future__ import annotations

import difflib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codegen.tools import installed_versions, run_tool

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOMS: Final = ("src/twinwire/types", "src/twinwire/clients")
"""The folders that hold generated files and nothing else."""
HEADER: Final = "# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`."

# Isolated from any configuration, because the order of imports and the line length must not depend on where this runs.
_RUFF: Final = ("--isolated", "--no-cache", "--quiet", "--line-length", "120", "--target-version", "py311")
_FIXES: Final = (
    *("--fix", "--unsafe-fixes", "--exit-zero"),
    *("--select", "F401,I,PIE790,TC001,TC002,TC003,UP"),
    *("--config", 'lint.isort.known-first-party=["twinwire"]'),
    *("--config", 'lint.isort.known-third-party=["attrs"]'),
)


def finished(sources: Mapping[str, str]) -> dict[str, str]:
    """
    *sources* (path in the project → Python source) as they are committed.

    Imports that are not needed are taken out, and those that only annotations need stand under `TYPE_CHECKING`.
    """
    versions = ", ".join(f"{name} {version}" for name, version in installed_versions().items())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, source in sources.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(f"{HEADER}\n# Written with {versions}.\n\n{source}", encoding="utf-8", newline="\n")
        run_tool("ruff", ("check", *_RUFF, *_FIXES, "."), folder)
        run_tool("ruff", ("format", *_RUFF, "."), folder)
        return {path: (folder / path).read_text(encoding="utf-8") for path in sorted(sources)}


def write(root: Path, files: Mapping[str, str]) -> list[str]:
    """Make the rooms of the project at *root* hold *files* and nothing else; return the paths that changed."""
    changed: list[str] = []
    for path in _all_paths(root, files):
        target = root / path
        if path not in files:
            target.unlink()
        elif _content(target) != files[path]:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="utf-8", newline="\n")
        else:
            continue
        changed.append(path)
    return changed


def difference(root: Path, files: Mapping[str, str]) -> str:
    """What `write` would change, as one unified diff; empty when nothing."""
    return "".join(_diff(path, _content(root / path), files.get(path)) for path in _all_paths(root, files))


def _all_paths(root: Path, files: Mapping[str, str]) -> list[str]:
    """The paths of *files* and of all that is in the rooms now, sorted."""
    present = {
        path.relative_to(root).as_posix()
        for room in ROOMS
        for path in (root / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return sorted(present | set(files))


def _content(path: Path) -> str | None:
    """The text of *path* with its line endings as they are; None when there is none."""
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else None


def _diff(path: str, old: str | None, new: str | None) -> str:
    if old == new:
        return ""
    before = f"a/{path}" if old is not None else "/dev/null"
    after = f"b/{path}" if new is not None else "/dev/null"
    lines = difflib.unified_diff(_lines(old), _lines(new), before, after)
    return "".join(lines) or f"--- {before}\n+++ {after}\n"  # a file with nothing in it


def _lines(text: str | None) -> list[str]:
    lines = (text or "").splitlines(keepends=True)
    return [line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines]
