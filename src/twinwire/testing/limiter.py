"""Whether a call is let through, by all limits at once, and where its caller then stands. Its user holds the lock."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from twinwire.testing.counters import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.testing.counters import Counter
    from twinwire.testing.rate_limit import RateLimit

Quantity = Literal["requests", "tokens"]
_Group: TypeAlias = tuple[int, tuple[str, ...]]
"""Which limit, and whose."""


@frozen(kw_only=True)
class Caller:
    """What a call is counted by."""

    key: str = ""
    model: str = ""
    prompt_tokens: int = 0
    most_tokens: int = 0
    """Of the prompt, and the most that its answer may have."""

    def tokens(self, limit: RateLimit) -> int:
        """What it counts for, when it comes."""
        return self.most_tokens if limit.counts == "most" else self.prompt_tokens


@frozen(kw_only=True)
class Amount:
    """Where a caller stands with one quantity of a limit."""

    quantity: Quantity
    window: str
    most: int
    left: int
    reset_seconds: float
    """Until all of it may be taken again; of a window, until it ends."""


@frozen(kw_only=True)
class Standing:
    """Where a caller stands with one limit."""

    limit: RateLimit
    amounts: tuple[Amount, ...]


@frozen(kw_only=True)
class Refusal:
    """Why a call is not let through."""

    limit: RateLimit
    what: Literal["requests", "tokens", "concurrent"]
    wait_seconds: float | None
    """When it would be, if nobody else came. None: that depends on when others end; infinite: never, it is too large."""


@frozen(kw_only=True)
class Admission:
    """What became of a call."""

    standings: tuple[Standing, ...]
    refusal: Refusal | None = None


class Limiter:
    """Counts every call by every limit that is for it."""

    def __init__(self, limits: Sequence[RateLimit]) -> None:
        self._limits = tuple(limits)
        self._counters: dict[tuple[_Group, Quantity], Counter] = {}
        self._under_way: dict[_Group, int] = {}

    def admit(self, now: float, caller: Caller) -> Admission:
        """Count a call at *now*, in monotonic seconds, unless it is one too many: it then counts for no limit."""
        groups = self._groups(caller)
        refusal = self._refusal(now, caller, groups)
        for limit, group in groups:
            if refusal is None or limit.counts_refused:
                self._take(now, group, "requests", limit.requests, 1)
            if refusal is None:
                self._take(now, group, "tokens", limit.tokens, caller.tokens(limit))
                if limit.concurrent is not None:
                    self._under_way[group] = self._under_way.get(group, 0) + 1
        return Admission(standings=tuple(self._standing(now, *each) for each in groups), refusal=refusal)

    def ended(self, now: float, caller: Caller, used_tokens: int) -> None:
        """An admitted call is over, and has used so many tokens, those of its prompt among them."""
        for limit, group in self._groups(caller):
            if limit.counts == "used":
                self._take(now, group, "tokens", limit.tokens, max(0, used_tokens - caller.prompt_tokens))
            if limit.concurrent is not None:
                self._under_way[group] -= 1

    def _groups(self, caller: Caller) -> list[tuple[RateLimit, _Group]]:
        return [
            (limit, (index, tuple(caller.key if name == "key" else caller.model for name in limit.per)))
            for index, limit in enumerate(self._limits)
            if limit.models is None or caller.model in limit.models
        ]

    def _refusal(self, now: float, caller: Caller, groups: Sequence[tuple[RateLimit, _Group]]) -> Refusal | None:
        """The refusal that lasts longest, if there is one."""
        refusals: list[Refusal] = []
        for limit, group in groups:
            if limit.concurrent is not None and self._under_way.get(group, 0) >= limit.concurrent:
                refusals.append(Refusal(limit=limit, what="concurrent", wait_seconds=None))
            wanted: tuple[tuple[Quantity, int | None, int], ...] = (
                ("requests", limit.requests, 1),
                ("tokens", limit.tokens, caller.tokens(limit)),
            )
            for what, most, amount in wanted:
                if most is not None and (wait := self._counter(group, what, most).wait(now, amount)) > 0:
                    refusals.append(Refusal(limit=limit, what=what, wait_seconds=wait))
        return max(refusals, key=lambda refusal: refusal.wait_seconds or 0.0, default=None)

    def _take(self, now: float, group: _Group, quantity: Quantity, most: int | None, amount: int) -> None:
        if most is not None:
            self._counter(group, quantity, most).take(now, amount)

    def _counter(self, group: _Group, quantity: Quantity, most: int) -> Counter:
        counter = self._counters.get((group, quantity))
        if counter is None:
            limit = self._limits[group[0]]
            counter = self._counters[group, quantity] = COUNTERS[limit.kind](most, limit.window_seconds)
        return counter

    def _standing(self, now: float, limit: RateLimit, group: _Group) -> Standing:
        wanted: tuple[tuple[Quantity, int | None], ...] = (("requests", limit.requests), ("tokens", limit.tokens))
        amounts: list[Amount] = []
        for quantity, most in wanted:
            if most is not None:
                counter = self._counter(group, quantity, most)
                left = max(0, math.floor(counter.left(now)))
                reset = counter.reset(now)
                amounts.append(
                    Amount(quantity=quantity, window=limit.window, most=most, left=left, reset_seconds=reset)
                )
        return Standing(limit=limit, amounts=tuple(amounts))
