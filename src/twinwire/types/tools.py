# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/tools.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twinwire.types.messages import CacheControlParam


class AdvisorServerToolConfigParam(TypedDict):
    """
    Settings of one advisor.

    Providers: openrouter.
    """

    model: NotRequired[str]
    """The advising model. Without it the asking model names one, or its own is used."""
    name: NotRequired[str]
    """The advisor's name, once among the advisors of a request."""
    instructions: NotRequired[str]
    """System instructions of the advisor."""
    forward_transcript: NotRequired[bool]
    """Show the advisor the whole conversation instead of the question alone."""
    max_completion_tokens: NotRequired[int]
    """The most tokens that the advisor may write, reasoning included."""
    reasoning: NotRequired[ServerToolReasoningParam]
    """How hard the advisor thinks."""
    stream: NotRequired[bool]
    """Stream the advice as it comes. Chat completions ignore it."""
    temperature: NotRequired[float]
    """Sampling temperature of the advisor."""


class AdvisorServerToolParam(TypedDict):
    """
    Asks a stronger model for advice. Several entries offer several advisors; one of them may have no name.

    Providers: openrouter.
    """

    type: Literal["openrouter:advisor"]
    parameters: NotRequired[AdvisorServerToolConfigParam]
    """Settings of this advisor."""


class BashServerToolConfigParam(TypedDict):
    """
    Settings of the shell.

    Providers: openrouter.
    """

    engine: NotRequired[Literal["auto", "native", "openrouter"] | str]
    """Who runs the commands. `openrouter` runs them in its sandbox; the others hand the call to the caller."""
    environment: NotRequired[BashServerToolEnvironmentParam]
    """The container they run in."""
    sleep_after_seconds: NotRequired[int]
    """How long the idle container is kept. 900 unless said, 2592000 at most."""


class BashServerToolParam(TypedDict):
    """
    Runs shell commands in a sandbox.

    Providers: openrouter.
    """

    type: Literal["openrouter:bash"]
    parameters: NotRequired[BashServerToolConfigParam]
    """Settings of the shell."""


class ChatCompletionAllowedToolChoiceParam(TypedDict):
    """
    The model may call some of the tools only.

    Providers: openai.
    """

    type: Literal["allowed_tools"]
    allowed_tools: ChatCompletionAllowedToolsParam
    """Which ones."""


class ChatCompletionAllowedToolsParam(TypedDict):
    """
    The tools that the model may call, out of all that the request offers.

    Providers: openai.
    """

    mode: Literal["auto", "required"] | str
    """Whether the model may also answer without a call."""
    tools: Sequence[Mapping[str, object]]
    """Tools by type and name, such as `{"type":"function","function":{"name":"f"}}`."""


class ChatCompletionCustomToolParam(TypedDict):
    """
    A tool of the caller's whose input is text, free or bound to a grammar.

    Providers: openai.
    """

    type: Literal["custom"]
    custom: CustomToolDefinitionParam
    """The tool."""


class ChatCompletionFunctionCallOptionParam(TypedDict):
    """
    The model must call this function, as said before there were tools.

    Providers: openai.
    """

    name: str
    """The name of the function."""


class ChatCompletionNamedToolChoiceCustomParam(TypedDict):
    """
    The model must call this custom tool.

    Providers: openai.
    """

    type: Literal["custom"]
    custom: ToolChoiceNameParam
    """Which one."""


class ChatCompletionNamedToolChoiceParam(TypedDict):
    """The model must call this function."""

    type: Literal["function"]
    function: ToolChoiceNameParam
    """Which one."""


class ChatCompletionServerToolChoiceParam(TypedDict):
    """
    The model must call this server tool.

    Providers: openrouter.
    """

    type: Literal[
        "openrouter:advisor",
        "openrouter:bash",
        "openrouter:datetime",
        "openrouter:files",
        "openrouter:fusion",
        "openrouter:image_generation",
        "openrouter:experimental__search_models",
        "openrouter:subagent",
        "openrouter:web_fetch",
        "openrouter:web_search",
        "web_search",
        "web_search_preview",
        "web_search_preview_2025_03_11",
        "web_search_2025_08_26",
    ]
    """The type of the server tool."""


ChatCompletionToolChoiceObjectParam: TypeAlias = "ChatCompletionNamedToolChoiceParam | ChatCompletionNamedToolChoiceCustomParam | ChatCompletionAllowedToolChoiceParam | ChatCompletionServerToolChoiceParam"
"""The tool, or the tools, that the model must choose, told apart by type."""


