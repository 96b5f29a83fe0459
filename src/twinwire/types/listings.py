# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/listings.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field

from twinwire._model import base
from twinwire._model.reply import ListReply, Reply

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject


@base.define
class ArtificialAnalysisScores(base.Model):
    """
    Scores of Artificial Analysis.

    Providers: openrouter.
    """

    intelligence_index: float | None = None
    """Of intelligence."""
    coding_index: float | None = None
    """Of coding."""
    agentic_index: float | None = None
    """Of work with tools."""


@base.define
class DefaultParameters(base.Model):
    """
    What holds where a request does not set it.

    Providers: openrouter.
    """

    temperature: float | None = None
    """How freely tokens are chosen."""
    top_p: float | None = None
    """The share of probability that tokens are chosen from."""
    top_k: int | None = None
    """The number of tokens that are chosen from."""
    frequency_penalty: float | None = None
    """How much a token is avoided for each time it occurred."""
    presence_penalty: float | None = None
    """How much a token is avoided once it occurred."""
    repetition_penalty: float | None = None
    """How much repetition is avoided."""


@base.define
class DesignArenaRank(base.Model):
    """
    A rank in Design Arena.

    Providers: openrouter.
    """

    arena: str | None = None
    """What is compared, such as `models`."""
    category: str | None = None
    """At what, such as `gamedev`."""
    elo: float | None = None
    """The Elo rating."""
    win_rate: float | None = None
    """How many comparisons it won, in percent."""
    rank: int | None = None
    """Its place among the models of OpenRouter; 1 is the best."""


EndpointQuantization: TypeAlias = (
    "Literal['int4', 'int8', 'fp4', 'mxfp4', 'nvfp4', 'fp6', 'fp8', 'mxfp8', 'fp16', 'bf16', 'fp32', 'unknown'] | str"
)
"""
The kind of number that a model is stored in.

Providers: openrouter.
"""


InputModality: TypeAlias = "Literal['text', 'image', 'file', 'audio', 'video'] | str"
"""
A kind of input.

Providers: openrouter.
"""


@base.define
class Model(Reply):
    """A model. OpenAI tells little of it, OpenRouter much; what other servers tell is in `extra`."""

    id: str
    """The name to ask for it by."""
    object: Literal["model"] | str = "model"
    """
    The kind of this object.

    Providers: openai.
    """
    created: float | None = None
    """When it was added, in seconds since 1970."""
    owned_by: str = ""
    """
    Whose model it is.

    Providers: openai.
    """
    shutdown_date: str | None = None
    """
    The day on which it will be switched off, once announced.

    Providers: openai.
    """
    canonical_slug: str | None = None
    """
    A name that always means this version.

    Providers: openrouter.
    """
    name: str | None = None
    """
    The name to show to people.

    Providers: openrouter.
    """
    description: str | None = None
    """
    What it is, in a few sentences.

    Providers: openrouter.
    """
    hugging_face_id: str | None = None
    """
    Its name on Hugging Face. Empty or null where it has none.

    Providers: openrouter.
    """
    context_length: int | None = None
    """
    How many tokens request and answer can have together.

    Providers: openrouter.
    """
    architecture: ModelArchitecture | None = None
    """
    What it takes and gives.

    Providers: openrouter.
    """
    pricing: ModelPricing | None = None
    """
    What it costs.

    Providers: openrouter.
    """
    top_provider: TopProvider | None = None
    """
    The endpoint that is tried first.

    Providers: openrouter.
    """
    per_request_limits: PerRequestLimits | None = None
    """
    How many tokens one request may take.

    Providers: openrouter.
    """
    supported_parameters: list[SupportedParameter] | None = None
    """
    The parameters of a request that at least one endpoint of the model takes.

    Providers: openrouter.
    """
    default_parameters: DefaultParameters | None = None
    """
    What holds where a request does not set it.

    Providers: openrouter.
    """
    supported_voices: list[str] | None = None
    """
    The voices of a model that speaks; null for others.

    Providers: openrouter.
    """
    reasoning: ModelReasoning | None = None
    """
    How the model's reasoning can be set. Absent for models that do not reason, and for routers.

    Providers: openrouter.
    """
    benchmarks: ModelBenchmarks | None = None
    """
    How others rank it. Absent where nobody does.

    Providers: openrouter.
    """
    alias_target: ModelAliasTarget | None = None
    """
    The model that this name stands for at present, where it is a name for the latest one.

    Providers: openrouter.
    """
    knowledge_cutoff: str | None = None
    """
    The day up to which it knows the world, as YYYY-MM-DD.

    Providers: openrouter.
    """
    expiration_date: str | None = None
    """
    The day from which it may be gone, as YYYY-MM-DD; null if none is set.

    Providers: openrouter.
    """
    links: ModelLinks | None = None
    """
    Where there is more about it.

    Providers: openrouter.
    """


