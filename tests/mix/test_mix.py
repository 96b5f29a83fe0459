"""A few hundred calls through the fault mix, and that its bars can be missed."""

from __future__ import annotations

import pytest

from tests.mix.callers import Mix
from tests.mix.figures import Figures


@pytest.mark.parametrize("is_stream", [True, False], ids=["streams", "plain calls"])
def test_calls_end_well(is_stream: bool) -> None:
    """With four attempts in a hundred failing, calls end with the right answer, and nothing stays open."""
    figures = Mix(count=300, is_stream=is_stream, rate=0.01).run()

    assert figures.misses() == []
    assert figures.completed == 300
    assert set(figures.faults) == {"reset", "stall", "5xx", "cut"}
    assert figures.attempts > 300


@pytest.mark.parametrize("is_stream", [True, False], ids=["streams", "plain calls"])
def test_failures_are_typed(is_stream: bool) -> None:
    """Where three attempts in four fail, many calls do; with an error of ours, each, and the bar is missed."""
    figures = Mix(count=30, is_stream=is_stream, rate=0.19).run()

    assert figures.untyped == []
    assert figures.wrong == 0
    assert figures.typed.total() == 30 - figures.completed > 0
    assert "may" in " ".join(figures.misses())


def test_what_is_missed() -> None:
    """Each bar has its sentence."""
    figures = Figures(calls=10, completed=8, wrong=1, untyped=["ValueError()"], attempts=9, open_at_end=1)

    assert len(figures.misses()) == 5
    assert "80.000%" in figures.line()
