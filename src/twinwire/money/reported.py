"""What the provider itself says that a call has cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from twinwire.money.kinds import is_object
from twinwire.money.price import EXACT

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_USD = 10**9
"""No call costs that much: such a number is a mistake, and unknown is better than absurd."""
_TICKS_PER_USD = Decimal(10) ** 10
"""xAI's `cost_in_usd_ticks`. Recorded replies have just this ratio to xAI's list prices; checked 2026-11-20."""


def reported_usd(usage: Mapping[str, object] | None, beside: object = None) -> Decimal | None:
    """
    The charge that stands in a `usage` object, or *beside* it as the reply's own `cost`, in any provider's shape; or None.

    OpenRouter, Vercel, Avian: `cost`, what the account is charged; with a key of one's own (`is_byok`) the upstream provider's
    charge comes on top, and without one it is a part of `cost` already. Perplexity: `cost` is an object with `total_cost`. xAI:
    `cost_in_usd_ticks`. Venice: beside the usage an object with `usd`, unless its own currency (`diem`) was paid with.

    A charge of 0 is only believed in the first shape, where it is that of free models and of keys of one's own: Azure's replies of
    xAI's models have 0 ticks (recorded, checked 2026-11-21), and Perplexity's running streams a total of 0.
    """
    if usage is not None:
        found = _in_usage(usage)
        if found is not None or usage.get("cost") is not None:
            return found
    if is_object(beside):
        return None if usd(beside.get("diem", 0)) != 0 else usd(beside.get("usd")) or None
    return usd(beside) or None


def _in_usage(usage: Mapping[str, object]) -> Decimal | None:
    cost = usage.get("cost")
    if is_object(cost):
        return (usd(cost.get("total_cost")) or None) if cost.get("currency", "USD") == "USD" else None
    if cost is None:
        ticks = usd(usage.get("cost_in_usd_ticks"), most=_MAX_USD * 10**10)
        return EXACT.divide(ticks, _TICKS_PER_USD) if ticks else None
    charged = usd(cost)
    if charged is None or usage.get("is_byok") is not True:
        return charged
    details = usage.get("cost_details")
    upstream = usd(details.get("upstream_inference_cost")) if is_object(details) else None
    return None if upstream is None else EXACT.add(charged, upstream)


def usd(value: object, most: int = _MAX_USD) -> Decimal | None:
    """A JSON number as dollars; by its repr, since the binary float has digits that nobody charged."""
    if isinstance(value, Decimal):
        return value if value.is_finite() and 0 <= value < most else None
    # Compared, not converted: an integer may be too long for a float. What compares false is NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < most:
        return None
    return Decimal(repr(value))
