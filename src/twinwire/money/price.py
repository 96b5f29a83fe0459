"""
The prices of one model: dated, tiered by the length of the request, with variants for service tiers.

A rate is US dollars for a million tokens, or for a thousand calls. A tier is a cliff: where the input is longer than its threshold, its
rate holds for all tokens of the request, as OpenAI and Anthropic charge (OpenAI's pricing page, Anthropic's "Long context pricing",
checked 2026-11-20).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twinwire.money.usage import Usage

TOKEN_RATES = (
    *("input", "cache_read", "cache_write", "cache_write_1h", "input_audio", "input_image", "cache_read_audio"),
    *("cache_read_image", "output", "reasoning", "output_audio", "output_image"),
)
"""Names of rates for a million tokens, as they stand in a price table."""
CALL_RATES = ("request", "web_search", "file_search")
"""Names of rates for a thousand calls."""
VARIANTS = ("flex", "priority", "fast", "batch")
STANDARD_TIERS = frozenset({None, "", "default", "standard", "on_demand"})
"""What providers call the tier of the plain price. `auto` is no tier: it is what a request asks for, and the answer says which it was."""

# Exact for all that can be multiplied here, whatever context the caller's thread has.
EXACT = Context(prec=60)
_ONE = Decimal(1)
_PER_MILLION = Decimal("0.000001")
_PER_THOUSAND = Decimal("0.001")

_CHARGED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("uncached_input", ("input",)),
    ("cache_read", ("cache_read", "input")),
    ("cache_write", ("cache_write", "input")),
    ("cache_write_1h", ("cache_write_1h",)),
    ("cache_read_audio", ("cache_read_audio",)),
    ("input_audio", ("input_audio",)),
    ("input_image", ("input_image", "input")),
    ("output_text", ("output",)),
    ("reasoning", ("reasoning", "output")),
    ("output_audio", ("output_audio",)),
    ("output_image", ("output_image",)),
)
"""
Each bucket of a usage with the rates that it is charged at: the first one that the model has. Without a rate of their own, tokens that
were read from a cache or written to it cost as much as others, while audio and images have prices so different that they are unknown.
"""

_CALLS = {"requests": "request", "web_searches": "web_search", "file_searches": "file_search"}
"""Calls and their rates. Most models have no fee for a request as such."""


class Rate:
    """Dollars for a million tokens or a thousand calls, by the length of the request."""

    __slots__ = ("base", "tiers")

    def __init__(self, base: Decimal, tiers: Sequence[tuple[int, Decimal]] = ()) -> None:
        self.base = base
        self.tiers = tuple(tiers)
        """Thresholds, rising, each with the rate above it."""

    def at(self, input_tokens: int) -> Decimal:
        """The rate for a request of that many tokens."""
        found = self.base
        for above, rate in self.tiers:
            if input_tokens > above:
                found = rate
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rate) and (self.base, self.tiers) == (other.base, other.tiers)

    def __hash__(self) -> int:
        return hash((self.base, self.tiers))

    def __repr__(self) -> str:
        return " ".join([f"{self.base:f}", *(f"({rate:f} above {above})" for above, rate in self.tiers)])


Rates: TypeAlias = "dict[str, Rate]"


@frozen
class Dated:
    """Rates and when they hold: from a day on, and perhaps only at a time of the day. All times are UTC."""

    rates: Rates
    since: date | None = None
    daily: tuple[int, int] | None = None
    """Minutes of the day, from and up to; the second may be smaller, over midnight."""
    max_input_tokens: int | None = None
    """What a longer request costs is not known."""

    def holds_at(self, minute: int) -> bool:
        """Whether it holds at that minute of the day."""
        if self.daily is None:
            return True
        start, end = self.daily
        return start <= minute < end if start <= end else minute >= start or minute < end


@frozen
class Price:
    """What one model costs at one time in one tier."""

    rates: Rates
    since: date | None = None
    """The day from which on it holds, where the table knows."""
    max_input_tokens: int | None = None

    def cost(self, usage: Usage) -> dict[str, Decimal] | None:
        """
        US dollars by bucket, exact; None where something that was used has no known price.

        Buckets of which nothing was used are left out.
        """
        length = usage.input_tokens
        if usage.unexplained or usage.other_calls or "input" not in self.rates:
            return None
        if self.max_input_tokens is not None and length > self.max_input_tokens:
            return None
        found: dict[str, Decimal] = {}
        rates = self.rates
        for bucket, names in _CHARGED:
            tokens: int = getattr(usage, bucket)
            if not tokens:
                continue
            rate = rates.get(names[0])
            if rate is None and len(names) > 1:
                rate = rates.get(names[1])
            if rate is None and bucket == "cache_write_1h" and "cache_write" not in self.rates:
                rate = self.rates["input"]  # writing costs nothing extra with this model
            if rate is None:
                return None
            found[bucket] = _amount(tokens, rate.at(length), _PER_MILLION)
        for bucket, name in _CALLS.items():
            calls: int = getattr(usage, bucket)
            if name in self.rates:
                if calls:
                    found[bucket] = _amount(calls, self.rates[name].at(length), _PER_THOUSAND)
            elif calls and bucket != "requests":
                return None
        return found


def _amount(count: int, rate: Decimal, unit: Decimal) -> Decimal:
    return _plain(EXACT.multiply(EXACT.multiply(Decimal(count), rate), unit))


def _plain(amount: Decimal) -> Decimal:
    """Without zeros at the end, which would be of the rate's spelling; 10 stays 10 and not 1E+1."""
    amount = amount.normalize(EXACT)
    return amount.quantize(_ONE, context=EXACT) if amount == amount.to_integral_value() else amount


