"""What calls cost, as users write it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import twinwire
from twinwire import APIError, AsyncOpenRouter, Cost, OpenAI, OpenRouter

MESSAGES = [{"role": "user", "content": "Say hello."}]
PRICES = {
    "openai": {"our-model": {"input": 1.25, "output": Decimal(10)}},
    "compatible": {"llama": {"input": 0, "output": "0"}},
}


def spent(cost: Cost | None) -> Decimal:
    if cost is None:
        return Decimal(0)
    if cost.provenance == "estimated" and cost.high is not None:
        return cost.high
    return cost.usd


def priced() -> Decimal:
    client = OpenAI(prices=Path("prices.json"), preflight=True)
    other = client.with_options(prices=PRICES)
    reply = other.chat.completions.create(model="our-model", messages=MESSAGES)
    return spent(reply.cost)


def afterwards(client: OpenRouter) -> list[Cost | None]:
    costs: list[Cost | None] = []
    try:
        with client.chat.completions.stream(model="openai/gpt-4o-mini", messages=MESSAGES) as stream:
            for event in stream:
                print(event.text)
                break
        costs += [stream.cost, client.fetch_cost(stream)]
        with client.chat.completions.create(model="openai/gpt-4o-mini", messages=MESSAGES, stream=True) as chunks:
            for chunk in chunks:
                print(chunk.text)
        costs += [chunks.cost, client.fetch_cost(chunks, deadline=5)]
        reply = client.chat.completions.create(model="openai/gpt-4o-mini", messages=MESSAGES)
        costs += [client.fetch_cost(reply), client.fetch_cost(reply.id)]
    except APIError as error:
        costs += [error.cost, client.fetch_cost(error)]
    return costs


def before() -> None:
    estimate = twinwire.estimate_cost("openai:gpt-5", MESSAGES, max_completion_tokens=500, output_tokens=200)
    if estimate.high is None:
        print(estimate.reason)
    elif estimate.expected is not None and estimate.low is not None:
        print(estimate.low <= estimate.expected <= estimate.high, estimate.prompt.tokens)
    table = twinwire.compare_cost(["openai:gpt-5", "google/gemini-2.5-flash"], MESSAGES, prices=PRICES)
    for row in table:
        print(row.provider, row.model, row.expected)
    print(table.cheapest, twinwire.compare_cost([("openai", "gpt-5")], MESSAGES)[0])
    fitted = twinwire.fit_messages("gpt-4o", MESSAGES, provider="openai")
    print(fitted.context_window, fitted.window_source)


async def concurrently(client: AsyncOpenRouter) -> Cost | None:
    reply = await client.chat.completions.create(model="openai/gpt-4o-mini", messages=MESSAGES)
    cost, estimate = await asyncio.gather(
        client.fetch_cost(reply), twinwire.estimate_cost_async("openai:gpt-5", MESSAGES, tokenizer="exact")
    )
    print(estimate)
    return cost


async def in_a_loop() -> Cost | None:
    async with AsyncOpenRouter() as client:
        return await concurrently(client)


def main() -> None:
    print(priced() > 0)
    print(sum(spent(cost) for cost in afterwards(OpenRouter())) > 0)
    before()
    cost = asyncio.run(in_a_loop())
    if cost is not None:
        print(cost.provenance)


if __name__ == "__main__":
    main()
