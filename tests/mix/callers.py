"""Who makes the calls: many tasks on one async client, and a share of them in threads on a blocking one."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import frozen

from tests.mix.faults import RATE, answer, prompt
from tests.mix.figures import Figures
from twinwire import AsyncOpenAI, OpenAI, Retry, Timeout
from twinwire.testing import LoopbackProvider

if TYPE_CHECKING:
    from twinwire.types.messages import ChatCompletionMessageParam

AT_ONCE = 64
THREADS = 8
BLOCKING_SHARE = 0.2
KEY = "sk-mix-0123456789abcdef"
TIMEOUT = Timeout(connect=5.0, write=5.0, first_event=0.8, between_events=0.8, pool=60.0)
"""Stalls never end, so they cost this much each; a busy machine is quicker, as the count of false timeouts shows."""


@frozen(kw_only=True)
class Mix:
    """How many calls, and how they are hindered."""

    seed: int = 1
    count: int = 10_000
    is_stream: bool = True
    rate: float = RATE

    def run(self) -> Figures:
        """Make all calls, the blocking ones after the others."""
        figures = Figures("streams" if self.is_stream else "plain calls")
        began = time.monotonic()
        blocking = int(self.count * BLOCKING_SHARE)
        with LoopbackProvider(process=True, default=answer) as server:
            asyncio.run(self._all_awaited(server.base_url, range(blocking, self.count), figures))
            self._all_blocking(server.base_url, range(blocking), figures)
            figures.open_at_end = _left_open(server)
            figures.connections = server.connections
            figures.requests = len(server.requests)
        figures.seconds = time.monotonic() - began
        return figures

    def _messages(self, call: int) -> list[ChatCompletionMessageParam]:
        return [{"role": "user", "content": prompt(self.seed, call, self.rate)}]

    # Awaited

    async def _all_awaited(self, base_url: str, calls: range, figures: Figures) -> None:
        waiting = iter(calls)
        async with AsyncOpenAI(api_key=KEY, base_url=base_url, timeout=TIMEOUT, retry=Retry()) as client:

            async def worker() -> None:
                for call in waiting:
                    await self._awaited(client, call, figures)

            await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    async def _awaited(self, client: AsyncOpenAI, call: int, figures: Figures) -> None:
        messages = self._messages(call)
        try:
            if self.is_stream:
                texts: list[str] = []
                async with client.chat.completions.stream(
                    model="m", messages=messages, on_interrupt="restart"
                ) as stream:
                    async for event in stream:
                        if event.type == "restarted":
                            texts.clear()
                            figures.restarts += 1
                        texts.append(event.text)
                    reply = await stream.result()
                text = "".join(texts) if reply.text == "".join(texts) else f"{texts} and {reply.text}"
            else:
                reply = await client.chat.completions.create(model="m", messages=messages)
                text = reply.text
        except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
            figures.count(self.seed, call, figures.failed(error), self.rate)
        else:
            figures.count(self.seed, call, reply.trace.attempts, self.rate)
            figures.answered(text, prompt(self.seed, call, self.rate))

    # Blocking: the same, in threads

    def _all_blocking(self, base_url: str, calls: range, figures: Figures) -> None:
        with (
            OpenAI(api_key=KEY, base_url=base_url, timeout=TIMEOUT, retry=Retry()) as client,
            ThreadPoolExecutor(THREADS) as pool,
        ):
            parts = [pool.submit(self._thread, client, calls[start::THREADS]) for start in range(THREADS)]
            for part in parts:
                figures.add(part.result())

    def _thread(self, client: OpenAI, calls: range) -> Figures:
        figures = Figures()
        for call in calls:
            self._blocking(client, call, figures)
        return figures

    def _blocking(self, client: OpenAI, call: int, figures: Figures) -> None:
        messages = self._messages(call)
        try:
            if self.is_stream:
                texts: list[str] = []
                with client.chat.completions.stream(model="m", messages=messages, on_interrupt="restart") as stream:
                    for event in stream:
                        if event.type == "restarted":
                            texts.clear()
                            figures.restarts += 1
                        texts.append(event.text)
                    reply = stream.result()
                text = "".join(texts) if reply.text == "".join(texts) else f"{texts} and {reply.text}"
            else:
                reply = client.chat.completions.create(model="m", messages=messages)
                text = reply.text
        except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
            figures.count(self.seed, call, figures.failed(error), self.rate)
        else:
            figures.count(self.seed, call, reply.trace.attempts, self.rate)
            figures.answered(text, prompt(self.seed, call, self.rate))


def _left_open(server: LoopbackProvider) -> int:
    """Connections that are still open a while after both clients were closed."""
    with suppress(TimeoutError):
        server.wait_for(lambda: server.open_connections == 0, timeout=10.0)
    return server.open_connections
