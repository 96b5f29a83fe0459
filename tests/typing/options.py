"""Options of a client and of a call."""

import itertools
import os

import httpx

from twinwire import AsyncOpenAI, ConfigError, OpenAI, Pool, RawResponse, Retry, Stream, Timeout
from twinwire.types import ChatCompletion, ChatCompletionChunk

MODEL = "gpt-4o-mini"
MESSAGES = [{"role": "user", "content": "Say hello."}]

_keys = itertools.cycle(["key-one", "key-two"])


def next_key() -> str:
    return next(_keys)


async def next_key_async() -> str:
    return next(_keys)


def tuned() -> OpenAI:
    return OpenAI(
        api_key=next_key,
        base_url=os.environ.get("OPENAI_BASE_URL"),
        timeout=Timeout(connect=5, first_event=30),
        deadline=60,
        retry=Retry(max_retries=4, cap_seconds=8),
        pool=Pool(max_connections=10),
        default_headers={"X-Team": "search", "Idempotency-Key": None},
        default_query={"api-version": "2026-01-01"},
    )


def per_call(client: OpenAI) -> None:
    quick = client.with_options(timeout=5, max_retries=0)
    reply = quick.chat.completions.create(
        model=MODEL,
        messages=MESSAGES,
        deadline=10,
        extra_headers={"X-Request-Source": "docs"},
        extra_query={"debug": True},
        extra_body={"new_parameter": {"level": 3}},
    )
    print(reply.trace.attempts[-1].status, reply.request_id, reply.raw.status_code)


def raw(client: OpenAI) -> None:
    response: RawResponse[ChatCompletion] = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=MESSAGES
    )
    print(response.status_code, response.headers.get("x-request-id"), response.parse().text)
    streamed: RawResponse[Stream[ChatCompletionChunk]] = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=MESSAGES, stream=True
    )
    print("".join(chunk.text for chunk in streamed.parse()))


def passed_through(client: OpenAI, temperature: float | None = None, stop: list[str] | None = None) -> str:
    return client.chat.completions.create(model=MODEL, messages=MESSAGES, temperature=temperature, stop=stop).text


def injected() -> str:
    with httpx.Client() as http_client, OpenAI(http_client=http_client) as client:
        return client.chat.completions.create(model=MODEL, messages=MESSAGES).text


def injected_async() -> AsyncOpenAI:
    return AsyncOpenAI(http_client=httpx.AsyncClient(), api_key=next_key)


def main() -> None:
    with tuned() as client:
        per_call(client)
        raw(client)
        print(passed_through(client, temperature=0.5), client.pool.stats().open)
    print(injected())
    try:
        OpenAI(base_url="ftp://example.com")
    except ConfigError as error:
        print(error)


if __name__ == "__main__":
    main()
