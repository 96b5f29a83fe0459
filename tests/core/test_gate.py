"""Each attempt passes the gate, and the gate hears how it ended, exactly once, whatever happens."""

from __future__ import annotations

import gc
from contextlib import nullcontext
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from tests.core.stepper import Clock, PlainDialect, Stepper, failure, plan, response
from twinwire._core.effects import Close, Flow, Interrupted, Read, Send, Sleep
from twinwire._core.flow import call
from twinwire._core.plan import Plan, Whole, World
from twinwire._core.recover import Onward, RecoveringStream, Stream, open_stream
from twinwire._core.retry import Retry, RetryQuota
from twinwire._core.stream import OpenStream
from twinwire.errors import (
    APIError,
    APIStatusError,
    AuthenticationError,
    BudgetExceededError,
    DeadlineExceededError,
    StreamTruncatedError,
)

if TYPE_CHECKING:
    from twinwire._core.gate import Ending, Gate, Pass
    from twinwire._core.headers import Headers
    from twinwire._core.trace import Attempt
    from twinwire.errors import TwinwireError

SSE = {"content-type": "text/event-stream"}


class FakePass:
    """Writes down how its attempt ended; a second time counts for nothing, as the protocol says."""

    def __init__(self, gate: FakeGate, key: object) -> None:
        self.key = key
        self._gate = gate
        self._is_left = False

    def answered(self) -> None:
        """Write it down."""
        self._gate.answers += 1

    def hear(self, headers: Headers) -> Flow[None]:
        """Write it down."""
        self._gate.heard.append(headers)
        yield from ()

    def leave(self, attempt: Attempt, ending: Ending) -> Flow[None]:
        """Write it down."""
        self.abandon(attempt, ending)
        yield from ()

    def abandon(self, attempt: Attempt, ending: Ending) -> None:
        """Write it down."""
        if self._is_left:
            return
        self._is_left = True
        name = "left" if ending.is_interrupted else "ok" if ending.error is None else type(ending.error).__name__
        self._gate.told.append(f"{attempt.number} {name}{' last' if ending.is_last else ''}")
        self._gate.endings.append(ending)


class FakeGate:
    """Waits as long as it is told, refuses when it is told, and keeps what it hears."""

    def __init__(self, *refusals: TwinwireError | None, waits: float = 0.0, keys: int = 1) -> None:
        self.told: list[str] = []
        self.endings: list[Ending] = []
        self.heard: list[Headers] = []
        self.answers = 0
        self.finished: list[str] = []
        self._refusals = list(refusals)
        self._waits = waits
        self._keys = keys
        self._entered = 0

    def enter(self, deadline: float | None) -> Flow[Pass]:
        """Let it through, or not."""
        if self._waits:
            yield Sleep(self._waits)
        refusal = self._refusals.pop(0) if self._refusals else None
        if refusal is not None:
            raise refusal
        self._entered += 1
        return FakePass(self, f"key{self._entered}")

    def has_another_way(self, error: APIError) -> bool:
        """Whether there are further keys."""
        return isinstance(error, AuthenticationError) and self._entered < self._keys

    def finish(self, error: BaseException | None) -> Flow[None]:
        """Write it down."""
        self.finished.append(type(error).__name__)
        yield from ()

    def abandon(self) -> None:
        """Write it down."""
        self.finished.append("abandoned")


def gated(gate: Gate, *, stream: bool = False, deadline: float | None = None, retry: Retry | None = None) -> Plan[str]:
    """A plan with that gate."""
    return evolve(plan(stream=stream, deadline=deadline, retry=retry), gate=gate)


def a_world(clock: Clock) -> World:
    """No chance, and plenty to retry."""
    quota = RetryQuota(Retry(quota_ratio=1, quota_per_second=1), nullcontext())
    return World(now=clock, random=lambda: 0.0, quota=quota)


def begin(the_plan: Plan[str]) -> Stepper[Whole | OpenStream[str]]:
    """Begin a call."""
    clock = Clock()
    return Stepper(call(the_plan, a_world(clock)), clock)