@base.define
class ModelAliasTarget(base.Model):
    """
    The model that a name stands for.

    Providers: openrouter.
    """

    slug: str | None = None
    """The name to ask for it by."""
    name: str | None = None
    """The name to show to people."""


@base.define
class ModelArchitecture(base.Model):
    """
    What a model takes and gives.

    Providers: openrouter.
    """

    modality: str | None = None
    """Inputs and outputs in one line, such as `text+image->text`."""
    input_modalities: list[InputModality] | None = None
    """What it takes."""
    output_modalities: list[OutputModality] | None = None
    """What it gives."""
    tokenizer: (
        Literal[
            "Router",
            "Media",
            "Other",
            "GPT",
            "Claude",
            "Gemini",
            "Gemma",
            "Grok",
            "Cohere",
            "Nova",
            "Qwen",
            "Yi",
            "DeepSeek",
            "Mistral",
            "Llama2",
            "Llama3",
            "Llama4",
            "PaLM",
            "RWKV",
            "Qwen3",
        ]
        | str
        | None
    ) = None
    """The family whose tokens it counts in."""
    instruct_type: (
        Literal[
            "none",
            "airoboros",
            "alpaca",
            "alpaca-modif",
            "chatml",
            "claude",
            "code-llama",
            "gemma",
            "llama2",
            "llama3",
            "mistral",
            "nemotron",
            "neural",
            "openchat",
            "phi3",
            "rwkv",
            "vicuna",
            "zephyr",
            "deepseek-r1",
            "deepseek-v3.1",
            "qwq",
            "qwen3",
        ]
        | str
        | None
    ) = None
    """The template that turns messages into text."""


@base.define
class ModelBenchmarks(base.Model):
    """
    How others rank a model.

    Providers: openrouter.
    """

    artificial_analysis: ArtificialAnalysisScores | None = None
    """Scores of Artificial Analysis."""
    design_arena: list[DesignArenaRank] | None = None
    """Ranks in Design Arena, one for each arena and category."""


@base.define
class ModelEndpoint(base.Model):
    """
    A model as one company runs it.

    Providers: openrouter.
    """

    name: str | None = None
    """The name to show to people."""
    model_id: str | None = None
    """A name that always means this version of the model."""
    model_name: str | None = None
    """The name of the model, for people."""
    provider_name: str | None = None
    """The company."""
    tag: str | None = None
    """The name to prefer or avoid this endpoint by."""
    status: Literal[0, -1, -2, -3, -5, -10] | int | None = None
    """0 when all is well, below 0 when the endpoint is held back or gone."""
    context_length: int | None = None
    """How many tokens request and answer can have together."""
    max_prompt_tokens: int | None = None
    """How many tokens a request can have."""
    max_completion_tokens: int | None = None
    """How many tokens an answer can have."""
    pricing: ModelPricing | None = None
    """What it costs."""
    quantization: EndpointQuantization | None = None
    """How coarsely the numbers of the model are stored."""
    supported_parameters: list[SupportedParameter] | None = None
    """The parameters of a request that it takes."""
    supports_implicit_caching: bool | None = None
    """Whether it caches without being told to."""
    supports_voice_cloning: bool | None = None
    """Whether a request can bring a voice to speak with."""
    supports_diarization: bool | None = None
    """Whether it tells speakers apart."""
    supports_image_reference: bool | None = None
    """Whether a request can bring an image to go by."""
    supports_multiple_audio_references: bool | None = None
    """Whether a request can bring several sounds to go by."""
    supports_tool_choice: JsonObject | None = None
    """Which forms of `tool_choice` it takes."""
    native_tools: JsonObject | None = None
    """The tools that the company runs itself, by name."""
    service_tier: str | None = None
    """The way of processing that this endpoint stands for."""
    uptime_last_5m: float | None = None
    """Requests that succeeded in the last 5 minutes, in percent."""
    uptime_last_30m: float | None = None
    """Requests that succeeded in the last 30 minutes, in percent."""
    uptime_last_1d: float | None = None
    """Requests that succeeded in the last day, in percent."""
    latency_last_30m: PercentileStats | None = None
    """Milliseconds to the first token. Null without a key."""
    throughput_last_30m: PercentileStats | None = None
    """Tokens per second. Null without a key."""
    perf_last_30m_by_workload: JsonObject | None = None
    """Latency and throughput for each kind of request, by its name."""


