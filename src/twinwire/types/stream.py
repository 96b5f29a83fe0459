# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/stream.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define

from twinwire._model import base
from twinwire._model.unset import UNSET, Unset
from twinwire.chat.reply import ChunkReply

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject
    from twinwire._model.unknown import UnknownMember
    from twinwire.types.errors import ErrorObject
    from twinwire.types.reply import (
        Annotation,
        ChatCompletionAudio,
        ChatCompletionModeration,
        ChoiceLogprobs,
        FinishReason,
        FunctionCall,
        MessageContentPart,
        MessageImage,
        OpenRouterMetadata,
        ReasoningDetail,
        ReplyServiceTier,
    )
    from twinwire.types.usage import CompletionUsage


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionChunk(ChunkReply):
    """One piece of a streamed reply. Its id and its time may change within a stream."""

    id: str | None | Unset = UNSET
    """The provider's name for the reply."""
    object: Literal["chat.completion.chunk"] | str | None | Unset = UNSET
    """The kind of this object. Some servers send none, or the word of a whole reply."""
    created: float | None | Unset = UNSET
    """When the reply was begun, in seconds since 1970."""
    model: str | None | Unset = UNSET
    """The model that answers. Empty in Azure's first chunk."""
    choices: list[ChunkChoice]
    """What is new in each answer. Empty in a chunk that only carries something else, such as usage or moderation."""
    usage: CompletionUsage | None | Unset = UNSET
    """
    The tokens so far. It comes in one chunk or in several and always counts from the beginning, so the last one
    holds.
    """
    service_tier: ReplyServiceTier | None | Unset = UNSET
    """How the request is really processed, which may differ from what was asked for."""
    system_fingerprint: str | None | Unset = UNSET
    """
    Names the configuration of the backend; replies to the same `seed` can be compared only if it is equal.

    Deprecated: OpenAI has stopped promising it.
    """
    obfuscation: str | None | Unset = UNSET
    """
    Random characters that hide the length of the text from who watches the line. `include_obfuscation` turns them
    off.

    Providers: openai.
    """
    moderation: ChatCompletionModeration | None | Unset = UNSET
    """
    What moderation said. It may come after the usage.

    Providers: openai.
    """
    provider: str | None | Unset = UNSET
    """
    The company whose endpoint serves the request.

    Providers: openrouter.
    """
    openrouter_metadata: OpenRouterMetadata | None | Unset = UNSET
    """
    How the request was routed, where the request asked to be told.

    Providers: openrouter.
    """
    alignment: JsonObject | None | Unset = UNSET
    """
    What the alignment plugin found. Its shape is not settled.

    Providers: openrouter.
    """
    safeguard_results: list[JsonObject] | None | Unset = UNSET
    """
    What the safeguards of the account found. Their shape is not published.

    Providers: openrouter.
    """
    error: ErrorObject | str | UnknownMember | None | Unset = UNSET
    """The failure that ends the stream; it is raised."""


@define(repr=False, eq=False, kw_only=True)
class ChoiceDelta(base.Model):
    """What is new in a message. All fields are optional, and text goes to the end of what there is."""

    role: Literal["developer", "system", "user", "assistant", "tool"] | str | None | Unset = UNSET
    """Who writes. Some servers send it with every chunk, some never."""
    content: str | list[MessageContentPart] | JsonObject | None | Unset = UNSET
    """The next text. Mistral sends parts while the model thinks."""
    refusal: str | None | Unset = UNSET
    """The next words of a refusal."""
    reasoning: str | None | Unset = UNSET
    """
    The next of what the model thinks, as text. OpenRouter, Groq, Ollama and others use this name.

    Providers: openrouter.
    """
    reasoning_content: str | None | Unset = UNSET
    """The next of what the model thinks, as text. DeepSeek, vLLM, llama.cpp, xAI and others use this name."""
    reasoning_details: list[ReasoningDetail] | None | Unset = UNSET
    """
    The next pieces of what the model thinks; those with the same index belong together.

    Providers: openrouter.
    """
    tool_calls: list[ChoiceDeltaToolCall] | None | Unset = UNSET
    """Fragments of tool calls."""
    function_call: FunctionCall | None | Unset = UNSET
    """
    A fragment of a function call in the old form.

    Providers: openai.

    Deprecated: Replaced by `tool_calls`.
    """
    annotations: list[Annotation] | None | Unset = UNSET
    """
    Sources and files that the text rests on.

    Providers: openrouter.
    """
    audio: ChatCompletionAudio | None | Unset = UNSET
    """The next of the spoken answer; the sound and the transcript go to the end of what there is."""
    images: list[MessageImage] | None | Unset = UNSET
    """
    Images that the model made.

    Providers: openrouter.
    """


@define(repr=False, eq=False, kw_only=True)
class ChoiceDeltaToolCall(base.Model):
    """
    A fragment of a tool call. Mistral, Gemini and Ollama send no index; some servers repeat id, type and name in
    later fragments, or send them as null or empty text.
    """

    index: int | None | Unset = UNSET
    """Which call it belongs to."""
    id: str | None | Unset = UNSET
    """Names the call."""
    type: Literal["function", "custom"] | str | None | Unset = UNSET
    """The kind of tool."""
    function: ChoiceDeltaToolCallFunction | None | Unset = UNSET
    """The next of a function call."""
    custom: ChoiceDeltaToolCallCustom | None | Unset = UNSET
    """
    The next of a call of a custom tool.

    Providers: openai.
    """


@define(repr=False, eq=False, kw_only=True)
class ChoiceDeltaToolCallCustom(base.Model):
    """
    A fragment of a custom tool and its input.

    Providers: openai.
    """

    name: str | None | Unset = UNSET
    """The name of the tool."""
    input: str | None | Unset = UNSET
    """The next of the input."""


@define(repr=False, eq=False, kw_only=True)
class ChoiceDeltaToolCallFunction(base.Model):
    """A fragment of a function and its arguments."""

    name: str | None | Unset = UNSET
    """The name of the function."""
    arguments: str | JsonObject | None | Unset = UNSET
    """The next of the arguments. A server that does not stream them may send the object itself."""


@define(repr=False, eq=False, kw_only=True)
class ChunkChoice(base.Model):
    """What is new in one answer."""

    index: int | None | Unset = UNSET
    """Which answer it belongs to."""
    delta: ChoiceDelta | None | Unset = UNSET
    """What is new. Azure leaves it out where only its filters speak."""
    logprobs: ChoiceLogprobs | float | UnknownMember | None | Unset = UNSET
    """How likely the new tokens were, where `logprobs` was asked for."""
    finish_reason: FinishReason | None | Unset = UNSET
    """Why the model stopped, once it has. It may come in more than one chunk, and with the last text or before it."""
    native_finish_reason: str | None | Unset = UNSET
    """
    The same in the words of the company that ran the model.

    Providers: openrouter.
    """
    error: ErrorObject | str | UnknownMember | None | Unset = UNSET
    """Why this answer broke off."""
