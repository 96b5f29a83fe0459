"""What calls hold, and give back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._core.effects import Access, Close, OpenResponse, Send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.caller import Record
    from tests.simulation.schedule import History


def released_once(history: History, record: Record) -> Iterator[str]:
    """Every response that was opened is closed, exactly once (again where that was interrupted), and gives its slot back."""
    for step in record.steps:
        if not isinstance(step.effect, Send) or not isinstance(step.outcome, OpenResponse):
            continue
        exchange = step.exchange
        assert exchange is not None
        closes = [each for each in record.steps if isinstance(each.effect, Close) and each.exchange is exchange]
        whole = [each for each in closes if not isinstance(each.outcome, BaseException)]
        is_interrupted = len(whole) < len(closes) or any(each.is_after_stop for each in closes)
        is_dropped = record.is_cut_short or record.outcomes == ["killed"]
        if (not whole and not is_dropped) or (len(whole) > 1 and not is_interrupted):
            yield f"response {exchange.number} was closed {len(whole)} times"
        if exchange.holds_slot:
            yield f"response {exchange.number} still holds its slot"


def only_clean_up_after_a_stop(history: History, record: Record) -> Iterator[str]:
    """An interrupted flow asks for nothing but to close, and for its stores."""
    for step in record.steps:
        if step.is_after_stop and not isinstance(step.effect, Close | Access):
            yield f"after it was stopped it asked for {step.effect!r}"


def pool_is_whole(history: History) -> Iterator[str]:
    """At the end nobody holds a slot or waits for one, and every process has ended."""
    slots = history.network.slots
    if slots._held or slots.waiting():
        yield f"{len(slots._held)} slots are held, and {slots.waiting()} calls wait"
    for task in history.timeline.tasks:
        if not task.is_done:
            yield f"{task.name} hangs"
