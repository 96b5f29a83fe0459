"""
What must hold in every schedule, judged by what the server and the network know to be true.

A check takes the history and yields sentences about what is wrong; `CHECKS` is the list of them. A check of one call takes its record.
A new piece of the flow (a limit, a budget) adds its checks here and its truth to `Exchange` or `Record`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tests.simulation.checks.attempts import (
    attempts_as_the_server_saw_them,
    attempts_within_the_maximum,
    billed_when_lost,
    given_up_for_a_reason,
    retries_within_the_quota,
    same_request,
    sent_when_sent,
)
from tests.simulation.checks.gate import (
    endings_are_true,
    passages_are_left,
    places_are_given_back,
    the_end_is_told,
)
from tests.simulation.checks.holding import only_clean_up_after_a_stop, pool_is_whole, released_once
from tests.simulation.checks.limits import (
    breakers_hold,
    calls_succeed_in_the_end,
    leases_are_given_back,
    nothing_is_owed,
    pauses_hold,
    places_hold,
    retries_are_not_early,
    turns_are_kept,
    waits_are_bounded,
    windows_hold,
)
from tests.simulation.checks.money import (
    accounts_are_true,
    caps_hold,
    each_call_is_in_the_ledger,
    entries_are_true,
    reservations_are_released,
    reservations_suffice,
)
from tests.simulation.checks.outcomes import one_outcome, partial_answer, right_answer, typed_by_cause
from tests.simulation.checks.timing import (
    absurd_delays_end_the_call,
    limits_of_silence,
    nothing_past_the_deadline,
    waits_as_asked,
)
from tests.simulation.checks.whole import a_herd_spreads, fair_weather, outage_is_not_amplified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.caller import Record
    from tests.simulation.schedule import History

Check: TypeAlias = "Callable[[History], Iterator[str]]"


def violations(history: History) -> list[str]:
    """Everything that is wrong in a schedule."""
    checks = [check for check in CHECKS if history.load is None or check.__name__ not in _OF_ONE_CALL_ALONE]
    return [f"{check.__name__}: {sentence}" for check in checks for sentence in check(history)]


def _each(check: Callable[[History, Record], Iterator[str]]) -> Check:
    def of_all(history: History) -> Iterator[str]:
        for record in (*history.calls, *history.fair):
            for sentence in check(history, record):
                yield f"{record.name}: {sentence}"

    of_all.__name__ = check.__name__
    return of_all


CHECKS: tuple[Check, ...] = (
    _each(one_outcome),
    _each(right_answer),
    _each(partial_answer),
    _each(typed_by_cause),
    _each(attempts_within_the_maximum),
    retries_within_the_quota,
    _each(attempts_as_the_server_saw_them),
    same_request,
    _each(billed_when_lost),
    _each(sent_when_sent),
    _each(given_up_for_a_reason),
    _each(waits_as_asked),
    _each(absurd_delays_end_the_call),
    _each(nothing_past_the_deadline),
    _each(limits_of_silence),
    _each(released_once),
    _each(only_clean_up_after_a_stop),
    pool_is_whole,
    _each(passages_are_left),
    _each(the_end_is_told),
    _each(endings_are_true),
    places_are_given_back,
    fair_weather,
    outage_is_not_amplified,
    a_herd_spreads,
    each_call_is_in_the_ledger,
    entries_are_true,
    caps_hold,
    accounts_are_true,
    reservations_are_released,
    reservations_suffice,
    windows_hold,
    places_hold,
    pauses_hold,
    retries_are_not_early,
    turns_are_kept,
    waits_are_bounded,
    leases_are_given_back,
    nothing_is_owed,
    breakers_hold,
    calls_succeed_in_the_end,
)

_OF_ONE_CALL_ALONE = frozenset(
    {
        "attempts_within_the_maximum",  # another key is no retry
        "retries_within_the_quota",  # each process has its own
        "given_up_for_a_reason",
        "waits_as_asked",
        "absurd_delays_end_the_call",
        "fair_weather",
    }
)
"""Checks that know nothing of gates, and judge schedules without load; with load others stand for them."""
