"""Budgets and the ledger as users write them."""

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


def tell(warning: BudgetWarning) -> None:
    assert_type(warning.spent, Decimal)
    assert_type(warning.scope, str | None)


seen: list[BudgetWarning] = []
budgets = [
    Budget(usd=5, per="day", warn_at=0.8, on_warn=tell),
    Budget(usd="0.50", per="hour", scope="user", on_warn=seen.append, time_zone="Europe/Berlin"),
    Budget(usd=0.1, hard=False),
    Budget(usd=Decimal(1), per="request", on_unbounded="allow"),
]
assert_type(budgets[0].usd, Decimal)


def refused() -> None:
    Budget(usd=5, per="week")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # no such period
    Budget(5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # by name only


def blocking(path: Path) -> None:
    client = OpenAI(budget=budgets, ledger=path, tags={"user": "42"})
    try:
        client.chat.completions.create(model="gpt-4o-mini", messages=[], budget=budgets[3], tags={"tool": "x"})
    except BudgetExceededError as error:
        assert_type(error.asked, Decimal | None)
    assert_type(client.budgets.snapshot(), tuple[BudgetState, ...])
    ledger = client.ledger
    if ledger is not None:
        assert_type(ledger.entries(since=date(2026, 11, 1), tags={"user": "42"}), list[LedgerEntry])
        assert_type(ledger.report("day,model", until=datetime.now(UTC)), UsageReport)
        assert_type(ledger.report(["day", "tag:user"]).rows, tuple[UsageRow, ...])
        assert_type(ledger.spent(model="gpt-4o-mini").usd, Decimal)
        ledger.entries(colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # no such thing


async def awaited() -> None:
    async with AsyncOpenAI(budget=Budget(usd=1), ledger=Ledger(MemoryStore())) as client:
        assert_type(await client.budgets.snapshot(), tuple[BudgetState, ...])
        if client.ledger is not None:
            assert_type(await client.ledger.spent_async(since=0.0), UsageRow)
