"""Amounts of money as stores keep them: whole billionths of a dollar."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from twinwire.money.price import EXACT

DIGITS = 9
_ONE = Decimal(1)


def rounded_up(usd: Decimal) -> int:
    """What is spent or reserved: never less than it is."""
    return int(usd.scaleb(DIGITS, EXACT).quantize(_ONE, ROUND_CEILING, EXACT))


def rounded_down(usd: Decimal) -> int:
    """What may be spent: never more than it is."""
    return int(usd.scaleb(DIGITS, EXACT).quantize(_ONE, ROUND_FLOOR, EXACT))


def dollars(billionths: int) -> Decimal:
    """US dollars, without zeros at the end."""
    found = Decimal(billionths).scaleb(-DIGITS, EXACT).normalize(EXACT)
    return found.quantize(_ONE, context=EXACT) if found == found.to_integral_value() else found
