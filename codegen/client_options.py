"""
The options that every client has, and those of one call: the only place that lists them.

Constructors and `with_options` are written from this, in both flavours. What a provider has of its own stands in the spec's
`x-clients`.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

UNSET = "UNSET"


@frozen(kw_only=True)
class Option:
    """One keyword argument."""

    name: str
    type: str
    default: str = "None"
    doc: str
    """May name `{api_key_env}`, `{base_url}` and `{base_url_env}` of the provider."""
    async_type: str | None = None
    """Where the async client takes something else."""


CLIENT_OPTIONS: Final = (
    Option(
        name="api_key",
        type="str | Sequence[str] | Callable[[], str] | None",
        async_type="str | Sequence[str] | Callable[[], str] | Callable[[], Awaitable[str]] | None",
        doc="The key; or several, which calls take turns with; or a callable that returns it and is asked anew for each attempt. A plain "
        "function is waited for as long as it takes, past any deadline, so give what it does a limit of its own. Default: the "
        "environment variable `{api_key_env}`. A loopback server needs none.",
    ),
    Option(
        name="base_url",
        type="str | None",
        doc="Where the API is. Default: {base_url_env_text}`{base_url}`. A host of another known provider is served by that "
        "provider's rules.",
    ),
    Option(
        name="timeout",
        type="Timeout | float | Unset | None",
        default=UNSET,
        doc="Limits in seconds for the steps of each attempt; a number sets all of them, None switches them off. Default: "
        "`Timeout()`, which is 10 to connect, 60 to write, 600 to the first event, 120 between events, 60 for a free "
        "connection.",
    ),
    Option(
        name="deadline",
        type="float | None",
        doc="Seconds that a whole call may take, with its waits, retries and stream. Default: no deadline.",
    ),
    Option(
        name="max_retries",
        type="int | Unset",
        default=UNSET,
        doc="Attempts after the first, where another one may help. Default: 2. Not beside `retry`.",
    ),
    Option(name="retry", type="Retry | None", doc="The whole retry policy. Not beside `max_retries`."),
    Option(
        name="on_interrupt",
        type="Literal['raise', 'restart', 'continue']",
        default='"raise"',
        doc="What becomes of a `.stream()` that breaks off after its first content. Its own `on_interrupt` wins, and describes them.",
    ),
    Option(
        name="limits",
        type="Limits | Sequence[Limits] | Literal[False] | None",
        doc="How much may be sent in what time; the most restrictive wins. Default: what the server says of its own limits. False: "
        "no limits at all, not even those.",
    ),
    Option(
        name="breaker",
        type="Breaker | None",
        doc="Stop calls for a while where too many fail, by key and model. Default: none.",
    ),
    Option(
        name="budget",
        type="Budget | Sequence[Budget] | None",
        doc="How much may be spent; the most restrictive wins. What a call may cost at most is reserved before it is sent.",
    ),
    Option(
        name="ledger",
        type="Ledger | Store | PurePath | str | None",
        doc="Where every call is written down with its cost, and where budgets keep their accounts: the path of a file (SQLite), a "
        "`redis://` URL, a `Ledger` or a store. Default: budgets count in memory, and calls are not written down.",
    ),
    Option(
        name="prices",
        type="GivenPrices | None",
        doc="Prices that come before those of the tables: a mapping, or the path of a price table. True, False: whether there are "
        "prices at all. Default: the tables, but none for a server on this machine.",
    ),
    Option(
        name="tags",
        type="Mapping[str, str] | None",
        doc="What calls are for, such as `user`, `session`, `tool`: for budgets, limits and the ledger. Never sent. A call's own are added.",
    ),
    Option(
        name="priority",
        type="int",
        default="0",
        doc="Calls of a higher priority go first where calls wait for a limit.",
    ),
    Option(
        name="tokenizer",
        type="Literal['estimate', 'exact']",
        default='"estimate"',
        doc="How prompts are counted for reservations: by an upper bound that takes microseconds, or exactly where there is a vocabulary "
        "for the model, which the first call then loads.",
    ),
    Option(
        name="preflight",
        type="bool",
        default="False",
        doc="Refuse a chat whose prompt is certainly too long for the model, before it is sent (`ContextLengthError` with `sent` False). By "
        "the context window of the price tables; a model whose window they do not know is not checked, which the log says.",
    ),
    Option(
        name="default_headers",
        type="Mapping[str, str | None] | None",
        doc="Headers of every request; None for a value leaves out one that would be sent unasked. A call's `extra_headers` win.",
    ),
    Option(
        name="default_query",
        type="Mapping[str, object] | None",
        doc="Query parameters of every request. A call's `extra_query` wins over them.",
    ),
    Option(name="caps", type="Caps | None", doc="The most of a reply that is taken, in bytes. Default: `Caps()`."),
    Option(name="pool", type="Pool | None", doc="Limits of the connection pool. Default: the provider's own."),
    Option(
        name="transport",
        type="Transport | Literal['httpcore', 'httpcore2'] | None",
        async_type="AsyncTransport | Literal['httpcore', 'httpcore2'] | None",
        doc="What sends requests, in place of the default transport; or the engine of that one (`httpcore2` is httpx2's). "
        "Not beside `http_client`.",
    ),
    Option(
        name="http_client",
        type="HTTPClient | None",
        async_type="AsyncHTTPClient | None",
        doc="A client of httpx or httpx2 to send with. It stays yours: twinwire does not close it.",
    ),
    Option(name="proxy", type="str | None", doc="URL of a proxy. Default: the proxy variables of the environment."),
    Option(
        name="verify",
        type="bool | str | ssl.SSLContext",
        default="True",
        doc="Whether certificates are checked; or the path of a bundle of them; or a whole TLS context.",
    ),
    Option(name="http2", type="bool", default="False", doc="Offer HTTP/2. Needs the extra `twinwire[http2]`."),
    Option(
        name="trust_env",
        type="bool",
        default="True",
        doc="Read proxy and certificate variables of the environment (`HTTPS_PROXY`, `SSL_CERT_FILE`, ...).",
    ),
    Option(
        name="allow_http",
        type="bool",
        default="False",
        doc="Take a `base_url` of `http://` to another machine, where key and prompts travel readable.",
    ),
    Option(
        name="log",
        type="bool | str | None",
        doc="Switch the `twinwire` logger on: True, or the name of a level. Default: the environment variable `TWINWIRE_LOG`. "
        "Content is never logged.",
    ),
)

CALL_OPTIONS: Final = (
    Option(
        name="timeout",
        type="Timeout | float | Unset | None",
        default=UNSET,
        doc="Limits in seconds for the steps of each attempt, in place of the client's.",
    ),
    Option(
        name="deadline",
        type="float | Unset | None",
        default=UNSET,
        doc="Seconds that the whole call may take, in place of the client's.",
    ),
    Option(
        name="max_retries",
        type="int | Unset",
        default=UNSET,
        doc="Attempts after the first, in place of the client's.",
    ),
    Option(
        name="budget",
        type="Budget | Sequence[Budget] | None",
        doc="Budgets that hold for this call besides the client's.",
    ),
    Option(
        name="tags",
        type="Mapping[str, str] | None",
        doc="What the call is for, beside the client's tags. Never sent.",
    ),
    Option(
        name="priority",
        type="int | Unset",
        default=UNSET,
        doc="Calls of a higher priority go first where calls wait for a limit. Default: the client's.",
    ),
    Option(
        name="extra_headers",
        type="Mapping[str, str | None] | None",
        doc="Headers to add or replace; None for a value leaves one out.",
    ),
    Option(name="extra_query", type="Mapping[str, object] | None", doc="Query parameters to add or replace."),
    Option(
        name="extra_body",
        type="Mapping[str, object] | None",
        doc="Members to add to the JSON body or to replace in it. They are not checked.",
    ),
)

STREAM_OPTIONS: Final = (
    Option(
        name="on_interrupt",
        type="Literal['raise', 'restart', 'continue'] | Unset",
        default=UNSET,
        doc="What becomes of a stream that breaks off after its first content, where another attempt may help. `raise`: an error that "
        "holds what had arrived. `restart`: a `RestartedEvent`, then the answer anew. `continue`: a `RestartedEvent`, then the rest "
        "of the answer, where the provider and model are known to go on with a begun one. These attempts count as retries, and the "
        "cost of all of them is in `cost`. Default: the client's, which is `raise` unless it was given.",
    ),
)
"""What only `.stream()` has besides."""

ARGUMENTS_OF_ITS_OWN: Final = frozenset({"self", *(option.name for option in (*CALL_OPTIONS, *STREAM_OPTIONS))})
"""What every method has beside the parameters of its operation."""

TYPE_IMPORTS: Final = (
    ("collections.abc", "Awaitable"),
    ("collections.abc", "Callable"),
    ("collections.abc", "Mapping"),
    ("collections.abc", "Sequence"),
    ("pathlib", "PurePath"),
    ("twinwire._io.http_client", "AsyncHTTPClient"),
    ("twinwire._io.http_client", "HTTPClient"),
    ("twinwire._core.caps", "Caps"),
    ("twinwire._core.pool", "Pool"),
    ("twinwire._core.retry", "Retry"),
    ("twinwire._core.store", "Store"),
    ("twinwire._core.timeout", "Timeout"),
    ("twinwire._io.async_transport", "AsyncTransport"),
    ("twinwire._io.transport", "Transport"),
    ("twinwire._model.unset", "Unset"),
    ("twinwire.limits.breaker", "Breaker"),
    ("twinwire.limits.options", "Limits"),
    ("twinwire.money.budget", "Budget"),
    ("twinwire.money.ledger", "Ledger"),
    ("twinwire.money.levels", "GivenPrices"),
)
"""What the types above need; a module keeps those that it names."""
