"""
What goes wrong in a schedule, and how often.

Each schedule has a handful of kinds switched on, some of them often: a mixture of everything, all of the time, would hide what only two
faults in a row bring out. `FAULTS` names every kind; a new one is added here and obeyed where it strikes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from random import Random

NETWORK = ("refused", "tls", "connect_stall", "write_reset", "write_stall", "stale", "stale_written")
HEAD = ("head_reset", "head_close", "head_stall", "head_late", "head_garbled", "head_endless")
BODY = ("body_reset", "body_close", "body_stall", "body_cut", "dribble")
STATUS = ("transient", "throttled", "final", "quota", "payment", "redirect", "told")
REPLY = ("error_in_200", "bad_body", "misfit", "corrupt_encoding", "cut_encoding", "foreign_encoding")
STREAM = ("error_event", "bad_chunk", "no_done", "done_stays_open")
MONEY = ("unreported",)
STORE = ("store_lost", "store_unsure", "store_slow")
FAULTS = (*NETWORK, *HEAD, *BODY, *STATUS, *REPLY, *STREAM, *STORE)
LOAD = (*FAULTS, *MONEY)

MOST_RATES = {"store_lost": 0.2, "store_unsure": 0.2}
"""A store that fails nearly always gets nothing back, however long one waits."""


@define
class Weather:
    """The rate of each kind of fault, between 0 and 1; *struck* counts those that did."""

    rates: dict[str, float] = field(factory=dict[str, float])
    lateness_seconds: float = 0.0
    """By how much an alarm may come too late."""
    struck: Counter[str] = field(factory=Counter[str])

    @classmethod
    def drawn(cls, random: Random, faults: tuple[str, ...] = FAULTS) -> Weather:
        """Choose the kinds that this schedule has, and how often."""
        kinds = random.sample(faults, random.choice((0, 1, 2, 3, 5, 8, len(faults))))
        rate = random.choice((0.05, 0.15, 0.3, 0.6))
        return cls(
            {kind: min(MOST_RATES.get(kind, 0.9), rate * random.random() * 2) for kind in kinds},
            lateness_seconds=random.choice((0.0, 0.0, 0.002, 0.02)),
        )

    def strikes(self, kind: str, random: Random) -> bool:
        """Whether a fault of this kind happens now."""
        rate = self.rates.get(kind)
        if rate is None or random.random() >= rate:
            return False
        self.struck[kind] += 1
        return True

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self.rates.clear()
