"""What the load on budgets buys, and what it costs: a server that counts its own income, and answers of many lengths."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from twinwire.testing import LoopbackProvider, Reply

if TYPE_CHECKING:
    from twinwire.testing import RecordedRequest

MODEL = "gpt-4o-mini"
CAP = Decimal("1.00")
WORDS = 24
"""The most that an answer may have."""
INPUT_USD, OUTPUT_USD = "10", "80"
"""Per million tokens, of the server and of the clients."""
PRICES = {"openai": {MODEL: {"input": INPUT_USD, "output": OUTPUT_USD}}}
_PAUSE_SECONDS = 0.001


def answer(request: RecordedRequest) -> Reply:
    """An answer of up to `WORDS` words, or for a stream one that takes its time; the same for the same question."""
    chance = Random(request.body)
    words = chance.randint(WORDS // 2, WORDS)
    return Reply(" ".join(["word"] * words), delay_seconds=_PAUSE_SECONDS if chance.random() < 0.5 else 0.0)


def server() -> LoopbackProvider:
    """A server in its own process that charges these prices."""
    return LoopbackProvider(process=True, default=answer, prices={MODEL: (INPUT_USD, OUTPUT_USD)})
