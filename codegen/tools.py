"""The pinned programs that the generation runs, as they are installed beside it. None of them needs a network."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GENERATOR: Final = "datamodel-code-generator"
FORMATTER: Final = "ruff"
REMEDY: Final = "install what `codegen` in the dependency groups of pyproject.toml lists"


class ToolError(Exception):
    """A program is missing, is not of the pinned version, or failed."""


def installed_versions() -> dict[str, str]:
    """
    The versions of the programs that decide what the output looks like.

    Raises:
        ToolError: one of them is not installed.
    """
    try:
        return {name: version(name) for name in (GENERATOR, FORMATTER)}
    except PackageNotFoundError as error:
        raise ToolError(f"{error.name} is not installed; {REMEDY}") from error


def check_pins(root: Path) -> None:
    """
    Compare the installed programs with the pins in the project at *root*: another version may write other bytes.

    Raises:
        ToolError: one of them differs.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = project["dependency-groups"]["codegen"]
    for name, found in installed_versions().items():
        pin = f"{name}=={found}"
        if pin not in requirements:
            wanted = next(requirement for requirement in requirements if requirement.startswith(f"{name}=="))
            raise ToolError(f"{name} {found} is installed and {wanted} is pinned in pyproject.toml; {REMEDY}")


def run_tool(module: str, arguments: Sequence[str], folder: Path) -> None:
    """
    Run the program *module* in *folder*.

    Raises:
        ToolError: it failed; with what it wrote.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise ToolError(f"{module} failed with exit status {done.returncode}:\n{done.stdout}{done.stderr}")