def key_of(stepper: Stepper[Whole | OpenStream[str]]) -> str:
    """The key that the present request was made with."""
    return dict(stepper.expect(Send).request.headers)["key"]


def test_a_whole_reply() -> None:
    """It is sent with the pass's key, after the wait at the gate, and its ending has headers and data."""
    gate = FakeGate(waits=3.0)
    stepper = begin(gated(gate))
    stepper.skip(Sleep)
    assert key_of(stepper) == "key1"
    stepper.reply(200, b"hi", headers={"x-left": "1"})

    assert isinstance(stepper.result, Whole)
    assert gate.told == ["1 ok last"]
    assert gate.endings[0].data == "hi"
    assert gate.endings[0].headers is not None
    assert gate.endings[0].headers.get("x-left") == "1"
    assert stepper.result.trace.attempts[0].queued_seconds == 3.0
    assert gate.finished == []


def test_each_attempt_passes() -> None:
    """A failed attempt is left before the wait, and the next one is let through anew."""
    gate = FakeGate()
    stepper = begin(gated(gate))
    stepper.reply(500, headers={"x-left": "0"})
    assert gate.told == ["1 APIStatusError"]
    stepper.reply(200, b"hi")

    assert gate.told == ["1 APIStatusError", "2 ok last"]
    assert gate.endings[0].headers is not None
    assert gate.endings[0].headers.get("x-left") == "0"


def test_the_last_failure_is_known_as_the_last() -> None:
    """So one settlement can carry the entry of the ledger."""
    gate = FakeGate()
    stepper = begin(gated(gate))
    stepper.reply(400)

    assert isinstance(stepper.error, APIStatusError)
    assert gate.told == ["1 APIStatusError last"]


def test_an_end_that_is_another_error() -> None:
    """The wait would cross the deadline: the gate hears of both, of the attempt's error and of the call's."""
    gate = FakeGate()
    stepper = begin(gated(gate, retry=Retry(), deadline=5.0))
    stepper.reply(500, headers={"retry-after": "9"})

    assert isinstance(stepper.error, DeadlineExceededError)
    assert gate.told == ["1 APIStatusError last"]
    assert gate.endings[0].call_error is stepper.error


def test_no_other_key_after_the_deadline() -> None:
    """There is no time for it."""
    gate = FakeGate(keys=3)
    stepper = begin(evolve(gated(gate, deadline=5.0), dialect=_Refusing()))
    stepper.answer(response(401))
    stepper.clock.now += 6.0
    stepper.answer(b"")
    stepper.skip(Close)

    assert isinstance(stepper.error, AuthenticationError)
    assert gate.told == ["1 AuthenticationError last"]


def test_a_stale_connection_keeps_its_pass() -> None:
    """Nothing was sent, so nothing was used."""
    gate = FakeGate()
    stepper = begin(gated(gate))
    stepper.fail(failure("write", "write", reused=True))
    assert gate.told == []
    assert key_of(stepper) == "key1"
    stepper.reply(200, b"hi")
    assert gate.told == ["2 ok last"]


def test_a_refusal_is_raised_as_it_is() -> None:
    """Before anything was sent."""
    refusal = _too_dear()
    gate = FakeGate(refusal)
    stepper = begin(gated(gate))

    assert stepper.error is refusal
    assert gate.told == []
    assert gate.finished == ["BudgetExceededError"]


def test_a_refused_retry_raises_what_led_to_it() -> None:
    """With a note; the refusal alone would hide what happened."""
    gate = FakeGate(None, _too_dear())
    stepper = begin(gated(gate))
    stepper.reply(500)

    assert isinstance(stepper.error, APIStatusError)
    assert "not repeated: BudgetExceededError" in stepper.error.__notes__[0]
    assert len(stepper.error.attempts) == 1
    assert gate.finished == ["APIStatusError"]


