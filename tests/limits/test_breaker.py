"""The options of a breaker."""

from __future__ import annotations

import math

import pytest

import twinwire
from twinwire.errors import ConfigError
from twinwire.limits.breaker import Breaker, checked_breaker


def test_it_is_public() -> None:
    """Options and states are names of the package."""
    assert twinwire.Breaker is Breaker
    assert {"Breaker", "BreakerState", "KeyState"} <= set(twinwire.__all__)


@pytest.mark.parametrize(
    "options",
    [
        {"failure_rate": 0},
        {"failure_rate": 1.01},
        {"failure_rate": math.nan},
        {"failure_rate": True},
        {"failure_rate": "half"},
        {"failure_rate": None},
        {"min_calls": 0},
        {"min_calls": 2.0},
        {"min_calls": True},
        {"min_calls": None},
        {"consecutive_failures": 0},
        {"consecutive_failures": 1.5},
        {"window_seconds": 0},
        {"window_seconds": 1e-300},
        {"window_seconds": math.inf},
        {"window_seconds": None},
        {"open_seconds": -1},
        {"open_seconds": math.nan},
        {"open_seconds": 1e10},
        {"max_open_seconds": 0},
        {"max_open_seconds": 29.0},
        {"max_open_seconds": "long"},
    ],
)
def test_wrong_options(options: dict[str, object]) -> None:
    """Each is refused by its name."""
    with pytest.raises(ConfigError, match=r"breaker\." + next(iter(options))):
        Breaker(**options)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "options",
    [
        {"failure_rate": 1},
        {"failure_rate": None, "consecutive_failures": 5},
        {"min_calls": 1, "consecutive_failures": 1},
        {"open_seconds": 600.0},
        {"open_seconds": 30.0, "max_open_seconds": 30.0},
        {"window_seconds": 0.001},
    ],
)
def test_right_options(options: dict[str, object]) -> None:
    """What is unusual and makes sense is taken."""
    assert checked_breaker(Breaker(**options)) is not None  # type: ignore[arg-type]  # of several types


@pytest.mark.parametrize("value", [True, False, 0.5, {"failure_rate": 0.5}, Breaker])
def test_what_is_no_breaker(value: object) -> None:
    """`breaker` takes a Breaker or None."""
    with pytest.raises(ConfigError, match="breaker must be a Breaker or None"):
        checked_breaker(value)


def test_none_is_no_breaker() -> None:
    """None is what switches it off."""
    assert checked_breaker(None) is None


@pytest.mark.parametrize(
    ("times_before", "chance", "seconds"),
    [
        (0, 0.0, 30.0),
        (1, 0.0, 60.0),
        (2, 0.0, 120.0),
        (3, 0.0, 240.0),
        (4, 0.0, 300.0),
        (10**9, 0.0, 300.0),
        (0, 1.0, 33.0),
        (9, 1.0, 330.0),
        (0, 0.5, 31.5),
    ],
)
def test_how_long_it_is_open(times_before: int, chance: float, seconds: float) -> None:
    """Twice as long each time, up to ten times; chance adds a tenth at most, and takes nothing away."""
    assert Breaker().open_for(times_before, chance) == pytest.approx(seconds)


def test_the_longest_can_be_said() -> None:
    """`max_open_seconds` is the cap."""
    assert Breaker(open_seconds=5.0, max_open_seconds=12.0).open_for(2, 0.0) == 12.0
