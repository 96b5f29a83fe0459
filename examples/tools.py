"""
Tools: the model asks for a calculation, gets its result, and answers.

    OPENROUTER_API_KEY=... python examples/tools.py
"""

import json

from twinwire import OpenRouter
from twinwire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionMessageParam,
    ChatCompletionToolParam,
)

MULTIPLY: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "multiply",
        "description": "Multiply two whole numbers.",
        "parameters": {
            "type": "object",
            "properties": {"left": {"type": "integer"}, "right": {"type": "integer"}},
            "required": ["left", "right"],
        },
    },
}


def result_of(call: ChatCompletionMessageFunctionToolCall) -> str:
    """Run the call. What is wrong with it is told to the model, which may then do better."""
    try:
        arguments = json.loads(call.function.arguments)
        return str(arguments["left"] * arguments["right"])
    except (ValueError, KeyError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


def answer(client: OpenRouter, question: str) -> ChatCompletion:
    """Go on until the model asks for nothing more."""
    messages: list[ChatCompletionMessageParam | ChatCompletionMessage] = [{"role": "user", "content": question}]
    while True:
        reply = client.chat.completions.create(model="openai/gpt-4o-mini", messages=messages, tools=[MULTIPLY])
        if not reply.tool_calls:
            return reply
        messages.append(reply.message)
        for call in reply.tool_calls:
            if isinstance(call, ChatCompletionMessageFunctionToolCall):
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result_of(call)})


def main() -> None:
    with OpenRouter() as client:
        reply = answer(client, "What is 1234 times 5678?")
        print(reply.text)
        print(f"{reply.cost.usd:f} US dollars for the last call" if reply.cost else "cost unknown")


if __name__ == "__main__":
    main()