def test_a_deadline_at_the_gate() -> None:
    """It carries both numbers, and the attempts so far."""
    gate = FakeGate(None, DeadlineExceededError("late", where="queue", wait_seconds=9.0))
    stepper = begin(gated(gate, deadline=5.0))
    stepper.reply(500)

    assert isinstance(stepper.error, DeadlineExceededError)
    assert (stepper.error.where, stepper.error.wait_seconds, stepper.error.deadline_seconds) == ("queue", 9.0, 5.0)
    assert len(stepper.error.attempts) == 1
    assert stepper.error.provider == "test"


def test_interrupted_at_the_gate() -> None:
    """Nothing was let through; the call is over."""
    gate = FakeGate(waits=3.0)
    stepper = begin(gated(gate))
    stepper.fail(Interrupted())

    assert isinstance(stepper.error, Interrupted)
    assert gate.told == []
    assert gate.finished == ["Interrupted"]


def test_interrupted_on_the_way() -> None:
    """The pass is left, and told why."""
    gate = FakeGate()
    stepper = begin(gated(gate))
    stepper.fail(Interrupted())

    assert isinstance(stepper.error, Interrupted)
    assert gate.told == ["1 left last"]


def test_interrupted_in_the_body() -> None:
    """The same, and the connection goes first."""
    gate = FakeGate()
    stepper = begin(gated(gate))
    stepper.answer(response(200))
    stepper.fail(Interrupted())
    stepper.expect(Close)
    assert gate.told == []
    stepper.answer()
    assert gate.told == ["1 left last"]


def test_interrupted_between_attempts() -> None:
    """The attempt that failed was told already; the gate hears that there is no other."""
    gate = FakeGate()
    stepper = begin(gated(gate, retry=Retry()))
    stepper.expect(Send)
    stepper.answer(response(500))
    stepper.answer(b"")
    stepper.skip(Close)
    stepper.expect(Sleep)
    stepper.fail(Interrupted())

    assert gate.told == ["1 APIStatusError"]
    assert gate.finished == ["Interrupted"]


def test_thrown_away() -> None:
    """A flow that is closed can yield nothing; the pass is abandoned."""
    gate = FakeGate()
    clock = Clock()
    flow = call(gated(gate), a_world(clock))
    next(flow)
    flow.close()
    assert gate.told == ["1 left last"]
    assert gate.finished == ["abandoned"]


def test_a_key_that_is_no_good() -> None:
    """The next one is tried at once, and that counts as no retry."""
    gate = FakeGate(keys=3)
    dialect = _Refusing()
    stepper = begin(evolve(gated(gate, retry=Retry(max_retries=0)), dialect=dialect))
    stepper.reply(401)
    assert key_of(stepper) == "key2"
    stepper.reply(401)
    assert key_of(stepper) == "key3"
    stepper.reply(401)

    assert isinstance(stepper.error, AuthenticationError)
    assert [attempt.wait_reason for attempt in stepper.error.attempts] == [None, "another_key", "another_key"]
    assert gate.told == ["1 AuthenticationError", "2 AuthenticationError", "3 AuthenticationError last"]
    assert stepper.sleeps == [0.0, 0.0]


def test_a_stream_to_its_end() -> None:
    """The pass is left with the stream's end, not when it is handed over."""
    gate = FakeGate()
    stream = open_text(gate)
    assert gate.told == []
    assert [headers.get("content-type") for headers in gate.heard] == ["text/event-stream"]
    assert gate.answers == 1
    step_stream(stream, b"data: [DONE]\n\n")
    assert gate.told == ["1 ok last"]
    assert gate.endings[0].reader is stream.reader


def test_a_stream_that_is_over_at_once() -> None:
    """All in the first read."""
    gate = FakeGate()
    stepper = begin(gated(gate, stream=True))
    stepper.answer(response(200, SSE))
    stepper.answer(b"data: a\n\ndata: [DONE]\n\n")
    stepper.skip(Close)
    assert gate.told == ["1 ok last"]


def test_a_stream_that_is_cut() -> None:
    """It is the last attempt where nothing goes on."""
    gate = FakeGate()
    stepper = step_stream(open_text(gate), b"")
    assert isinstance(stepper.error, StreamTruncatedError)
    assert gate.told == ["1 StreamTruncatedError last"]
    assert gate.endings[0].error is stepper.error


