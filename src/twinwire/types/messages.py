# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/messages.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence


class AssistantAudioParam(TypedDict):
    """An earlier spoken answer, by its id. OpenAI takes the id alone."""

    id: NotRequired[str]
    """The id that the reply gave. OpenAI needs it."""
    data: NotRequired[str]
    """
    The sound in base64.

    Providers: openrouter.
    """
    expires_at: NotRequired[int]
    """
    When the server forgets the sound, in seconds since 1970.

    Providers: openrouter.
    """
    transcript: NotRequired[str]
    """
    What was said.

    Providers: openrouter.
    """


class AssistantImageParam(TypedDict):
    """
    An image that a model made.

    Providers: openrouter.
    """

    image_url: AssistantImageURLParam
    """Where the image is."""


class AssistantImageURLParam(TypedDict):
    """
    Where an image that a model made is.

    Providers: openrouter.
    """

    url: str
    """An https address, or a data URL with the image in base64."""


class CacheControlParam(TypedDict):
    """
    A cache breakpoint in Anthropic's spelling.

    Providers: openrouter.
    """

    type: Literal["ephemeral"]
    ttl: NotRequired[Literal["5m", "1h"] | str]
    """How long the cached prefix is kept. Five minutes unless said."""


class ChatCompletionAssistantMessageParam(TypedDict):
    """An earlier answer of the model, handed back as part of the conversation."""

    role: Literal["assistant"]
    content: NotRequired[str | Sequence[ChatCompletionAssistantContentPartParam] | None]
    """The answer. May be null or absent where the model called tools instead."""
    refusal: NotRequired[str | None]
    """The words with which the model declined to answer."""
    name: NotRequired[str]
    """Tells participants of the same role apart."""
    audio: NotRequired[AssistantAudioParam | None]
    """The earlier spoken answer that this message stands for."""
    tool_calls: NotRequired[Sequence[ChatCompletionMessageToolCallUnionParam]]
    """The tool calls that the model made; a tool message answers each."""
    function_call: NotRequired[FunctionCallParam | None]
    """
    The one function call of the time before tools.

    Providers: openai.

    Deprecated: Use `tool_calls`.
    """
    reasoning: NotRequired[str | None]
    """
    The reasoning that came with the answer, as text.

    Providers: openrouter.
    """
    reasoning_details: NotRequired[Sequence[ReasoningDetailParam]]
    """
    The reasoning that came with the answer, piece by piece. Handed back unchanged and in order, it lets the model
    go on from there after a tool call.

    Providers: openrouter.
    """
    images: NotRequired[Sequence[AssistantImageParam]]
    """
    Images that the model made.

    Providers: openrouter.
    """
    model: NotRequired[str]
    """
    The model that gave the answer; the auto router's `pin_model` reads it.

    Providers: openrouter.
    """


class ChatCompletionContentPartFileParam(TypedDict):
    """A document, such as a PDF."""

    type: Literal["file"]
    file: FileParam
    """The document, as data or by the id of an upload."""
    prompt_cache_breakpoint: NotRequired[PromptCacheBreakpointParam]
    """
    Cache the prompt up to the end of this part.

    Providers: openai.
    """


class ChatCompletionContentPartImageParam(TypedDict):
    """An image, by address or as data."""

    type: Literal["image_url"]
    image_url: ImageURLParam | str
    """Where the image is, and how closely to look; an address alone will do."""
    prompt_cache_breakpoint: NotRequired[PromptCacheBreakpointParam]
    """
    Cache the prompt up to the end of this part.

    Providers: openai.
    """


class ChatCompletionContentPartInputAudioParam(TypedDict):
    """Recorded sound."""

    type: Literal["input_audio"]
    input_audio: InputAudioParam
    """The sound."""
    prompt_cache_breakpoint: NotRequired[PromptCacheBreakpointParam]
    """
    Cache the prompt up to the end of this part.

    Providers: openai.
    """


