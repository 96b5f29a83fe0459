"""What a call needs to know before it starts: the seams between the core and an API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from attrs import field, frozen

from twinwire._core.caps import Caps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twinwire._core.effects import WireRequest
    from twinwire._core.gate import Gate
    from twinwire._core.headers import Headers
    from twinwire._core.retry import Retry, RetryQuota
    from twinwire._core.sse import Event
    from twinwire._core.timeout import Timeout
    from twinwire._core.trace import Attempt, Trace
    from twinwire.errors import APIError

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class Reader(Protocol[E_co]):
    """Makes a stream's events into items of the API, and knows when they are complete."""

    @property
    def has_content(self) -> bool:
        """Whether something was seen that a caller would miss; from then on nothing is repeated."""
        ...

    @property
    def is_done(self) -> bool:
        """Whether the stream said that it is over, although its connection may stay open."""
        ...

    def tell(self, attempt: Attempt) -> None:
        """Put on the attempt what the provider has said of it so far: what it used, as which model, in which tier."""
        ...

    def end(self, attempt: Attempt) -> None:
        """The stream is over, for good or not: put on the attempt what is to be estimated of it. Twice is fine."""
        ...

    def feed(self, event: Event) -> Sequence[E_co]:
        """Take one event; raise the `APIError` that it reports or is."""
        ...

    def finish(self) -> Sequence[E_co]:
        """The body has ended: raise `StreamTruncatedError` where it was not complete."""
        ...

    def partial(self) -> object:
        """What has arrived, in the reply's own shape, or None."""
        ...


@frozen(kw_only=True)
class Whole:
    """A reply that arrived whole and was not refused."""

    status: int
    headers: Headers
    content: bytes = field(repr=False)
    """The body after content decoding."""
    data: object = field(repr=False)
    """What the dialect read in it."""
    request_id: str | None
    trace: Trace


class Dialect(Protocol):
    """How one provider answers: what is a success, what an error is called, where its request id stands."""

    def accept(self, status: int, headers: Headers, body: bytes) -> object:
        """Read the body of a 2xx reply; raise the `APIError` that it is or holds."""
        ...

    def refuse(self, status: int, headers: Headers, body: bytes) -> APIError:
        """Make the error that any other reply means, with `retry_safe` and `retry_after`."""
        ...

    def misfit(self, status: int, headers: Headers, body: bytes) -> APIError:
        """Make the error for a 2xx body that came whole where a stream was asked, or raise the one that it holds."""
        ...

    def request_id(self, headers: Headers) -> str | None:
        """The provider's id of the exchange."""
        ...


@frozen(kw_only=True)
class Plan(Generic[E]):
    """One call, ready to go. Every attempt sends the same bytes."""

    provider: str
    model: str | None
    key: object = field(repr=False)
    """What `request` is given: a key that shows itself nowhere, a function that is asked for one before each attempt, or None."""
    request: Callable[[object], WireRequest]
    """Makes the request with a key; raises `ConfigError` where it is not usable as one."""
    dialect: Dialect
    reader: Callable[[], Reader[E]] | None = None
    """Makes the reader of a stream; None for a call whose reply comes whole."""
    timeout: Timeout
    deadline_seconds: float | None = None
    retry: Retry
    caps: Caps = field(factory=Caps)
    gate: Gate | None = field(default=None, repr=False)
    """What each attempt passes before it is sent; None where nothing is limited, reserved or counted."""


@frozen(kw_only=True)
class World:
    """What the core is handed of the world outside."""

    now: Callable[[], float]
    """Monotonic seconds."""
    random: Callable[[], float]
    """Uniform in [0, 1)."""
    quota: RetryQuota