ChatCompletionToolChoiceOptionParam: TypeAlias = (
    "Literal['none', 'auto', 'required'] | str | ChatCompletionToolChoiceObjectParam"
)
"""
Whether and what to call: `none`, `auto` (the model decides, the default with tools), `required` (at least one),
or an object that names tools.
"""


class ChatCompletionToolParam(TypedDict):
    """A function of the caller's that the model may ask to have called."""

    type: Literal["function"]
    function: FunctionDefinitionParam
    """The function."""
    cache_control: NotRequired[CacheControlParam]
    """
    Cache the prompt up to the end of this tool.

    Providers: openrouter.
    """
    defer_loading: NotRequired[bool]
    """
    Keep the tool out of the prompt until a search of `deferred_tools` finds it.

    Providers: openrouter.
    """


class ContainerAutoEnvironmentParam(TypedDict):
    """
    A new container of OpenRouter's, gone when it has slept.

    Providers: openrouter.
    """

    type: Literal["container_auto"]
    file_ids: NotRequired[Sequence[str]]
    """Workspace files that are copied in before the first command."""
    network_policy: NotRequired[ContainerNetworkPolicyParam]
    """What the container may reach. Nothing unless said; fixed once it runs."""


class ContainerNetworkPolicyAllowlistParam(TypedDict):
    """
    Connections to some hosts only.

    Providers: openrouter.
    """

    type: Literal["allowlist"]
    allowed_domains: Sequence[str]
    """Host names, or patterns with `*`. A name does not stand for its subdomains."""


class ContainerNetworkPolicyDisabledParam(TypedDict):
    """
    No connection to the outside.

    Providers: openrouter.
    """

    type: Literal["disabled"]


ContainerNetworkPolicyParam: TypeAlias = "ContainerNetworkPolicyDisabledParam | ContainerNetworkPolicyAllowlistParam"
"""
What a container may reach.

Providers: openrouter.
"""


class ContainerReferenceEnvironmentParam(TypedDict):
    """
    A container that an earlier call made.

    Providers: openrouter.
    """

    type: Literal["container_reference"]
    container_id: str
    """The id that a tool result gave."""
    file_ids: NotRequired[Sequence[str]]
    """Workspace files that are copied in before the first command."""
    network_policy: NotRequired[ContainerNetworkPolicyParam]
    """What the container may reach. Nothing unless said; fixed once it runs."""


BashServerToolEnvironmentParam: TypeAlias = "ContainerAutoEnvironmentParam | ContainerReferenceEnvironmentParam"
"""
The container that commands run in.

Providers: openrouter.
"""


class CustomToolDefinitionParam(TypedDict):
    """
    What the model is told about a custom tool.

    Providers: openai.
    """

    name: str
    """The name that calls of it carry."""
    description: NotRequired[str]
    """What the tool does and when to call it."""
    format: NotRequired[CustomToolFormatParam]
    """What the input must look like. Free text unless said."""


class CustomToolFormatGrammarParam(TypedDict):
    """
    Text that a grammar accepts.

    Providers: openai.
    """

    type: Literal["grammar"]
    grammar: CustomToolGrammarParam
    """The grammar."""


class CustomToolFormatTextParam(TypedDict):
    """
    Free text.

    Providers: openai.
    """

    type: Literal["text"]


CustomToolFormatParam: TypeAlias = "CustomToolFormatTextParam | CustomToolFormatGrammarParam"
"""
What the input of a custom tool must look like.

Providers: openai.
"""


class CustomToolGrammarParam(TypedDict):
    """
    A grammar for the input of a custom tool.

    Providers: openai.
    """

    syntax: Literal["lark", "regex"] | str
    """The language of the definition."""
    definition: str
    """The grammar itself."""


class DatetimeServerToolConfigParam(TypedDict):
    """
    Settings of the clock.

    Providers: openrouter.
    """

    timezone: NotRequired[str]
    """An IANA time zone. UTC unless said."""


class DatetimeServerToolParam(TypedDict):
    """
    Tells the date and time.

    Providers: openrouter.
    """

    type: Literal["openrouter:datetime"]
    parameters: NotRequired[DatetimeServerToolConfigParam]
    """Settings of the clock."""


class DeferredBM25SearchParam(TypedDict):
    """
    By words, ranked with BM25.

    Providers: openrouter.
    """

    type: Literal["bm25"]
    max_results: NotRequired[int]
    """The most tools of one search."""


