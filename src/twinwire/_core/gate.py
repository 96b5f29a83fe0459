"""
What stands before each attempt and hears how it ended: breaker, limits, reservation of money, ledger.

The flow knows only this. What is behind it is put together by `_client/gate.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    from twinwire._core.effects import Flow
    from twinwire._core.headers import Headers
    from twinwire._core.plan import Reader
    from twinwire._core.trace import Attempt
    from twinwire.errors import APIError


@frozen(kw_only=True)
class Ending:
    """How an attempt ended."""

    error: APIError | None = None
    """What it failed by; None where it answered, or was interrupted, or its stream was left early."""
    call_error: Exception | None = None
    """What the call ends with, where it fails with this attempt: mostly the same."""
    is_interrupted: bool = False
    """Whether its caller was stopped, or left it before its end."""
    is_written: bool | None = None
    """Of one that was interrupted before it was answered: whether the request had left. None where nobody knows."""
    headers: Headers | None = None
    """What it was answered by, if it was."""
    data: object = field(default=None, repr=False)
    """The body of a whole reply, as the dialect read it. What a stream told is in the attempt's `usage`."""
    reader: Reader[object] | None = None
    """What has read the stream, if it was one that began."""
    is_last: bool = False
    """Whether the call ends with it, for all that is known now."""


class Pass(Protocol):
    """What one attempt was given."""

    @property
    def key(self) -> object:
        """The key to send with: what `Plan.key` says, or one of several."""
        ...

    def hear(self, headers: Headers) -> Flow[None]:
        """The head of a stream has arrived, whose end may be long in coming. Yields clean-up effects alone, and raises nothing."""
        ...

    def answered(self) -> None:
        """The first content of a stream has arrived."""
        ...

    def leave(self, attempt: Attempt, ending: Ending) -> Flow[None]:
        """
        Give back what was taken, and settle what was used. Twice is fine.

        It yields clean-up effects alone, so it may run after an interruption. It raises nothing: an answer that was paid for is
        not lost because a ledger cannot be written.
        """
        ...

    def abandon(self, attempt: Attempt, ending: Ending) -> None:
        """The same where nothing can be yielded any more: whatever cannot be done at once is done with the next operation."""
        ...


class Gate(Protocol):
    """Of one call."""

    def enter(self, deadline: float | None) -> Flow[Pass]:
        """
        Wait until the next attempt may be made, at most until the *deadline* (monotonic seconds).

        Raises:
            CircuitOpenError, LimitTimeoutError, BudgetExceededError: it may not.
            DeadlineExceededError: not before the deadline.
            StoreError: what is shared cannot be read.
        """
        ...

    def has_another_way(self, error: APIError) -> bool:
        """Whether the next attempt would go with another key, so that *error* says nothing about it."""
        ...

    def finish(self, error: BaseException | None) -> Flow[None]:
        """The call is over, and its last attempt did not know. Yields clean-up effects alone, and raises nothing. Twice is fine."""
        ...

    def abandon(self) -> None:
        """The same where nothing can be yielded any more."""
        ...
