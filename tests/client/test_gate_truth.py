"""What the gate books and writes down where the server did not say: never less than it may have charged."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.client.cases import CASES, Case, create
from twinwire import Budget, DeadlineExceededError, Ledger, MemoryStore
from twinwire._client.gate import CallGate
from twinwire.testing import Close, Exchange, LoopbackProvider, Reply, Status

if TYPE_CHECKING:
    from twinwire import LedgerEntry

OPENAI = [case for case in CASES if case.provider == "openai"]
RATES = {"input": 1, "output": 10, "max_output_tokens": 1000}
PRICES = {"openai": {"gpt-4o-mini": RATES, "o4-mini": RATES}}


def only_entry(store: MemoryStore) -> LedgerEntry:
    """The ledger has one."""
    (entry,) = Ledger(store).entries()
    return entry


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_thoughts_that_nobody_told_of(case: Case, server: LoopbackProvider) -> None:
    """A model that thinks may have charged for more than its text: up to all that was reserved."""
    store = MemoryStore()
    message = {"role": "assistant", "content": "x"}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "o4-mini", "choices": choices}
    server.script(Exchange(headers=[("content-type", "application/json")], body=body))
    async with case.client(server, prices=PRICES, ledger=store, budget=Budget(usd=1)) as client:
        await create(client, case, model="o4-mini")

    entry = only_entry(store)
    assert entry.provenance == "estimated"
    assert entry.usd is not None
    assert entry.usd + entry.possible_usd > Decimal("0.01")  # a thousand tokens


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_a_lost_answer_without_a_budget(case: Case, server: LoopbackProvider) -> None:
    """What it may have cost is in the ledger, although nothing was reserved."""
    store = MemoryStore()
    server.script(Reply("x", faults=[Close(at="before_head")]), Reply("x"))
    async with case.client(server, prices=PRICES, ledger=store) as client:
        await create(client, case)

    entry = only_entry(store)
    assert (entry.outcome, entry.attempts) == ("ok", 2)
    assert entry.possible_usd > Decimal("0.01")


@pytest.mark.parametrize("case", OPENAI, ids=str)
async def test_a_wait_that_would_be_too_long(case: Case, server: LoopbackProvider) -> None:
    """The entry has the error that the call ended with, which is another one than its last attempt's."""
    store = MemoryStore()
    server.script(Status(503, retry_after=60))
    async with case.client(server, prices=PRICES, ledger=store, deadline=30) as client:
        with pytest.raises(DeadlineExceededError):
            await create(client, case)

    assert only_entry(store).outcome == "DeadlineExceededError"


def test_a_stream_that_is_forgotten_while_python_shuts_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be imported any more, so nothing is written, and nothing printed."""
    monkeypatch.setattr(CallGate, "entry", _fails)

    object.__new__(CallGate).abandon()


def _fails(_gate: CallGate, _outcome: str) -> None:
    raise ImportError("sys.meta_path is None, Python is likely shutting down")
