"""What the server knows: its script, what it saw, and how it answers. Shared by the server's thread and the user's."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from twinwire.testing.answers import Answer, FixedAnswer, Raw, Reply, Status
from twinwire.testing.endpoints import Endpoints
from twinwire.testing.faults import EarlyReply
from twinwire.testing.openai import OpenAIDialect
from twinwire.testing.openrouter import OpenRouterDialect
from twinwire.testing.rate_limit import Limiter, tokens_of
from twinwire.testing.steps import End, Pause, Step, Write
from twinwire.testing.wire import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from twinwire.testing.certificates import Certificate
    from twinwire.testing.dialect import Dialect, DialectName
    from twinwire.testing.greetings import Greeting
    from twinwire.testing.rate_limit import RateLimit, Standing
    from twinwire.testing.requests import RecordedRequest

_REQUESTS_KEPT = 20_000

_LISTED = {
    "openai": ("gpt-4o-mini", "gpt-4.1", "text-embedding-3-small"),
    "openrouter": ("openai/gpt-4o-mini", "anthropic/claude-sonnet-4", "openai/text-embedding-3-small"),
}


@frozen(kw_only=True)
class Settings:
    """How a server was started."""

    dialect: DialectName = "openai"
    api_keys: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    default: Answer = field(factory=Reply)
    certificate: Certificate | None = None
    """None: the server speaks plain HTTP."""
    greetings: tuple[Greeting, ...] = ()
    is_full: bool = False
    rate_limit: RateLimit | None = None


class Service:
    """The state of one server; every method may be called from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        dialect: Dialect = OpenAIDialect() if settings.dialect == "openai" else OpenRouterDialect()
        self._dialect = dialect
        self.prefix = dialect.prefix
        self._endpoints = Endpoints(
            dialect=dialect,
            models=_LISTED[settings.dialect] if settings.models is None else settings.models,
            knows_all_models=settings.models is None,
        )
        self._changed = threading.Condition()
        self._script: deque[Answer] = deque()
        self._default = settings.default
        self._greetings = deque(settings.greetings)
        self._limiter = None if settings.rate_limit is None else Limiter(settings.rate_limit)
        self._requests: deque[RecordedRequest] = deque(maxlen=_REQUESTS_KEPT)
        self._count = 0
        self._connections = 0
        self._open = 0
        self._changes = 0
        self._failure: Exception | None = None

    def script(self, answers: Sequence[Answer]) -> None:
        """Queue *answers*."""
        with self._changed:
            self._script.extend(answers)

    def greet(self, greetings: Sequence[Greeting]) -> None:
        """Queue *greetings*."""
        with self._changed:
            self._greetings.extend(greetings)

    def set_default(self, answer: Answer) -> None:
        """Answer so when nothing is scripted."""
        with self._changed:
            self._default = answer

    def default(self) -> Answer:
        """What is answered when nothing is scripted."""
        return self._default

    def clear(self) -> None:
        """Forget the script, the requests and a failure."""
        with self._changed:
            self._script.clear()
            self._greetings.clear()
            self._requests.clear()
            self._failure = None

    def requests(self) -> tuple[RecordedRequest, ...]:
        """What was asked, in order."""
        with self._changed:
            return tuple(self._requests)

    def connections(self) -> int:
        """Connections accepted so far."""
        return self._connections

    def open_connections(self) -> int:
        """Connections open now."""
        return self._open

    def remaining(self) -> int:
        """Scripted answers not yet played."""
        return len(self._script)

    def failure(self) -> Exception | None:
        """What the first function of the user's raised, if one did."""
        return self._failure

    def changes(self) -> int:
        """A number that grows with everything that happens."""
        return self._changes

    def wait_for_change(self, since: int, timeout: float) -> int:
        """Wait until something happened after *since*, for at most *timeout* seconds → the number of changes now."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != since, timeout)
            return self._changes

    # Called by the server's own thread.

    def connection_opened(self) -> int:
        """Count a connection in → its number."""
        with self._changed:
            self._connections += 1
            self._open += 1
            self._notify()
            return self._connections

    def connection_closed(self) -> None:
        """Count a connection out."""
        with self._changed:
            self._open -= 1
            self._notify()

    def take_greeting(self) -> Greeting:
        """Take what becomes of a new connection."""
        with self._changed:
            return self._greetings.popleft() if self._greetings else "serve"

    def take_early(self) -> FixedAnswer | None:
        """Take the next answer if it is one that does not wait for the request's body."""
        with self._changed:
            answer = self._script[0] if self._script else self._default
            if isinstance(answer, Raw) or callable(answer):
                return None
            if not any(isinstance(fault, EarlyReply) for fault in answer.faults):
                return None
            if self._script:
                self._script.popleft()
            return answer

    def answer(self, request: RecordedRequest, early: FixedAnswer | None = None) -> Iterator[Step]:
        """Record *request* and work out what to do about it."""
        with self._changed:
            self._count += 1
            number = self._count
            self._requests.append(request)
            standing: Standing | None = None
            if early is not None:
                answer: Answer = early
            elif self._is_refused(request):
                answer = Status(401, "Incorrect API key provided.")
            elif (standing := self._standing(request)) is not None and standing.exceeded is not None:
                answer = self._dialect.limited(standing)
            else:
                answer = self._script.popleft() if self._script else self._default
            self._notify()
        return self._play(request, answer, number, is_last=early is not None, standing=standing)

    def fail(self, error: Exception) -> None:
        """Keep the first failure, for the user."""
        with self._changed:
            self._failure = self._failure or error
            self._notify()

    def _play(
        self, request: RecordedRequest, answer: Answer, number: int, *, is_last: bool, standing: Standing | None
    ) -> Iterator[Step]:
        fixed = self._called(answer, request) if callable(answer) else answer
        if isinstance(fixed, Raw):
            return _raw(fixed)
        if isinstance(fixed, Reply) and standing is not None:
            scripted = {name for name, _ in fixed.headers}
            told = [pair for pair in self._dialect.limit_headers(standing) if pair[0] not in scripted]
            fixed = evolve(fixed, headers=(*told, *fixed.headers))
        outgoing = self._endpoints.answer(request, fixed, number)
        return steps(
            outgoing,
            accept_encoding=request.headers.get("accept-encoding", ""),
            closes=is_last or "close" in request.headers.get("connection", "").lower(),
        )

    def _called(self, function: Callable[[RecordedRequest], FixedAnswer], request: RecordedRequest) -> FixedAnswer:
        try:
            return function(request)
        except Exception as error:  # noqa: BLE001  # the user's own; raised again when the server is closed
            self.fail(error)
            return Status(500, f"The scripted function raised {type(error).__name__}.")

    def _is_refused(self, request: RecordedRequest) -> bool:
        keys = self._settings.api_keys
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return keys is not None and (scheme.lower() != "bearer" or key not in keys)

    def _standing(self, request: RecordedRequest) -> Standing | None:
        if self._limiter is None or not self._endpoints.is_call(request):
            return None
        try:
            tokens = tokens_of(request.json)
        except (ValueError, RecursionError):
            tokens = 0
        return self._limiter.admit(request.received_at, tokens)

    def _notify(self) -> None:
        self._changes += 1
        self._changed.notify_all()


def _raw(answer: Raw) -> Iterator[Step]:
    for data in answer.writes:
        yield Write(data)
        if answer.delay_seconds:
            yield Pause(answer.delay_seconds)
    if answer.close:
        yield End("close")
