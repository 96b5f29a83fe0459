# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/request.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twinwire.types.messages import ChatCompletionContentPartTextParam
    from twinwire.types.tools import ServerToolReferenceParam, WebSearchUserLocationParam, XSearchOptionsParam


class AlignmentPluginParam(TypedDict):
    """
    Judges the answer by rules of the caller's.

    Providers: openrouter.
    """

    id: Literal["alignment"]
    rules: Sequence[AlignmentRuleParam]
    """The rules. Each is judged by itself."""
    mode: NotRequired[Literal["enforce", "audit"] | str]
    """Hold back and retry what breaks a rule, or report it only (the default)."""
    instruct: NotRequired[bool]
    """Tell the model the rules. True unless said."""
    max_retries: NotRequired[int]
    """How often a held back answer is made anew. 1 unless said."""
    threshold: NotRequired[float]
    """The probability from which on a rule counts as broken. 0.7 unless said."""


class AlignmentRuleParam(TypedDict):
    """
    A rule for the answer.

    Providers: openrouter.
    """

    rule: str
    """What the answer must do or must not do."""
    watch: Sequence[Literal["content", "tool_calls", "refusal", "images", "audio"] | str]
    """The fields of the message that it is about."""


class ApproximateLocationParam(TypedDict):
    """A place, as exactly as the caller cares to say."""

    city: NotRequired[str]
    """The city."""
    region: NotRequired[str]
    """The state or province."""
    country: NotRequired[str]
    """The country, as two letters."""
    timezone: NotRequired[str]
    """An IANA time zone."""


class ArmorAutoModeParam(TypedDict):
    """
    Rules, and what to know of the surroundings.

    Providers: openrouter.
    """

    hard_deny: NotRequired[Sequence[str | ArmorRuleParam]]
    """What is always denied."""
    soft_deny: NotRequired[Sequence[str | ArmorRuleParam]]
    """What is denied unless it is allowed."""
    allow: NotRequired[Sequence[str | ArmorRuleParam]]
    """What is allowed although a soft rule denies it."""
    environment: NotRequired[Sequence[str | ArmorEnvironmentEntryParam]]
    """Facts, as `Name: value` or with name and value apart."""


class ArmorContextParam(TypedDict):
    """
    What armor judges by.

    Providers: openrouter.
    """

    v: float
    """The version of this form; 1."""
    auto_mode: NotRequired[ArmorAutoModeParam]
    """The rules."""


class ArmorEnvironmentEntryParam(TypedDict):
    """
    A fact for armor.

    Providers: openrouter.
    """

    name: str
    """What it is about."""
    value: str
    """The fact."""


