"""What came of a scenario, for the judge and for the checks of a scenario's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire._core.trace import Attempt
    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.scenarios.scenario import Scenario, Stage, Way

Flavour = Literal["sync", "async"]


@define(kw_only=True)
class Outcome:
    """What one call came to."""

    reply: Any = None
    """The reply, or the result of a stream; None where an error came or the consumer left."""
    error: BaseException | None = None
    items: list[Any] = field(factory=list[Any])
    """Chunks or events, in order."""
    began: float = 0.0
    """Monotonic seconds."""
    seconds: float = 0.0
    """How long the call took."""
    trace: Any = None
    """The trace of the reply or of the stream; an error has its own attempts."""

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Every attempt of the call."""
        if self.error is not None:
            return getattr(self.error, "attempts", ())
        return () if self.trace is None else self.trace.attempts

    @property
    def text(self) -> str:
        """The joined text of the items since the last restart, or the reply's own."""
        if self.items:
            start = max((i + 1 for i, item in enumerate(self.items) if _is_restart(item)), default=0)
            return "".join(item.text for item in self.items[start:])
        return getattr(self.reply, "text", None) or ""


class ConsumerError(Exception):
    """The consumer's own exception, in the body of its loop."""


def _is_restart(item: object) -> bool:
    return getattr(item, "type", None) == "restarted" and getattr(item, "mode", None) == "restart"


@define(kw_only=True)
class Played:
    """One scenario, played once."""

    scenario: Scenario
    way: Way
    flavour: Flavour
    transport: str = "default"
    outcomes: list[Outcome] = field(factory=list[Outcome])
    stage: Stage | None = None
    """The servers, still running when the checks are made."""
    client: Any = None
    requests: tuple[RecordedRequest, ...] = ()
    """What the server read during the calls."""
    requests_elsewhere: tuple[RecordedRequest, ...] = ()
    connections: int = 0
    open_connections: int = 0
    seconds: float = 0.0
    peak_bytes: int | None = None
    key: str = field(default="", repr=False)
    logged: str = field(default="", repr=False)
    """What the loggers wrote, at their most talkative."""
    problems: list[str] = field(factory=list[str])

    @property
    def outcome(self) -> Outcome:
        """What the call, or the first of several, came to."""
        return self.outcomes[0]

    def __str__(self) -> str:
        return f"{self.scenario.name} [{self.way}, {self.flavour}, {self.transport}]"
