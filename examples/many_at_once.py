"""
Many questions at once, eight on the wire, each with half a minute at most. What fails does not take the others with it.

    OPENAI_API_KEY=... python examples/many_at_once.py
"""

import asyncio

from twinwire import APIError, AsyncOpenAI, Pool

WORDS = ["river", "anvil", "teapot", "comet", "ledger", "orchard", "piston", "lantern", "glacier", "violin"]


async def rhyme(client: AsyncOpenAI, word: str) -> str:
    try:
        reply = await client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": f"One rhyme for {word}."}],
            max_completion_tokens=20,
            deadline=30,
        )
    except APIError as error:
        return f"({type(error).__name__})"
    return reply.text


async def main() -> None:
    async with AsyncOpenAI(pool=Pool(max_connections=8)) as client:
        rhymes = await asyncio.gather(*(rhyme(client, word) for word in WORDS))
        for word, found in zip(WORDS, rhymes, strict=True):
            print(f"{word}: {found}")


if __name__ == "__main__":
    asyncio.run(main())
