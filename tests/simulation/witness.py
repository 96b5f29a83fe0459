"""A gate that writes down what a flow tells it, in front of another one or alone; alone it asks a store and waits, as a real one does."""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from attrs import define, field

from twinwire._client.gate import CallPass
from twinwire._client.secret import Secret
from twinwire._core.effects import Bell, Flow, Interrupted, access, doze
from twinwire._core.store import Script, Transact
from twinwire.errors import StoreError
from twinwire.limits.notices import short_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.stores import Seat
    from tests.simulation.timeline import Timeline
    from twinwire._core.gate import Ending, Gate, Pass
    from twinwire._core.headers import Headers
    from twinwire._core.json import Json, JsonObject
    from twinwire._core.store import Moment, States
    from twinwire._core.trace import Attempt
    from twinwire.errors import APIError
    from twinwire.limits.breaker import BreakerState


_ORDER = count(1)


@define(eq=False)
class Passage:
    """One attempt's way through a gate."""

    number: int
    asked: float
    """When it came to the gate ..."""
    order: int
    """... and as which of all that ever came, with this client or another."""
    entered: float
    lease: str | None = None
    """What it took from its limits, by its key in the store."""
    breaker: BreakerState | None = None
    """Of its key, just after it was let through; None where nothing is known of it."""
    endings: list[tuple[str, Ending]] = field(factory=list["tuple[str, Ending]"])
    """Each time that it was told how the attempt ended: `leave` or `abandon`, and how."""
    answered: float | None = None
    """When the first content of its stream had come."""
    left: float | None = None
    """When it was told first."""
    attempts: list[Attempt] = field(factory=list["Attempt"])
    attempt: int | None = None
    """The number of the attempt that it was left by."""


@define(eq=False)
class Testimony:
    """What one call told its gate."""

    passages: list[Passage] = field(factory=list[Passage])
    asked: list[float] = field(factory=list[float])
    """When attempts came to the gate, let through or not."""
    refusals: list[BaseException] = field(factory=list[BaseException])
    """What `enter` raised."""
    finishes: list[str] = field(factory=list[str])
    """`finish` or `abandon`, as often as they came, with the error's class."""

    def errors(self) -> list[BaseException | None]:
        """Every error that it keeps."""
        return [*self.refusals, *(ending.error for passage in self.passages for _, ending in passage.endings)]


class Witness:
    """Stands before *gate*."""

    def __init__(
        self,
        gate: Gate,
        testimony: Testimony,
        timeline: Timeline,
        *,
        watch_breakers: Callable[[], tuple[BreakerState, ...]] | None = None,
    ) -> None:
        self.gate = gate
        self._testimony = testimony
        self._timeline = timeline
        self._watch_breakers = watch_breakers

    def enter(self, deadline: float | None) -> Flow[Pass]:
        """Go through it."""
        asked, order = self._timeline.now, next(_ORDER)
        self._testimony.asked.append(asked)
        try:
            passed = yield from self.gate.enter(deadline)
        except BaseException as refusal:
            self._testimony.refusals.append(refusal)
            raise
        number = len(self._testimony.passages) + 1
        lease = passed.lease.key if isinstance(passed, CallPass) and passed.lease is not None else None
        passage = Passage(number, asked, order, self._timeline.now, lease, self._breaker_of(passed.key))
        self._testimony.passages.append(passage)
        return _Watched(passed, passage, self._timeline)

    def _breaker_of(self, key: object) -> BreakerState | None:
        states = () if self._watch_breakers is None else self._watch_breakers()
        digest = short_digest(key.digest()) if isinstance(key, Secret) else ""
        return next((state for state in states if state.key == digest), None)

    def has_another_way(self, error: APIError) -> bool:
        """As the gate says."""
        return self.gate.has_another_way(error)

    def finish(self, error: BaseException | None) -> Flow[None]:
        """Write it down and hand it on."""
        self._testimony.finishes.append(f"finish {type(error).__name__}")
        yield from self.gate.finish(error)

    def abandon(self) -> None:
        """Write it down and hand it on."""
        self._testimony.finishes.append("abandon")
        self.gate.abandon()