class DeferredCustomSearchParam(TypedDict):
    """
    By a tool of the caller's.

    Providers: openrouter.
    """

    type: Literal["custom"]
    tool_id: str
    """The tool that searches."""
    result_key: str
    """Where its result lists the tools it found."""
    max_results: NotRequired[int]
    """The most tools of one search."""


class DeferredRegexSearchParam(TypedDict):
    """
    By regular expressions that the model writes.

    Providers: openrouter.
    """

    type: Literal["regex"]
    max_results: NotRequired[int]
    """The most tools of one search."""


class DeferredToolsControlParam(TypedDict):
    """
    How tools with `defer_loading` are found. The list of tools must stay the same over a conversation.

    Providers: openrouter.
    """

    protocol: Literal["v1"] | str
    """The version of the protocol."""
    profile: Literal["portable"] | str
    """How tools are loaded. `portable` works with any model."""
    validation: Literal["runtime"] | str
    """Where arguments are checked. `runtime` is in OpenRouter."""
    search: DeferredToolsSearchParam
    """How tools are searched."""


DeferredToolsSearchParam: TypeAlias = "DeferredRegexSearchParam | DeferredBM25SearchParam | DeferredCustomSearchParam"
"""
How deferred tools are searched, told apart by type.

Providers: openrouter.
"""


class FilesServerToolParam(TypedDict):
    """
    Reads, writes and lists the files of the key's workspace.

    Providers: openrouter.
    """

    type: Literal["openrouter:files"]
    parameters: NotRequired[Mapping[str, object]]
    """Settings. None are known yet."""


class FunctionDefinitionParam(TypedDict):
    """What the model is told about a function."""

    name: str
    """Letters, digits, underscores and dashes."""
    description: NotRequired[str]
    """What the function does and when to call it."""
    parameters: NotRequired[Mapping[str, object]]
    """A JSON schema of the arguments. Absent means no arguments."""
    strict: NotRequired[bool | None]
    """Hold the arguments to the schema exactly. Allows a part of JSON Schema only."""
    defer_loading: NotRequired[bool]
    """
    Keep the function out of the prompt until a search of `deferred_tools` finds it.

    Providers: openrouter.
    """


class FusionServerToolConfigParam(TypedDict):
    """
    Settings of the panel.

    Providers: openrouter.
    """

    analysis_models: NotRequired[Sequence[str]]
    """The models of the panel."""
    model: NotRequired[str]
    """The model that sums up. The request's own unless said."""
    cache_control: NotRequired[CacheControlParam]
    """Caching of the inner calls."""
    max_completion_tokens: NotRequired[int]
    """The most tokens that each inner call may write, reasoning included."""
    max_tool_calls: NotRequired[int]
    """The most tool steps that each inner call may take."""
    reasoning: NotRequired[ServerToolReasoningParam]
    """How hard the inner calls think."""
    temperature: NotRequired[float]
    """Sampling temperature of the panel. The summary is made at 0."""
    tools: NotRequired[Sequence[ServerToolReferenceParam]]
    """Server tools of the inner calls. Web search and web fetch unless said; none if empty."""


class FusionServerToolParam(TypedDict):
    """
    Asks a panel of models, and has another sum up what they agree on.

    Providers: openrouter.
    """

    type: Literal["openrouter:fusion"]
    parameters: NotRequired[FusionServerToolConfigParam]
    """Settings of the panel."""


class ImageGenerationServerToolConfigParam(TypedDict):
    """
    Settings of the image model; beside `model`, all that `image_config` may hold, such as `aspect_ratio` or
    `quality`.

    Providers: openrouter.
    """

    model: NotRequired[str]
    """The image model."""


class ImageGenerationServerToolParam(TypedDict):
    """
    Makes images from text.

    Providers: openrouter.
    """

    type: Literal["openrouter:image_generation"]
    parameters: NotRequired[ImageGenerationServerToolConfigParam]
    """Settings of the image model."""


class LegacyFunctionParam(TypedDict):
    """
    A function, as offered before there were tools.

    Providers: openai.

    Deprecated: Use a tool of type `function`.
    """

    name: str
    """Letters, digits, underscores and dashes."""
    description: NotRequired[str]
    """What the function does and when to call it."""
    parameters: NotRequired[Mapping[str, object]]
    """A JSON schema of the arguments. Absent means no arguments."""


