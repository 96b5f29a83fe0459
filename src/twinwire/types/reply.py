# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/reply.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define

from twinwire._model import base
from twinwire._model.unset import UNSET, Unset
from twinwire.chat.reply import ChatReply

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject
    from twinwire._model.unknown import UnknownMember
    from twinwire.types.errors import ErrorObject
    from twinwire.types.usage import CompletionUsage


@define(repr=False, eq=False, kw_only=True)
class AnnotationFile(base.Model):
    """
    What was read from a file.

    Providers: openrouter.
    """

    hash: str | None | Unset = UNSET
    """Identifies the file by its content."""
    name: str | None | Unset = UNSET
    """The name of the file."""
    content: list[MessageContentPart] | None | Unset = UNSET
    """The text and images of the file."""


@define(repr=False, eq=False, kw_only=True)
class AnnotationURLCitation(base.Model):
    """A page and the stretch of text that cites it."""

    start_index: int | None | Unset = UNSET
    """Where the stretch begins, in characters."""
    end_index: int | None | Unset = UNSET
    """Where it ends, in characters."""
    url: str | None | Unset = UNSET
    """The address of the page."""
    title: str | None | Unset = UNSET
    """The title of the page."""
    content: str | None | Unset = UNSET
    """
    What the page says about it.

    Providers: openrouter.
    """


