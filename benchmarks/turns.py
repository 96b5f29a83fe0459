"""Measuring in turns."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def ratio(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float, float]:
    """Run the two in turns; return the medians in seconds and the median of the ratios, pair by pair."""
    pairs: list[tuple[float, float]] = []
    for warm_up in range(rounds + 1):
        pair = (_timed(ours, clock), _timed(theirs, clock))
        if warm_up:
            pairs.append(pair)
    return (
        statistics.median(mine for mine, _ in pairs),
        statistics.median(other for _, other in pairs),
        statistics.median(mine / other for mine, other in pairs),
    )


def show(what: str, unit: str, scale: float, figures: tuple[float, float, float]) -> None:
    """Print one line."""
    mine, other, quotient = figures
    print(f"{what:58} {mine * scale:10.1f} {unit}   peer {other * scale:10.1f} {unit}   ratio {quotient:.3f}")


def _timed(function: Callable[[], object], clock: Callable[[], float]) -> float:
    begin = clock()
    function()
    return clock() - begin
