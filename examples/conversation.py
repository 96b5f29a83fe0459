"""
A conversation in the terminal, streamed. An empty line ends it.

    OPENAI_API_KEY=... python examples/conversation.py
"""

from twinwire import APIError, OpenAI
from twinwire.types import ChatCompletionMessage, ChatCompletionMessageParam


def main() -> None:
    messages: list[ChatCompletionMessageParam | ChatCompletionMessage] = [
        {"role": "system", "content": "You answer in a sentence or two."}
    ]
    with OpenAI() as client:
        while text := input("> "):
            messages.append({"role": "user", "content": text})
            try:
                with client.chat.completions.stream(model="gpt-4o-mini", messages=messages) as stream:
                    for event in stream:
                        print(event.text, end="", flush=True)
                    messages.append(stream.result().message)
            except APIError as error:
                messages.pop()  # the question was not answered
                print(f"{type(error).__name__}: {error}", end="")
            print()


if __name__ == "__main__":
    main()
