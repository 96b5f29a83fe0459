"""
What a scenario says: how a client is asked, what the server does, what must come of it.

A scenario is data. Numbers of seconds are written as multiples of `UNIT`, which is as short as a busy machine allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from attrs import define, field, frozen

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer
    from twinwire.testing.dialect import DialectName
    from twinwire.testing.provider import LoopbackProvider
    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.ports import Ports

UNIT = 0.1
"""Seconds: the time unit of all scenarios."""

Way = Literal["create", "chunks", "events", "embeddings", "models"]
"""`create()`, `create(stream=True)`, `.stream()` with its result, `embeddings.create()`, `models.list()`."""
Topic = Literal["retries", "deadlines", "streams", "replies", "tool_calls", "connections", "trust", "input"]


@define(kw_only=True)
class Stage:
    """What a scenario is played on, for what it can only say when the servers run."""

    server: LoopbackProvider
    """The provider."""
    ports: Ports
    """Ports of this machine that refuse connections."""
    _start: Callable[[], LoopbackProvider] = field(alias="start")
    _elsewhere: LoopbackProvider | None = field(default=None, init=False)

    @property
    def elsewhere(self) -> LoopbackProvider:
        """Another server, which nobody was told to trust; it answers everything. It runs from when it is first asked for."""
        if self._elsewhere is None:
            self._elsewhere = self._start()
        return self._elsewhere

    @property
    def requests_elsewhere(self) -> tuple[RecordedRequest, ...]:
        """What the other server was asked."""
        return () if self._elsewhere is None else self._elsewhere.requests


Options: TypeAlias = Mapping[str, Any]
Server: TypeAlias = "Sequence[Answer] | Callable[[Stage], Sequence[Answer]]"
Check: TypeAlias = "Callable[[Played], str | None]"
"""A condition of its own: returns what is wrong, or None."""


@frozen(kw_only=True)
class Ask:
    """How the client is asked."""

    arguments: Options | Callable[[], Options] = field(factory=dict[str, Any])
    """Arguments of the call, besides the usual model and message (None for one takes it out); a function where they are large."""
    options: Options | Callable[[Stage], Options] = field(factory=dict[str, Any])
    """Options of the client."""
    earlier: int = 0
    """Plain calls made before on the same client, so that a connection is there already; the script begins after them."""
    idle_seconds: float = 0.0
    """How long nothing happens after the earlier calls."""
    together: int = 1
    """So many calls at once, in threads or tasks."""
    leave_after: int | None = None
    """Streams: leave after so many items."""
    leave: Literal["block", "close", "error"] = "block"
    """How: out of the `with` block, by `close()`, or by an exception of the consumer's own."""
    pause_seconds: float = 0.0
    """Streams: how long the consumer works on each item."""


@frozen(kw_only=True)
class Expect:
    """
    What must come of it: an answer, unless *error* names the class of an error.

    Of what is None nothing is expected. What holds for every scenario stands in `judge.py`.
    """

    error: type[BaseException] | None = None
    """The exact class. A `ConfigError` may also come from making the client; no call is made then."""
    is_mixed: bool = False
    """Whether calls that are made together may end differently: the checks alone say how."""
    says: tuple[str, ...] = ()
    """Texts that the error's message must hold."""
    facts: Options = field(factory=dict[str, Any])
    """Attributes of the error, or of the reply: `status_code`, `retry_after`, `code`, `phase`, `where`, `path`, ..."""
    partial: str | None = None
    """The text of the error's `partial`; "" for no partial at all or one without text."""
    billed: bool | None = None
    """The error's `possibly_billed`, or the trace's."""

    text: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    finish_reason: str | None = None
    calls: tuple[tuple[str, str], ...] | None = None
    """Name and arguments of each tool call of the answer, or of the error's partial answer, in order."""
    usage: Options | None = None
    """Fields of the usage, as they stood on the wire."""

    attempts: int | None = 1
    """Trips to the server of each call, as the trace has them (replaced stale connections not counted). None: any number."""
    requests: int | None = None
    """Requests that the server read during the calls. None: as many as attempts, times the calls, if those are known."""
    replaced: int = 0
    """Stale connections that were replaced, in each call."""
    waits: tuple[tuple[float, float], ...] | None = None
    """Least and most seconds of the wait before each further attempt, as the trace has them: exact."""
    seconds: tuple[float, float | None] = (0.0, None)
    """Least and most seconds of the whole, by the clock. The upper bound gets slack for a busy machine."""
    connections: int | None = None
    """Connections that the server accepted during the calls."""
    open_connections: int | None = None
    """Connections that stay open after the calls, while the client is."""
    peak_bytes: int | None = None
    """What the calls may allocate at most; such a scenario is played alone, with its servers in processes of their own."""
    checks: tuple[Check, ...] = ()


@frozen(kw_only=True)
class Scenario:
    """One situation."""

    name: str
    """Words with hyphens; unique."""
    topic: Topic
    about: str
    """One sentence: what happens, and what is promised."""
    ways: tuple[Way, ...] = ("create",)
    """Played once in each way; the same must come of all."""
    dialect: DialectName = "openai"
    server: Server = ()
    """The script: an answer for each request."""
    server_options: Options = field(factory=dict[str, Any])
    """Options of the `LoopbackProvider`."""
    ask: Ask = field(factory=Ask)
    expect: Expect = field(factory=Expect)
    injected: bool = False
    """Whether it holds on an injected client of httpx and httpx2 as well, and is played there too."""
    usable_after: bool = True
    """Whether a plain call on the same client must succeed afterwards."""
    flavours: tuple[Literal["sync", "async"], ...] = ("sync", "async")

    def __attrs_post_init__(self) -> None:
        """A word that is misspelt would otherwise leave plays out, or play nothing."""
        words: tuple[tuple[str, Sequence[str], tuple[str, ...]], ...] = (
            ("topic", (self.topic,), get_args(Topic)),
            ("ways", self.ways, get_args(Way)),
            ("flavours", self.flavours, ("sync", "async")),
        )
        for name, given, known in words:
            if isinstance(given, str) or not given or not set(given) <= set(known):
                raise ValueError(f"{name} of the scenario {self.name!r}: known are {', '.join(known)}; got {given!r}")