@define(repr=False, eq=False, kw_only=True)
class ChatCompletion(ChatReply):
    """What a model answered, in one or several choices."""

    id: str | None | Unset = UNSET
    """The provider's name for this reply. Some servers send an empty one."""
    object: Literal["chat.completion"] | str | None | Unset = UNSET
    """The kind of this object."""
    created: float | None | Unset = UNSET
    """When the reply was made, in seconds since 1970."""
    model: str | None | Unset = UNSET
    """The model that answered. It may be a dated version, or another model than was asked for."""
    choices: list[Choice]
    """The answers, as many as `n` asked for."""
    usage: CompletionUsage | None | Unset = UNSET
    """Tokens and cost. Some servers leave it out."""
    service_tier: ReplyServiceTier | None | Unset = UNSET
    """How the request was really processed, which may differ from what was asked for."""
    system_fingerprint: str | None | Unset = UNSET
    """
    Names the configuration of the backend; replies to the same `seed` can be compared only if it is equal.

    Deprecated: OpenAI has stopped promising it.
    """
    metadata: JsonObject | None | Unset = UNSET
    """
    The pairs that the request was labelled with.

    Providers: openai.
    """
    moderation: ChatCompletionModeration | None | Unset = UNSET
    """
    What moderation said, where the request asked for it.

    Providers: openai.
    """
    provider: str | None | Unset = UNSET
    """
    The company whose endpoint served the request.

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
    """An error beside the choices. Without choices it is raised instead of returned."""


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionAudio(base.Model):
    """A spoken answer."""

    id: str | None | Unset = UNSET
    """Names the sound; a later request can refer to it instead of sending it."""
    expires_at: float | None | Unset = UNSET
    """Until when the server keeps it, in seconds since 1970."""
    data: str | None | Unset = UNSET
    """The sound, in base64, in the format that was asked for."""
    transcript: str | None | Unset = UNSET
    """What is said."""


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionMessage(base.Model):
    """The message that a model wrote. It can be handed back among the messages of the next request."""

    role: Literal["assistant"] | str | None | Unset = UNSET
    """Who wrote it."""
    content: str | list[MessageContentPart] | JsonObject | None | Unset = UNSET
    """
    The text; null or absent beside tool calls and refusals. Mistral sends parts when the model thinks, Cloudflare
    an object (the parsed JSON) in JSON mode. `text` on the reply is the text in all cases.
    """
    refusal: str | None | Unset = UNSET
    """The words in which the model declined. Some servers send an empty text for none."""
    reasoning: str | None | Unset = UNSET
    """
    What the model thought, as text. OpenRouter, Groq, Ollama and others use this name.

    Providers: openrouter.
    """
    reasoning_content: str | None | Unset = UNSET
    """What the model thought, as text. DeepSeek, vLLM, llama.cpp, xAI and others use this name."""
    reasoning_details: list[ReasoningDetail] | None | Unset = UNSET
    """
    What the model thought, in pieces that can be handed back unchanged to go on from there.

    Providers: openrouter.
    """
    tool_calls: list[ChatCompletionMessageToolCall] | None | Unset = UNSET
    """The tools that the model wants run."""
    function_call: FunctionCall | None | Unset = UNSET
    """
    The function that the model wants run, in the old form.

    Providers: openai.

    Deprecated: Replaced by `tool_calls`.
    """
    annotations: list[Annotation] | None | Unset = UNSET
    """Sources and files that the text rests on."""
    audio: ChatCompletionAudio | None | Unset = UNSET
    """The spoken answer, where audio was asked for."""
    images: list[MessageImage] | None | Unset = UNSET
    """
    The images that the model made.

    Providers: openrouter.
    """
    model: str | None | Unset = UNSET
    """
    The model that wrote this message.

    Providers: openrouter.
    """
    name: str | None | Unset = UNSET
    """
    A name of the author beside its role.

    Providers: openrouter.
    """


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionMessageCustomToolCall(base.Model):
    """
    A call of one of the custom tools that the request offered.

    Providers: openai.
    """

    id: str | None | Unset = UNSET
    """Names the call; the message with the result repeats it."""
    type: Literal["custom"]
    custom: Custom
    """The tool and its input."""


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionMessageFunctionToolCall(base.Model):
    """A call of one of the functions that the request offered."""

    id: str | None | Unset = UNSET
    """Names the call; the message with the result repeats it. Any text, of any length."""
    type: Literal["function"] | None | Unset = UNSET
    function: Function
    """The function and its arguments."""
    index: int | None | Unset = UNSET
    """
    The place of the call among those of the message. OpenRouter, Mistral and others send it.

    Providers: openrouter.
    """


ChatCompletionMessageToolCall: TypeAlias = (
    "ChatCompletionMessageFunctionToolCall | ChatCompletionMessageCustomToolCall | UnknownMember"
)
"""A tool that the model wants run. A call without `type` (Mistral sends none) is a function call."""


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionModeration(base.Model):
    """
    What moderation said of the request and of the answer.

    Providers: openai.
    """

    input: ModerationOutcome | None | Unset = UNSET
    """Of the request."""
    output: ModerationOutcome | None | Unset = UNSET
    """Of the answer."""


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionModerationError(base.Model):
    """
    Why moderation did not come about.

    Providers: openai.
    """

    type: Literal["error"]
    code: str | None | Unset = UNSET
    """The cause, in a word."""
    message: str | None | Unset = UNSET
    """The cause, in a sentence."""


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionModerationResults(base.Model):
    """
    What a moderation model found.

    Providers: openai.
    """

    type: Literal["moderation_results"]
    model: str | None | Unset = UNSET
    """The moderation model."""
    results: list[ModerationResultBody] | None | Unset = UNSET
    """The findings."""


@define(repr=False, eq=False, kw_only=True)
class ChatCompletionTokenLogprob(base.Model):
    """How likely one token was, and its rivals."""

    token: str | None | Unset = UNSET
    """The text of the token."""
    logprob: float | None | Unset = UNSET
    """Its natural logarithmic probability. -9999.0 stands for very unlikely."""
    bytes: list[int] | None | Unset = UNSET
    """Its UTF-8 bytes, as a character may be split over tokens. Null if it has none."""
    top_logprobs: list[TopLogprob] | None | Unset = UNSET
    """The likeliest tokens at this place, at most as many as asked for."""


@define(repr=False, eq=False, kw_only=True)
class Choice(base.Model):
    """One answer."""

    index: int | None | Unset = UNSET
    """The place of this answer among the choices."""
    message: ChatCompletionMessage
    """What the model wrote."""
    logprobs: ChoiceLogprobs | float | UnknownMember | None | Unset = UNSET
    """
    How likely the tokens were, where `logprobs` was asked for. Through OpenRouter it has been seen to be a single
    number.
    """
    finish_reason: FinishReason | None | Unset = UNSET
    """Why the model stopped. Null with text in the message means that the provider broke off."""
    native_finish_reason: str | None | Unset = UNSET
    """
    The same in the words of the company that ran the model.

    Providers: openrouter.
    """
    error: ErrorObject | str | UnknownMember | None | Unset = UNSET
    """Why this answer broke off, while the message holds what had been written."""


@define(repr=False, eq=False, kw_only=True)
class ChoiceLogprobs(base.Model):
    """How likely the tokens of one answer were."""

    content: list[ChatCompletionTokenLogprob] | None | Unset = UNSET
    """One entry for each token of the text."""
    refusal: list[ChatCompletionTokenLogprob] | None | Unset = UNSET
    """One entry for each token of the refusal."""


@define(repr=False, eq=False, kw_only=True)
class Custom(base.Model):
    """
    A custom tool and what to give it.

    Providers: openai.
    """

    name: str
    """The name of the tool."""
    input: str | None | Unset = UNSET
    """The input as the model wrote it."""


@define(repr=False, eq=False, kw_only=True)
class FileAnnotation(base.Model):
    """
    A file of the request as it was read. Handed back in the next request, the file need not be read (and paid)
    again.

    Providers: openrouter.
    """

    type: Literal["file"]
    file: AnnotationFile | None | Unset = UNSET
    """The file."""


FinishReason: TypeAlias = "Literal['stop', 'length', 'tool_calls', 'content_filter', 'function_call', 'error'] | str"
"""
Why the model stopped: `stop` is its own end or a stop sequence, `length` the token limit, `tool_calls` that it
wants tools run, `content_filter` a filter, `function_call` the same as `tool_calls` in the old form, `error` a
failure (OpenRouter). OpenAI and others also send `stop` with tool calls, so look at the calls.
"""


@define(repr=False, eq=False, kw_only=True)
class Function(base.Model):
    """A function and what to call it with."""

    name: str
    """The name of the function."""
    arguments: str | JsonObject | None | Unset = UNSET
    """
    The arguments as the model wrote them: usually the text of a JSON object, but neither this nor valid JSON is
    sure. Absent or empty where a function has no parameters. Text Generation Inference and some versions of
    llama.cpp send the object itself.
    """


@define(repr=False, eq=False, kw_only=True)
class FunctionCall(base.Model):
    """
    A function and what to call it with, in the form before there were tools.

    Providers: openai.
    """

    name: str | None | Unset = UNSET
    """The name of the function."""
    arguments: str | None | Unset = UNSET
    """The arguments as the model wrote them, usually the text of a JSON object."""


@define(repr=False, eq=False, kw_only=True)
class MessageAudioData(base.Model):
    """Encoded sound."""

    data: str | None | Unset = UNSET
    """The sound, in base64."""
    format: str | None | Unset = UNSET
    """How it is encoded, such as `wav` or `mp3`."""


@define(repr=False, eq=False, kw_only=True)
class MessageAudioPart(base.Model):
    """Sound."""

    type: Literal["input_audio"]
    input_audio: MessageAudioData | None | Unset = UNSET
    """The sound."""


@define(repr=False, eq=False, kw_only=True)
class MessageFile(base.Model):
    """A file, by content or by id."""

    file_data: str | None | Unset = UNSET
    """The content as a data URL, or an address."""
    file_id: str | None | Unset = UNSET
    """The id of an uploaded file."""
    filename: str | None | Unset = UNSET
    """Its name."""


@define(repr=False, eq=False, kw_only=True)
class MessageFilePart(base.Model):
    """A file."""

    type: Literal["file"]
    file: MessageFile | None | Unset = UNSET
    """The file."""


@define(repr=False, eq=False, kw_only=True)
class MessageImage(base.Model):
    """
    An image that the model made.

    Providers: openrouter.
    """

    type: str | None | Unset = UNSET
    """The kind of this object."""
    index: int | None | Unset = UNSET
    """The place of the image among those of the message."""
    image_url: MessageImageURL | None | Unset = UNSET
    """Where the image is."""


@define(repr=False, eq=False, kw_only=True)
class MessageImagePart(base.Model):
    """An image."""

    type: Literal["image_url"]
    image_url: MessageImageURL | str | UnknownMember | None | Unset = UNSET
    """Where the image is."""


@define(repr=False, eq=False, kw_only=True)
class MessageImageURL(base.Model):
    """Where an image is."""

    url: str | None | Unset = UNSET
    """Its address, or the image itself as a data URL."""
    detail: Literal["auto", "low", "high", "original"] | str | None | Unset = UNSET
    """How closely a model is to look at it."""


@define(repr=False, eq=False, kw_only=True)
class MessageInputVideoPart(base.Model):
    """A video, in the old form of OpenRouter."""

    type: Literal["input_video"]
    video_url: MessageVideoURL | None | Unset = UNSET
    """Where the video is."""


@define(repr=False, eq=False, kw_only=True)
class MessageRefusalPart(base.Model):
    """The words in which the model declined."""

    type: Literal["refusal"]
    refusal: str | None | Unset = UNSET
    """The words."""


@define(repr=False, eq=False, kw_only=True)
class MessageTextPart(base.Model):
    """Text."""

    type: Literal["text"]
    text: str | None | Unset = UNSET
    """The text."""


@define(repr=False, eq=False, kw_only=True)
class MessageThinkingPart(base.Model):
    """What the model thought, as Mistral sends it."""

    type: Literal["thinking"]
    thinking: str | list[MessageContentPart] | None | Unset = UNSET
    """The thought, in parts."""
    closed: bool | None | Unset = UNSET
    """Whether the thought came to its end."""


@define(repr=False, eq=False, kw_only=True)
class MessageVideoPart(base.Model):
    """A video."""

    type: Literal["video_url"]
    video_url: MessageVideoURL | None | Unset = UNSET
    """Where the video is."""


MessageContentPart: TypeAlias = "MessageTextPart | MessageThinkingPart | MessageRefusalPart | MessageImagePart | MessageAudioPart | MessageVideoPart | MessageInputVideoPart | MessageFilePart | UnknownMember"
"""One part of a content that is not plain text."""


@define(repr=False, eq=False, kw_only=True)
class MessageVideoURL(base.Model):
    """Where a video is."""

    url: str | None | Unset = UNSET
    """Its address, or the video itself as a data URL."""


ModerationInputType: TypeAlias = "Literal['text', 'image'] | str"
"""
A kind of input.

