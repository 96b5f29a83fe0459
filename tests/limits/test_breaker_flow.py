"""Breakers in the flow of calls: many calls at once under one clock, whose server comes and goes."""

from __future__ import annotations

import gc
import threading
from contextlib import nullcontext
from random import Random
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from tests.core.stepper import Clock, Stepper, failure, plan, response
from tests.limits.breaking import PLACE
from twinwire._core.effects import Close, Flow, Interrupted, Read, Send, Sleep
from twinwire._core.flow import call
from twinwire._core.plan import Whole, World
from twinwire._core.retry import Retry, RetryQuota
from twinwire._core.stream import OpenStream
from twinwire.errors import APIError, CircuitOpenError
from twinwire.limits.breaker import Breaker
from twinwire.limits.breakers import PROBE_SECONDS, Breakers
from twinwire.limits.outcomes import outcome_of

if TYPE_CHECKING:
    from twinwire._core.gate import Ending, Pass
    from twinwire._core.headers import Headers
    from twinwire._core.trace import Attempt
    from twinwire.limits.circuit import Admission

BREAKER = Breaker(failure_rate=0.5, min_calls=6, window_seconds=60.0, open_seconds=10.0, max_open_seconds=80.0)
SSE = {"content-type": "text/event-stream"}


class BreakerPass:
    """One attempt's admission."""

    key = "k"

    def __init__(self, breakers: Breakers, admission: Admission) -> None:
        self._breakers = breakers
        self._admission = admission

    def hear(self, headers: Headers) -> Flow[None]:
        """The head of a stream says nothing yet."""
        yield from ()

    def answered(self) -> None:
        """The first content has come."""
        self._breakers.answered(self._admission)

    def leave(self, attempt: Attempt, ending: Ending) -> Flow[None]:
        """Say how it ended."""
        self.abandon(attempt, ending)
        yield from ()

    def abandon(self, attempt: Attempt, ending: Ending) -> None:
        """The same."""
        seconds = (attempt.ms_to_end or 0.0) / 1000.0
        outcome = outcome_of(ending.error, is_interrupted=ending.is_interrupted, attempt_seconds=seconds)
        self._breakers.leave(self._admission, outcome, type(ending.error).__name__)


class BreakerGate:
    """A gate that is a breaker, and nothing besides."""

    def __init__(self, breakers: Breakers) -> None:
        self._breakers = breakers

    def enter(self, deadline: float | None) -> Flow[Pass]:
        """Ask it."""
        yield from ()
        return BreakerPass(self._breakers, self._breakers.enter(PLACE))

    def has_another_way(self, error: APIError) -> bool:
        """There is one key."""
        return False

    def finish(self, error: BaseException | None) -> Flow[None]:
        """Nothing is left to be told."""
        yield from ()

    def abandon(self) -> None:
        """Nothing is left to be told."""


