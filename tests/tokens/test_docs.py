"""The page about tokens says what is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from twinwire.tokens.fit import RESERVE_TOKENS
from twinwire.tokens.measured import MEASURED
from twinwire.tokens.result import Exactness

if TYPE_CHECKING:
    import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "tokens.md").read_text(encoding="utf-8")


def test_first_example_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The number beside the code is the code's."""
    example = re.search(r"```python\n(.+?)```", PAGE, re.DOTALL)
    assert example is not None
    said = re.search(r"# (\d+ \w+)$", example[1], re.MULTILINE)
    exec(compile(example[1], "docs/tokens.md", "exec"), {})  # noqa: S102  # our own page

    assert said is not None
    assert capsys.readouterr().out.strip() == said[1]


def test_every_exactness_has_a_row() -> None:
    """In the order of trust."""
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)[1:] == list(get_args(Exactness))


def test_figures_are_those_of_the_code() -> None:
    """How many were measured, and what is reserved."""
    assert f"with {sum(number for _, number in MEASURED.values())} requests" in PAGE
    assert f"({RESERVE_TOKENS} unless" in PAGE