def total(amounts: Mapping[str, Decimal]) -> Decimal:
    """The sum, exact."""
    found = Decimal(0)
    for amount in amounts.values():
        found = EXACT.add(found, amount)
    return _plain(found)


@frozen(kw_only=True)
class ModelPrices:
    """All that the table knows of one model at one provider."""

    provider: str
    model: str
    """Its name in the table; it may have been asked for by another."""
    context_window: int | None = None
    max_output_tokens: int | None = None
    dated: tuple[Dated, ...]
    """In the table's order: the last one that holds applies."""
    variants: Mapping[str, tuple[Dated, ...]] = field(factory=dict[str, tuple[Dated, ...]], hash=False)
    """By tier (`flex`, `priority`, `fast`, `batch`): the rates that differ from the plain ones."""

    @property
    def has_hours(self) -> bool:
        """Whether any price depends on the time of the day."""
        return any(each.daily is not None for listed in (self.dated, *self.variants.values()) for each in listed)

    def at(self, moment: datetime | date, service_tier: str | None = None) -> tuple[Price, ...]:
        """
        The prices that may hold then: one, or none where that is not known, or several for a mere day on which they change by the hour.

        *moment* is a datetime with a time zone, or a day (UTC).
        """
        if isinstance(moment, datetime):
            moment = moment.astimezone(UTC)
            day, minute = moment.date(), moment.hour * 60 + moment.minute
        else:
            day, minute = moment, None
        plain = _holding(self.dated, day, minute)
        if service_tier in STANDARD_TIERS:
            return tuple(Price(each.rates, each.since, each.max_input_tokens) for each in plain)
        changed = _holding(self.variants.get(service_tier or "", ()), day, minute)
        return tuple(
            Price({**each.rates, **other.rates}, other.since or each.since, each.max_input_tokens)
            for each in plain
            for other in changed
        )


def _holding(dated: Sequence[Dated], day: date, minute: int | None) -> list[Dated]:
    found: list[Dated] = []
    for each in dated:
        if each.since is not None and day < each.since:
            continue
        if each.daily is None:
            found = [each]
        elif minute is None:
            found.append(each)
        elif each.holds_at(minute):
            found = [each]
    return found
