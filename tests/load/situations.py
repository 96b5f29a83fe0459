"""What the load on limits is put on: a kind of limit, what it is of, and what the clients share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from twinwire.testing import LoopbackProvider, RateLimit, Reply

if TYPE_CHECKING:
    from twinwire.testing.rate_limit import LimitKind

WORDS = 20
"""Of each answer, which is as long as it may be."""
PROMPT = "Say something about the sea"
TOKENS = WORDS + len(PROMPT.split())
"""What a call counts for."""
REQUESTS_PER_SECOND = 20
"""What each limit lets through."""
WINDOW_SECONDS = 2.5
"""A minute of this test. What is little of a minute, such as the time between two turns of a busy process, is much of this."""


@frozen(kw_only=True)
class Situation:
    """One server and those who use it."""

    kind: LimitKind
    bound: Literal["requests", "tokens"]
    store: Literal["sqlite", "redis"] = "sqlite"
    window_seconds: float = WINDOW_SECONDS

    @property
    def requests(self) -> int:
        """What the limit lets through in its window."""
        return round(REQUESTS_PER_SECOND * self.window_seconds)

    @property
    def name(self) -> str:
        """In a word each."""
        return f"{self.kind}, {self.bound}, {self.store}, {self.window_seconds:g} s"

    def server(self) -> LoopbackProvider:
        """A server in its own process that enforces the limit; the other quantity is not limited."""
        return LoopbackProvider(
            process=True,
            default=Reply(" ".join(["word"] * WORDS)),
            rate_limit=RateLimit(
                requests=self.requests if self.bound == "requests" else None,
                # Half a call more, which nobody can use: who counts a call a little too high can still send as many.
                tokens=self.requests * TOKENS + TOKENS // 2 if self.bound == "tokens" else None,
                window_seconds=self.window_seconds,
                kind=self.kind,
            ),
        )


ALL: tuple[Situation, ...] = (
    Situation(kind="window", bound="requests"),
    Situation(kind="window", bound="tokens"),
    Situation(kind="sliding", bound="requests"),
    Situation(kind="sliding", bound="tokens"),
    Situation(kind="bucket", bound="requests"),
    Situation(kind="bucket", bound="tokens"),
    Situation(kind="bucket", bound="requests", store="redis"),
)