def test_a_stream_that_is_left() -> None:
    """Closed by its consumer."""
    gate = FakeGate()
    stream = open_text(gate)
    stepper = Stepper(stream.close(), Clock())
    stepper.skip(Close)
    assert gate.told == ["1 left last"]


def test_a_stream_whose_reader_is_interrupted() -> None:
    """Stopped in the middle of a read."""
    gate = FakeGate()
    stream = open_text(gate)
    stepper = Stepper(stream.next_batch(), Clock())
    stepper.skip(Close)  # the batch that came with the first read
    stepper = Stepper(stream.next_batch(), Clock())
    stepper.expect(Read)
    stepper.fail(Interrupted())
    stepper.skip(Close)
    assert gate.told == ["1 left last"]


def test_a_stream_that_is_forgotten() -> None:
    """The collector abandons its pass."""
    gate = FakeGate()
    stream = open_text(gate)
    del stream
    gc.collect()
    assert gate.told == ["1 left last"]


def test_a_stream_that_is_forgotten_after_a_retry() -> None:
    """At once: what failed before does not hold it until the collector comes by."""
    gate = FakeGate()
    stepper = begin(gated(gate, stream=True, retry=Retry()))
    stepper.reply(500)
    stepper.answer(response(200, SSE))
    stepper.answer(b"data: a\n\n")
    gate.endings.clear()  # an error kept here would hold the frames that it was raised in
    gc.disable()
    try:
        stepper.result = None
    finally:
        gc.enable()

    assert gate.told == ["1 APIStatusError", "2 left last"]