class SearchModelsServerToolConfigParam(TypedDict):
    """
    Settings of the search for models.

    Providers: openrouter.
    """

    max_results: NotRequired[int]
    """The most models to return. 5 unless said, 20 at most."""


class SearchModelsServerToolParam(TypedDict):
    """
    Searches the models that OpenRouter has. An experiment of theirs.

    Providers: openrouter.
    """

    type: Literal["openrouter:experimental__search_models"]
    parameters: NotRequired[SearchModelsServerToolConfigParam]
    """Settings of the search."""


class ServerToolReasoningParam(TypedDict):
    """
    How hard the model behind a server tool thinks.

    Providers: openrouter.
    """

    effort: NotRequired[Literal["max", "xhigh", "high", "medium", "low", "minimal", "none"] | str]
    """The effort."""
    max_tokens: NotRequired[int]
    """The most tokens of reasoning."""


class ServerToolReferenceParam(TypedDict):
    """
    A server tool for an inner call.

    Providers: openrouter.
    """

    type: str
    """The tool, such as `openrouter:web_search`."""
    parameters: NotRequired[Mapping[str, object]]
    """Its settings."""


class SubagentServerToolConfigParam(TypedDict):
    """
    Settings of one subagent.

    Providers: openrouter.
    """

    model: NotRequired[str]
    """The working model. The request's own unless said."""
    name: NotRequired[str]
    """The subagent's name, once among the subagents of a request."""
    instructions: NotRequired[str]
    """System instructions of the subagent."""
    inherit_functions: NotRequired[bool]
    """Give the subagent all functions of the request. An experiment; chat completions refuse it."""
    inherited_function_names: NotRequired[Sequence[str]]
    """Functions of the request that the subagent gets. An experiment."""
    max_completion_tokens: NotRequired[int]
    """The most tokens that the subagent may write, reasoning included."""
    max_tool_calls: NotRequired[int]
    """The most tool steps that the subagent may take."""
    reasoning: NotRequired[ServerToolReasoningParam]
    """How hard the subagent thinks."""
    temperature: NotRequired[float]
    """Sampling temperature of the subagent."""
    tools: NotRequired[Sequence[ServerToolReferenceParam]]
    """Server tools of the subagent; itself is not allowed among them."""


class SubagentServerToolParam(TypedDict):
    """
    Hands self-contained tasks to a smaller model. Several entries offer several; one of them may have no name.

    Providers: openrouter.
    """

    type: Literal["openrouter:subagent"]
    parameters: NotRequired[SubagentServerToolConfigParam]
    """Settings of this subagent."""


class ToolChoiceNameParam(TypedDict):
    """The name of a tool."""

    name: str
    """The name."""


class WebFetchServerToolConfigParam(TypedDict):
    """
    Settings of the fetch.

    Providers: openrouter.
    """

    engine: NotRequired[Literal["auto", "native", "openrouter", "exa", "parallel", "firecrawl"] | str]
    """Who fetches. `auto` is the model's provider where it can, else Exa."""
    allowed_domains: NotRequired[Sequence[str]]
    """Fetch from these domains only."""
    blocked_domains: NotRequired[Sequence[str]]
    """Never fetch from these domains."""
    max_content_tokens: NotRequired[int]
    """Cut what was fetched to about so many tokens."""
    max_uses: NotRequired[int]
    """The most fetches of one request."""


class WebFetchServerToolParam(TypedDict):
    """
    Reads a web page or a PDF by its address.

    Providers: openrouter.
    """

    type: Literal["openrouter:web_fetch"]
    parameters: NotRequired[WebFetchServerToolConfigParam]
    """Settings of the fetch."""


class WebSearchConfigParam(TypedDict):
    """
    Settings of the search.

    Providers: openrouter.
    """

    engine: NotRequired[Literal["native", "exa", "parallel", "firecrawl", "perplexity", "auto"] | str]
    """Who searches. `auto` is the model's provider where it can, else Exa."""
    mode: NotRequired[
        Literal["instant", "fast", "auto", "deep-lite", "deep", "deep-reasoning", "turbo", "basic", "advanced"] | str
    ]
    """A mode of the engine (Exa and Parallel have some); others ignore it."""
    max_results: NotRequired[int]
    """The most results of one search. 5 unless said."""
    max_total_results: NotRequired[int]
    """The most results of all searches of the request. 50 unless said."""
    max_uses: NotRequired[int]
    """The most searches of the request."""
    max_characters: NotRequired[int]
    """The most characters of one result (Exa, Parallel, Perplexity)."""
    search_context_size: NotRequired[Literal["low", "medium", "high"] | str]
    """How much of each result the model sees (Exa, Parallel, Perplexity)."""
    allowed_domains: NotRequired[Sequence[str]]
    """Results from these domains only. Not together with `excluded_domains`."""
    excluded_domains: NotRequired[Sequence[str]]
    """No results from these domains. Not together with `allowed_domains`."""
    user_location: NotRequired[WebSearchUserLocationParam]
    """Where the user is, roughly."""
    x_search: NotRequired[XSearchOptionsParam]
    """Search X (Twitter) as well. xAI models with their own search only."""


