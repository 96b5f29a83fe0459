# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/reply.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field

from twinwire._model import base
from twinwire.chat.reply import ChatReply

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject
    from twinwire._model.text import TextOrJson, TextOrParts
    from twinwire._model.unknown import UnknownMember
    from twinwire.types.errors import ErrorObject
    from twinwire.types.usage import CompletionUsage


@base.define
class AnnotationFile(base.Model):
    """
    What was read from a file.

    Providers: openrouter.
    """

    hash: str | None = None
    """Identifies the file by its content."""
    name: str | None = None
    """The name of the file."""
    content: list[MessageContentPart] | None = None
    """The text and images of the file."""


@base.define
class AnnotationURLCitation(base.Model):
    """A page and the stretch of text that cites it."""

    start_index: int | None = None
    """Where the stretch begins, in characters."""
    end_index: int | None = None
    """Where it ends, in characters."""
    url: str = ""
    """The address of the page."""
    title: str = ""
    """The title of the page."""
    content: str | None = None
    """
    What the page says about it.

    Providers: openrouter.
    """


@base.define
class ChatCompletion(ChatReply):
    """What a model answered, in one or several choices."""

    id: str = ""
    """The provider's name for this reply. Some servers send an empty one."""
    object: Literal["chat.completion"] | str = "chat.completion"
    """The kind of this object."""
    created: float | None = None
    """When the reply was made, in seconds since 1970."""
    model: str = ""
    """The model that answered. It may be a dated version, or another model than was asked for."""
    choices: list[Choice]
    """The answers, as many as `n` asked for."""
    usage: CompletionUsage | None = None
    """Tokens and cost. Some servers leave it out."""
    service_tier: ReplyServiceTier | None = None
    """How the request was really processed, which may differ from what was asked for."""
    system_fingerprint: str | None = None
    """
    Names the configuration of the backend; replies to the same `seed` can be compared only if it is equal.

    Deprecated: OpenAI has stopped promising it.
    """
    metadata: JsonObject | None = None
    """
    The pairs that the request was labelled with.

    Providers: openai.
    """
    moderation: ChatCompletionModeration | None = None
    """
    What moderation said, where the request asked for it.

    Providers: openai.
    """
    provider: str | None = None
    """
    The company whose endpoint served the request.

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
    """An error beside the choices. Without choices it is raised instead of returned."""


@base.define
class ChatCompletionAudio(base.Model):
    """A spoken answer."""

    id: str = ""
    """Names the sound; a later request can refer to it instead of sending it."""
    expires_at: float | None = None
    """Until when the server keeps it, in seconds since 1970."""
    data: str = ""
    """The sound, in base64, in the format that was asked for."""
    transcript: str = ""
    """What is said."""


@base.define
class ChatCompletionMessage(base.Model):
    """The message that a model wrote. It can be handed back among the messages of the next request."""

    role: Literal["assistant"] | str = "assistant"
    """Who wrote it."""
    content: TextOrParts | None = None
    """
    The text; null or absent beside tool calls and refusals. Mistral sends parts when the model thinks, Cloudflare
    an object (the parsed JSON) in JSON mode. `text` on the reply is the text in all cases.
    """
    refusal: str | None = None
    """The words in which the model declined. Some servers send an empty text for none."""
    reasoning: str | None = None
    """
    What the model thought, as text. OpenRouter, Groq, Ollama and others use this name.

    Providers: openrouter.
    """
    reasoning_content: str | None = None
    """What the model thought, as text. DeepSeek, vLLM, llama.cpp, xAI and others use this name."""
    reasoning_details: list[ReasoningDetail] | None = None
    """
    What the model thought, in pieces that can be handed back unchanged to go on from there.

    Providers: openrouter.
    """
    tool_calls: list[ChatCompletionMessageToolCall] | None = None
    """The tools that the model wants run."""
    function_call: FunctionCall | None = None
    """
    The function that the model wants run, in the old form.

    Providers: openai.

    Deprecated: Replaced by `tool_calls`.
    """
    annotations: list[Annotation] | None = None
    """Sources and files that the text rests on."""
    audio: ChatCompletionAudio | None = None
    """The spoken answer, where audio was asked for."""
    images: list[MessageImage] | None = None
    """
    The images that the model made.

    Providers: openrouter.
    """
    model: str | None = None
    """
    The model that wrote this message.

    Providers: openrouter.
    """
    name: str | None = None
    """
    A name of the author beside its role.

    Providers: openrouter.
    """


@base.define
class ChatCompletionMessageCustomToolCall(base.Model):
    """
    A call of one of the custom tools that the request offered.

    Providers: openai.
    """

    id: str = ""
    """Names the call; the message with the result repeats it."""
    type: Literal["custom"]
    custom: Custom
    """The tool and its input."""


@base.define
class ChatCompletionMessageFunctionToolCall(base.Model):
    """A call of one of the functions that the request offered."""

    id: str = ""
    """Names the call; the message with the result repeats it. Any text, of any length."""
    type: Literal["function"] = "function"
    function: Function
    """The function and its arguments."""
    index: int | None = None
    """
    The place of the call among those of the message. OpenRouter, Mistral and others send it.

    Providers: openrouter.
    """


ChatCompletionMessageToolCall: TypeAlias = (
    "ChatCompletionMessageFunctionToolCall | ChatCompletionMessageCustomToolCall | UnknownMember"
)
"""A tool that the model wants run. A call without `type` (Mistral sends none) is a function call."""


@base.define
class ChatCompletionModeration(base.Model):
    """
    What moderation said of the request and of the answer.

    Providers: openai.
    """

    input: ModerationOutcome | None = None
    """Of the request."""
    output: ModerationOutcome | None = None
    """Of the answer."""


@base.define
class ChatCompletionModerationError(base.Model):
    """
    Why moderation did not come about.

    Providers: openai.
    """

    type: Literal["error"]
    code: str | None = None
    """The cause, in a word."""
    message: str | None = None
    """The cause, in a sentence."""


@base.define
class ChatCompletionModerationResults(base.Model):
    """
    What a moderation model found.

    Providers: openai.
    """

    type: Literal["moderation_results"]
    model: str | None = None
    """The moderation model."""
    results: list[ModerationResultBody] | None = None
    """The findings."""


@base.define
class ChatCompletionTokenLogprob(base.Model):
    """How likely one token was, and its rivals."""

    token: str = ""
    """The text of the token."""
    logprob: float | None = None
    """Its natural logarithmic probability. -9999.0 stands for very unlikely."""
    bytes: list[int] | None = None
    """Its UTF-8 bytes, as a character may be split over tokens. Null if it has none."""
    top_logprobs: list[TopLogprob] = field(factory=lambda: [])
    """The likeliest tokens at this place, at most as many as asked for."""


@base.define
class Choice(base.Model):
    """One answer."""

    index: int = 0
    """The place of this answer among the choices."""
    message: ChatCompletionMessage
    """What the model wrote."""
    logprobs: ChoiceLogprobs | None = field(default=None, metadata={"lenient": True})
    """
    How likely the tokens were, where `logprobs` was asked for. Through OpenRouter it has been seen to be a single
    number, which is then in `extra`.
    """
    finish_reason: FinishReason | None = None
    """Why the model stopped. Null with text in the message means that the provider broke off."""
    native_finish_reason: str | None = None
    """
    The same in the words of the company that ran the model.

    Providers: openrouter.
    """
    error: ErrorObject | str | UnknownMember | None = None
    """Why this answer broke off, while the message holds what had been written."""


@base.define
class ChoiceLogprobs(base.Model):
    """How likely the tokens of one answer were."""

    content: list[ChatCompletionTokenLogprob] | None = None
    """One entry for each token of the text."""
    refusal: list[ChatCompletionTokenLogprob] | None = None
    """One entry for each token of the refusal."""


@base.define
class Custom(base.Model):
    """
    A custom tool and what to give it.

    Providers: openai.
    """

    name: str
    """The name of the tool."""
    input: str = ""
    """The input as the model wrote it."""


@base.define
class FileAnnotation(base.Model):
    """
    A file of the request as it was read. Handed back in the next request, the file need not be read (and paid)
    again.

    Providers: openrouter.
    """

    type: Literal["file"]
    file: AnnotationFile | None = None
    """The file."""


FinishReason: TypeAlias = "Literal['stop', 'length', 'tool_calls', 'content_filter', 'function_call', 'error'] | str"
"""
Why the model stopped: `stop` is its own end or a stop sequence, `length` the token limit, `tool_calls` that it
wants tools run, `content_filter` a filter, `function_call` the same as `tool_calls` in the old form, `error` a
failure (OpenRouter). OpenAI and others also send `stop` with tool calls, so look at the calls.
"""


@base.define
class Function(base.Model):
    """A function and what to call it with."""

    name: str
    """The name of the function."""
    arguments: TextOrJson = ""
    """
    The arguments as the model wrote them: usually the text of a JSON object, but neither this nor valid JSON is
    sure. Absent or empty where a function has no parameters. Text Generation Inference and some versions of
    llama.cpp send the object itself.
    """


@base.define
class FunctionCall(base.Model):
    """
    A function and what to call it with, in the form before there were tools.

    Providers: openai.
    """

    name: str = ""
    """The name of the function."""
    arguments: str = ""
    """The arguments as the model wrote them, usually the text of a JSON object."""


@base.define
class MessageAudioData(base.Model):
    """Encoded sound."""

    data: str | None = None
    """The sound, in base64."""
    format: str | None = None
    """How it is encoded, such as `wav` or `mp3`."""


@base.define
class MessageAudioPart(base.Model):
    """Sound."""

    type: Literal["input_audio"]
    input_audio: MessageAudioData | None = None
    """The sound."""


@base.define
class MessageFile(base.Model):
    """A file, by content or by id."""

    file_data: str | None = None
    """The content as a data URL, or an address."""
    file_id: str | None = None
    """The id of an uploaded file."""
    filename: str | None = None
    """Its name."""


@base.define
class MessageFilePart(base.Model):
    """A file."""

    type: Literal["file"]
    file: MessageFile | None = None
    """The file."""


@base.define
class MessageImage(base.Model):
    """
    An image that the model made.

    Providers: openrouter.
    """

    type: str | None = None
    """The kind of this object."""
    index: int | None = None
    """The place of the image among those of the message."""
    image_url: MessageImageURL | None = None
    """Where the image is."""


@base.define
class MessageImagePart(base.Model):
    """An image."""

    type: Literal["image_url"]
    image_url: MessageImageURL | str | UnknownMember | None = None
    """Where the image is."""


@base.define
class MessageImageURL(base.Model):
    """Where an image is."""

    url: str | None = None
    """Its address, or the image itself as a data URL."""
    detail: Literal["auto", "low", "high", "original"] | str | None = None
    """How closely a model is to look at it."""


@base.define
class MessageInputVideoPart(base.Model):
    """A video, in the old form of OpenRouter."""

    type: Literal["input_video"]
    video_url: MessageVideoURL | None = None
    """Where the video is."""


@base.define
class MessageRefusalPart(base.Model):
    """The words in which the model declined."""

    type: Literal["refusal"]
    refusal: str = ""
    """The words."""


@base.define
class MessageTextPart(base.Model):
    """Text."""

    type: Literal["text"]
    text: str = ""
    """The text."""


@base.define
class MessageThinkingPart(base.Model):
    """What the model thought, as Mistral sends it."""

    type: Literal["thinking"]
    thinking: str | list[MessageContentPart] | None = None
    """The thought, in parts."""
    closed: bool | None = None
    """Whether the thought came to its end."""


@base.define
class MessageVideoPart(base.Model):
    """A video."""

    type: Literal["video_url"]
    video_url: MessageVideoURL | None = None
    """Where the video is."""


MessageContentPart: TypeAlias = "MessageTextPart | MessageThinkingPart | MessageRefusalPart | MessageImagePart | MessageAudioPart | MessageVideoPart | MessageInputVideoPart | MessageFilePart | UnknownMember"
"""One part of a content that is not plain text."""


@base.define
class MessageVideoURL(base.Model):
    """Where a video is."""

    url: str | None = None
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


@base.define
class ModerationResultBody(base.Model):
    """
    One finding, by category.

    Providers: openai.
    """

    type: Literal["moderation_result"] | str | None = None
    """The kind of this object."""
    model: str | None = None
    """The moderation model."""
    flagged: bool | None = None
    """Whether any category applies."""
    categories: dict[str, bool] | None = None
    """Whether each category applies."""
    category_scores: dict[str, float] | None = None
    """How sure the model is of each category, from 0 to 1."""
    category_applied_input_types: dict[str, list[ModerationInputType]] | None = None
    """Which kinds of input each score rests on, such as `text` or `image`."""


@base.define
class OpenRouterMetadata(base.Model):
    """
    How a request was routed.

    Providers: openrouter.
    """

    requested: str | None = None
    """The model that was asked for."""
    strategy: (
        Literal["direct", "auto", "free", "latest", "alias", "fallback", "pareto", "bodybuilder", "fusion"] | str | None
    ) = None
    """How the endpoint was chosen."""
    region: str | None = None
    """The region that the request entered by."""
    summary: str | None = None
    """The routing in one line."""
    attempt: int | None = None
    """Which attempt succeeded, counted from 1."""
    attempts: list[RouterAttempt] | None = None
    """The attempts, in order."""
    is_byok: bool | None = None
    """Whether your own key with the company was used."""
    endpoints: RouterEndpoints | None = None
    """The endpoints that came into question."""
    params: RouterParams | None = None
    """What the router was told to look for."""
    pipeline: list[PipelineStage] | None = None
    """What was done with the request on the way."""
    generation_time: float | None = None
    """How long the model wrote, in milliseconds."""


@base.define
class PipelineStage(base.Model):
    """
    One step that a request went through.

    Providers: openrouter.
    """

    type: Literal["guardrail", "plugin", "server_tools", "response_healing", "context_compression"] | str | None = None
    """The kind of step."""
    name: str | None = None
    """The name of the step; several may be of one kind."""
    summary: str | None = None
    """What it did, in a sentence."""
    data: JsonObject | None = None
    """What it did, in its own terms."""
    cost_usd: float | None = None
    """What it cost, in US dollars."""
    guardrail_id: str | None = None
    """The guardrail that acted."""
    guardrail_scope: str | None = None
    """What the guardrail is set for."""


@base.define
class ReasoningDetailEncrypted(base.Model):
    """
    A thought that only the maker of the model can read.

    Providers: openrouter.
    """

    type: Literal["reasoning.encrypted"]
    data: str | None = None
    """The encrypted thought."""
    format: ReasoningFormat | None = None
    """Who understands it."""
    id: str | None = None
    """Names the piece."""
    index: int | None = None
    """The place of the piece; pieces of a stream with the same index belong together."""


@base.define
class ReasoningDetailServerToolCall(base.Model):
    """
    A tool that OpenRouter ran while the model thought.

    Providers: openrouter.
    """

    type: Literal["reasoning.server_tool_call"]
    tool_name: str | None = None
    """The name of the tool."""
    arguments: str | None = None
    """What it was called with."""
    result: str | None = None
    """What it gave."""
    tool_call_id: str | None = None
    """Names the call."""
    format: ReasoningFormat | None = None
    """Who understands it."""
    id: str | None = None
    """Names the piece."""
    index: int | None = None
    """The place of the piece; pieces of a stream with the same index belong together."""


@base.define
class ReasoningDetailSummary(base.Model):
    """
    A thought, told in short.

    Providers: openrouter.
    """

    type: Literal["reasoning.summary"]
    summary: str | None = None
    """The short version."""
    format: ReasoningFormat | None = None
    """Who understands it."""
    id: str | None = None
    """Names the piece."""
    index: int | None = None
    """The place of the piece; pieces of a stream with the same index belong together."""


@base.define
class ReasoningDetailText(base.Model):
    """
    A thought in plain text.

    Providers: openrouter.
    """

    type: Literal["reasoning.text"]
    text: str | None = None
    """The thought."""
    signature: str | None = None
    """Proves to the maker of the model that the text is its own. In a stream it comes in a later piece, without text."""
    format: ReasoningFormat | None = None
    """Who understands it."""
    id: str | None = None
    """Names the piece."""
    index: int | None = None
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


@base.define
class RouterAttempt(base.Model):
    """
    One attempt at one endpoint.

    Providers: openrouter.
    """

    provider: str | None = None
    """The company asked."""
    model: str | None = None
    """The model asked."""
    status: int | None = None
    """The HTTP status it answered with."""


@base.define
class RouterEndpoint(base.Model):
    """
    An endpoint that came into question.

    Providers: openrouter.
    """

    provider: str | None = None
    """The company that runs it."""
    model: str | None = None
    """The model it serves."""
    selected: bool | None = None
    """Whether it was chosen."""


@base.define
class RouterEndpoints(base.Model):
    """
    The endpoints that came into question.

    Providers: openrouter.
    """

    total: int | None = None
    """How many there are."""
    available: list[RouterEndpoint] | None = None
    """Those that could take the request."""


@base.define
class RouterParams(base.Model):
    """
    What the router was told to look for.

    Providers: openrouter.
    """

    quality_floor: float | None = None
    """The least quality."""
    throughput_floor: float | None = None
    """The least tokens per second."""
    version_group: str | None = None
    """The family of models to stay in."""


@base.define
class TopLogprob(base.Model):
    """One of the likeliest tokens at a place."""

    token: str = ""
    """The text of the token."""
    logprob: float | None = None
    """Its natural logarithmic probability. -9999.0 stands for very unlikely."""
    bytes: list[int] | None = None
    """Its UTF-8 bytes, or null if it has none."""


@base.define
class URLCitationAnnotation(base.Model):
    """A page that the text cites."""

    type: Literal["url_citation"]
    url_citation: AnnotationURLCitation | None = None
    """The page."""


Annotation: TypeAlias = "URLCitationAnnotation | FileAnnotation | UnknownMember"
"""What a part of the text rests on."""