@base.define
class ModelEndpoints(base.Model):
    """
    A model and its endpoints.

    Providers: openrouter.
    """

    id: str | None = None
    """The name to ask for the model by."""
    name: str | None = None
    """The name to show to people."""
    created: float | None = None
    """When the model was added, in seconds since 1970."""
    description: str | None = None
    """What the model is, in a few sentences."""
    architecture: ModelArchitecture | None = None
    """What the model takes and gives."""
    endpoints: list[ModelEndpoint]
    """Who runs the model, and how."""


@base.define
class ModelEndpointsResponse(Reply):
    """
    The endpoints of one model.

    Providers: openrouter.
    """

    data: ModelEndpoints
    """The model and its endpoints."""


@base.define
class ModelLinks(base.Model):
    """
    Where there is more about a model.

    Providers: openrouter.
    """

    details: str | None = None
    """The address of its endpoints."""


@base.define
class ModelList(ListReply):
    """The models that a provider offers."""

    object: Literal["list"] | str = "list"
    """
    The kind of this object.

    Providers: openai.
    """
    data: list[Model] = field(factory=lambda: [], metadata={"required": True})
    """The models. Ollama sends null where it has none."""
    total_count: int | None = None
    """
    How many models match, over all pages.

    Providers: openrouter.
    """
    links: ModelListLinks | None = None
    """
    Where the list goes on.

    Providers: openrouter.
    """
    models: list[JsonObject] | None = None
    """The same models in a form of llama.cpp's own, beside `data`."""
    has_more: bool | None = None
    """Whether there are further pages (Anthropic)."""
    first_id: str | None = None
    """The first model of this page (Anthropic)."""
    last_id: str | None = None
    """The last model of this page (Anthropic)."""


@base.define
class ModelListLinks(base.Model):
    """
    Where the list goes on.

    Providers: openrouter.
    """

    next: str | None = None
    """The address of the next page; null on the last one."""


@base.define
class ModelPricing(base.Model):
    """
    Prices in US dollars, as decimal text. They are per token where nothing else is said.

    Providers: openrouter.
    """

    prompt: str | None = None
    """Of the request."""
    completion: str | None = None
    """Of the answer."""
    request: str | None = None
    """Of a request, whatever its length."""
    image: str | None = None
    """Of an image in the request."""
    image_token: str | None = None
    """Of an image's token."""
    image_output: str | None = None
    """Of an image in the answer."""
    audio: str | None = None
    """Of sound in the request."""
    audio_output: str | None = None
    """Of sound in the answer."""
    input_audio_cache: str | None = None
    """Of sound that is read from the cache."""
    input_cache_read: str | None = None
    """Of text that is read from the cache."""
    input_cache_write: str | None = None
    """Of text that is written to the cache, for the usual time."""
    input_cache_write_1h: str | None = None
    """Of text that is written to the cache for an hour, where this has a price of its own."""
    internal_reasoning: str | None = None
    """Of reasoning."""
    web_search: str | None = None
    """Of a search of the web."""
    discount: float | None = None
    """The part of these prices that is let off, from 0 (nothing) to 1 (free)."""
    overrides: list[PricingOverride] | None = None
    """Prices for special cases. Of those that apply, later ones win, price by price."""


