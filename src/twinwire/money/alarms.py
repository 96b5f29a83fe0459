"""Telling somebody that a budget runs out. What they do with it never hurts the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.money.amounts import dollars
from twinwire.money.budget import BudgetWarning
from twinwire.money.kinds import is_array, is_object
from twinwire.providers.error_bodies import shortened

if TYPE_CHECKING:
    from typing import Literal

    from twinwire.money.places import Place, Places

_WORDS = {
    "warn_at": "{spent:f} USD of the budget of {budget} are spent",
    "cap": "the budget of {budget} is used up: {spent:f} USD are spent",
    "overrun": "a call was charged for more than its worst case, and {spent:f} USD of the budget of {budget} are spent",
}


def tell_crossed(places: Places, answer: object) -> None:
    """Tell of the marks that a script's answer says were reached."""
    crossed = answer.get("crossed") if is_object(answer) else None
    if not is_object(answer) or not is_object(crossed):
        return
    totals = totals_in(answer, places.keys)
    for place in places.booked:
        marks = crossed.get(place.key)
        if not is_array(marks):
            continue
        for mark in place.marks:
            if mark in marks:
                tell(place, "cap" if mark == place.marks[-1] else "warn_at", *totals.get(place.key, (mark, 0, 0)))


def tell(
    place: Place, reason: Literal["warn_at", "cap", "overrun"], spent: int, possible: int = 0, reserved: int = 0
) -> None:
    """Call the budget's function, or write to the log where it has none. Amounts are billionths of a dollar."""
    budget, total = place.budget, spent + possible
    warning = BudgetWarning(
        reason=reason,
        scope=place.scope or None,
        per=budget.per,
        cap=budget.usd,
        spent=dollars(total),
        reserved=dollars(reserved),
        share=total / place.cap if place.cap else float(total > 0),
    )
    import logging

    if budget.on_warn is None:
        words = shortened(_WORDS[reason].format(spent=warning.spent, budget=place))  # a tag may hold anything
        logging.getLogger("twinwire").warning("%s", words)
        return
    try:
        budget.on_warn(warning)
    except Exception:  # whatever it is, it is not the call's
        logging.getLogger("twinwire").exception("on_warn of the budget of %s failed", shortened(str(place)))


def totals_in(answer: object, keys: tuple[str, ...]) -> dict[str, tuple[int, int, int]]:
    """Spent, possible and reserved by account, from the answer of either script."""
    found = answer.get("totals") if is_object(answer) else None
    if is_array(found):
        found = dict(zip(keys, found, strict=False))
    if not is_object(found):
        return {}
    return {key: (int(spent), int(possible), int(reserved)) for key, (spent, possible, reserved) in found.items()}