Providers: openai.
"""


ModerationOutcome: TypeAlias = "ChatCompletionModerationResults | ChatCompletionModerationError | UnknownMember"
"""
Findings, or why there are none.

Providers: openai.
"""


@define(repr=False, eq=False, kw_only=True)
class ModerationResultBody(base.Model):
    """
    One finding, by category.

    Providers: openai.
    """

    type: Literal["moderation_result"] | str | None | Unset = UNSET
    """The kind of this object."""
    model: str | None | Unset = UNSET
    """The moderation model."""
    flagged: bool | None | Unset = UNSET
    """Whether any category applies."""
    categories: dict[str, bool] | None | Unset = UNSET
    """Whether each category applies."""
    category_scores: dict[str, float] | None | Unset = UNSET
    """How sure the model is of each category, from 0 to 1."""
    category_applied_input_types: dict[str, list[ModerationInputType]] | None | Unset = UNSET
    """Which kinds of input each score rests on, such as `text` or `image`."""


@define(repr=False, eq=False, kw_only=True)
class OpenRouterMetadata(base.Model):
    """
    How a request was routed.

    Providers: openrouter.
    """

    requested: str | None | Unset = UNSET
    """The model that was asked for."""
    strategy: (
        Literal["direct", "auto", "free", "latest", "alias", "fallback", "pareto", "bodybuilder", "fusion"]
        | str
        | None
        | Unset
    ) = UNSET
    """How the endpoint was chosen."""
    region: str | None | Unset = UNSET
    """The region that the request entered by."""
    summary: str | None | Unset = UNSET
    """The routing in one line."""
    attempt: int | None | Unset = UNSET
    """Which attempt succeeded, counted from 1."""
    attempts: list[RouterAttempt] | None | Unset = UNSET
    """The attempts, in order."""
    is_byok: bool | None | Unset = UNSET
    """Whether your own key with the company was used."""
    endpoints: RouterEndpoints | None | Unset = UNSET
    """The endpoints that came into question."""
    params: RouterParams | None | Unset = UNSET
    """What the router was told to look for."""
    pipeline: list[PipelineStage] | None | Unset = UNSET
    """What was done with the request on the way."""
    generation_time: float | None | Unset = UNSET
    """How long the model wrote, in milliseconds."""


@define(repr=False, eq=False, kw_only=True)
class PipelineStage(base.Model):
    """
    One step that a request went through.

    Providers: openrouter.
    """

    type: (
        Literal["guardrail", "plugin", "server_tools", "response_healing", "context_compression"] | str | None | Unset
    ) = UNSET
    """The kind of step."""
    name: str | None | Unset = UNSET
    """The name of the step; several may be of one kind."""
    summary: str | None | Unset = UNSET
    """What it did, in a sentence."""
    data: JsonObject | None | Unset = UNSET
    """What it did, in its own terms."""
    cost_usd: float | None | Unset = UNSET
    """What it cost, in US dollars."""
    guardrail_id: str | None | Unset = UNSET
    """The guardrail that acted."""
    guardrail_scope: str | None | Unset = UNSET
    """What the guardrail is set for."""


@define(repr=False, eq=False, kw_only=True)
class ReasoningDetailEncrypted(base.Model):
    """
    A thought that only the maker of the model can read.

    Providers: openrouter.
    """

    type: Literal["reasoning.encrypted"]
    data: str | None | Unset = UNSET
    """The encrypted thought."""
    format: ReasoningFormat | None | Unset = UNSET
    """Who understands it."""
    id: str | None | Unset = UNSET
    """Names the piece."""
    index: int | None | Unset = UNSET
    """The place of the piece; pieces of a stream with the same index belong together."""


@define(repr=False, eq=False, kw_only=True)
class ReasoningDetailServerToolCall(base.Model):
    """
    A tool that OpenRouter ran while the model thought.

    Providers: openrouter.
    """

    type: Literal["reasoning.server_tool_call"]
    tool_name: str | None | Unset = UNSET
    """The name of the tool."""
    arguments: str | None | Unset = UNSET
    """What it was called with."""
    result: str | None | Unset = UNSET
    """What it gave."""
    tool_call_id: str | None | Unset = UNSET
    """Names the call."""
    format: ReasoningFormat | None | Unset = UNSET
    """Who understands it."""
    id: str | None | Unset = UNSET
    """Names the piece."""
    index: int | None | Unset = UNSET
    """The place of the piece; pieces of a stream with the same index belong together."""


@define(repr=False, eq=False, kw_only=True)
class ReasoningDetailSummary(base.Model):
    """
    A thought, told in short.

    Providers: openrouter.
    """

    type: Literal["reasoning.summary"]
    summary: str | None | Unset = UNSET
    """The short version."""
    format: ReasoningFormat | None | Unset = UNSET
    """Who understands it."""
    id: str | None | Unset = UNSET
    """Names the piece."""
    index: int | None | Unset = UNSET
    """The place of the piece; pieces of a stream with the same index belong together."""


@define(repr=False, eq=False, kw_only=True)
class ReasoningDetailText(base.Model):
    """
    A thought in plain text.

    Providers: openrouter.
    """

    type: Literal["reasoning.text"]
    text: str | None | Unset = UNSET
    """The thought."""
    signature: str | None | Unset = UNSET
    """Proves to the maker of the model that the text is its own. In a stream it comes in a later piece, without text."""
    format: ReasoningFormat | None | Unset = UNSET
    """Who understands it."""
    id: str | None | Unset = UNSET
    """Names the piece."""
    index: int | None | Unset = UNSET
    """The place of the piece; pieces of a stream with the same index belong together."""


ReasoningDetail: TypeAlias = "ReasoningDetailText | ReasoningDetailSummary | ReasoningDetailEncrypted | ReasoningDetailServerToolCall | UnknownMember"
"""
One piece of what a model thought. To go on from there, hand all of them back, unchanged and in order.

