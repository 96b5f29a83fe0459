"""A process that spends from a budget in a shared store until it is used up, and says what each call cost when it is booked."""

from __future__ import annotations

import sys
import time
from decimal import Decimal

from tests.money.play import play, worst
from twinwire import Budget, BudgetExceededError
from twinwire.money.accounts import Accounts
from twinwire.money.ledger import checked_ledger

CAP = Decimal("0.1")
RESERVED = "0.001"
"""Each call can cost this at most; it costs a half."""
CALLS = 400


def main() -> None:
    """`python -m tests.money.spender STORE SECONDS`: so long takes each call."""
    store = checked_ledger(sys.argv[1])
    assert store is not None
    book = Accounts([Budget(usd=CAP)], store, now=time.monotonic, wall=time.time)
    for _ in range(CALLS):
        try:
            hold = play(book.reserve(worst(RESERVED), {}))
        except BudgetExceededError:
            break
        print("begun", flush=True)
        time.sleep(float(sys.argv[2]))
        play(hold.settle(Decimal(RESERVED) / 2, Decimal(0)))
        print("booked", flush=True)
    store.close()


if __name__ == "__main__":
    main()