class WebSearchServerToolParam(TypedDict):
    """
    Searches the web.

    Providers: openrouter.
    """

    type: Literal["openrouter:web_search"]
    parameters: NotRequired[WebSearchConfigParam]
    """Settings of the search."""


class WebSearchShorthandToolParam(TypedDict):
    """
    OpenRouter's web search in the spelling of OpenAI's Responses API.

    Providers: openrouter.
    """

    type: Literal["web_search", "web_search_preview", "web_search_preview_2025_03_11", "web_search_2025_08_26"]
    """All mean the same."""
    engine: NotRequired[Literal["native", "exa", "parallel", "firecrawl", "perplexity", "auto"] | str]
    """Who searches. `auto` is the model's provider where it can, else Exa."""
    mode: NotRequired[
        Literal["instant", "fast", "auto", "deep-lite", "deep", "deep-reasoning", "turbo", "basic", "advanced"] | str
    ]
    """A mode of the engine (Exa and Parallel have some); others ignore it."""
    max_results: NotRequired[int]
    """The most results of one search. 5 unless said."""
    max_total_results: NotRequired[int]
    """The most results of all searches of the request. 50 unless said."""
    max_uses: NotRequired[int]
    """The most searches of the request."""
    max_characters: NotRequired[int]
    """The most characters of one result (Exa, Parallel, Perplexity)."""
    search_context_size: NotRequired[Literal["low", "medium", "high"] | str]
    """How much of each result the model sees (Exa, Parallel, Perplexity)."""
    allowed_domains: NotRequired[Sequence[str]]
    """Results from these domains only. Not together with `excluded_domains`."""
    excluded_domains: NotRequired[Sequence[str]]
    """No results from these domains. Not together with `allowed_domains`."""
    user_location: NotRequired[WebSearchUserLocationParam]
    """Where the user is, roughly."""
    x_search: NotRequired[XSearchOptionsParam]
    """Search X (Twitter) as well. xAI models with their own search only."""
    parameters: NotRequired[WebSearchConfigParam]
    """The same settings once more, as `openrouter:web_search` has them."""


ChatCompletionToolUnionParam: TypeAlias = "ChatCompletionToolParam | ChatCompletionCustomToolParam | AdvisorServerToolParam | BashServerToolParam | DatetimeServerToolParam | FilesServerToolParam | FusionServerToolParam | ImageGenerationServerToolParam | SearchModelsServerToolParam | SubagentServerToolParam | WebFetchServerToolParam | WebSearchServerToolParam | WebSearchShorthandToolParam"
"""One tool that the model may use, told apart by its type."""


class WebSearchUserLocationParam(TypedDict):
    """
    Where the user is, roughly. All of it is optional; the `web` plugin wants `type`.

    Providers: openrouter.
    """

    type: NotRequired[Literal["approximate"] | str]
    """The one kind there is."""
    city: NotRequired[str | None]
    """The city."""
    region: NotRequired[str | None]
    """The state or province."""
    country: NotRequired[str | None]
    """The country, as two letters."""
    timezone: NotRequired[str | None]
    """An IANA time zone."""


class XSearchOptionsParam(TypedDict):
    """
    A search of X (Twitter). Billed per post and profile.

    Providers: openrouter.
    """

    allowed_x_handles: NotRequired[Sequence[str]]
    """Posts of these accounts only. Not together with `excluded_x_handles`."""
    excluded_x_handles: NotRequired[Sequence[str]]
    """No posts of these accounts. Not together with `allowed_x_handles`."""
    from_date: NotRequired[str]
    """Posts from this day on, as 2025-01-31."""
    to_date: NotRequired[str]
    """Posts up to this day, as 2025-01-31."""
    enable_image_understanding: NotRequired[bool]
    """Read the images of posts."""
    enable_video_understanding: NotRequired[bool]
    """Watch the videos of posts."""