Providers: openrouter.
"""


ReasoningFormat: TypeAlias = "Literal['unknown', 'openai-responses-v1', 'azure-openai-responses-v1', 'bedrock-openai-responses-v1', 'bedrock-xai-responses-v1', 'xai-responses-v1', 'meta-responses-v1', 'anthropic-claude-v1', 'google-gemini-v1'] | str | None"
"""
Whose API the thought comes from, and so who understands it.

Providers: openrouter.
"""


ReplyServiceTier: TypeAlias = "Literal['auto', 'default', 'flex', 'scale', 'priority', 'fast'] | str"
"""A way of processing. Servers have further words for it, such as `on_demand`."""


@define(repr=False, eq=False, kw_only=True)
class RouterAttempt(base.Model):
    """
    One attempt at one endpoint.

    Providers: openrouter.
    """

    provider: str | None | Unset = UNSET
    """The company asked."""
    model: str | None | Unset = UNSET
    """The model asked."""
    status: int | None | Unset = UNSET
    """The HTTP status it answered with."""


@define(repr=False, eq=False, kw_only=True)
class RouterEndpoint(base.Model):
    """
    An endpoint that came into question.

    Providers: openrouter.
    """

    provider: str | None | Unset = UNSET
    """The company that runs it."""
    model: str | None | Unset = UNSET
    """The model it serves."""
    selected: bool | None | Unset = UNSET
    """Whether it was chosen."""


@define(repr=False, eq=False, kw_only=True)
class RouterEndpoints(base.Model):
    """
    The endpoints that came into question.

    Providers: openrouter.
    """

    total: int | None | Unset = UNSET
    """How many there are."""
    available: list[RouterEndpoint] | None | Unset = UNSET
    """Those that could take the request."""


@define(repr=False, eq=False, kw_only=True)
class RouterParams(base.Model):
    """
    What the router was told to look for.

    Providers: openrouter.
    """

    quality_floor: float | None | Unset = UNSET
    """The least quality."""
    throughput_floor: float | None | Unset = UNSET
    """The least tokens per second."""
    version_group: str | None | Unset = UNSET
    """The family of models to stay in."""


@define(repr=False, eq=False, kw_only=True)
class TopLogprob(base.Model):
    """One of the likeliest tokens at a place."""

    token: str | None | Unset = UNSET
    """The text of the token."""
    logprob: float | None | Unset = UNSET
    """Its natural logarithmic probability. -9999.0 stands for very unlikely."""
    bytes: list[int] | None | Unset = UNSET
    """Its UTF-8 bytes, or null if it has none."""


@define(repr=False, eq=False, kw_only=True)
class URLCitationAnnotation(base.Model):
    """A page that the text cites."""

    type: Literal["url_citation"]
    url_citation: AnnotationURLCitation | None | Unset = UNSET
    """The page."""


Annotation: TypeAlias = "URLCitationAnnotation | FileAnnotation | UnknownMember"
"""What a part of the text rests on."""
