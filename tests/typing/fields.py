"""Fields of replies, read as users of the official SDK read them."""

import json
import math

from twinwire import OpenAI, PartsText, UnknownMember
from twinwire.types import ChatCompletion, ChatCompletionMessage, ChatCompletionMessageParam

MODEL = "gpt-4o-mini"
MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Say hello."}]


def stream(client: OpenAI) -> list[str]:
    pieces: list[str] = []
    for chunk in client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="")
            pieces.append(chunk.choices[0].delta.content or "")
    return pieces


def stream_of_several(client: OpenAI) -> list[str]:
    texts = ["", ""]
    for chunk in client.chat.completions.create(model=MODEL, messages=MESSAGES, n=2, stream=True):
        for choice in chunk.choices:
            if choice.delta.content is not None:
                texts[choice.index] += choice.delta.content
    return texts


def facts(reply: ChatCompletion) -> str:
    choice = reply.choices[0]
    text: str | None = choice.message.content
    reason: str | None = choice.finish_reason
    refusal: str | None = choice.message.refusal
    if reason == "length" or refusal is not None:
        return refusal or "cut"
    prompt_tokens = reply.usage.prompt_tokens if reply.usage else 0
    model: str = reply.model
    return f"{reply.id} {model} {reply.created} {prompt_tokens} {text} {reply.system_fingerprint}"


def structured(reply: ChatCompletion) -> object:
    content = reply.choices[0].message.content
    return json.loads(content) if content else None


def perplexity(reply: ChatCompletion) -> float | None:
    logprobs = reply.choices[0].logprobs
    if logprobs is None or not logprobs.content:
        return None
    known = [token.logprob for token in logprobs.content if token.logprob is not None]
    return math.exp(-sum(known) / len(known))


def parts(message: ChatCompletionMessage) -> list[str]:
    if isinstance(message.content, PartsText):
        return [part.tag or "?" if isinstance(part, UnknownMember) else part.type for part in message.content.parts]
    return ["text"]


def tool_loop(client: OpenAI) -> str | None:
    messages: list[ChatCompletionMessageParam | ChatCompletionMessage] = [*MESSAGES]
    while True:
        reply = client.chat.completions.create(
            model=MODEL,
            messages=messages,
            tools=[{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}],
        )
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message)
        for call in message.tool_calls or []:
            if call.type == "function":
                arguments = json.loads(call.function.arguments)
                content = f"{call.function.name}: {sum(arguments.values())}"
                messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
            elif call.type == "custom":
                print(call.custom.name, call.custom.input)
            else:
                print(call.tag, call.raw)


def lists(client: OpenAI) -> list[str]:
    embeddings = client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    print(len([item.embedding for item in embeddings.data]), embeddings.model)
    print([model.owned_by for model in client.models.list().data])
    return [model.id for model in client.models.list()]


def main() -> None:
    with OpenAI() as client:
        print(tool_loop(client))
        reply = client.chat.completions.create(model=MODEL, messages=MESSAGES)
        print(facts(reply), perplexity(reply), parts(reply.choices[0].message))
        print("".join(stream(client)), stream_of_several(client), lists(client))


if __name__ == "__main__":
    main()
