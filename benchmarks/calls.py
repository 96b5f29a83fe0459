"""What one whole call costs: against the official SDK, and against a bare httpx request that parses the same JSON."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

import httpx
import openai

import twinwire
from benchmarks.turns import ratio, show
from twinwire.testing import LoopbackProvider, Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MESSAGES = [{"role": "user", "content": "Say hello."}]
CALLS = 200
TASKS = 50


def main() -> None:
    """Wall time of blocking calls one after the other, and of 50 tasks at once."""
    with LoopbackProvider(process=True, default=Reply("Hello, world.")) as server:
        url = server.base_url
        _blocking(url)
        asyncio.run(_awaited(url))


def _blocking(url: str) -> None:
    ours = twinwire.OpenAI(base_url=url, api_key="k")
    theirs = openai.OpenAI(base_url=url, api_key="k")
    bare = httpx.Client(headers={"Authorization": "Bearer k"})
    body = {"model": "gpt-4o-mini", "messages": MESSAGES}

    def call_ours() -> None:
        for _ in range(CALLS):
            ours.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)

    def call_theirs() -> None:
        for _ in range(CALLS):
            theirs.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)  # type: ignore[arg-type]  # plain dicts

    def call_bare() -> None:
        for _ in range(CALLS):
            bare.post(f"{url}/chat/completions", json=body).json()

    for name, peer in (("the official SDK", call_theirs), ("bare httpx", call_bare)):
        show(f"blocking call, wall, beside {name}", "us", 1e6 / CALLS, ratio(call_ours, peer, rounds=7))
        cpu = ratio(call_ours, peer, rounds=7, clock=time.process_time)
        show(f"blocking call, CPU, beside {name}", "us", 1e6 / CALLS, cpu)


async def _awaited(url: str) -> None:
    async with (
        twinwire.AsyncOpenAI(base_url=url, api_key="k") as ours,
        openai.AsyncOpenAI(base_url=url, api_key="k") as theirs,
        httpx.AsyncClient(headers={"Authorization": "Bearer k"}) as bare,
    ):
        body = {"model": "gpt-4o-mini", "messages": MESSAGES}
        peers: dict[str, Callable[[], Awaitable[object]]] = {
            "ours": lambda: ours.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES),
            "the official SDK": lambda: theirs.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES),  # type: ignore[arg-type]  # plain dicts
            "bare httpx": lambda: bare.post(f"{url}/chat/completions", json=body),
        }
        figures: dict[str, list[float]] = {name: [] for name in peers}
        for _ in range(6):
            for name, call in peers.items():
                begin = time.process_time()
                for _ in range(4):
                    await asyncio.gather(*(call() for _ in range(TASKS)))
                figures[name].append(time.process_time() - begin)
        for name in list(peers)[1:]:
            pairs = sorted(mine / other for mine, other in zip(figures["ours"][1:], figures[name][1:], strict=True))
            medians = (statistics.median(figures["ours"][1:]), statistics.median(figures[name][1:]))
            what = f"async call, {TASKS} at once, CPU, beside {name}"
            show(what, "us", 1e6 / TASKS / 4, (*medians, pairs[len(pairs) // 2]))
