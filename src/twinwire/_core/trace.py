"""What happened during a call, attempt by attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

WaitReason = Literal["retry_after", "backoff", "stale_connection", "interrupted", "another_key"]


@frozen(kw_only=True)
class Counted:
    """The tokens of an attempt whose provider did not say, or not to the end, what it used: estimated from the texts of both sides."""

    input_tokens: int
    input_low: int
    input_high: int | None
    """None without a bound."""
    output_tokens: int
    """Of what had arrived."""
    output_low: int
    output_high: int | None
    """None without a bound: thoughts that are not sent are charged, too."""
    is_cut: bool = False
    """Whether the answer was not read to its end. A server that writes on charges for more than arrived."""


@define(kw_only=True)
class Attempt:
    """One trip to the server. Milliseconds are counted from the start of the attempt; None where it did not get that far."""

    number: int
    """1 for the first try."""
    status: int | None = None
    """The HTTP status."""
    error: str | None = None
    """The class of the error that ended it, or None."""
    request_id: str | None = None
    """The provider's id for it."""
    wait_seconds: float = 0.0
    """How long was waited before it."""
    wait_reason: WaitReason | None = None
    """
    Why: `retry_after` and `backoff` after a failure, `stale_connection` (replaced without a wait), `interrupted` (a stream that had
    been handed over broke off; the wait was one of the first two), `another_key` (the failure was about a key, and there are others),
    or None for the first attempt.
    """
    queued_seconds: float = 0.0
    """How long it then waited for the client's own limits."""
    ms_to_headers: float | None = None
    ms_to_first_event: float | None = None
    """Streams only: until the first event with content."""
    ms_to_end: float | None = None
    is_reused: bool | None = None
    """Whether the connection had been used before."""
    possibly_billed: bool = False
    """Whether the server may have done (and charged) the work although no answer came of it."""
    usage: Mapping[str, object] | None = field(default=None, repr=False)
    """What the provider says that it used, as it was sent; None if it did not say."""
    answered_model: str | None = None
    """The model that the answer names, which may be a dated name of the one that was asked for."""
    service_tier: str | None = None
    """The service tier that the answer names: what it is charged as, whatever was asked for."""
    reported_cost: object = field(default=None, repr=False)
    """The cost that stands beside the usage, in the providers' own shape, as it was sent; most put it into the usage."""
    counted: Counted | None = None
    """What was estimated, where the usage does not say all of it; it holds in place of the usage then."""
    started: float = field(default=0.0, repr=False)
    """Monotonic seconds."""

    def elapsed_ms(self, now: float) -> float:
        """Milliseconds since the attempt began."""
        return (now - self.started) * 1000.0


@define(kw_only=True)
class Trace:
    """Every attempt of a call, in order; the last is the one that answered."""

    attempts: list[Attempt] = field(factory=list[Attempt])

    def begin(self, now: float, wait_seconds: float, wait_reason: WaitReason | None) -> Attempt:
        """Open the next attempt."""
        attempt = Attempt(
            number=len(self.attempts) + 1, started=now, wait_seconds=wait_seconds, wait_reason=wait_reason
        )
        self.attempts.append(attempt)
        return attempt

    @property
    def possibly_billed(self) -> bool:
        """Whether any attempt may have been billed without an answer."""
        return any(attempt.possibly_billed for attempt in self.attempts)

    @property
    def retries(self) -> int:
        """Attempts after the first, without those that only replaced a stale connection."""
        return sum(1 for attempt in self.attempts[1:] if attempt.wait_reason != "stale_connection")
