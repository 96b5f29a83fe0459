"""Amounts of money as stores keep them: whole billionths of a dollar."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from twinwire.money.price import EXACT

DIGITS = 9
MOST = 2**53
"""Billionths: some nine million dollars, and the largest integer that all stores keep exactly. What is more is as good as this."""
_ONE = Decimal(1)
_MOST_USD = Decimal(MOST).scaleb(-DIGITS, EXACT)


def rounded_up(usd: Decimal) -> int:
    """What is spent or reserved: never less than it is."""
    return MOST if usd >= _MOST_USD else int(usd.scaleb(DIGITS, EXACT).quantize(_ONE, ROUND_CEILING, EXACT))


def rounded_down(usd: Decimal) -> int:
    """What may be spent: never more than it is."""
    return int(usd.scaleb(DIGITS, EXACT).quantize(_ONE, ROUND_FLOOR, EXACT))


def dollars(billionths: int) -> Decimal:
    """US dollars, without zeros at the end."""
    found = Decimal(billionths).scaleb(-DIGITS, EXACT).normalize(EXACT)
    return found.quantize(_ONE, context=EXACT) if found == found.to_integral_value() else found
