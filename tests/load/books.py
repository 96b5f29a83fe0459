"""What accounts and ledger say, read as a client of them does that comes later."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from decimal import Decimal

from attrs import frozen

from tests.load.sales import CAP, MODEL, PRICES
from twinwire import Budget, BudgetExceededError, Ledger, OpenAI


@frozen(kw_only=True)
class Books:
    """US dollars, and the calls by their tags."""

    spent: Decimal
    possible: Decimal
    reserved: Decimal
    entries_usd: Decimal
    """The sum of what the entries cost."""
    entries_possible_usd: Decimal
    calls: Counter[str]


def books(ledger: str) -> Books:
    """What a client of the same budget sees, and the entries of the ledger."""
    with OpenAI(base_url="http://127.0.0.1:9", api_key="test-key", budget=Budget(usd=CAP), ledger=ledger) as client:
        (state,) = client.budgets.snapshot()
    with Ledger(ledger) as opened:
        entries = opened.entries()
        return Books(
            spent=state.spent,
            possible=state.possible,
            reserved=state.reserved,
            entries_usd=sum((entry.usd or Decimal(0) for entry in entries), Decimal(0)),
            entries_possible_usd=sum((entry.possible_usd for entry in entries), Decimal(0)),
            calls=Counter(entry.tags["call"] for entry in entries if "call" in entry.tags),
        )


def buy_one(ledger: str, url: str) -> None:
    """Make a small call, as somebody does who comes later."""
    budget = Budget(usd=CAP)
    with (
        OpenAI(base_url=url, api_key="test-key", limits=False, prices=PRICES, budget=budget, ledger=ledger) as client,
        suppress(BudgetExceededError),
    ):
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "And you?"}], max_tokens=1)