def test_a_stream_that_is_forgotten_and_cannot_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The collector may come in the middle of an import that an estimate needs; the pass is abandoned nevertheless."""
    gate = FakeGate()
    stream = open_text(gate)
    monkeypatch.setattr(stream.reader, "end", _fails)
    with pytest.raises(ImportError):
        stream.forget()

    assert gate.told == ["1 left last"]


def test_a_stream_whose_reading_is_thrown_away() -> None:
    """The flow of a read is closed in the middle: left, not failed."""
    gate = FakeGate()
    stream = open_text(gate)
    Stepper(stream.next_batch(), Clock())  # the batch that came with the first read
    reading = stream.next_batch()
    next(reading)
    reading.close()

    assert gate.told == ["1 left last"]


def test_a_stream_that_goes_on() -> None:
    """Its interruption is not the end of the call; the end of the next attempt is."""
    gate = FakeGate()
    stream, clock = recovering(gate)
    stepper = Stepper(stream.next_batch(), clock)
    stepper = Stepper(stream.next_batch(), clock)
    stepper.answer(b"")
    stepper.skip(Close, Sleep)
    assert gate.told == ["1 StreamTruncatedError"]
    stepper.answer(response(200, SSE))
    stepper.answer(b"data: b\n\ndata: [DONE]\n\n")
    stepper.skip(Close)
    assert gate.told == ["1 StreamTruncatedError", "2 ok last"]
    assert gate.finished == []


def test_a_stream_that_may_not_go_on() -> None:
    """The budget refuses the second attempt: the interruption is raised, and the gate told that it is over."""
    gate = FakeGate(None, _too_dear())
    stream, clock = recovering(gate)
    stepper = Stepper(stream.next_batch(), clock)
    stepper = Stepper(stream.next_batch(), clock)
    stepper.answer(b"")
    stepper.skip(Close, Sleep)

    assert isinstance(stepper.error, StreamTruncatedError)
    assert [note for note in stepper.error.__notes__ if "BudgetExceededError" in note]
    assert not [note for note in stepper.error.__notes__ if "after the stream was interrupted" in note]
    assert gate.told == ["1 StreamTruncatedError"]
    assert set(gate.finished) == {"StreamTruncatedError"}


def test_a_stream_that_goes_on_and_is_interrupted_in_the_wait() -> None:
    """The gate hears that there is no other attempt."""
    gate = FakeGate()
    stream, clock = recovering(gate)
    Stepper(stream.next_batch(), clock)
    stepper = Stepper(stream.next_batch(), clock)
    stepper.answer(b"")
    stepper.skip(Close)
    stepper.expect(Sleep)
    stepper.fail(Interrupted())
    assert gate.told == ["1 StreamTruncatedError"]
    assert gate.finished == ["Interrupted"]


def test_a_stream_that_could_go_on_and_is_closed() -> None:
    """Nobody asks for what broke off with the last items: so that was the last attempt, and the gate hears of it."""
    gate = FakeGate()
    stream, clock = recovering(gate)
    Stepper(stream.next_batch(), clock)
    stepper = Stepper(stream.next_batch(), clock)
    stepper.answer(b"data: b\n\ndata: BAD\n\n")
    stepper.skip(Close)
    assert stepper.result == ["b"]
    assert gate.told == ["1 APIStatusError"]
    Stepper(stream.close(), clock).skip(Close)

    assert gate.finished == ["NoneType"]


def test_a_stream_that_could_go_on_and_is_forgotten() -> None:
    """The same, found by the collector; the attempt is told before the end of the call."""
    gate = FakeGate()
    stream, _ = recovering(gate)
    del stream
    gc.collect()

    assert gate.told == ["1 left last"]
    assert gate.finished == ["abandoned"]


def _fails(_attempt: Attempt) -> None:
    raise ImportError("partially initialized")


class _Refusing(PlainDialect):
    """Knows a 401."""

    def refuse(self, status: int, headers: Headers, body: bytes) -> APIError:
        """Refuse the key."""
        return AuthenticationError("no", status_code=status, retry_safe=False)


def _too_dear() -> BudgetExceededError:
    nothing = Decimal(0)
    return BudgetExceededError("too dear", cap=nothing, spent=nothing, reserved=nothing, asked=Decimal(1))


def open_text(gate: Gate) -> OpenStream[str]:
    """A stream that was handed over with its first item."""
    stepper = begin(gated(gate, stream=True))
    stepper.answer(response(200, SSE))
    stepper.answer(b"data: a\n\n")
    assert isinstance(stepper.result, OpenStream)
    return stepper.result


def step_stream(stream: Stream[str], *answers: bytes) -> Stepper[list[str]]:
    """Read on, with *answers* to the reads, until there is an end or an error."""
    clock = Clock()
    stepper = Stepper(stream.next_batch(), clock)
    left = list(answers)
    while stepper.error is None and (stepper.effect is not None or stepper.result):
        if stepper.effect is None:
            stepper = Stepper(stream.next_batch(), clock)
        elif isinstance(stepper.effect, Read):
            stepper.answer(left.pop(0))
        else:
            stepper.skip(Close)
    return stepper


def recovering(gate: Gate) -> tuple[RecoveringStream[str], Clock]:
    """A stream that goes on after interruptions, with its first item ready."""
    clock = Clock()
    the_plan = gated(gate, stream=True)

    def go_on(_plan: Plan[str], _error: APIError, _reader: object) -> Onward[str]:
        return Onward(plan=the_plan, announce=lambda number, _seconds: f"again {number}")

    stepper = Stepper(open_stream(the_plan, a_world(clock), go_on), clock)
    stepper.answer(response(200, SSE))
    stepper.answer(b"data: a\n\n")
    assert isinstance(stepper.result, RecoveringStream)
    return stepper.result, clock


def test_how_far_an_interrupted_request_got() -> None:
    """What the transport knows of it is told: one that never left cost nothing."""
    told: list[bool | None] = []
    for is_written in (True, False, None):
        gate = FakeGate()
        stepper = begin(gated(gate))
        stepper.expect(Send).progress.is_written = is_written
        stepper.fail(Interrupted())
        told.append(gate.endings[0].is_written)
    gate = FakeGate()
    stepper = begin(gated(gate))
    stepper.answer(response(200))
    stepper.fail(Interrupted())
    stepper.skip(Close)

    assert [*told, gate.endings[0].is_written] == [True, False, None, True]