class _Watched:
    def __init__(self, passed: Pass, passage: Passage, timeline: Timeline) -> None:
        self._passed = passed
        self._passage = passage
        self._timeline = timeline

    @property
    def key(self) -> object:
        return self._passed.key

    def answered(self) -> None:
        self._passage.answered = self._timeline.now
        self._passed.answered()

    def hear(self, headers: Headers) -> Flow[None]:
        yield from self._passed.hear(headers)

    def leave(self, attempt: Attempt, ending: Ending) -> Flow[None]:
        self._told("leave", attempt, ending)
        yield from self._passed.leave(attempt, ending)

    def abandon(self, attempt: Attempt, ending: Ending) -> None:
        self._told("abandon", attempt, ending)
        self._passed.abandon(attempt, ending)

    def _told(self, how: str, attempt: Attempt, ending: Ending) -> None:
        passage = self._passage
        passage.endings.append((how, ending))
        passage.attempts.append(attempt)
        passage.attempt = attempt.number
        passage.left = self._timeline.now if passage.left is None else passage.left


# A gate of our own, for flows alone: it holds a place in a store for as long as an attempt lasts.


def _enter(states: States, arguments: JsonObject, moment: Moment) -> Json:
    states["places"] = [*sorted({*_names(states), str(arguments["name"])})]
    return None


def _leave(states: States, arguments: JsonObject, moment: Moment) -> Json:
    left = set(_names(states)) - {str(arguments["name"])}
    states["places"] = [*sorted(left)] if left else None
    return None


def _names(states: States) -> list[str]:
    places = states.get("places")
    return [str(name) for name in places] if isinstance(places, list) else []


ENTER, LEAVE = Script("simulation.enter", _enter), Script("simulation.leave", _leave)


class Turnstile:
    """Lets everybody through, and keeps a list of who is inside."""

    def __init__(self, name: str, key: object, seat: Seat, random: Random) -> None:
        self._name = name
        self._key = key
        self._seat = seat
        self._random = random
        self._inside: list[_Inside] = []

    def enter(self, deadline: float | None) -> Flow[Pass]:
        """Wait at times, and take a place."""
        if self._random.random() < 0.2:
            bell = Bell()
            if self._random.random() < 0.5:
                bell.ring()
            left = math.inf if deadline is None else max(0.0, deadline - self._seat.shared.now)
            yield from doze(bell, min(left, self._random.random() * 0.01))
        inside = _Inside(f"{self._name}, {len(self._inside) + 1}", self._key, self._seat)
        self._inside.append(inside)
        yield from access(self._seat, inside.operation(ENTER))
        return inside

    def has_another_way(self, error: APIError) -> bool:
        """There is one key."""
        return False

    def finish(self, error: BaseException | None) -> Flow[None]:
        """Whatever is left behind goes."""
        for inside in self._inside:
            yield from inside.give_back()

    def abandon(self) -> None:
        """The same, at once."""
        for inside in self._inside:
            inside.give_back_now()


class _Inside:
    def __init__(self, name: str, key: object, seat: Seat) -> None:
        self._name = name
        self._key = key
        self._seat = seat
        self._is_given_back = False

    @property
    def key(self) -> object:
        return self._key

    def operation(self, script: Script) -> Transact:
        return Transact(script, ("places",), {"name": self._name})

    def answered(self) -> None:
        pass

    def hear(self, headers: Headers) -> Flow[None]:
        with suppress(StoreError):
            yield from access(self._seat, self.operation(ENTER))  # it bears repetition

    def leave(self, attempt: Attempt, ending: Ending) -> Flow[None]:
        yield from self.give_back()

    def abandon(self, attempt: Attempt, ending: Ending) -> None:
        self.give_back_now()

    def give_back(self) -> Flow[None]:
        stop: Interrupted | None = None
        while not self._is_given_back:
            try:
                yield from access(self._seat, self.operation(LEAVE))
            except StoreError:
                continue
            except Interrupted as interrupted:  # clean-up may still be asked for
                stop = interrupted
            except GeneratorExit:
                self.give_back_now()
                raise
            else:
                self._is_given_back = True
        if stop is not None:
            raise stop

    def give_back_now(self) -> None:
        while not self._is_given_back:
            with suppress(StoreError):
                self._seat.perform(self.operation(LEAVE))
                self._is_given_back = True
