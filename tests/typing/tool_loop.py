"""Tools: the model asks, we run them, and it goes on until it has an answer."""

import json
from collections.abc import Callable, Mapping

from twinwire import OpenAI
from twinwire.types import (
    ChatCompletionMessage,
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionToolParam,
)

TOOLS: list[ChatCompletionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather of a city.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
                "additionalProperties": False,
            },
            "strict": True,
        },
    }
]


def get_weather(arguments: Mapping[str, object]) -> str:
    return json.dumps({"city": arguments["city"], "celsius": 21})


FUNCTIONS: dict[str, Callable[[Mapping[str, object]], str]] = {"get_weather": get_weather}


def answer(client: OpenAI, question: str) -> str:
    messages: list[ChatCompletionMessageParam | ChatCompletionMessage] = [{"role": "user", "content": question}]
    while True:
        reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=TOOLS, tool_choice="auto")
        if not reply.tool_calls:
            return reply.text
        messages.append(reply.message)
        for call in reply.tool_calls:
            if call.type == "function":
                result = FUNCTIONS[call.function.name](json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
            elif call.type == "custom":
                print(call.custom.name, call.custom.input)
            else:
                print(call.tag, call.raw)


def answer_in_a_function(client: OpenAI, question: str) -> list[ChatCompletionToolMessageParam]:
    messages = [{"role": "user", "content": question}]
    message = client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=TOOLS).choices[0].message
    return [
        result_of(call) for call in message.tool_calls or () if isinstance(call, ChatCompletionMessageFunctionToolCall)
    ]


def result_of(call: ChatCompletionMessageFunctionToolCall) -> ChatCompletionToolMessageParam:
    arguments: dict[str, object] = json.loads(call.function.arguments)
    return {"role": "tool", "tool_call_id": call.id, "content": FUNCTIONS[call.function.name](arguments)}


def tools_without_annotations(client: OpenAI) -> str:
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]
    reply = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "Weather?"}],
        tools=tools,
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
        parallel_tool_calls=False,
    )
    return reply.text


def main() -> None:
    with OpenAI() as client:
        print(answer(client, "What is the weather in Berlin?"))
        print(answer_in_a_function(client, "And in Rome?"))
        print(tools_without_annotations(client))


if __name__ == "__main__":
    main()
