"""Responses that nobody closes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from twinwire import AsyncOpenAI, OpenAI, Pool
from twinwire.testing import Reply

if TYPE_CHECKING:
    from twinwire.testing import LoopbackProvider

MESSAGES = [{"role": "user", "content": "word " * 50}]


def test_a_forgotten_stream_gives_its_connection_back(twinwire_openai: LoopbackProvider) -> None:
    """Breaking out of a loop over a stream that has no name leaves nothing behind."""
    twinwire_openai.default = Reply(delay_seconds=0.01)
    client = OpenAI(base_url=twinwire_openai.base_url, pool=Pool(max_connections=1), timeout=2)
    for _ in range(3):
        for chunk in client.chat.completions.create(model="m", messages=MESSAGES, stream=True):
            assert chunk.choices is not None
            break

    assert client.pool.stats().open == 0
    twinwire_openai.wait_for(lambda: twinwire_openai.open_connections == 0)
    client.close()


def test_a_forgotten_async_stream_gives_its_connection_back(twinwire_openai: LoopbackProvider) -> None:
    """The same, awaited."""
    twinwire_openai.default = Reply(delay_seconds=0.01)

    async def main() -> None:
        async with AsyncOpenAI(base_url=twinwire_openai.base_url, pool=Pool(max_connections=1), timeout=2) as client:
            for _ in range(3):
                async for chunk in await client.chat.completions.create(model="m", messages=MESSAGES, stream=True):
                    assert chunk.choices is not None
                    break
            assert client.pool.stats().open == 0

    asyncio.run(main())

    twinwire_openai.wait_for(lambda: twinwire_openai.open_connections == 0)
