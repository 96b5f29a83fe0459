"""Prices that somebody writes down in code: `prices=`. They become a document of the price table's format."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from twinwire._io import clock
from twinwire.money.kinds import is_list, is_mapping
from twinwire.money.prices import FORMAT, PROVIDER_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENTRY = frozenset({"names", "patterns", "context_window", "max_output_tokens", "prices", "variants"})
"""What a model's entry has beside its rates, which may stand in it directly."""
_NOT_RATES = frozenset({"from", "daily", "max_input_tokens"})


def document_of(given: Mapping[object, object]) -> dict[str, object]:
    """
    A whole document, or the `providers` of one: `{"openai": {"our-model": {"input": "1.25", "output": "10"}}}`.

    Rates may be text, numbers or `Decimal`; a float is taken as it is written, since its other digits are nobody's price.

    Raises:
        ValueError: it has another shape. What the entries hold is for `PriceTable.check`.
    """
    whole = given if "format" in given or "providers" in given else {"providers": given}
    today = datetime.fromtimestamp(clock.wall(), UTC).date().isoformat()
    return {
        "format": whole.get("format", FORMAT),
        "date": _text(whole.get("date", today)),
        "providers": {
            PROVIDER_NAMES.get(provider, provider): {
                model: _entry(_members(entry, f"{provider} {model}"))
                for model, entry in _members(models, provider).items()
            }
            for provider, models in _members(whole.get("providers"), "the table").items()
        },
    }


def _members(value: object, where: str) -> dict[str, object]:
    if not is_mapping(value):
        raise ValueError(f"{where} is no mapping, but {type(value).__name__}")
    for name in value:
        if not isinstance(name, str):
            raise ValueError(f"{where} has a name that is no text, but {type(name).__name__}")
    return {str(name): each for name, each in value.items()}


def _entry(entry: dict[str, object]) -> dict[str, object]:
    found = {name: value for name, value in entry.items() if name in _ENTRY}
    rates = {name: value for name, value in entry.items() if name not in _ENTRY}
    if "prices" not in found:
        found["prices"] = [rates]
    elif rates:
        raise ValueError(f"{', '.join(sorted(rates))} stand beside `prices`: a rate stands in one of its members")
    found["prices"] = _dated(found["prices"])
    variants = found.get("variants")
    if is_mapping(variants):
        found["variants"] = {str(tier): _dated(each) for tier, each in variants.items()}
    return found


def _dated(listed: object) -> object:
    if is_mapping(listed):
        listed = [listed]
    return [_written(each) for each in listed] if is_list(listed) else listed


def _written(price: object) -> object:
    if not is_mapping(price):
        return price
    return {str(name): _text(value) if name in _NOT_RATES else _rate(value) for name, value in price.items()}


def _rate(value: object) -> object:
    """As text; of a rate with tiers the rates alone, for a threshold is a number."""
    if is_list(value):
        return [[each[0], _rate(each[1])] if is_list(each) and len(each) == 2 else _rate(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, bool) or not isinstance(value, int | float) else f"{Decimal(repr(value)):f}"


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else list(value) if is_list(value) else value