class ArmorPluginParam(TypedDict):
    """
    Judges tool calls and holds back those that are denied.

    Providers: openrouter.
    """

    id: Literal["armor"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    classifier_context: NotRequired[ArmorContextParam]
    """What is allowed and what is not."""
    evaluate_native_tools: NotRequired[bool]
    """Judge the tools that providers run themselves too."""
    mode: NotRequired[Literal["enforce", "audit"] | str]
    """Hold denied calls back (the default), or report them only."""
    on_error: NotRequired[Literal["log", "block"] | str]
    """What becomes of a call that could not be judged. Blocked unless said."""
    output_mode: NotRequired[Literal["text", "custom_item", "claude_code_compatibility"] | str]
    """How a call that was held back shows in the answer. As marked text unless said."""
    use_cc_style_default_rules: NotRequired[bool]
    """Put Claude Code's own rules before the others."""


class ArmorRuleParam(TypedDict):
    """
    A rule of armor's.

    Providers: openrouter.
    """

    id: str
    """Its id, once in the list; named when the rule decides."""
    instructions: str
    """What it applies to."""
    name: NotRequired[str]
    """What to call it in explanations."""
    threshold: NotRequired[float]
    """The probability from which on it applies."""


class AutoBetaRouterPluginParam(TypedDict):
    """
    Settings of the next version of the auto router.

    Providers: openrouter.
    """

    id: Literal["auto-beta-router"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    allowed_models: NotRequired[Sequence[str]]
    """Models to pick from, as names or patterns such as `anthropic/*`."""
    excluded_models: NotRequired[Sequence[str]]
    """Models not to pick, even if allowed."""
    cost_tier: NotRequired[Literal["low", "medium", "high", "xhigh", "max"] | str]
    """How dear the model may be, from the cheapest fifth to the dearest."""
    cost_quality_tradeoff: NotRequired[int]
    """
    From quality (0) to cost (10).

    Deprecated: Use `cost_tier`.
    """


class AutoRouterPluginParam(TypedDict):
    """
    Settings of the model `openrouter/auto`, which picks a model.

    Providers: openrouter.
    """

    id: Literal["auto-router"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    allowed_models: NotRequired[Sequence[str]]
    """Models to pick from, as names or patterns such as `anthropic/*`."""
    excluded_models: NotRequired[Sequence[str]]
    """Models not to pick, even if allowed."""
    cost_tier: NotRequired[Literal["low", "medium", "high", "xhigh", "max"] | str]
    """How dear the model may be, from the cheapest fifth to the dearest."""
    cost_quality_tradeoff: NotRequired[int]
    """
    From quality (0) to cost (10).

    Deprecated: Use `cost_tier`.
    """
    pin_model: NotRequired[bool]
    """Stay with the model of the last assistant message."""


class ChatCompletionAudioParam(TypedDict):
    """
    How spoken answers sound.

    Providers: openai.
    """

    voice: (
        Literal[
            "alloy",
            "ash",
            "ballad",
            "coral",
            "echo",
            "fable",
            "nova",
            "onyx",
            "sage",
            "shimmer",
            "verse",
            "marin",
            "cedar",
        ]
        | str
        | CustomVoiceParam
    )
    """A voice by name, or one of the caller's own by id."""
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"] | str
    """How the sound is encoded. Streams take `pcm16` only."""


class ChatCompletionPredictionContentParam(TypedDict):
    """What most of the answer will be, such as the file that is to be changed a little."""

    type: Literal["content"]
    content: str | Sequence[ChatCompletionContentPartTextParam]
    """The text, or text parts."""


class ChatCompletionStreamOptionsParam(TypedDict):
    """Settings of a stream."""

    include_usage: NotRequired[bool]
    """End the stream with a chunk that holds the usage. OpenRouter always does."""
    include_obfuscation: NotRequired[bool]
    """
    Pad chunks to hide the length of what they hold. True unless said.

    Providers: openai.
    """


class ContextCompressionPluginParam(TypedDict):
    """
    Shortens a prompt that is longer than the model's context.

    Providers: openrouter.
    """

    id: Literal["context-compression"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    engine: NotRequired[Literal["middle-out"] | str]
    """How. `middle-out` drops messages from the middle."""


class CustomVoiceParam(TypedDict):
    """
    A voice of the caller's own.

    Providers: openai.
    """

    id: str
    """The id of the voice."""


class DebugOptionsParam(TypedDict):
    """
    Look at what OpenRouter makes of a request.

    Providers: openrouter.
    """

    echo_upstream_body: NotRequired[bool]
    """Begin the stream with a chunk that holds the body that was sent on."""


class FileParserPluginParam(TypedDict):
    """
    Reads documents for models that cannot.

    Providers: openrouter.
    """

    id: Literal["file-parser"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    pdf: NotRequired[PDFParserOptionsParam]
    """How PDFs are read."""


class FusionPluginParam(TypedDict):
    """
    Settings of the model `openrouter/fusion` and of the tool `openrouter:fusion`.

    Providers: openrouter.
    """

    id: Literal["fusion"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    preset: NotRequired[Literal["general-high", "general-budget", "general-fast"] | str]
    """A panel that OpenRouter chose. The settings beside it come first."""
    analysis_models: NotRequired[Sequence[str]]
    """The models of the panel."""
    model: NotRequired[str]
    """The model that sums up."""
    max_tool_calls: NotRequired[int]
    """The most tool steps that each inner call may take."""
    tools: NotRequired[Sequence[ServerToolReferenceParam]]
    """Server tools of the inner calls. Web search and web fetch unless said; none if empty."""


class JSONSchemaFormatParam(TypedDict):
    """A JSON schema for the answer."""

    name: str
    """Letters, digits, underscores and dashes."""
    description: NotRequired[str]
    """What the answer is for; the model reads it."""
    schema: NotRequired[Mapping[str, object]]
    """The JSON schema."""
    strict: NotRequired[bool | None]
    """Hold the answer to the schema exactly. Allows a part of JSON Schema only."""


class JevRouterPluginParam(TypedDict):
    """
    Settings of the router `jev`.

    Providers: openrouter.
    """

    id: Literal["jev-router"]
    models: NotRequired[Sequence[str]]
    """Models to pick from, as names or patterns."""
    allowed_models: NotRequired[Sequence[str]]
    """The same as `models`; both count."""
    excluded_models: NotRequired[Sequence[str]]
    """Models not to pick, even if allowed."""
    cost_tier: NotRequired[Literal["low", "medium", "high"] | str]
    """How dear the model may be; the router's operator may have further tiers."""


class MaxPriceParam(TypedDict):
    """
    The most to pay, in US dollars.

    Providers: openrouter.
    """

    prompt: NotRequired[float | str]
    """Per million prompt tokens."""
    completion: NotRequired[float | str]
    """Per million completion tokens."""
    request: NotRequired[float | str]
    """Per request."""
    image: NotRequired[float | str]
    """Per image."""
    audio: NotRequired[float | str]
    """Per unit of audio."""


class ModerationConfigParam(TypedDict):
    """
    What follows from one judgement.

    Providers: openai.
    """

    mode: Literal["score", "block"] | str
    """Report the scores, or stop what is flagged."""


class ModerationParam(TypedDict):
    """
    Moderation of the request and the answer.

    Providers: openai.
    """

    model: str
    """The moderation model, such as `omni-moderation-latest`."""
    policy: NotRequired[ModerationPolicyParam | None]
    """What follows from its judgement."""


class ModerationPluginParam(TypedDict):
    """
    Moderates the request.

    Providers: openrouter.
    """

    id: Literal["moderation"]


class ModerationPolicyParam(TypedDict):
    """
    What follows from the judgement of the moderation model.

    Providers: openai.
    """

    input: NotRequired[ModerationConfigParam | None]
    """For the request."""
    output: NotRequired[ModerationConfigParam | None]
    """For the answer."""


class PDFParserOptionsParam(TypedDict):
    """
    How PDFs are read.

    Providers: openrouter.
    """

    engine: NotRequired[Literal["mistral-ocr", "native", "cloudflare-ai", "pdf-text"] | str]
    """By what. `pdf-text` is the old name of `cloudflare-ai`."""


class ParetoRouterPluginParam(TypedDict):
    """
    Settings of the router that picks a model for code.

    Providers: openrouter.
    """

    id: Literal["pareto-router"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    min_coding_score: NotRequired[float]
    """How good at code the model must be. Not heeded beside `max_price`."""
    max_price: NotRequired[float]
    """The dearest model to pick, in US dollars per million prompt tokens."""
    price_source: NotRequired[Literal["prompt", "weighted_avg"] | str]
    """Which price counts, the listed one (the default) or what requests came to."""


class PercentileCutoffsParam(TypedDict):
    """
    A bound for each percentile; all that are given must hold.

    Providers: openrouter.
    """

    p50: NotRequired[float | None]
    """For the median."""
    p75: NotRequired[float | None]
    """For 75 of 100 requests."""
    p90: NotRequired[float | None]
    """For 90 of 100 requests."""
    p99: NotRequired[float | None]
    """For 99 of 100 requests."""


class PromptCacheOptionsParam(TypedDict):
    """How the prompt is cached."""

    mode: NotRequired[Literal["implicit", "explicit"] | str]
    """
    Whether the server also sets a breakpoint by itself (`implicit`, OpenAI's default) or only where a part says so.
    OpenRouter wants this, and takes `explicit` only.
    """
    ttl: NotRequired[Literal["30m", "12h"] | str | None]
    """How long what the request writes to the cache is kept at least."""


class ProviderPreferencesParam(TypedDict):
    """
    Which of the companies that serve a model to use. `null` and absent mean no preference.

    Providers: openrouter.
    """

    allow_fallbacks: NotRequired[bool | None]
    """Whether another company may answer when the first choice cannot. True unless said."""
    data_collection: NotRequired[Literal["allow", "deny"] | str | None]
    """Whether to use companies that may keep what is sent."""
    enforce_distillable_text: NotRequired[bool | None]
    """Only models whose makers let other models be trained on their text."""
    ignore: NotRequired[Sequence[str] | None]
    """Companies not to use, beside those of the account's settings."""
    max_price: NotRequired[MaxPriceParam]
    """The most to pay; endpoints that cost more are left out."""
    only: NotRequired[Sequence[str] | None]
    """The companies to use, beside those of the account's settings."""
    options: NotRequired[Mapping[str, Mapping[str, object]]]
    """Settings for one company each, by its slug. The one that answers gets its own."""
    order: NotRequired[Sequence[str] | None]
    """The companies to try, in this order."""
    preferred_max_latency: NotRequired[float | PercentileCutoffsParam | None]
    """Prefer endpoints whose latency, in seconds, is below this (a number is for the median)."""
    preferred_min_throughput: NotRequired[float | PercentileCutoffsParam | None]
    """Prefer endpoints whose tokens per second are above this (a number is for the median)."""
    quantizations: NotRequired[
        Sequence[
            Literal["int4", "int8", "fp4", "mxfp4", "nvfp4", "fp6", "fp8", "mxfp8", "fp16", "bf16", "fp32", "unknown"]
            | str
        ]
        | None
    ]
    """Only endpoints that run the model in one of these precisions."""
    require_parameters: NotRequired[bool | None]
    """Only endpoints that heed every parameter of the request. Others ignore what they do not know."""
    sort: NotRequired[Literal["price", "throughput", "latency", "exacto"] | str | ProviderSortConfigParam | None]
    """Try endpoints in this order instead of balancing the load."""
    zdr: NotRequired[bool | None]
    """Only endpoints that keep nothing of what is sent."""


class ProviderSortConfigParam(TypedDict):
    """
    The order of endpoints, and whether it holds across models.

    Providers: openrouter.
    """

    by: NotRequired[Literal["price", "throughput", "latency", "exacto"] | str | None]
    """What to sort by."""
    partition: NotRequired[Literal["model", "none"] | str | None]
    """Sort the endpoints of each model (`model`, the default), or of all models together (`none`)."""


class ReasoningParam(TypedDict):
    """
    How hard the model thinks, and whether its reasoning is returned. Give `effort` or `max_tokens`, not both.

    Providers: openrouter.
    """

    effort: NotRequired[Literal["max", "xhigh", "high", "medium", "low", "minimal", "none"] | str | None]
    """The effort. Models that count tokens instead get a share of `max_tokens`."""
    summary: NotRequired[Literal["auto", "concise", "detailed"] | str | None]
    """How long a summary of the reasoning is returned."""
    max_tokens: NotRequired[int | None]
    """The most tokens of reasoning."""
    exclude: NotRequired[bool]
    """Think, but do not return the reasoning."""
    enabled: NotRequired[bool]
    """Think with the model's own settings; false, where the model can, not at all."""


class ResponseFormatGrammarParam(TypedDict):
    """
    Text that a grammar accepts.

    Providers: openrouter.
    """

    type: Literal["grammar"]
    grammar: str
    """The grammar."""


class ResponseFormatJSONObjectParam(TypedDict):
    """A JSON object of any shape. The prompt must ask for JSON as well."""

    type: Literal["json_object"]


class ResponseFormatJSONSchemaParam(TypedDict):
    """JSON that follows a schema."""

    type: Literal["json_schema"]
    json_schema: JSONSchemaFormatParam
    """The schema and its name."""


class ResponseFormatPythonParam(TypedDict):
    """
    Python source.

    Providers: openrouter.
    """

    type: Literal["python"]


class ResponseFormatTextParam(TypedDict):
    """Any text, as without a format."""

    type: Literal["text"]


ResponseFormatParam: TypeAlias = "ResponseFormatTextParam | ResponseFormatJSONObjectParam | ResponseFormatJSONSchemaParam | ResponseFormatGrammarParam | ResponseFormatPythonParam"
"""What the answer must look like, told apart by type."""


class ResponseHealingPluginParam(TypedDict):
    """
    Repairs answers that should be JSON and are not.

    Providers: openrouter.
    """

    id: Literal["response-healing"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""


class StopServerToolsWhenFinishReasonIsParam(TypedDict):
    """
    When the model finishes for this reason.

    Providers: openrouter.
    """

    type: Literal["finish_reason_is"]
    reason: str
    """Which one, such as `length`."""


class StopServerToolsWhenHasToolCallParam(TypedDict):
    """
    After this tool was called.

    Providers: openrouter.
    """

    type: Literal["has_tool_call"]
    tool_name: str
    """Which one."""


class StopServerToolsWhenMaxCostParam(TypedDict):
    """
    When all steps together cost more than this.

    Providers: openrouter.
    """

    type: Literal["max_cost"]
    max_cost_in_dollars: float
    """How much, in US dollars."""


class StopServerToolsWhenMaxTokensUsedParam(TypedDict):
    """
    When all steps together used more tokens than this.

    Providers: openrouter.
    """

    type: Literal["max_tokens_used"]
    max_tokens: int
    """How many."""


class StopServerToolsWhenStepCountIsParam(TypedDict):
    """
    After so many steps.

    Providers: openrouter.
    """

    type: Literal["step_count_is"]
    step_count: int
    """How many."""


StopServerToolsWhenParam: TypeAlias = "StopServerToolsWhenStepCountIsParam | StopServerToolsWhenHasToolCallParam | StopServerToolsWhenMaxTokensUsedParam | StopServerToolsWhenMaxCostParam | StopServerToolsWhenFinishReasonIsParam"
"""
A condition that ends the running of server tools, told apart by type.

Providers: openrouter.
"""


class SwitchyardRouterPluginParam(TypedDict):
    """
    Settings of the router that sends a task to an efficient or to a capable model.

    Providers: openrouter.
    """

    id: Literal["switchyard-router"]
    algorithm: NotRequired[Literal["capability", "stage", "auto", "random", "composite", "passthrough"] | str]
    """How it decides."""
    judge_model: NotRequired[str]
    """The model that judges the task, where the algorithm wants one."""


class TraceConfigParam(TypedDict):
    """
    What connected observability services are told. Keys beside these are passed on as they are.

    Providers: openrouter.
    """

    trace_id: NotRequired[str]
    """The trace that the request belongs to."""
    trace_name: NotRequired[str]
    """The name of that trace."""
    span_name: NotRequired[str]
    """The name of the span around the request."""
    generation_name: NotRequired[str]
    """The name of the request itself."""
    parent_span_id: NotRequired[str]
    """The span of the caller's that the request belongs to."""


class UsageOptionsParam(TypedDict):
    """
    Whether to return tokens and cost.

    Providers: openrouter.
    """

    include: NotRequired[bool]
    """Whether to."""


class WebFetchPluginParam(TypedDict):
    """
    Lets the model read web pages.

    Providers: openrouter.
    """

    id: Literal["web-fetch"]
    allowed_domains: NotRequired[Sequence[str]]
    """Fetch from these domains only."""
    blocked_domains: NotRequired[Sequence[str]]
    """Never fetch from these domains."""
    max_content_tokens: NotRequired[int]
    """Cut what was fetched to about so many tokens."""
    max_uses: NotRequired[int]
    """The most fetches of one request."""


class WebSearchOptionsParam(TypedDict):
    """Settings of models that search the web."""

    search_context_size: NotRequired[Literal["low", "medium", "high"] | str]
    """How much of what is found the model sees. Medium unless said."""
    user_location: NotRequired[WebSearchOptionsUserLocationParam | None]
    """Where the user is, roughly."""


class WebSearchOptionsUserLocationParam(TypedDict):
    """Where the user is, roughly."""

    type: Literal["approximate"]
    approximate: ApproximateLocationParam
    """The place."""


class WebSearchPluginParam(TypedDict):
    """
    Searches the web before the model answers.

    Providers: openrouter.
    """

    id: Literal["web"]
    enabled: NotRequired[bool]
    """False switches it off for this request."""
    engine: NotRequired[Literal["native", "exa", "firecrawl", "parallel", "perplexity"] | str]
    """Who searches."""
    mode: NotRequired[
        Literal["instant", "fast", "auto", "deep-lite", "deep", "deep-reasoning", "turbo", "basic", "advanced"] | str
    ]
    """A mode of the engine (Exa and Parallel have some); others ignore it."""
    max_results: NotRequired[int]
    """The most results."""
    max_uses: NotRequired[int]
    """The most searches, where the model's provider searches and counts."""
    include_domains: NotRequired[Sequence[str]]
    """Results from these domains only, as names, patterns or with a path."""
    exclude_domains: NotRequired[Sequence[str]]
    """No results from these domains."""
    search_prompt: NotRequired[str]
    """The words that introduce the results to the model."""
    user_location: NotRequired[WebSearchUserLocationParam | None]
    """Where the user is, roughly."""
    x_search: NotRequired[XSearchOptionsParam]
    """Search X (Twitter) as well. xAI models with their own search only."""


PluginParam: TypeAlias = "AlignmentPluginParam | ArmorPluginParam | AutoRouterPluginParam | AutoBetaRouterPluginParam | ContextCompressionPluginParam | FileParserPluginParam | FusionPluginParam | JevRouterPluginParam | ModerationPluginParam | ParetoRouterPluginParam | ResponseHealingPluginParam | SwitchyardRouterPluginParam | WebSearchPluginParam | WebFetchPluginParam"
"""
A plugin and its settings, told apart by id.

Providers: openrouter.
"""
