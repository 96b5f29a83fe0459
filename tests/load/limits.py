"""
Limits under load: processes with many tasks each, which know no number and share one file, against servers that enforce limits.

Judged is what the servers saw after the first windows: how many calls they refused, how much of what they allow was used,
and how many they refused of clients that do not hold back.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attrs import frozen

from tests.load.crew import Crew
from tests.redis_server import started
from twinwire.testing.jsons import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.load.situations import Situation
    from twinwire.testing import LoopbackProvider, RecordedRequest

MOST_REFUSED = 0.01
LEAST_USED = 0.95
LEAST_FEWER = 0.95
PROCESSES = 4
TASKS = 50
_TOLD_SECONDS = 0.5
"""The last calls have ended then."""


@frozen(kw_only=True)
class Period:
    """How long a load lasts, in windows."""

    first: int
    """What a client may learn in."""
    judged: int

    def seconds(self, window_seconds: float) -> float:
        """One window more than these: what is judged may begin within one."""
        return window_seconds * (self.first + self.judged + 1) + _TOLD_SECONDS


SHARED = Period(first=1, judged=6)
BESIDE = Period(first=1, judged=1)
AGAIN = Period(first=1, judged=3)


@frozen(kw_only=True)
class Seen:
    """What a server saw in the windows that are judged."""

    allowed: int
    """In a window."""
    period: Period
    admitted: int
    refused: int

    @property
    def used(self) -> float:
        """The share of what was allowed."""
        return self.admitted / (self.allowed * self.period.judged)

    @property
    def refused_a_window(self) -> float:
        """In a window."""
        return self.refused / self.period.judged

    @property
    def refused_share(self) -> float:
        """Of all that was asked."""
        return self.refused / max(1, self.admitted + self.refused)


@frozen(kw_only=True)
class Judged:
    """A situation, what came of it, and beside it what came of clients that do not hold back."""

    situation: Situation
    held_back: Seen
    unthrottled: Seen
    outcomes: Counter[str]

    def misses(self) -> list[str]:
        """The bars that were missed."""
        held, beside = self.held_back, self.unthrottled
        missed: list[str] = []
        if held.refused_share >= MOST_REFUSED:
            missed.append(
                f"{held.refused} of {held.admitted + held.refused} refused, less than {MOST_REFUSED:.0%} may be"
            )
        if held.used < LEAST_USED:
            missed.append(f"{held.used:.1%} of the allowance used, {LEAST_USED:.0%} must be")
        if held.refused_a_window > (1 - LEAST_FEWER) * beside.refused_a_window:
            missed.append(
                f"{held.refused_a_window:.1f} refused in a window, and {beside.refused_a_window:.1f} without limits: "
                f"{LEAST_FEWER:.0%} fewer are wanted"
            )
        return missed

    def row(self) -> str:
        """A line of the table."""
        held, beside = self.held_back, self.unthrottled
        others = ", ".join(f"{count} {name}" for name, count in sorted(self.outcomes.items()) if name != "ok")
        return (
            f"{self.situation.name:32} {held.admitted:8} {held.used:6.1%} {held.refused:8} {held.refused_share:6.2%} "
            f"{held.refused_a_window:10.1f} {beside.refused_a_window:10.1f} {self.outcomes['ok']:6} {others}"
        )


HEADER = f"{'limit':32} {'admitted':>8} {'used':>6} {'refused':>8} {'share':>6} {'a window':>10} {'unlimited':>10} {'ok':>6} failed"


def run(
    situations: Sequence[Situation],
    *,
    period: Period = SHARED,
    processes: int = PROCESSES,
    tasks: int = TASKS,
) -> list[Judged]:
    """Put load on all of them at once: first with shared limits that are learned, then without any."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="load-")))
        is_redis_needed = any(situation.store == "redis" for situation in situations)
        redis = stack.enter_context(started()).url if is_redis_needed else ""
        stores = [
            redis if situation.store == "redis" else str(folder / f"limits{number}.db")
            for number, situation in enumerate(situations)
        ]
        servers = [stack.enter_context(situation.server()) for situation in situations]
        held_back, outcomes = _load(situations, servers, stores, processes, tasks, period)
        unthrottled, _ = _load(situations, servers, [None] * len(situations), processes, tasks, BESIDE)
    return [
        Judged(situation=situation, held_back=held, unthrottled=beside, outcomes=outcome)
        for situation, held, beside, outcome in zip(situations, held_back, unthrottled, outcomes, strict=True)
    ]


def _load(
    situations: Sequence[Situation],
    servers: Sequence[LoopbackProvider],
    stores: Sequence[str | None],
    processes: int,
    tasks: int,
    period: Period,
) -> tuple[list[Seen], list[Counter[str]]]:
    loads = [
        {
            "url": server.base_url,
            "store": store,
            "tasks": tasks,
            "after_seconds": index * situation.window_seconds / len(servers),
            "seconds": period.seconds(situation.window_seconds),
        }
        for index, (situation, server, store) in enumerate(zip(situations, servers, stores, strict=True))
    ]
    for server in servers:
        server.clear()
    with Crew("limits_child", [{"loads": loads}] * processes) as crew:
        crew.go()
        results = crew.results()
    seen = [_seen(server.requests, situation, period) for situation, server in zip(situations, servers, strict=True)]
    totals: list[Counter[str]] = []
    for index in range(len(servers)):
        total: Counter[str] = Counter()
        for result in results:
            counts = result[str(index)]
            assert is_object(counts)
            total.update({name: int(str(count)) for name, count in counts.items()})
        totals.append(total)
    return seen, totals


def _seen(requests: Sequence[RecordedRequest], situation: Situation, period: Period) -> Seen:
    """
    Count what came in the windows that are judged.

    They begin with a call that was let through: who uses a window in one go would else seem to have used one too many, or too few.
    """
    began = min((each.received_at for each in requests), default=0.0)
    first_end = began + period.first * situation.window_seconds
    start = min(
        (each.received_at for each in requests if not each.is_refused and each.received_at >= first_end),
        default=first_end,
    )
    judged = [each for each in requests if start <= each.received_at < start + period.judged * situation.window_seconds]
    refused = sum(each.is_refused for each in judged)
    return Seen(allowed=situation.requests, period=period, admitted=len(judged) - refused, refused=refused)
