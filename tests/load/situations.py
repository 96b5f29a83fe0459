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
REQUESTS = 50
"""What each limit lets through in its window."""
WINDOW_SECONDS = 2.5
"""A minute of this test. What is little of a minute, such as the time between two turns of a busy process, is much of this."""


@frozen(kw_only=True)
class Situation:
    """One server and those who use it."""

    kind: LimitKind
    bound: Literal["requests", "tokens"]
    store: Literal["sqlite", "redis"] = "sqlite"

    @property
    def name(self) -> str:
        """In a word each."""
        return f"{self.kind}, {self.bound}, {self.store}"

    def server(self) -> LoopbackProvider:
        """A server in its own process that enforces the limit; the other quantity is not limited."""
        return LoopbackProvider(
            process=True,
            default=Reply(" ".join(["word"] * WORDS)),
            rate_limit=RateLimit(
                requests=REQUESTS if self.bound == "requests" else None,
                # Half a call more, which nobody can use: who counts a call a little too high can still send as many.
                tokens=REQUESTS * TOKENS + TOKENS // 2 if self.bound == "tokens" else None,
                window_seconds=WINDOW_SECONDS,
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
