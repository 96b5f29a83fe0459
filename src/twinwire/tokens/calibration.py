"""
What replies report, beside what was estimated for them: the ratio of the two, by model.

Plain arithmetic: no clock, no chance, no lock. Who shares one between threads holds a lock of theirs around `learn`.
"""

from __future__ import annotations

from collections import deque
from math import ceil

LEAST_RATIO = 0.1
MOST_RATIO = 5.0
"""A report beyond these is a mistake of somebody's, or holds what was never in the request; it counts as this."""
WEIGHT = 0.15
"""Of the newest report: the ratio follows a change within some ten replies."""
WHOLE_WEIGHT_TOKENS = 100
"""A shorter prompt counts for less: what a format adds to every prompt weighs too much in it."""
REMEMBERED = 64
ENOUGH = 8
"""So many reports before a bound is tightened."""
MARGIN = 1.5
"""Over the largest ratio that was seen: the next prompt may be of another kind."""
MAX_MODELS = 1000


class _Learned:
    """Of one model."""

    def __init__(self) -> None:
        self.ratio = 1.0
        self.spread = 0.0
        self.weight = 0.0
        self.seen: deque[float] = deque(maxlen=REMEMBERED)


class Calibration:
    """Learns how one way of estimating fits each model: use one for estimates, and another for upper bounds."""

    def __init__(self) -> None:
        self._models: dict[str, _Learned] = {}

    def learn(self, model: str, estimated: int, reported: int) -> None:
        """Take in what a reply reported. Numbers below one tell nothing."""
        if estimated < 1 or reported < 1:
            return
        learned = self._models.pop(model, None) or _Learned()
        self._models[model] = learned  # the newest last
        if len(self._models) > MAX_MODELS:
            del self._models[next(iter(self._models))]
        ratio = min(MOST_RATIO, max(LEAST_RATIO, reported / estimated))
        worth = min(1.0, estimated / WHOLE_WEIGHT_TOKENS)
        # The first reports count in full, as their mean; later ones by the fixed weight.
        learned.weight = learned.weight * (1 - WEIGHT) + worth
        step = worth / learned.weight
        learned.spread += step * (abs(ratio - learned.ratio) - learned.spread) if learned.seen else 0.0
        learned.ratio += step * (ratio - learned.ratio)
        learned.seen.append(ratio)

    def reports(self, model: str) -> int:
        """Return how many reports are remembered of a model, 64 at most."""
        learned = self._models.get(model)
        return len(learned.seen) if learned else 0

    def expected(self, model: str, estimated: int) -> int:
        """Return the estimate, corrected; as it is for a model without reports."""
        learned = self._models.get(model)
        return round(estimated * learned.ratio) if learned else estimated

    def spread(self, model: str) -> float | None:
        """Return how far reports are from the ratio on average, as a share of the estimate, or None before there are enough."""
        learned = self._models.get(model)
        return learned.spread if learned and len(learned.seen) >= ENOUGH else None

    def tightened(self, model: str, bound: int) -> int:
        """
        Return a lower bound that still held for each of the last 64 reports, with a margin of a half; never more than *bound*.

        Before eight reports it is *bound*. It is no proof: text of another kind (another script) may cost more than ever before.
        """
        learned = self._models.get(model)
        if learned is None or len(learned.seen) < ENOUGH:
            return bound
        return min(bound, ceil(bound * max(learned.seen) * MARGIN))
