"""Budgets and the ledger as users write them."""

import asyncio
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import assert_type

from twinwire import (
    AsyncOpenAI,
    Budget,
    BudgetExceededError,
    BudgetState,
    BudgetWarning,
    Ledger,
    LedgerEntry,
    MemoryStore,
    OpenAI,
    UsageReport,
    UsageRow,
)

MESSAGES = [{"role": "user", "content": "Say hello."}]


def tell(warning: BudgetWarning) -> None:
    assert_type(warning.spent, Decimal)
    assert_type(warning.scope, str | None)


seen: list[BudgetWarning] = []
budgets = [
    Budget(usd=5, per="day", warn_at=0.8, on_warn=tell),
    Budget(usd="0.50", per="hour", scope="user", on_warn=seen.append, time_zone="Europe/Berlin"),
    Budget(usd=0.1, hard=False),
]
assert_type(budgets[0].usd, Decimal)


def blocking(path: Path) -> str:
    client = OpenAI(budget=budgets, ledger=path, tags={"user": "42"}, prices=True)
    client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, max_tokens=50)
    try:
        client.chat.completions.create(
            model="gpt-4o-mini", messages=MESSAGES, budget=Budget(usd=0, per="request"), tags={"tool": "x"}
        )
    except BudgetExceededError as error:
        assert_type(error.asked, Decimal | None)
    states = client.budgets.snapshot()
    assert_type(states, tuple[BudgetState, ...])
    ledger = client.ledger
    assert ledger is not None
    assert_type(ledger.entries(since=date(2026, 11, 1), tags={"user": "42"}), list[LedgerEntry])
    assert_type(ledger.report("day,model", until=datetime.now(UTC)), UsageReport)
    assert_type(ledger.report(["day", "tag:user"]).rows, tuple[UsageRow, ...])
    total = ledger.spent(model="gpt-4o-mini")
    assert_type(total.usd, Decimal)
    client.close()
    return f"{len(states)} budgets, {total.calls} calls, {total.failed} refused"


async def awaited() -> int:
    async with AsyncOpenAI(budget=Budget(usd=1), ledger=Ledger(MemoryStore()), prices=True) as client:
        await client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)
        assert_type(await client.budgets.snapshot(), tuple[BudgetState, ...])
        assert client.ledger is not None
        return (await client.ledger.spent_async(since=0.0)).calls


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(blocking(Path(folder) / "usage.db"))
    print(asyncio.run(awaited()))
