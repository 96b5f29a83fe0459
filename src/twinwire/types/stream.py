# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/stream.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field

from twinwire._model import base
from twinwire.chat.reply import ChunkReply

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject
    from twinwire._model.text import TextOrJson, TextOrParts
    from twinwire._model.unknown import UnknownMember
    from twinwire.types.errors import ErrorObject
    from twinwire.types.reply import (
        Annotation,
        ChatCompletionAudio,
        ChatCompletionModeration,
        ChoiceLogprobs,
        FinishReason,
        FunctionCall,
        MessageImage,
        OpenRouterMetadata,
        ReasoningDetail,
        ReplyServiceTier,
    )
    from twinwire.types.usage import CompletionUsage


@base.define
class ChatCompletionChunk(ChunkReply):
    """One piece of a streamed reply. Its id and its time may change within a stream."""

    id: str = ""
    """The provider's name for the reply."""
    object: Literal["chat.completion.chunk"] | str = "chat.completion.chunk"
    """The kind of this object. Some servers send none, or the word of a whole reply."""
    created: float | None = None
    """When the reply was begun, in seconds since 1970."""
    model: str = ""
    """The model that answers. Empty in Azure's first chunk."""
    choices: list[ChunkChoice] = field(factory=lambda: [])
    """
    What is new in each answer. Empty in a chunk that only carries something else, such as usage or moderation. Some
    servers send null there.
    """
    usage: CompletionUsage | None = None
    """
    The tokens so far. It comes in one chunk or in several and always counts from the beginning, so the last one
    holds.
    """
    service_tier: ReplyServiceTier | None = None
    """How the request is really processed, which may differ from what was asked for."""
    system_fingerprint: str | None = None
    """
    Names the configuration of the backend; replies to the same `seed` can be compared only if it is equal.

    Deprecated: OpenAI has stopped promising it.
    """
    obfuscation: str | None = None
    """
    Random characters that hide the length of the text from who watches the line. `include_obfuscation` turns them
    off.

    Providers: openai.
    """
    moderation: ChatCompletionModeration | None = None
    """
    What moderation said. It may come after the usage.

    Providers: openai.
    """
    provider: str | None = None
    """
    The company whose endpoint serves the request.

    Providers: openrouter.
    """
    openrouter_metadata: OpenRouterMetadata | None = None
    """
    How the request was routed, where the request asked to be told.

    Providers: openrouter.
    """
    alignment: JsonObject | None = None
    """
    What the alignment plugin found. Its shape is not settled.

    Providers: openrouter.
    """
    safeguard_results: list[JsonObject] | None = None
    """
    What the safeguards of the account found. Their shape is not published.

    Providers: openrouter.
    """
    error: ErrorObject | str | UnknownMember | None = None
    """The failure that ends the stream; it is raised."""


@base.define
class ChoiceDelta(base.Model):
    """What is new in a message. All fields are optional, and text goes to the end of what there is."""

    role: Literal["developer", "system", "user", "assistant", "tool"] | str | None = None
    """Who writes. Some servers send it with every chunk, some never."""
    content: TextOrParts | None = None
    """The next text. Mistral sends parts while the model thinks."""
    refusal: str | None = None
    """The next words of a refusal."""
    reasoning: str | None = None
    """
    The next of what the model thinks, as text. OpenRouter, Groq, Ollama and others use this name.

    Providers: openrouter.
    """
    reasoning_content: str | None = None
    """The next of what the model thinks, as text. DeepSeek, vLLM, llama.cpp, xAI and others use this name."""
    reasoning_details: list[ReasoningDetail] | None = None
    """
    The next pieces of what the model thinks; those with the same index belong together.

    Providers: openrouter.
    """
    tool_calls: list[ChoiceDeltaToolCall] | None = None
    """Fragments of tool calls."""
    function_call: FunctionCall | None = None
    """
    A fragment of a function call in the old form.

    Providers: openai.

    Deprecated: Replaced by `tool_calls`.
    """
    annotations: list[Annotation] | None = None
    """
    Sources and files that the text rests on.

    Providers: openrouter.
    """
    audio: ChatCompletionAudio | None = None
    """The next of the spoken answer; the sound and the transcript go to the end of what there is."""
    images: list[MessageImage] | None = None
    """
    Images that the model made.

    Providers: openrouter.
    """


@base.define
class ChoiceDeltaToolCall(base.Model):
    """
    A fragment of a tool call. Mistral, Gemini and Ollama send no index; some servers repeat id, type and name in
    later fragments, or send them as null or empty text.
    """

    index: int | None = None
    """Which call it belongs to."""
    id: str | None = None
    """Names the call."""
    type: Literal["function", "custom"] | str | None = None
    """The kind of tool."""
    function: ChoiceDeltaToolCallFunction | None = None
    """The next of a function call."""
    custom: ChoiceDeltaToolCallCustom | None = None
    """
    The next of a call of a custom tool.

    Providers: openai.
    """


@base.define
class ChoiceDeltaToolCallCustom(base.Model):
    """
    A fragment of a custom tool and its input.

    Providers: openai.
    """

    name: str | None = None
    """The name of the tool."""
    input: str | None = None
    """The next of the input."""


@base.define
class ChoiceDeltaToolCallFunction(base.Model):
    """A fragment of a function and its arguments."""

    name: str | None = None
    """The name of the function."""
    arguments: TextOrJson | None = None
    """The next of the arguments. A server that does not stream them may send the object itself."""


@base.define
class ChunkChoice(base.Model):
    """What is new in one answer."""

    index: int = 0
    """Which answer it belongs to."""
    delta: ChoiceDelta = field(factory=lambda: ChoiceDelta())
    """What is new. Azure leaves it out where only its filters speak."""
    logprobs: ChoiceLogprobs | None = field(default=None, metadata={"lenient": True})
    """How likely the new tokens were, where `logprobs` was asked for."""
    finish_reason: FinishReason | None = None
    """Why the model stopped, once it has. It may come in more than one chunk, and with the last text or before it."""
    native_finish_reason: str | None = None
    """
    The same in the words of the company that ran the model.

    Providers: openrouter.
    """
    error: ErrorObject | str | UnknownMember | None = None
    """Why this answer broke off."""
