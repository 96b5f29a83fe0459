"""
What `twinwire demo` shows: each part is a function that runs against a provider on this machine, and its own source.

The functions are written as a user would write them, because they are what is shown.
"""
# ruff: noqa: T201, TID251  # it prints for a living, and shows the async client on asyncio

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING

from attrs import frozen

from twinwire import AsyncOpenAI, ModelNotFoundError, OpenAI
from twinwire.testing import LoopbackProvider, Reply, Status, ToolCall
from twinwire.types.reply import ChatCompletionMessageFunctionToolCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from twinwire.testing import Answer, RecordedRequest

_EVENT_DELAY_SECONDS = 0.04


def blocking(base_url: str) -> None:
    with OpenAI(base_url=base_url, api_key="demo-key") as client:
        reply = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "Say hello."}],
        )
    print(reply.text)


async def concurrent(base_url: str) -> None:
    async with AsyncOpenAI(base_url=base_url, api_key="demo-key") as client:

        async def ask(question: str) -> str:
            reply = await client.chat.completions.create(
                model="gpt-4o-mini",
                messages=[{"role": "user", "content": question}],
            )
            return reply.text

        questions = ["The capital of France?", "Of Japan?", "Of Peru?"]
        for answer in await asyncio.gather(*map(ask, questions)):
            print(answer)


def streaming(base_url: str) -> None:
    with (
        OpenAI(base_url=base_url, api_key="demo-key") as client,
        client.chat.completions.stream(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "Count to ten."}],
        ) as stream,
    ):
        for event in stream:
            print(event.text, end="", flush=True)
        reply = stream.result()
    print()
    if reply.usage:
        print(f"{reply.usage.prompt_tokens} tokens in, {reply.usage.completion_tokens} out")


def tools(base_url: str) -> None:
    weather = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
    messages: list[Mapping[str, object]] = [{"role": "user", "content": "How is the weather in Berlin?"}]
    with OpenAI(base_url=base_url, api_key="demo-key") as client:
        reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=[weather])
        messages.append(reply.message.to_dict())
        for call in reply.tool_calls:
            if isinstance(call, ChatCompletionMessageFunctionToolCall):
                print(f"the model calls {call.function.name} with {call.function.arguments}")
                messages.append({"role": "tool", "tool_call_id": call.id, "content": "21 degrees, sunny"})
        reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=[weather])
    print(reply.text)


def rate_limited(base_url: str) -> None:
    with OpenAI(base_url=base_url, api_key="demo-key") as client:
        reply = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "Are you busy?"}],
        )
    print(reply.text)
    for attempt in reply.trace.attempts:
        print(f"attempt {attempt.number}: status {attempt.status}, {attempt.wait_seconds:.2f} s waited before it")


def typed_error(base_url: str) -> None:
    try:
        with OpenAI(base_url=base_url, api_key="demo-key") as client:
            client.chat.completions.create(
                model="gpt-99",
                messages=[{"role": "user", "content": "Are you there?"}],
            )
    except ModelNotFoundError as error:
        print(f"{type(error).__name__}: {error}")
        print(f"status {error.status_code}, code {error.code}, request {error.request_id}")


@frozen
class Part:
    """One part of the demonstration: what is shown and run, and what the provider answers meanwhile."""

    title: str
    run: Callable[[str], object]
    answers: tuple[Answer, ...]


def _capital(request: RecordedRequest) -> Reply:
    """The three calls may arrive in any order, so each is answered by what it asks."""
    asked = str(request.json["messages"])
    capitals = {"France": "Paris.", "Japan": "Tokyo.", "Peru": "Lima."}
    return Reply(next(capital for country, capital in capitals.items() if country in asked))


PARTS = (
    Part("A blocking call", blocking, (Reply("Hello! Nice to meet you."),)),
    Part("Three calls at once, awaited", concurrent, (_capital, _capital, _capital)),
    Part(
        "A stream",
        streaming,
        (Reply("one two three four five six seven eight nine ten", delay_seconds=_EVENT_DELAY_SECONDS),),
    ),
    Part(
        "A tool",
        tools,
        (Reply(tool_calls=[ToolCall("get_weather", {"city": "Berlin"})]), Reply("It is sunny in Berlin, 21 degrees.")),
    ),
    Part(
        "A rate-limited call that recovers",
        rate_limited,
        (Status(429, "Slow down.", retry_after=0.3), Reply("Not any more.")),
    ),
    Part(
        "A typed error",
        typed_error,
        (Status(404, "The model `gpt-99` does not exist.", code="model_not_found"),),
    ),
)


def main() -> int:
    """Show and run each part → the exit status."""
    started = time.monotonic()
    with LoopbackProvider() as server:
        print(f"A provider on this machine answers at {server.base_url}: no key, no network.")
        for part in PARTS:
            print(f"\n=== {part.title} ===\n")
            print(inspect.getsource(part.run))
            server.script(*part.answers)
            result = part.run(server.base_url)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        print(f"\n{len(server.requests)} requests in {time.monotonic() - started:.1f} s.")
    print('Next: set OPENAI_API_KEY or OPENROUTER_API_KEY and try  twinwire chat "Explain recursion briefly."')
    return 0
