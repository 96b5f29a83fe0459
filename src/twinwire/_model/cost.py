"""What a call cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from decimal import Decimal


@frozen(kw_only=True)
class Cost:
    """An amount and how it is known. Unknown cost is None, never a Cost of zero."""

    usd: Decimal
    """US dollars, for all attempts of which the cost is known."""
    provenance: Literal["reported", "computed", "estimated"]
    """`reported` by the provider, `computed` from usage and a dated price, or `estimated` from counted text."""
    attempts: int = 1
    """How many attempts it covers."""
    possibly_more: bool = False
    """Whether another attempt may have been billed that told no cost, as one that was cut off: then the true cost may be higher."""
