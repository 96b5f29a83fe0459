"""What the server knows: its script, what it saw, and how it answers. Shared by the server's thread and the user's."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from twinwire.testing.answering import Answering, Progress
from twinwire.testing.answers import Answer, FixedAnswer, Raw, Reply, Status
from twinwire.testing.endpoints import Endpoints
from twinwire.testing.faults import EarlyReply
from twinwire.testing.limit_styles import refused, told
from twinwire.testing.limiter import Caller, Limiter
from twinwire.testing.openai import OpenAIDialect
from twinwire.testing.openrouter import OpenRouterDialect
from twinwire.testing.rate_limit import tokens_of
from twinwire.testing.spending import NO_PRICES, Bill, Books, Charge, Prices
from twinwire.testing.steps import End, Pause, Step, Write
from twinwire.testing.wire import Outgoing, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from twinwire.testing.certificates import Certificate
    from twinwire.testing.dialect import Dialect, DialectName
    from twinwire.testing.greetings import Greeting
    from twinwire.testing.limiter import Admission
    from twinwire.testing.rate_limit import RateLimit
    from twinwire.testing.requests import RecordedRequest

_REQUESTS_KEPT = 20_000
_HIDDEN = 16
"""Of shorter keys, so many letters at most, errors show nothing."""

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
    rate_limits: tuple[RateLimit, ...] = ()
    prices: Prices = NO_PRICES


class Service:
    """The state of one server; every method may be called from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        dialect: Dialect = OpenAIDialect() if settings.dialect == "openai" else OpenRouterDialect(settings.prices)
        self._dialect = dialect
        self.prefix = dialect.prefix
        self._endpoints = Endpoints(
            dialect=dialect,
            models=_LISTED[settings.dialect] if settings.models is None else settings.models,
            knows_all_models=settings.models is None,
            prices=settings.prices,
        )
        self._changed = threading.Condition()
        self._script: deque[Answer] = deque()
        self._default = settings.default
        self._greetings = deque(settings.greetings)
        self._limiter = Limiter(settings.rate_limits) if settings.rate_limits else None
        self._admitted = 0
        self._refused = 0
        self._books = Books()
        self._revoked: set[str] = set()
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

    def revoke(self, keys: Sequence[str]) -> None:
        """Accept these keys no more."""
        with self._changed:
            self._revoked.update(keys)

    def counts(self) -> tuple[int, int]:
        """How many calls the rate limits let through, and how many they refused."""
        with self._changed:
            return self._admitted, self._refused

    def spending(self) -> tuple[Mapping[str, Decimal], Sequence[Charge]]:
        """What each key has spent, and the last charges."""
        with self._changed:
            return self._books.usd_by_key(), self._books.charges()

    def spent_usd(self) -> Decimal:
        """What all keys have spent."""
        with self._changed:
            return self._books.spent_usd

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

    def answer(self, request: RecordedRequest, early: FixedAnswer | None = None) -> Answering:
        """Record *request* and work out what to do about it."""
        key = _key(request)
        caller: Caller | None = None
        admission: Admission | None = None
        with self._changed:
            self._count += 1
            number = self._count
            if early is not None:
                answer: Answer = early
            elif self._is_unknown(key):
                answer = self._unknown(key)
            else:
                caller, admission = self._admit(request, key or "")
                if admission is not None and admission.refusal is not None:
                    request = evolve(request, is_refused=True)
                    answer = refused(admission, admission.refusal, self._dialect.told)
                    caller = None  # which has nothing to give back
                else:
                    answer = self._script.popleft() if self._script else self._default
            self._requests.append(request)
            self._notify()
        outgoing = self._outgoing(request, answer, number, admission)
        sale = Sale(self, key or "", caller, None if isinstance(outgoing, Raw) else outgoing.bill)
        if isinstance(outgoing, Raw):
            return Answering(_raw(outgoing), sale.settle, sale.release)
        done = steps(
            outgoing,
            accept_encoding=request.headers.get("accept-encoding", ""),
            closes=early is not None or "close" in request.headers.get("connection", "").lower(),
            progress=sale.progress,
        )
        return Answering(done, sale.settle, sale.release)

    def sold(self, key: str, bill: Bill, completion_tokens: int | None) -> None:
        """Bill the prompt, or with *completion_tokens* so much of the answer."""
        with self._changed:
            if completion_tokens is None:
                self._books.begin(key, bill)
            else:
                self._books.end(key, bill, completion_tokens)
            self._notify()

    def released(self, caller: Caller, used_tokens: int) -> None:
        """Give back what a call held of the rate limits."""
        with self._changed:
            if self._limiter is not None:
                self._limiter.ended(time.monotonic(), caller, used_tokens)
            self._notify()

    def fail(self, error: Exception) -> None:
        """Keep the first failure, for the user."""
        with self._changed:
            self._failure = self._failure or error
            self._notify()

    def _outgoing(
        self, request: RecordedRequest, answer: Answer, number: int, admission: Admission | None
    ) -> Outgoing | Raw:
        fixed = self._called(answer, request) if callable(answer) else answer
        if isinstance(fixed, Raw):
            return fixed
        if isinstance(fixed, Reply) and admission is not None:
            scripted = {name for name, _ in fixed.headers}
            limits = [pair for pair in told(admission, self._dialect.told) if pair[0] not in scripted]
            fixed = evolve(fixed, headers=(*limits, *fixed.headers))
        return self._endpoints.answer(request, fixed, number)

    def _called(self, function: Callable[[RecordedRequest], FixedAnswer], request: RecordedRequest) -> FixedAnswer:
        try:
            return function(request)
        except Exception as error:  # noqa: BLE001  # the user's own; raised again when the server is closed
            self.fail(error)
            return Status(500, f"The scripted function raised {type(error).__name__}.")

    def _is_unknown(self, key: str | None) -> bool:
        keys = self._settings.api_keys
        return key in self._revoked or (keys is not None and key not in keys)

    def _unknown(self, key: str | None) -> Status:
        shown = f": {masked(key)}" if key else ""
        return Status(401, f"Incorrect API key provided{shown}.")

    def _admit(self, request: RecordedRequest, key: str) -> tuple[Caller | None, Admission | None]:
        if self._limiter is None or not self._endpoints.is_call(request):
            return None, None
        try:
            body = request.json
        except (ValueError, RecursionError):
            body = {}
        caller = Caller(
            key=key,
            model=str(body.get("model", "")),
            prompt_tokens=tokens_of(body, is_prompt_only=True),
            most_tokens=tokens_of(body),
        )
        admission = self._limiter.admit(request.received_at, caller)
        if admission.refusal is None:
            self._admitted += 1
        else:
            self._refused += 1
        return caller, admission

    def _notify(self) -> None:
        self._changes += 1
        self._changed.notify_all()


