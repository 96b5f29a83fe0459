"""The page about testing says what is true."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import fields

import twinwire.testing
from twinwire.testing import RateLimit
from twinwire.testing.faults import Fault
from twinwire.testing.rate_limit import KINDS, TOLD

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
ALIASES = {"Answer", "Fault", "Place"}


def test_every_name_is_on_the_page() -> None:
    """What can be imported is explained."""
    names = set(twinwire.testing.__all__) - ALIASES - {"RecordedRequest"}

    assert [name for name in sorted(names) if not re.search(rf"\b{name}\(", PAGE)] == []


def test_every_fault_has_a_row() -> None:
    """The table of faults is complete."""
    rows = set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE))

    assert {fault.__name__ for fault in Fault.__args__} <= rows


def test_first_example_works() -> None:
    """The example that everybody copies runs as it stands."""
    example = re.search(r"```python\n(.+?)```", PAGE, re.DOTALL)

    assert example is not None
    exec(compile(example[1], "docs/testing.md", "exec"), {})  # noqa: S102  # our own page


def test_books_on_the_page_are_right() -> None:
    """Every example with a server's options or its books runs as it stands."""
    shown = [
        script
        for script in re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
        if "LoopbackProvider(\n" in script or "prices=" in script
    ]
    for script in shown:
        exec(compile(script, "docs/testing.md", "exec"), {})  # noqa: S102  # our own page

    assert len(shown) == 2


def test_every_option_of_a_limit_has_a_row() -> None:
    """The tables of rate limits are complete."""
    section = PAGE[PAGE.index("## Rate limits") : PAGE.index("## Spending")]
    named = set(re.findall(r"`\"?([\w-]+)\"?`", section))

    assert {each.name for each in fields(RateLimit)} | set(TOLD) | set(KINDS) <= named


def test_scripts_on_the_page_can_be_built() -> None:
    """Every other example of a script is valid as it stands."""
    scripts = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    shown = [script for script in scripts if "server.script(" in script]
    with twinwire.testing.LoopbackProvider() as server:
        for script in shown:
            exec(compile(script, "docs/testing.md", "exec"), {"server": server})  # noqa: S102  # our own page

        assert len(shown) == 2
        assert server.remaining == 7


def test_scenarios_on_the_page_hold() -> None:
    """Every example that plays scenarios runs as it stands."""
    shown = [script for script in re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL) if "play_all(" in script]
    for script in shown:
        exec(compile(script, "docs/testing.md", "exec"), {})  # noqa: S102  # our own page

    assert len(shown) == 2
