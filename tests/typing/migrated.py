"""Scripts of the official SDK's documentation, with the import line changed and nothing else."""

import asyncio
import json
import os

from twinwire import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAI, RateLimitError
from twinwire.types import ChatCompletionMessageParam, ChatCompletionToolParam

client = OpenAI(
    api_key=os.environ.get("OPENAI_API_KEY"),
)


def ask() -> None:
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "developer", "content": "Talk like a pirate."},
            {"role": "user", "content": "How do I check if a Python object is an instance of a class?"},
        ],
    )

    print(completion.choices[0].message.content)


def describe_an_image(prompt: str, img_url: str) -> None:
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": prompt},
                    {"type": "image_url", "image_url": {"url": f"{img_url}"}},
                ],
            }
        ],
    )
    print(response.choices[0].message.content)


def ask_for_json() -> None:
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {
                "role": "user",
                "content": "Can you generate an example json object describing a fruit?",
            }
        ],
        response_format={"type": "json_object"},
    )
    print(completion.to_json(), completion.to_dict())


def stream() -> None:
    stream = client.chat.completions.create(
        messages=[
            {
                "role": "user",
                "content": "Say this is a test",
            }
        ],
        model="gpt-4o",
        stream=True,
    )
    for chunk in stream:
        if not chunk.choices:
            continue

        print(chunk.choices[0].delta.content, end="")
        print("")


def collect_a_stream() -> str:
    collected_messages: list[str] = []
    full_reply_content = ""
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "Count to 100, with a comma between each number and no newlines."}],
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    for chunk in response:
        if chunk.choices and chunk.choices[0].delta.content is not None:
            collected_messages.append(chunk.choices[0].delta.content)
        if chunk.choices:
            full_reply_content += chunk.choices[0].delta.content or ""
        if chunk.usage is not None:
            print(chunk.usage.total_tokens, chunk.model, chunk.id)
    assert full_reply_content == "".join(collected_messages)
    return full_reply_content.strip()


def stream_tool_calls() -> dict[int | None, str]:
    stream = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": "What's the weather like in Paris today?"}],
        tools=tools,
        stream=True,
    )
    arguments: dict[int | None, str] = {}
    for chunk in stream:
        if not chunk.choices:
            continue
        for tool_call in chunk.choices[0].delta.tool_calls or []:
            index = tool_call.index
            if index not in arguments:
                arguments[index] = ""
            if tool_call.function and tool_call.function.arguments:
                arguments[index] += tool_call.function.arguments
    return arguments


tools: list[ChatCompletionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get current temperature for a given location.",
            "parameters": {
                "type": "object",
                "properties": {"location": {"type": "string", "description": "City and country e.g. Bogotá, Colombia"}},
                "required": ["location"],
                "additionalProperties": False,
            },
            "strict": True,
        },
    }
]


def call_functions() -> str:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "What's the weather like in Paris today?"}
    ]
    completion = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools)
    message = completion.choices[0].message
    for tool_call in message.tool_calls or []:
        if tool_call.type != "function":
            continue
        args = json.loads(tool_call.function.arguments)
        messages.append(
            {
                "role": "assistant",
                "content": message.content,
                "tool_calls": [
                    {
                        "id": tool_call.id,
                        "type": "function",
                        "function": {"name": tool_call.function.name, "arguments": tool_call.function.arguments},
                    }
                ],
            }
        )
        messages.append({"role": "tool", "tool_call_id": tool_call.id, "content": f"{args['location']}: 14"})
    completion_2 = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools)
    return completion_2.choices[0].message.content or ""


def show_logprobs() -> None:
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": "Hello!"}],
        logprobs=True,
        top_logprobs=2,
    )
    choice = completion.choices[0]
    if choice.logprobs is not None and choice.logprobs.content is not None:
        for token in choice.logprobs.content:
            print(token.token, token.logprob, [top.token for top in token.top_logprobs])
    print(choice.index, choice.finish_reason, choice.message.role, completion.model, completion.id)
    if choice.message.refusal:
        print(choice.message.refusal.upper())


def handle_errors() -> None:
    try:
        client.with_options(max_retries=0).chat.completions.create(
            messages=[{"role": "user", "content": "Say this is a test"}],
            model="gpt-4o",
        )
    except APIConnectionError as e:
        print("The server could not be reached")
        print(e.__cause__)
    except RateLimitError:
        print("A 429 status code was received; we should back off a bit.")
    except APIStatusError as e:
        print("Another non-200-range status code was received")
        print(e.status_code)
        print(e.request_id)


def look_at_the_headers() -> None:
    response = client.chat.completions.with_raw_response.create(
        messages=[
            {
                "role": "user",
                "content": "Say this is a test",
            }
        ],
        model="gpt-4o",
    )
    print(response.headers.get("x-request-id"))

    completion = response.parse()  # get the object that `chat.completions.create()` would have returned
    print(completion.id)


def embed() -> None:
    response = client.embeddings.create(input="Your text string goes here", model="text-embedding-3-small")

    print(response.data[0].embedding)


def list_models() -> None:
    models = client.models.list()
    print([model.id for model in models])


async def main() -> None:
    client = AsyncOpenAI(
        # This is the default and can be omitted
        api_key=os.environ.get("OPENAI_API_KEY"),
    )
    chat_completion = await client.chat.completions.create(
        messages=[
            {
                "role": "user",
                "content": "Say this is a test",
            }
        ],
        model="gpt-4o",
    )
    print(chat_completion.choices[0].message.content)

    stream = await client.chat.completions.create(
        model="gpt-4",
        messages=[{"role": "user", "content": "Say this is a test"}],
        stream=True,
    )
    async for chunk in stream:
        print(chunk.choices[0].delta.content or "" if chunk.choices else "", end="")


if __name__ == "__main__":
    ask()
    describe_an_image("What is in this image?", "https://example.com/cat.png")
    ask_for_json()
    stream()
    print(collect_a_stream())
    print(stream_tool_calls())
    print(call_functions())
    show_logprobs()
    handle_errors()
    look_at_the_headers()
    embed()
    list_models()
    asyncio.run(main())
