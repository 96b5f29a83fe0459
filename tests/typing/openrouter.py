"""What only OpenRouter has: choice of company, fallbacks, reasoning, plugins, the account."""

import asyncio

from twinwire import AsyncOpenRouter, OpenRouter
from twinwire.types import ProviderPreferencesParam, ReasoningParam

MODEL = "anthropic/claude-sonnet-4.5"
MESSAGES = [{"role": "user", "content": "Why is the sky blue?"}]

CHEAP: ProviderPreferencesParam = {
    "sort": "price",
    "order": ["anthropic", "amazon-bedrock"],
    "allow_fallbacks": False,
    "data_collection": "deny",
    "max_price": {"prompt": 3, "completion": 15},
}


def routed(client: OpenRouter) -> None:
    reply = client.chat.completions.create(
        model=MODEL,
        models=[MODEL, "openai/gpt-4o-mini"],
        messages=MESSAGES,
        provider=CHEAP,
        reasoning={"effort": "low"},
        plugins=[{"id": "web", "max_results": 3}],
    )
    print(reply.text, reply.reasoning, reply.provider)
    if reply.cost:
        print(f"{reply.cost.usd:f} US dollars, {reply.cost.provenance}")


def thinking(client: OpenRouter, effort: str) -> str:
    reasoning: ReasoningParam = {"effort": effort}
    with client.chat.completions.stream(model=MODEL, messages=MESSAGES, reasoning=reasoning) as stream:
        for event in stream:
            if event.type == "reasoning":
                print(event.reasoning, end="")
        return stream.result().text


def cached(client: OpenRouter, document: str) -> str:
    reply = client.chat.completions.create(
        model=MODEL,
        messages=[
            {
                "role": "system",
                "content": [{"type": "text", "text": document, "cache_control": {"type": "ephemeral"}}],
            },
            {"role": "user", "content": "Sum it up."},
        ],
    )
    return reply.text


def account(client: OpenRouter) -> None:
    print([model.id for model in client.models.list()][:3])
    print(client.key.retrieve(), client.credits.retrieve())


async def concurrently() -> None:
    async with AsyncOpenRouter(app_name="demo", app_url="https://example.com") as client:
        replies = await asyncio.gather(
            *(client.chat.completions.create(model=MODEL, messages=MESSAGES, provider=CHEAP) for _ in range(3))
        )
        print(sum(reply.cost.usd for reply in replies if reply.cost))


def main() -> None:
    with OpenRouter() as client:
        routed(client)
        print(thinking(client, "high"), cached(client, "A long document."))
        account(client)
    asyncio.run(concurrently())


if __name__ == "__main__":
    main()
