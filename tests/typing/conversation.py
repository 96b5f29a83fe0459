"""A conversation: the model's own replies are appended and handed back."""

from collections.abc import Mapping

from twinwire import OpenAI
from twinwire.types import ChatCompletion, ChatCompletionMessage, ChatCompletionMessageParam

MODEL = "gpt-4o-mini"


class Conversation:
    """Remembers what was said."""

    def __init__(self, client: OpenAI, system: str) -> None:
        self._client = client
        self.messages: list[ChatCompletionMessageParam | ChatCompletionMessage] = [
            {"role": "system", "content": system}
        ]

    def ask(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        reply = self._client.chat.completions.create(model=MODEL, messages=self.messages)
        self.messages.append(reply.choices[0].message)
        return reply.text


def replies_whole(client: OpenAI) -> str:
    messages: list[Mapping[str, object] | ChatCompletion] = [{"role": "user", "content": "Say hello."}]
    reply = client.chat.completions.create(model=MODEL, messages=messages)
    messages += [reply, {"role": "user", "content": "Again."}]
    return client.chat.completions.create(model=MODEL, messages=messages).text


def spread_in_the_call(client: OpenAI) -> str:
    start = [{"role": "user", "content": "Say hello."}]
    reply = client.chat.completions.create(model=MODEL, messages=start)
    reply = client.chat.completions.create(
        model=MODEL, messages=[*start, reply.message, {"role": "user", "content": "Again."}]
    )
    return reply.text


def only_the_text(client: OpenAI) -> str:
    messages = [{"role": "user", "content": "Say hello."}]
    reply = client.chat.completions.create(model=MODEL, messages=messages)
    messages.append({"role": "assistant", "content": reply.text})
    messages.append({"role": "user", "content": "Again."})
    return client.chat.completions.create(model=MODEL, messages=messages).text


def main() -> None:
    with OpenAI() as client:
        conversation = Conversation(client, "You are terse.")
        print(conversation.ask("Who are you?"), conversation.ask("Since when?"))
        print(replies_whole(client), spread_in_the_call(client), only_the_text(client))


if __name__ == "__main__":
    main()