class ChatCompletionContentPartInputVideoParam(TypedDict):
    """
    A video in the spelling that `video_url` parts replaced.

    Providers: openrouter.

    Deprecated: Use a part of type `video_url`.
    """

    type: Literal["input_video"]
    video_url: VideoURLParam
    """Where the video is, and how to read it."""


class ChatCompletionContentPartRefusalParam(TypedDict):
    """
    The words with which the model declined to answer.

    Providers: openai.
    """

    type: Literal["refusal"]
    refusal: str
    """The words."""


class ChatCompletionContentPartTextParam(TypedDict):
    """A piece of text."""

    type: Literal["text"]
    text: str
    """The text."""
    cache_control: NotRequired[CacheControlParam]
    """
    Cache the prompt up to the end of this part (Anthropic's way of saying it).

    Providers: openrouter.
    """
    prompt_cache_breakpoint: NotRequired[PromptCacheBreakpointParam | None]
    """Cache the prompt up to the end of this part (OpenAI's way of saying it)."""


class ChatCompletionContentPartVideoParam(TypedDict):
    """
    A video, by address or as data.

    Providers: openrouter.
    """

    type: Literal["video_url"]
    video_url: VideoURLParam
    """Where the video is, and how to read it."""


ChatCompletionAssistantContentPartParam: TypeAlias = "ChatCompletionContentPartTextParam | ChatCompletionContentPartRefusalParam | ChatCompletionContentPartImageParam | ChatCompletionContentPartInputAudioParam | ChatCompletionContentPartFileParam | ChatCompletionContentPartVideoParam | ChatCompletionContentPartInputVideoParam"
"""One part of an earlier answer. OpenAI takes text and refusals only."""


ChatCompletionContentPartParam: TypeAlias = "ChatCompletionContentPartTextParam | ChatCompletionContentPartImageParam | ChatCompletionContentPartInputAudioParam | ChatCompletionContentPartFileParam | ChatCompletionContentPartVideoParam | ChatCompletionContentPartInputVideoParam"
"""One part of a message's content, told apart by its type."""


class ChatCompletionDeveloperMessageParam(TypedDict):
    """Instructions of the application to a reasoning model; they outrank what the user says."""

    role: Literal["developer"]
    content: str | Sequence[ChatCompletionContentPartTextParam]
    """The instructions, as text or text parts."""
    name: NotRequired[str]
    """Tells participants of the same role apart."""
    configuration_update: NotRequired[ConfigurationUpdateParam | None]
    """
    Settings that change from this point of the conversation on, without losing the prompt cache before it.

    Providers: openrouter.
    """


class ChatCompletionFunctionMessageParam(TypedDict):
    """
    What a function of the time before tools returned.

    Providers: openai.

    Deprecated: Use a tool message.
    """

    role: Literal["function"]
    content: str | None
    """The result."""
    name: str
    """The name of the function."""


class ChatCompletionMessageCustomToolCallParam(TypedDict):
    """
    A call of a custom tool.

    Providers: openai.
    """

    id: str
    """The id that the tool message repeats."""
    type: Literal["custom"]
    custom: CustomToolCallParam
    """The tool and its input."""


class ChatCompletionMessageFunctionToolCallParam(TypedDict):
    """A call of a function."""

    id: str
    """The id that the tool message repeats."""
    type: Literal["function"]
    function: FunctionCallParam
    """The function and its arguments."""


ChatCompletionMessageToolCallUnionParam: TypeAlias = (
    "ChatCompletionMessageFunctionToolCallParam | ChatCompletionMessageCustomToolCallParam"
)
"""One tool call of an earlier answer."""