class Sale:
    """What one call costs its key and its caller's limits, until it is over."""

    def __init__(self, service: Service, key: str, caller: Caller | None, bill: Bill | None) -> None:
        self._service = service
        self._key = key
        self._caller = caller
        self._bill = bill
        self._used_tokens = 0
        self._is_settled = bill is None
        self.progress = Progress(self.settle)
        if bill is not None:
            service.sold(key, bill, None)
            if not bill.events:  # it is there before its first byte is
                self.settle()

    def settle(self) -> None:
        """Bill what has been generated of the answer."""
        if self._is_settled or self._bill is None:
            return
        self._is_settled = True
        tokens = self._bill.share(self.progress.parts)
        self._used_tokens = self._bill.prompt_tokens + tokens
        self._service.sold(self._key, self._bill, tokens)

    def release(self) -> None:
        """The caller may have the next one answered."""
        caller, self._caller = self._caller, None
        if caller is not None:
            self._service.released(caller, self._used_tokens)


def _key(request: RecordedRequest) -> str | None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" else None


def masked(key: str) -> str:
    """A key as OpenAI's error shows it: the ends of a long one."""
    return "*" * len(key) if len(key) <= _HIDDEN else f"{key[:4]}{'*' * (len(key) - 8)}{key[-4:]}"


def _raw(answer: Raw) -> Iterator[Step]:
    for data in answer.writes:
        yield Write(data)
        if answer.delay_seconds:
            yield Pause(answer.delay_seconds)
    if answer.close:
        yield End("close")
