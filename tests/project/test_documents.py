"""The README and the documentation: their code runs, their links lead somewhere, and the README's commands are the ones that CI runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.project.loopback import loopback_providers

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_RUN = {
    "costs.md",  # fetches prices, for which tests/money/test_docs.py makes a cache of its own
    "architecture.md",  # shows what generated code looks like
    "regenerating.md",  # its code needs the new parameter; tests/project/test_regenerating.py runs it
    "testing.md",  # one example after another on one server; tests/testing/test_docs.py runs it
}

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([\w-]+))?\)")

SNIPPETS = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    if page.name not in NOT_RUN
    for number, (language, code) in enumerate(FENCE.findall(page.read_text(encoding="utf-8")))
    if language == "python"
]

LINKS = [
    pytest.param(page, *found, id=f"{page.name}-{'#'.join(found)}")
    for page in PAGES
    for found in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    if not found[0].startswith("http")
]


@pytest.mark.parametrize("code", SNIPPETS)
def test_snippet_runs(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of Python stands for itself, and runs against a provider of this machine."""
    with loopback_providers(monkeypatch):
        exec(compile(code, "<snippet>", "exec"), {"__name__": "__main__"})  # noqa: S102  # our own pages


@pytest.mark.parametrize(("page", "target", "anchor"), LINKS)
def test_link_leads_somewhere(page: Path, target: str, anchor: str) -> None:
    """Links between pages name files that are there, and headings that are in them."""
    file = (page.parent / target) if target else page

    assert file.exists()
    assert not anchor or anchor in anchors(file)


def anchors(page: Path) -> set[str]:
    """The headings as GitHub turns them into anchors."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_listed() -> None:
    """The index of the documentation names each page."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")

    assert [
        page.name
        for page in PAGES
        if page.parent.name == "docs" and page.name != "README.md" and f"({page.name})" not in index
    ] == []


def test_ci_runs_the_commands_of_the_readme() -> None:
    """Both commands stand in `.ci/run` as they stand in the README, the tests last."""
    demo, tests = (
        code.strip() for language, code in FENCE.findall(PAGES[0].read_text(encoding="utf-8")) if language == "console"
    )
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert demo in script
    assert script.rstrip().endswith("readme_tests")
    assert f"readme_tests() {{\n    {tests}\n}}" in script


def test_ci_is_executable() -> None:
    """`.ci/run` can be called by its name."""
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_wide_lines_are_prose_only() -> None:
    """Code that readers copy fits their screens."""
    wide = [
        line
        for page in PAGES
        if page.name != "architecture.md"
        for language, code in FENCE.findall(page.read_text(encoding="utf-8"))
        if language == "python"
        for line in code.splitlines()
        if len(line) > 120
    ]

    assert wide == []