class ChatCompletionSystemMessageParam(TypedDict):
    """Instructions of the application to the model."""

    role: Literal["system"]
    content: str | Sequence[ChatCompletionContentPartTextParam]
    """The instructions, as text or text parts."""
    name: NotRequired[str]
    """Tells participants of the same role apart."""
    configuration_update: NotRequired[ConfigurationUpdateParam | None]
    """
    Settings that change from this point of the conversation on, without losing the prompt cache before it. Stands
    on a message with empty content, right before the user message that it is for, and stays there in later
    requests.

    Providers: openrouter.
    """


class ChatCompletionToolMessageParam(TypedDict):
    """What a tool returned, in answer to one tool call."""

    role: Literal["tool"]
    content: str | Sequence[ChatCompletionContentPartParam]
    """The result, as text or parts. OpenAI takes text parts only."""
    tool_call_id: str
    """The `id` of the tool call that this answers."""
    name: NotRequired[str]
    """
    The name of the tool, for models whose templates want it.

    Providers: openrouter.
    """


class ChatCompletionUserMessageParam(TypedDict):
    """What the user says or shows."""

    role: Literal["user"]
    content: str | Sequence[ChatCompletionContentPartParam]
    """Text, or parts of any kind that the model can read."""
    name: NotRequired[str]
    """Tells participants of the same role apart."""


ChatCompletionMessageParam: TypeAlias = "ChatCompletionDeveloperMessageParam | ChatCompletionSystemMessageParam | ChatCompletionUserMessageParam | ChatCompletionAssistantMessageParam | ChatCompletionToolMessageParam | ChatCompletionFunctionMessageParam"
"""One message of the conversation, told apart by its role."""


class ConfigurationUpdateParam(TypedDict):
    """
    Settings that change in the middle of a conversation.

    Providers: openrouter.
    """

    reasoning: ConfigurationUpdateReasoningParam
    """How hard the model thinks from here on."""


class ConfigurationUpdateReasoningParam(TypedDict):
    """
    How hard the model thinks from one point of a conversation on.

    Providers: openrouter.
    """

    effort: Literal["max", "xhigh", "high", "medium", "low", "minimal", "none"] | str
    """The effort."""


class CustomToolCallParam(TypedDict):
    """
    A custom tool and the input it was called with.

    Providers: openai.
    """

    name: str
    """The name of the tool."""
    input: str
    """The input as the model wrote it."""


class FileParam(TypedDict):
    """A document, as data or by the id of an upload."""

    filename: NotRequired[str]
    """The name that the model sees."""
    file_data: NotRequired[str]
    """A data URL with the document in base64. OpenRouter also takes an https address."""
    file_id: NotRequired[str]
    """The id of a file uploaded earlier."""


class FunctionCallParam(TypedDict):
    """A function and the arguments it was called with."""

    name: str
    """The name of the function."""
    arguments: str
    """The arguments as the model wrote them. Meant to be JSON, and not always valid."""


class ImageURLParam(TypedDict):
    """An image and how closely to look at it."""

    url: str
    """An https address, or a data URL with the image in base64."""
    detail: NotRequired[Literal["auto", "low", "high", "original"] | str]
    """How closely to look; finer costs more tokens. `original` keeps the resolution where the model can."""


class InputAudioParam(TypedDict):
    """Sound as data."""

    data: str
    """The bytes of the recording in base64, without a data URL around them."""
    format: Literal["wav", "mp3", "flac", "m4a", "ogg", "aiff", "aac", "pcm16", "pcm24"] | str
    """How the recording is encoded. OpenAI takes `wav` and `mp3`."""


class PromptCacheBreakpointParam(TypedDict):
    """A cache breakpoint in OpenAI's spelling."""

    mode: Literal["explicit"]
    ttl: NotRequired[Literal["30m", "12h"] | str | None]
    """How long the cached prefix is kept, where it differs from `prompt_cache_options.ttl`."""


