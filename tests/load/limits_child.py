"""One of the processes that share limits: many tasks, each calling again and again until the time is over."""

from __future__ import annotations

import asyncio
from collections import Counter
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from tests.load.crew import work
from tests.load.situations import PROMPT, WORDS
from twinwire import AsyncOpenAI, Limits, TwinwireError
from twinwire.testing import LoopbackProvider, RateLimit, Reply
from twinwire.testing.jsons import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@frozen(kw_only=True)
class Load:
    """What a process does to one server."""

    url: str
    store: str | None
    """None: it does not hold back."""
    tasks: int
    after_seconds: float
    """Each server has its turn to begin, so that they are not all asked at the same moment of their windows."""
    seconds: float


def main(settings: Mapping[str, object]) -> object:
    """Put each of the `loads` on its server → calls by outcome, of each."""
    loads = settings["loads"]
    assert is_array(loads)
    counts = asyncio.run(_use_all([_load(each) for each in loads if is_object(each)]))
    return dict(enumerate(counts))


def _load(given: Mapping[str, object]) -> Load:
    store = given["store"]
    return Load(
        url=str(given["url"]),
        store=None if store is None else str(store),
        tasks=int(str(given["tasks"])),
        after_seconds=float(str(given["after_seconds"])),
        seconds=float(str(given["seconds"])),
    )


async def _use_all(loads: Sequence[Load]) -> list[Counter[str]]:
    return await asyncio.gather(*(_use(load) for load in loads))


async def _use(load: Load) -> Counter[str]:
    count: Counter[str] = Counter()
    limits: Limits | Literal[False] = False if load.store is None else Limits(store=load.store)
    await asyncio.sleep(load.after_seconds)
    async with AsyncOpenAI(base_url=load.url, api_key="test-key", limits=limits) as client:
        callers = [asyncio.create_task(_call_on(client, count)) for _ in range(load.tasks)]
        await asyncio.sleep(load.seconds)
        for caller in callers:
            caller.cancel()
        for end in await asyncio.gather(*callers, return_exceptions=True):
            if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                raise end
    return count


async def _call_on(client: AsyncOpenAI, count: Counter[str]) -> None:
    while True:
        try:
            await client.chat.completions.create(
                model="gpt-4o-mini", messages=[{"role": "user", "content": PROMPT}], max_tokens=WORDS
            )
        except TwinwireError as error:
            count[type(error).__name__] += 1
        else:
            count["ok"] += 1


def warm_up() -> None:
    """Load what calls need, against a server of its own."""

    async def call_once() -> None:
        with (
            LoopbackProvider(rate_limit=RateLimit(2), default=Reply("Ready.")) as server,
            TemporaryDirectory() as folder,
        ):
            limits = Limits(store=f"{folder}/limits.db")
            async with AsyncOpenAI(base_url=server.base_url, api_key="test-key", limits=limits) as client:
                await client.chat.completions.create(model="m", messages=[{"role": "user", "content": PROMPT}])

    asyncio.run(call_once())


if __name__ == "__main__":
    work(warm_up, main)
