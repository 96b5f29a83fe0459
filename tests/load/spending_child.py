"""
One of the processes that share a budget: it makes its calls, and writes down each that has returned, in a file of its own.

A line of that file is an acknowledgement: whatever becomes of the process afterwards, the ledger has that call.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attrs import frozen

from tests.load.crew import work
from tests.load.sales import CAP, MODEL, PRICES, WORDS
from twinwire import AsyncOpenAI, Budget, OpenAI, TwinwireError
from twinwire.testing import LoopbackProvider, Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

THREADS = 4
TASKS = 8


@frozen(kw_only=True)
class Purchase:
    """One call."""

    tag: str
    """What it is called in the ledger."""
    way: str
    """`create`, `stream`, or `leave`: a stream that is left after its first event."""

    @property
    def messages(self) -> list[Mapping[str, object]]:
        """Each asks something else, and so has an answer of another length."""
        return [{"role": "user", "content": f"Say something about {self.tag}"}]


def purchases(seed: int, process: int, count: int) -> list[Purchase]:
    """What a process buys."""
    chance = Random(f"{seed} {process}")
    return [
        Purchase(tag=f"{process}-{number}", way=chance.choice(("create", "create", "stream", "stream", "leave")))
        for number in range(count)
    ]


def main(settings: Mapping[str, object]) -> object:
    """Buy all of it, blocking in threads or async in tasks → calls by outcome."""
    seed, process, count = (int(str(settings[name])) for name in ("seed", "process", "calls"))
    url, ledger, path = (str(settings[name]) for name in ("url", "ledger", "acknowledged"))
    wanted = purchases(seed, process, count)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        if process % 2:
            return asyncio.run(_buy_in_tasks(wanted, url, ledger, descriptor))
        return _buy_in_threads(wanted, url, ledger, descriptor)
    finally:
        os.close(descriptor)


def _buy_in_threads(wanted: Iterable[Purchase], url: str, ledger: str, descriptor: int) -> Counter[str]:
    with (
        OpenAI(
            base_url=url, api_key="test-key", limits=False, prices=PRICES, budget=Budget(usd=CAP), ledger=ledger
        ) as client,
        ThreadPoolExecutor(THREADS) as threads,
    ):

        def buy(purchase: Purchase) -> str:
            try:
                _buy(client, purchase)
            except TwinwireError as error:
                return type(error).__name__
            _acknowledge(descriptor, purchase)
            return "ok"

        return Counter(threads.map(buy, wanted))


def _buy(client: OpenAI, purchase: Purchase) -> None:
    messages, tags = purchase.messages, {"call": purchase.tag}
    if purchase.way == "create":
        client.chat.completions.create(model=MODEL, messages=messages, max_tokens=WORDS, tags=tags)
        return
    with client.chat.completions.stream(model=MODEL, messages=messages, max_tokens=WORDS, tags=tags) as stream:
        for _ in stream:
            if purchase.way == "leave":
                break


async def _buy_in_tasks(wanted: Iterable[Purchase], url: str, ledger: str, descriptor: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    left = iter(wanted)
    async with AsyncOpenAI(
        base_url=url, api_key="test-key", limits=False, prices=PRICES, budget=Budget(usd=CAP), ledger=ledger
    ) as client:

        async def buy_on() -> None:
            for purchase in left:
                try:
                    await _buy_async(client, purchase)
                except TwinwireError as error:
                    counts[type(error).__name__] += 1
                else:
                    _acknowledge(descriptor, purchase)
                    counts["ok"] += 1

        await asyncio.gather(*(buy_on() for _ in range(TASKS)))
    return counts


async def _buy_async(client: AsyncOpenAI, purchase: Purchase) -> None:
    messages, tags = purchase.messages, {"call": purchase.tag}
    if purchase.way == "create":
        await client.chat.completions.create(model=MODEL, messages=messages, max_tokens=WORDS, tags=tags)
        return
    async with client.chat.completions.stream(model=MODEL, messages=messages, max_tokens=WORDS, tags=tags) as stream:
        async for _ in stream:
            if purchase.way == "leave":
                break


def _acknowledge(descriptor: int, purchase: Purchase) -> None:
    """Write it down in one piece: what is killed afterwards has it written."""
    os.write(descriptor, f"{purchase.tag}\n".encode())


def warm_up() -> None:
    """Load what calls need, against a server of its own."""
    with (
        LoopbackProvider(default=Reply("Ready.")) as server,
        TemporaryDirectory() as folder,
        OpenAI(
            base_url=server.base_url,
            api_key="test-key",
            prices=PRICES,
            budget=Budget(usd=CAP),
            ledger=f"{folder}/spend.db",
        ) as client,
    ):
        _buy(client, Purchase(tag="ready", way="stream"))


if __name__ == "__main__":
    work(warm_up, main)