class ReasoningDetailEncryptedParam(TypedDict):
    """
    Reasoning that only the model's maker can read.

    Providers: openrouter.
    """

    type: Literal["reasoning.encrypted"]
    data: str
    """The encrypted reasoning."""
    id: NotRequired[str | None]
    """The id that the reply gave."""
    format: NotRequired[
        Literal[
            "unknown",
            "openai-responses-v1",
            "azure-openai-responses-v1",
            "bedrock-openai-responses-v1",
            "bedrock-xai-responses-v1",
            "xai-responses-v1",
            "meta-responses-v1",
            "anthropic-claude-v1",
            "google-gemini-v1",
        ]
        | str
        | None
    ]
    """Which model family can read the piece."""
    index: NotRequired[int]
    """The place of the piece in the reasoning."""


class ReasoningDetailServerToolCallParam(TypedDict):
    """
    A call of one of OpenRouter's server tools, so that a later turn knows of it.

    Providers: openrouter.
    """

    type: Literal["reasoning.server_tool_call"]
    tool_name: str
    """The tool, such as `openrouter:fusion`."""
    arguments: str
    """The arguments as the model wrote them."""
    result: str
    """What the tool returned."""
    tool_call_id: NotRequired[str | None]
    """The id of the call."""
    id: NotRequired[str | None]
    """The id that the reply gave."""
    format: NotRequired[
        Literal[
            "unknown",
            "openai-responses-v1",
            "azure-openai-responses-v1",
            "bedrock-openai-responses-v1",
            "bedrock-xai-responses-v1",
            "xai-responses-v1",
            "meta-responses-v1",
            "anthropic-claude-v1",
            "google-gemini-v1",
        ]
        | str
        | None
    ]
    """Which model family can read the piece."""
    index: NotRequired[int]
    """The place of the piece in the reasoning."""


class ReasoningDetailSummaryParam(TypedDict):
    """
    Reasoning in summary.

    Providers: openrouter.
    """

    type: Literal["reasoning.summary"]
    summary: str
    """The summary."""
    id: NotRequired[str | None]
    """The id that the reply gave."""
    format: NotRequired[
        Literal[
            "unknown",
            "openai-responses-v1",
            "azure-openai-responses-v1",
            "bedrock-openai-responses-v1",
            "bedrock-xai-responses-v1",
            "xai-responses-v1",
            "meta-responses-v1",
            "anthropic-claude-v1",
            "google-gemini-v1",
        ]
        | str
        | None
    ]
    """Which model family can read the piece."""
    index: NotRequired[int]
    """The place of the piece in the reasoning."""


class ReasoningDetailTextParam(TypedDict):
    """
    Reasoning in plain text.

    Providers: openrouter.
    """

    type: Literal["reasoning.text"]
    text: NotRequired[str | None]
    """The text."""
    signature: NotRequired[str | None]
    """Proof for the model's maker that the text is unchanged."""
    id: NotRequired[str | None]
    """The id that the reply gave."""
    format: NotRequired[
        Literal[
            "unknown",
            "openai-responses-v1",
            "azure-openai-responses-v1",
            "bedrock-openai-responses-v1",
            "bedrock-xai-responses-v1",
            "xai-responses-v1",
            "meta-responses-v1",
            "anthropic-claude-v1",
            "google-gemini-v1",
        ]
        | str
        | None
    ]
    """Which model family can read the piece."""
    index: NotRequired[int]
    """The place of the piece in the reasoning."""


ReasoningDetailParam: TypeAlias = "ReasoningDetailSummaryParam | ReasoningDetailEncryptedParam | ReasoningDetailTextParam | ReasoningDetailServerToolCallParam"
"""
One piece of earlier reasoning, told apart by its type.

Providers: openrouter.
"""


class VideoURLParam(TypedDict):
    """
    A video and how to read it.

    Providers: openrouter.
    """

    url: str
    """An https address, or a data URL with the video in base64."""
    processing: NotRequired[Literal["agentic", "static"] | str]
    """Whether the model looks through the video by itself, or gets frames at a fixed rate. Read by Gemini models."""
