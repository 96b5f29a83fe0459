"""Breakers against a model of them that keeps every call and computes nothing in advance, with any order of events in virtual time."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.limits.breaking import OTHER, PLACE, Bench
from twinwire.errors import CircuitOpenError
from twinwire.limits.breaker import Breaker
from twinwire.limits.breakers import FORGOTTEN_AFTER_SECONDS, PROBE_SECONDS
from twinwire.limits.circuit import SLOTS, Admission, Outcome, Place

BREAKER = Breaker(failure_rate=0.5, min_calls=4, window_seconds=60.0, open_seconds=30.0, consecutive_failures=3)
SLOT_SECONDS = 60.0 / SLOTS


@define
class Ticket:
    """An attempt under way, as the model knows it."""

    place: Place
    age: int
    is_probe: bool
    admission: Admission | None
    is_over: bool = False


@define
class Model:
    """One place."""

    age: int = 0
    """How often it has changed: tickets of another age have nothing to say."""
    ends: list[tuple[float, bool]] = field(factory=list[tuple[float, bool]])
    """When attempts ended, and whether they failed, since it was last closed."""
    opened_at: float | None = None
    opened_last_at: float = 0.0
    until: float = 0.0
    touched: float = 0.0
    probes_failed: int = 0
    probe: Ticket | None = None
    probe_at: float = 0.0

    def counted(self, now: float) -> list[bool]:
        """Those within the window; of an open one, within the window of its opening."""
        present = math.floor((now if self.opened_at is None else self.opened_at) / SLOT_SECONDS)
        return [failed for at, failed in self.ends if math.floor(at / SLOT_SECONDS) > present - SLOTS]

    def is_probed(self, now: float) -> bool:
        """Whether somebody sees whether it works."""
        probe = self.probe
        return (
            probe is not None
            and not probe.is_over
            and probe.admission is not None
            and now < self.probe_at + PROBE_SECONDS
        )

    def phase(self, now: float) -> Literal["closed", "open", "half_open"]:
        """Its state."""
        return "closed" if self.opened_at is None else "open" if now < self.until else "half_open"

    def failures_in_a_row(self, now: float) -> int:
        """The failures at the end, each less than a window after the one before."""
        row = 0
        later = math.floor(now / SLOT_SECONDS)
        for at, failed in reversed(self.ends):
            slot = math.floor(at / SLOT_SECONDS)
            if not failed or slot <= later - SLOTS:
                break
            row, later = row + 1, slot
        return row

    def change(self) -> None:
        """Opened or closed."""
        self.age += 1
        self.probe = None

    def close(self) -> None:
        """Begin anew."""
        self.change()
        self.ends, self.opened_at, self.probes_failed = [], None, 0

    def open(self, now: float) -> None:
        """Refuse, for twice as long each time."""
        self.change()
        self.opened_at = now if self.opened_at is None else self.opened_at
        self.until = now + min(300.0, 30.0 * 2**self.probes_failed)
        self.touched = now


class BreakerMachine(RuleBasedStateMachine):
    """Any order of calls, ends, losses, pauses and resets."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(BREAKER)
        self.models = {PLACE: Model(), OTHER: Model()}
        self.tickets: list[Ticket] = []

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 10.0, 29.5, 30.0, 57.0, 60.0, 61.0, 120.0, 300.0, 3600.0, 90_000.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.bench.now += seconds

    @rule(place=st.sampled_from([PLACE, PLACE, OTHER]))
    def enter(self, place: Place) -> None:
        """A call comes."""
        now, model = self.bench.now, self.models[place]
        if model.phase(now) == "open" or (model.phase(now) == "half_open" and model.is_probed(now)):
            with pytest.raises(CircuitOpenError) as refused:
                self.bench.enter(place)
            assert refused.value.retry_after == max(0.0, model.until - now)
            assert refused.value.open_seconds == now - (model.opened_at or 0.0)
            return
        if model.opened_at is not None and now >= max(model.until, model.touched) + FORGOTTEN_AFTER_SECONDS:
            model.close()
        ticket = Ticket(place, model.age, model.opened_at is not None, self.bench.enter(place))
        if ticket.is_probe:
            model.probe, model.probe_at, model.touched = ticket, now, now
        assert ticket.admission is not None
        assert ticket.admission.is_probe == ticket.is_probe
        self.tickets.append(ticket)

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), outcome=st.sampled_from(["success", "failure", "failure", "failure", "neutral"]))
    def leave(self, data: st.DataObject, outcome: Outcome) -> None:
        """Any attempt ends, even one that has ended before."""
        ticket = data.draw(st.sampled_from(self.tickets))
        if ticket.admission is None:
            return
        self.bench.breakers.leave(ticket.admission, outcome)
        now, model = self.bench.now, self.models[ticket.place]
        counts = not ticket.is_over and ticket.age == model.age and outcome != "neutral"
        ticket.is_over = True
        if not counts:
            return
        if model.opened_at is None:
            model.ends.append((now, outcome == "failure"))
            ends = model.counted(now)
            is_much = len(ends) >= 4 and sum(ends) * 2 >= len(ends)
            if outcome == "failure" and (is_much or model.failures_in_a_row(now) >= 3):
                model.open(now)
        elif outcome == "success":
            model.close()
        elif model.probe is ticket:
            model.probes_failed += 1
            model.open(now)

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """An attempt is sent only now."""
        ticket = data.draw(st.sampled_from(self.tickets))
        if ticket.admission is None:
            return
        self.bench.breakers.begun(ticket.admission)
        model = self.models[ticket.place]
        if model.probe is ticket and not ticket.is_over and ticket.age == model.age:
            model.probe_at = model.touched = self.bench.now

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A stream has content."""
        ticket = data.draw(st.sampled_from(self.tickets))
        if ticket.admission is None:
            return
        self.bench.breakers.answered(ticket.admission)
        model = self.models[ticket.place]
        if ticket.is_probe and not ticket.is_over and ticket.age == model.age:
            model.close()
            ticket.is_probe, ticket.age = False, model.age

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """Nobody holds an attempt any more."""
        data.draw(st.sampled_from(self.tickets)).admission = None

    @rule(model=st.sampled_from([None, PLACE.model]))
    def reset(self, model: str | None) -> None:
        """A user closes them. What is under way and has a breaker that is remembered does not count."""
        remembered = {state.model for state in self.bench.breakers.snapshot()}
        self.bench.breakers.reset(model)
        for place, known in self.models.items():
            if place.model in remembered and model in {None, place.model}:
                known.close()

    @rule()
    def fork(self) -> None:
        """A child goes on, and the parent's attempts are none here."""
        self.bench.breakers.after_fork(self.bench.breakers._lock)
        for known in self.models.values():
            known.change()

    @invariant()
    def agree(self) -> None:
        """What is shown is what the model says."""
        now = self.bench.now
        shown = {state.model: state for state in self.bench.breakers.snapshot()}
        for place, model in self.models.items():
            is_refused = model.phase(now) == "open" or (model.phase(now) == "half_open" and model.is_probed(now))
            assert self.bench.breakers.is_open(place) == is_refused
            state = shown.get(place.model)
            if state is None:
                assert model.opened_at is None
                assert not model.ends
                continue
            ends = model.counted(now)
            assert (state.state, state.calls, state.failures) == (model.phase(now), len(ends), sum(ends))
            assert state.is_probing == (state.state == "half_open" and model.is_probed(now))
            assert state.retry_after == (model.until - now if state.state == "open" else 0.0)


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
