"""Messages in every way that people write them down."""

from collections.abc import Mapping, Sequence

from twinwire import OpenAI
from twinwire.types import (
    ChatCompletionContentPartParam,
    ChatCompletionMessageParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionUserMessageParam,
)

MODEL = "gpt-4o-mini"


def in_a_literal(client: OpenAI) -> str:
    reply = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": "You are terse."},
            {"role": "user", "content": "Say hello."},
        ],
    )
    return reply.text


def in_a_variable(client: OpenAI) -> str:
    messages = [{"role": "user", "content": "Say hello."}]
    messages.append({"role": "user", "content": "Louder."})
    return client.chat.completions.create(model=MODEL, messages=messages).text


def in_a_tuple(client: OpenAI) -> str:
    question = {"role": "user", "content": "Say hello."}
    return client.chat.completions.create(model=MODEL, messages=(question,)).text


def in_mixed_shapes(client: OpenAI) -> str:
    messages: list[dict[str, object]] = [
        {"role": "system", "content": "You describe pictures."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://example.com/cat.png", "detail": "low"}},
            ],
        },
    ]
    return client.chat.completions.create(model=MODEL, messages=messages).text


def in_an_annotated_variable(client: OpenAI) -> str:
    messages: list[ChatCompletionMessageParam] = [{"role": "developer", "content": "You are terse."}]
    messages.append({"role": "user", "content": "Say hello.", "name": "Ann"})
    messages.extend([{"role": "assistant", "content": "Hello."}, {"role": "user", "content": "Again."}])
    return client.chat.completions.create(model=MODEL, messages=messages).text


def from_functions(client: OpenAI) -> str:
    return client.chat.completions.create(model=MODEL, messages=conversation("You are terse.", ["One.", "Two."])).text


def conversation(system: str, questions: Sequence[str]) -> list[ChatCompletionMessageParam]:
    return [instructions(system), *(question(text) for text in questions)]


def instructions(text: str) -> ChatCompletionSystemMessageParam:
    return {"role": "system", "content": text}


def question(text: str, images: Sequence[str] = ()) -> ChatCompletionUserMessageParam:
    parts: list[ChatCompletionContentPartParam] = [{"type": "text", "text": text}]
    parts.extend({"type": "image_url", "image_url": {"url": url}} for url in images)
    return {"role": "user", "content": parts}


def from_stored_rows(client: OpenAI, rows: Sequence[Mapping[str, object]]) -> str:
    return client.chat.completions.create(model=MODEL, messages=rows).text


def main() -> None:
    with OpenAI() as client:
        for ask in (
            in_a_literal,
            in_a_variable,
            in_a_tuple,
            in_mixed_shapes,
            in_an_annotated_variable,
            from_functions,
        ):
            print(ask(client))
        print(from_stored_rows(client, [{"role": "user", "content": "Say hello."}]))


if __name__ == "__main__":
    main()