@base.define
class ModelReasoning(base.Model):
    """
    How a model's reasoning can be set.

    Providers: openrouter.
    """

    mandatory: bool | None = None
    """Whether it cannot be turned off."""
    default_enabled: bool | None = None
    """Whether it is on where a request does not say."""
    default_effort: ModelReasoningEffort | None = None
    """The effort where a request turns reasoning on and does not say how much."""
    supported_efforts: list[ModelReasoningEffort | None] | None = None
    """The efforts that it knows, highest first; null if it takes all."""
    supports_max_tokens: bool | None = None
    """Whether a limit in tokens can be set instead of an effort."""


ModelReasoningEffort: TypeAlias = "Literal['max', 'xhigh', 'high', 'medium', 'low', 'minimal', 'none'] | str"
"""
How much a model reasons.

Providers: openrouter.
"""


OutputModality: TypeAlias = (
    "Literal['text', 'image', 'embeddings', 'audio', 'video', 'rerank', 'speech', 'transcription'] | str"
)
"""
A kind of output.

Providers: openrouter.
"""


@base.define
class PerRequestLimits(base.Model):
    """
    How many tokens one request may take.

    Providers: openrouter.
    """

    prompt_tokens: float | None = None
    """Of the request."""
    completion_tokens: float | None = None
    """Of the answer."""


@base.define
class PercentileStats(base.Model):
    """
    How a measure is spread over the last 30 minutes.

    Providers: openrouter.
    """

    p50: float | None = None
    """Half of the requests are below it."""
    p75: float | None = None
    """Three quarters of the requests are below it."""
    p90: float | None = None
    """Nine of ten requests are below it."""
    p99: float | None = None
    """All but one of a hundred requests are below it."""


@base.define
class PricingOverride(base.Model):
    """
    Prices that hold when all conditions of this entry are met. Prices that it lacks stay as they are.

    Providers: openrouter.
    """

    min_prompt_tokens: float | None = None
    """Condition: the request has more tokens than this."""
    utc_start: float | None = None
    """Condition: it is this time of day (UTC) or later, as a number read like a clock: 1030 is 10:30."""
    utc_end: float | None = None
    """Condition: it is not yet this time of day (UTC), as a number read like a clock."""
    utc_days: list[str | int] | None = None
    """Condition: it is one of these days (UTC)."""
    prompt: str | None = None
    """Of the request."""
    completion: str | None = None
    """Of the answer."""
    audio: str | None = None
    """Of sound in the request."""
    input_audio_cache: str | None = None
    """Of sound that is read from the cache."""
    input_cache_read: str | None = None
    """Of text that is read from the cache."""
    input_cache_write: str | None = None
    """Of text that is written to the cache."""
    input_cache_write_1h: str | None = None
    """Of text that is written to the cache for an hour."""


SupportedParameter: TypeAlias = "Literal['temperature', 'top_p', 'top_k', 'min_p', 'top_a', 'frequency_penalty', 'presence_penalty', 'repetition_penalty', 'max_tokens', 'max_completion_tokens', 'logit_bias', 'logprobs', 'top_logprobs', 'prediction', 'seed', 'response_format', 'structured_outputs', 'stop', 'tools', 'tool_choice', 'parallel_tool_calls', 'include_reasoning', 'reasoning', 'reasoning_effort', 'web_search_options', 'verbosity'] | str"
"""
A parameter of a request.

Providers: openrouter.
"""


@base.define
class TopProvider(base.Model):
    """
    The endpoint that is tried first.

    Providers: openrouter.
    """

    context_length: int | None = None
    """How many tokens request and answer can have together."""
    max_completion_tokens: int | None = None
    """How many tokens an answer can have."""
    is_moderated: bool | None = None
    """Whether requests are moderated before the model sees them."""