class Town:
    """Calls under one clock."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.breakers = Breakers(BREAKER, threading.RLock(), self.clock)
        self.sent = 0
        """Attempts that were let through."""

    def call(
        self, *, stream: bool = False, retries: int = 0, deadline: float | None = None
    ) -> Stepper[Whole | OpenStream[str]]:
        """Begin one."""
        retry = Retry(max_retries=retries, quota_ratio=1.0, quota_per_second=100.0)
        the_plan = evolve(plan(stream=stream, retry=retry, deadline=deadline), gate=BreakerGate(self.breakers))
        world = World(now=self.clock, random=lambda: 0.0, quota=RetryQuota(retry, nullcontext()))
        stepper = Stepper(call(the_plan, world), self.clock)
        self.sent += isinstance(stepper.effect, Send)
        return stepper

    def outage(self) -> None:
        """Let six calls fail."""
        for _ in range(6):
            self.call().reply(500)


def test_calls_are_refused() -> None:
    """Once enough attempts have failed nothing is sent any more."""
    town = Town()
    town.outage()

    refused = town.call()

    assert isinstance(refused.error, CircuitOpenError)
    assert town.sent == 6


def test_a_retry_is_refused() -> None:
    """A call that is about to be repeated raises what led to it, with a note."""
    town = Town()
    for _ in range(5):
        town.call().reply(500)
    last = town.call(retries=2)
    last.reply(500)

    assert isinstance(last.error, APIError)
    assert "CircuitOpenError" in last.error.__notes__[0]


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_the_callers_mistakes(status: int) -> None:
    """A thousand refused requests do not open it."""
    town = Town()
    for _ in range(1000):
        town.call().reply(status)

    assert town.sent == 1000


def test_streams_that_break_off() -> None:
    """They are failures once they were handed over, too; those that are left are not."""
    for is_left in (False, True):
        town = Town()
        for _ in range(6):
            begun = town.call(stream=True)
            begun.answer(response(200, SSE))
            begun.answer(b"data: hello\n\n")
            assert isinstance(begun.result, OpenStream)
            if is_left:
                reading = Stepper(begun.result.close(), town.clock)
                reading.skip(Close)
                continue
            batch = Stepper(begun.result.next_batch(), town.clock)
            assert batch.result == ["hello"]
            rest = Stepper(begun.result.next_batch(), town.clock)
            rest.fail(failure("read", "body", written=True))
            rest.skip(Close)

        assert town.breakers.is_open(PLACE) is not is_left


def test_a_probe_whose_stream_has_begun() -> None:
    """The server works, so nobody needs to wait for the end of a long answer; that it is forgotten changes nothing."""
    town = Town()
    town.outage()
    town.clock.now += 10.0
    begun = town.call(stream=True)
    begun.answer(response(200, SSE))
    assert town.breakers.is_open(PLACE)
    begun.answer(b"data: hello\n\n")
    assert not town.breakers.is_open(PLACE)
    del begun
    gc.collect()

    assert not town.breakers.is_open(PLACE)


@pytest.mark.parametrize("seed", range(12))
def test_a_server_that_comes_and_goes(seed: int) -> None:
    """
    With any interleaving of calls, answers, cancellations and lost calls: in an outage next to nothing is sent, and after it all is.
    """
    random = Random(seed)
    town = Town()
    under_way: list[Stepper[Whole | OpenStream[str]]] = []

    def end_one(*, is_up: bool) -> None:
        stepper = under_way.pop(random.randrange(len(under_way)))
        fate = random.random()
        if fate < 0.15:
            stepper.fail(Interrupted())
        elif fate < 0.2:
            return  # nobody holds it any more
        elif is_up:
            stepper.reply(200 if fate < 0.95 else 404, b"hi")
        elif fate < 0.6:
            stepper.fail(failure("connect", "connect"))
        else:
            stepper.reply(503)
        stepper.skip(Close, Sleep, Read)
        if isinstance(stepper.effect, Send):
            under_way.append(stepper)  # it is repeated

    def live(seconds: float, *, is_up: bool) -> int:
        before = town.sent
        until = town.clock.now + seconds
        while town.clock.now < until:
            town.clock.now += random.choice([0.0, 0.1, 0.5])
            stepper = town.call(retries=random.choice([0, 0, 1]))
            if isinstance(stepper.effect, Send):
                under_way.append(stepper)
            else:
                assert isinstance(stepper.error, CircuitOpenError)
            while under_way and random.random() < 0.6:
                end_one(is_up=is_up)
        return town.sent - before

    live(60.0, is_up=True)
    assert not town.breakers.is_open(PLACE)
    while not town.breakers.is_open(PLACE):
        live(1.0, is_up=False)
    in_outage = live(600.0, is_up=False)
    # A probe each 10, 20, 40, 80, 80, ... seconds would be ten; a cancelled or lost one is followed by another at once.
    assert in_outage < 40

    live(PROBE_SECONDS + 100.0, is_up=True)
    assert not town.breakers.is_open(PLACE)
    assert live(60.0, is_up=True) > 200
