"""Streams, blocking and async: chunks as they come, or events and the reply that they add up to."""

import asyncio

from twinwire import (
    AsyncOpenAI,
    AsyncStream,
    ChatStreamEvent,
    OpenAI,
    ReasoningEvent,
    RefusalEvent,
    RestartedEvent,
    Stream,
    TextEvent,
    ToolCallEvent,
    UsageEvent,
)
from twinwire.types import ChatCompletion, ChatCompletionChunk

MODEL = "gpt-4o-mini"
MESSAGES = [{"role": "user", "content": "Say hello to all of you."}]


def chunks(client: OpenAI) -> str:
    text = ""
    for chunk in client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
        text += chunk.text
        if chunk.usage:
            print(chunk.usage.total_tokens)
    return text


def chunks_until_enough(client: OpenAI) -> str:
    stream = client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
    with stream:
        return first_text(stream)


def first_text(stream: Stream[ChatCompletionChunk]) -> str:
    return next((chunk.text for chunk in stream if chunk.text), "")


def events(client: OpenAI) -> ChatCompletion:
    with client.chat.completions.stream(model=MODEL, messages=MESSAGES) as stream:
        for event in stream:
            print(shown(event), end="", flush=True)
        print(stream.text == stream.result().text)
        return stream.result()


def shown(event: ChatStreamEvent) -> str:
    match event:
        case TextEvent(text=text):
            return text
        case ReasoningEvent(reasoning=reasoning):
            return f"({reasoning})"
        case RefusalEvent(refusal=refusal):
            return refusal
        case ToolCallEvent(name=name, arguments_delta=arguments):
            return f"{name or ''}{arguments}"
        case UsageEvent(usage=usage):
            return f" [{usage.total_tokens} tokens]"
        case RestartedEvent(mode=mode, error=error, attempt=attempt):
            return f"\n[{mode} after {error}, attempt {attempt}]\n"


def until_it_is_there(client: OpenAI) -> ChatCompletion:
    with client.with_options(on_interrupt="raise").chat.completions.stream(
        model=MODEL, messages=MESSAGES, on_interrupt="restart"
    ) as stream:
        reply = stream.result()
    if reply.cost is not None and reply.cost.possibly_more:
        print(reply.cost.attempts, [attempt.usage for attempt in reply.trace.attempts])
    return reply


def shown_by_type(event: ChatStreamEvent) -> str:
    if event.type == "reasoning":
        return event.reasoning
    if event.type == "tool_call":
        return event.arguments_delta
    return event.text


def either(client: OpenAI, *, stream: bool) -> str:
    reply = client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=stream)
    if isinstance(reply, ChatCompletion):
        return reply.text
    return "".join(chunk.text for chunk in reply)


async def async_chunks(client: AsyncOpenAI) -> str:
    text = ""
    async for chunk in await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
        text += chunk.text
    return text


async def async_first_text(stream: AsyncStream[ChatCompletionChunk]) -> str:
    async with stream:
        async for chunk in stream:
            if chunk.text:
                return chunk.text
    return ""


async def async_events(client: AsyncOpenAI) -> ChatCompletion:
    async with client.chat.completions.stream(model=MODEL, messages=MESSAGES) as stream:
        async for event in stream:
            print(shown_by_type(event), end="", flush=True)
        return await stream.result()


async def async_main() -> None:
    async with AsyncOpenAI() as client:
        print(await async_chunks(client))
        stream = await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        print(await async_first_text(stream))
        replies = await asyncio.gather(*(async_events(client) for _ in range(3)))
        print([reply.finish_reason for reply in replies])


def main() -> None:
    with OpenAI() as client:
        print(chunks(client), chunks_until_enough(client), events(client).text)
        print(either(client, stream=True), either(client, stream=False))
    asyncio.run(async_main())


if __name__ == "__main__":
    main()
