"""The page about budgets: its code prints what its comments say, and its table of a ledger adds up."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.project.loopback import loopback_providers
from twinwire import Budget

PAGE = (Path(__file__).parents[2] / "docs" / "budgets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_code(code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block stands for itself."""
    with loopback_providers(monkeypatch):
        exec(compile(code, "<snippet>", "exec"), {"__name__": "__main__"})  # noqa: S102  # our own page

    promised = re.findall(r"^print\(.*\)\s+# ([\w.]+)$", code, re.MULTILINE)
    printed = capsys.readouterr().out.splitlines()
    assert all(any(line == words for line in printed) for words in promised)


def test_defaults() -> None:
    """The table of options names each, with its default."""
    table = dict(re.findall(r"^\| `(\w+)` \| .* \| (?:`(.*)`)? ?\|$", PAGE, re.MULTILINE))
    budget = Budget(usd=0)

    assert {name: table[name].strip('"') for name in table if name != "usd"} == {
        name: str(getattr(budget, name))
        for name in ("per", "scope", "hard", "warn_at", "on_warn", "on_unbounded", "time_zone")
    }


def test_table_adds_up() -> None:
    """The example of a report is one that could be printed."""
    rows = re.findall(r"^2026-11-2\d  \S+ +(\d+) +(?:\d+ +)?([\d,]+) +([\d,]+)  ([\d.]+)", PAGE, re.MULTILINE)
    columns = [[Decimal(cell.replace(",", "")) for cell in column] for column in zip(*rows, strict=True)]
    total = re.search(r"^total +(\d+) +\d+ +([\d,]+) +([\d,]+)  ([\d.]+)", PAGE, re.MULTILINE)
    assert total is not None

    assert [sum(column) for column in columns] == [Decimal(cell.replace(",", "")) for cell in total.groups()]
