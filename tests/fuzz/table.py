"""Every property, and its share of the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from tests.fuzz import bodies, calls, delays, encodings, folds, pipeline, recovery, sse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuzz.chance import Chance


@frozen
class Property:
    """Something that holds for every string of choices."""

    name: str
    weight: int
    check: Callable[[Chance], None]


PROPERTIES = (
    Property("sse.bytes", 6, sse.check_bytes),
    Property("sse.lines", 8, sse.check_lines),
    Property("sse.caps", 5, sse.check_caps),
    Property("content.round-trip", 4, encodings.check_round_trip),
    Property("content.corrupt", 4, encodings.check_corrupt),
    Property("delays.text", 5, delays.check_text),
    Property("delays.spelled", 3, delays.check_spelled),
    Property("calls.dressed", 14, calls.check_dressed),
    Property("calls.confused", 10, calls.check_confused),
    Property("chunks.dressed", 12, folds.check_dressed),
    Property("chunks.mutated", 8, folds.check_mutated),
    Property("bodies.whole", 12, bodies.check_whole),
    Property("bodies.errors", 7, bodies.check_errors),
    Property("streams.dressed", 9, pipeline.check_dressed),
    Property("streams.capped", 4, pipeline.check_capped),
    Property("streams.recorded", 12, pipeline.check_recorded),
    Property("streams.restarted", 6, recovery.check_restart),
    Property("streams.continued", 7, recovery.check_continue),
)
BY_NAME = {each.name: each for each in PROPERTIES}


def shares(examples: int) -> dict[str, int]:
    """How many of the examples each property gets: at least one, and all of them together."""
    total = sum(each.weight for each in PROPERTIES)
    counts = {each.name: max(1, examples * each.weight // total) for each in PROPERTIES}
    counts[PROPERTIES[0].name] += max(0, examples - sum(counts.values()))
    return counts
