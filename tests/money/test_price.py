"""One model's prices: dates, hours, tiers, variants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

import pytest

from twinwire.money.price import total
from twinwire.money.prices import FORMAT, PriceLevels, PriceTable
from twinwire.money.usage import Usage

DAY = date(2026, 11, 1)


def table(entry: dict[str, Any], origin: str = "test") -> PriceTable:
    return PriceTable(
        {
            "format": FORMAT,
            "date": "2026-11-20",
            "providers": {"openai": {"m": entry, "other": {"prices": [{"input": "9"}]}}},
        },
        origin,
    )


def usd(entry: dict[str, Any], usage: Usage, at: datetime | date = DAY, tier: str | None = None) -> Decimal | None:
    (price,) = table(entry).find("openai", "m", at, tier)
    amounts = price.cost(usage)
    return None if amounts is None else total(amounts)


FULL = {
    "names": ["m-2026-01-01"],
    "patterns": [r"m-mini-\d{4}"],
    "context_window": 1000,
    "prices": [
        {
            "input": ["1", [100, "2"]],
            "cache_read": ["0.1", [100, "0.2"]],
            "output": ["10", [100, "15"]],
            "web_search": "10",
        }
    ],
    "variants": {"batch": [{"input": "0.5", "output": "5"}], "flex": [{"from": "2026-10-12", "input": "0.5"}]},
}

AMOUNTS = [
    (Usage(uncached_input=100, output_text=10), None, "0.0002"),
    (Usage(uncached_input=101, output_text=10), None, "0.000352"),  # over the cliff with all tokens
    (Usage(uncached_input=50, cache_read=51), None, "0.0001102"),  # cached tokens count for the threshold
    (Usage(uncached_input=50, cache_write=10), None, "0.00006"),  # no rate of its own: as other input
    (Usage(uncached_input=50, cache_write_1h=10), None, "0.00006"),
    (Usage(uncached_input=1, reasoning=10), None, "0.000101"),
    (Usage(uncached_input=1, web_searches=2), None, "0.020001"),
    (Usage(uncached_input=100, cache_read=1, output_text=1), "batch", "0.0000552"),  # cached input keeps the plain rate
    (Usage(uncached_input=1, input_audio=1), None, None),
    (Usage(uncached_input=1, cache_read_audio=1), None, None),
    (Usage(uncached_input=1, output_audio=1), None, None),
    (Usage(uncached_input=1, output_image=1), None, None),
    (Usage(uncached_input=1, file_searches=1), None, None),
    (Usage(uncached_input=1, other_calls=1), None, None),
    (Usage(uncached_input=1, unexplained=1), None, None),
]


@pytest.mark.parametrize(("usage", "tier", "expected"), AMOUNTS)
def test_amounts(usage: Usage, tier: str | None, expected: str | None) -> None:
    """Each bucket at its rate; what has no known rate makes the whole unknown."""
    assert usd(FULL, usage, tier=tier) == (None if expected is None else Decimal(expected))


def test_amounts_are_exact_in_any_context() -> None:
    """The precision that a caller has set for his own numbers changes nothing."""
    with localcontext() as context:
        context.prec = 3

        assert usd(FULL, Usage(uncached_input=99, output_text=123456)) == Decimal("1.234659")


def test_an_hour_of_cache_without_its_rate() -> None:
    """With a rate for five minutes, the one for an hour is another, and unknown."""
    entry = {"prices": [{"input": "1", "cache_write": "1.25", "output": "2"}]}

    assert usd(entry, Usage(cache_write_1h=1)) is None


def test_no_price_above() -> None:
    """Where a tier of unknown price begins, nothing is known."""
    entry = {"prices": [{"input": "1", "output": "2", "max_input_tokens": 10}]}

    assert (usd(entry, Usage(uncached_input=10)), usd(entry, Usage(uncached_input=11))) == (Decimal("0.00001"), None)


DATED = {
    "prices": [
        {"from": "2026-01-01", "input": "4"},
        {"from": "2026-06-01", "input": "2"},
        {"daily": ["23:00", "01:00"], "input": "1"},
    ]
}
PARIS = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("at", "rates"),
    [
        (date(2025, 12, 31), ["1"]),
        (datetime(2025, 12, 31, 12, tzinfo=UTC), []),
        (datetime(2026, 5, 31, 22, 59, tzinfo=UTC), ["4"]),
        (datetime(2026, 5, 31, 23, 0, tzinfo=UTC), ["1"]),
        (datetime(2026, 6, 1, 0, 59, tzinfo=UTC), ["1"]),
        (datetime(2026, 6, 1, 1, 0, tzinfo=UTC), ["2"]),
        (datetime(2026, 6, 1, 1, 30, tzinfo=PARIS), ["1"]),
        (date(2026, 6, 1), ["2", "1"]),
    ],
)
def test_when_it_holds(at: datetime | date, rates: list[str]) -> None:
    """The last that holds applies, by UTC; of a mere day it is not known at which hour."""
    found = table(DATED).find("openai", "m", at)

    assert [str(price.rates["input"].base) for price in found] == rates


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("m", "m"),
        ("m-2026-01-01", "m"),
        ("m-mini-2026", "m"),
        ("m-mini-2026x", None),
        ("m-2", None),
        ("other", "other"),
    ],
)
def test_names(name: str, model: str | None) -> None:
    """A model is found by its name, another name, or a pattern that fits the whole; else it is unknown."""
    found = table(FULL).model("openai", name)

    assert (found.model if found else None) == model


@pytest.mark.parametrize(
    ("tier", "day", "known"),
    [
        ("default", DAY, True),
        ("standard", DAY, True),
        ("on_demand", DAY, True),
        ("flex", DAY, True),
        ("flex", date(2026, 10, 11), False),
        ("priority", DAY, False),
        ("auto", DAY, False),
        ("scale", DAY, False),
    ],
)
def test_tiers(tier: str, day: date, known: bool) -> None:
    """A tier without a price at that time is unknown, not the plain price."""
    assert bool(table(FULL).find("openai", "m", day, tier)) is known


def test_levels() -> None:
    """The first table that knows a price at that time has the word; what it lacks is asked of the next."""
    first = table({"prices": [{"from": "2026-11-10", "input": "7"}]}, "first")
    levels = PriceLevels([first, table(FULL, "second")])

    assert [
        (found[0].rates["input"].base, origin.origin)
        for day in (date(2026, 11, 9), date(2026, 11, 10))
        for found, origin in [levels.find("openai", "m", day)]
        if origin
    ] == [(Decimal(1), "second"), (Decimal(7), "first")]


BROKEN: list[Any] = [
    [],
    {"prices": []},
    {"prices": [{"input": 1.25}]},
    {"prices": [{"input": "-1"}]},
    {"prices": [{"input": "NaN"}]},
    {"prices": [{"input": "x"}]},
    {"prices": [{"inptu": "1"}]},
    {"prices": [{"input": []}]},
    {"prices": [{"input": ["1", [200, "2"], [100, "3"]]}]},
    {"prices": [{"input": ["1", ["200", "2"]]}]},
    {"prices": [{"from": "yesterday", "input": "1"}]},
    {"prices": [{"daily": ["25:00", "01:00"], "input": "1"}]},
    {"prices": [{"input": "1"}], "variants": {"cheap": [{"input": "1"}]}},
    {"prices": [{"input": "1"}], "names": "m"},
    {"prices": [{"input": "1"}], "patterns": ["("]},
    {"prices": [{"input": "1"}], "context_window": 0},
]


@pytest.mark.parametrize("entry", BROKEN)
def test_broken_entries(entry: Any) -> None:
    """A table with one wrong entry is refused, and the message says where."""
    with pytest.raises(ValueError, match=r"test: openai m|no date"):
        table(entry).check()


def test_many_unknown_names() -> None:
    """Names come from outside: those that were not found do not pile up."""
    found = table(FULL)
    for number in range(10_050):
        found.model("openai", f"unknown-{number}")

    assert len(found._found) < 10_000
