"""Steps a flow by hand: what it asks for is compared, what came of it is handed in, and time is a number."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Generic, TypeVar

from twinwire._core.caps import Caps
from twinwire._core.effects import Close, Effect, Flow, OpenResponse, Read, Send, Sleep, TransportFailure, WireRequest
from twinwire._core.flow import call
from twinwire._core.plan import Plan, Reader, Whole, World
from twinwire._core.retry import Retry, RetryQuota
from twinwire._core.timeout import Timeout
from twinwire.errors import APIError, APIStatusError, DecodeError, StreamError, StreamTruncatedError

if TYPE_CHECKING:
    from twinwire._core.headers import Headers
    from twinwire._core.sse import Event
    from twinwire._core.stream import OpenStream
    from twinwire._core.trace import Attempt

T = TypeVar("T")
E = TypeVar("E", bound=Effect)


class Clock:
    """Time that moves when a test says so, or a flow sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stepper(Generic[T]):
    """One flow, effect by effect."""

    def __init__(self, flow: Flow[T], clock: Clock) -> None:
        self._flow = flow
        self.clock = clock
        self.result: T | None = None
        self.error: BaseException | None = None
        self.effect: Effect | None = None
        self.sleeps: list[float] = []
        self._step(lambda: next(flow))

    def expect(self, kind: type[E]) -> E:
        """Return the effect that the flow waits for, which must be of that kind."""
        assert isinstance(self.effect, kind), f"{self.effect!r} (error: {self.error!r})"
        return self.effect

    def answer(self, value: object = None) -> None:
        """Hand in what came of the effect, and step through the sleeps and closes that follow from it."""
        self._step(lambda: self._flow.send(value))

    def fail(self, error: BaseException) -> None:
        """Let the effect fail."""
        self._step(lambda: self._flow.throw(error))

    def skip(self, *kinds: type[Effect]) -> None:
        """Perform effects of these kinds, sleeping included, until another one comes."""
        while isinstance(self.effect, kinds):
            if isinstance(self.effect, Sleep):
                self.sleeps.append(self.effect.seconds)
                self.clock.now += self.effect.seconds
            self.answer(None)

    def reply(self, status: int, *pieces: bytes, headers: dict[str, str] | None = None) -> None:
        """Answer a Send with a head, the Reads with *pieces* and the end, and step on to the next Send or the end."""
        self.expect(Send)
        self.answer(response(status, headers))
        for piece in (*pieces, b""):
            if isinstance(self.effect, Read):
                self.answer(piece)
        self.skip(Close, Sleep)

    def _step(self, advance: object) -> None:
        self.effect = None
        try:
            assert callable(advance)
            effect = advance()
            assert isinstance(effect, Effect)
            self.effect = effect
        except StopIteration as done:
            self.result = done.value
        except BaseException as error:  # noqa: BLE001  # kept for the test to look at
            self.error = error


class PlainDialect:
    """Judges by status alone: 2xx bodies are text, `ERROR` in one is an error inside a 200."""

    def accept(self, status: int, headers: Headers, body: bytes) -> object:
        """Take the text."""
        if body.startswith(b"ERROR"):
            raise APIStatusError("an error inside", status_code=502, retry_safe=True, sent=True)
        if not body:
            raise DecodeError("empty", retry_safe=True)
        return body.decode()

    def refuse(self, status: int, headers: Headers, body: bytes) -> APIError:
        """Make an error that says what the headers say."""
        after = headers.get("retry-after")
        return APIStatusError(
            f"status {status}",
            status_code=status,
            retry_safe=status >= 429,
            retry_after=None if after is None else float(after),
            sent=True,
        )

    def misfit(self, status: int, headers: Headers, body: bytes) -> APIError:
        """Refuse a whole reply."""
        return StreamError("no stream", partial=body)

    def request_id(self, headers: Headers) -> str | None:
        """Read the usual header."""
        return headers.get("x-request-id")


class TextReader:
    """
    Every event is an item; `hello` and the like are content.

    `END` completes, `[DONE]` ends, `BAD` is an error, `ODD` one at the end, `TORN` cannot be read, `USED` makes no item but is the usage.
    """

    def __init__(self) -> None:
        self.has_content = False
        self.is_done = False
        self.usage: dict[str, object] | None = None
        self._seen: list[str] = []
        self._is_complete = False

    def tell(self, attempt: Attempt) -> None:
        """Hand on what was used."""
        attempt.usage = self.usage

    def end(self, attempt: Attempt) -> None:
        """Estimate nothing."""

    def feed(self, event: Event) -> list[str]:
        """Take one event."""
        if event.data == "[DONE]":
            self.is_done = True
            return []
        if event.data == "TORN":
            raise DecodeError("torn", retry_safe=True)
        if event.data == "BAD":
            raise APIStatusError("bad", status_code=500, retry_safe=True)
        if event.data == "END":
            self._is_complete = True
            return []
        if event.data == "USED":
            self.usage = {"tokens": 1}
            return []
        if event.data != "role":
            self.has_content = True
            self._seen.append(event.data)
        return [event.data]

    def finish(self) -> list[str]:
        """Refuse an end that comes too early."""
        if "ODD" in self._seen:
            raise StreamError("odd")
        if not self.is_done and not self._is_complete:
            raise StreamTruncatedError("cut", retry_safe=True)
        return []

    def partial(self) -> object:
        """What was seen."""
        return "".join(self._seen) or None


def response(status: int = 200, headers: dict[str, str] | None = None, *, reused: bool = False) -> OpenResponse:
    """A head."""
    return OpenResponse(status=status, headers=tuple((headers or {}).items()), reused=reused)


def plan(
    *,
    stream: bool = False,
    deadline: float | None = None,
    retry: Retry | None = None,
    key: object = "k",
    max_body_bytes: int = 1000,
    max_error_bytes: int = 10,
) -> Plan[str]:
    """A call to nowhere."""

    def reader() -> Reader[str]:
        return TextReader()

    return Plan(
        provider="test",
        model="m",
        key=key,
        request=lambda given: WireRequest(method="POST", url="http://x/", headers=(("key", str(given)),), body=b"{}"),
        dialect=PlainDialect(),
        reader=reader if stream else None,
        timeout=Timeout(),
        deadline_seconds=deadline,
        retry=retry or Retry(),
        caps=Caps(max_body_bytes=max_body_bytes, max_error_bytes=max_error_bytes),
    )


def step(
    the_plan: Plan[str], *, random: float = 0.0, quota: RetryQuota | None = None
) -> Stepper[Whole | OpenStream[str]]:
    """Begin a call under a clock of its own."""
    clock = Clock()
    world = World(
        now=clock,
        random=lambda: random,
        quota=quota or RetryQuota(the_plan.retry, nullcontext()),
    )
    return Stepper(call(the_plan, world), clock)


def failure(kind: str, phase: str, *, written: bool | None = False, reused: bool = False) -> TransportFailure:
    """Something on the wire."""
    return TransportFailure(kind, f"{kind} in {phase}", phase=phase, written=written, reused=reused)  # type: ignore[arg-type]  # tests name kinds in tables
