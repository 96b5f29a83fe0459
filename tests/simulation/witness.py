"""A gate that writes down what a flow tells it, in front of another one or alone; alone it asks a store and waits, as a real one does."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import define, field

from twinwire._core.effects import Bell, Flow, Interrupted, access, doze
from twinwire._core.store import Script, Transact
from twinwire.errors import StoreError

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.stores import Seat
    from tests.simulation.timeline import Timeline
    from twinwire._core.gate import Ending, Gate, Pass
    from twinwire._core.json import Json, JsonObject
    from twinwire._core.store import Moment, States
    from twinwire._core.trace import Attempt
    from twinwire.errors import APIError


@define(eq=False)
class Passage:
    """One attempt's way through a gate."""

    number: int
    entered: float
    endings: list[tuple[str, Ending]] = field(factory=list["tuple[str, Ending]"])
    """Each time that it was told how the attempt ended: `leave` or `abandon`, and how."""
    attempt: int | None = None
    """The number of the attempt that it was left by."""


@define(eq=False)
class Testimony:
    """What one call told its gate."""

    passages: list[Passage] = field(factory=list[Passage])
    refusals: list[BaseException] = field(factory=list[BaseException])
    """What `enter` raised."""
    finishes: list[str] = field(factory=list[str])
    """`finish` or `abandon`, as often as they came, with the error's class."""

    def errors(self) -> list[BaseException | None]:
        """Every error that it keeps."""
        return [*self.refusals, *(ending.error for passage in self.passages for _, ending in passage.endings)]


class Witness:
    """Stands before *gate*."""

    def __init__(self, gate: Gate, testimony: Testimony, timeline: Timeline) -> None:
        self._gate = gate
        self._testimony = testimony
        self._timeline = timeline

    def enter(self, deadline: float | None) -> Flow[Pass]:
        """Go through it."""
        try:
            passed = yield from self._gate.enter(deadline)
        except BaseException as refusal:
            self._testimony.refusals.append(refusal)
            raise
        passage = Passage(len(self._testimony.passages) + 1, self._timeline.now)
        self._testimony.passages.append(passage)
        return _Watched(passed, passage)

    def has_another_way(self, error: APIError) -> bool:
        """As the gate says."""
        return self._gate.has_another_way(error)

    def finish(self, error: BaseException | None) -> Flow[None]:
        """Write it down and hand it on."""
        self._testimony.finishes.append(f"finish {type(error).__name__}")
        yield from self._gate.finish(error)

    def abandon(self) -> None:
        """Write it down and hand it on."""
        self._testimony.finishes.append("abandon")
        self._gate.abandon()


class _Watched:
    def __init__(self, passed: Pass, passage: Passage) -> None:
        self._passed = passed
        self._passage = passage

    @property
    def key(self) -> object:
        return self._passed.key

    def leave(self, attempt: Attempt, ending: Ending) -> Flow[None]:
        self._passage.endings.append(("leave", ending))
        self._passage.attempt = attempt.number
        yield from self._passed.leave(attempt, ending)

    def abandon(self, attempt: Attempt, ending: Ending) -> None:
        self._passage.endings.append(("abandon", ending))
        self._passage.attempt = attempt.number
        self._passed.abandon(attempt, ending)


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
