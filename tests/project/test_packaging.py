"""What pyproject.toml, the lists of versions and the changelog promise one another."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KINDS = {"breaking", "deprecated", "added", "changed", "fixed"}
BOUND = re.compile(r"^([\w-]+)>=([\w.]+)")


def lower_bounds() -> dict[str, str]:
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"].values()
    requirements = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    found = [BOUND.match(requirement) for requirement in requirements]
    return {match[1]: match[2] for match in found if match}


def test_every_dependency_has_a_lower_bound() -> None:
    """A dependency without one could not be tested at its lowest."""
    assert len(lower_bounds()) == len(PYPROJECT["project"]["dependencies"]) + len(
        PYPROJECT["project"]["optional-dependencies"]
    )


def test_lowest_versions_are_the_bounds() -> None:
    """`nox -s lowest` tests with exactly what pyproject.toml allows."""
    lines = (ROOT / "tests" / "project" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))

    assert pins == lower_bounds()


def test_changelog_fragments() -> None:
    """Each has a slug and a known kind, and is one paragraph."""
    fragments = [path for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]
    named = re.compile(rf"[a-z0-9-]+\.({'|'.join(KINDS)})\.md")

    assert [path.name for path in fragments if not named.fullmatch(path.name)] == []
    assert [path.name for path in fragments if not re.fullmatch(r"[^\n]+\.\n", path.read_text(encoding="utf-8"))] == []
