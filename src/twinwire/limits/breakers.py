"""
The circuit breakers of a client, one for each key and model.

Closed, calls go through and are counted by how they end. Once too many have failed it opens, and calls are refused. When its time has passed it
is half-open: the first caller is let through as the probe, and the others are refused until the probe has told whether the server works again.

What an attempt has to say counts only while nothing has changed since it began. So answers that come late, after an opening or
a closing that they know nothing of, neither close it nor open it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from weakref import ref

from twinwire.errors import CircuitOpenError
from twinwire.limits.breaker import BreakerState
from twinwire.limits.circuit import Admission, Circuit
from twinwire.limits.notices import notice, short_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from twinwire.limits.breaker import Breaker
    from twinwire.limits.circuit import Outcome, Place

PROBE_SECONDS = 60.0
"""A probe that takes longer than this, and than `open_seconds`, has no more say over whether another one goes."""
FORGOTTEN_AFTER_SECONDS = 86_400.0
"""An open breaker that nobody has asked for a day is forgotten."""
MANY = 64
MOST = 10_000
"""No more are kept: beyond that, those that were unused for the longest time are forgotten."""


class Breakers:
    """
    State by place. Each method is arithmetic under the lock, and waits for nothing.

    The *lock* has to be reentrant, because a finalizer or a signal handler may come in anywhere. *now* is monotonic seconds; *chance* gives
    numbers from 0 to 1, for the jitter of `open_seconds`.
    """

    def __init__(
        self,
        breaker: Breaker,
        lock: AbstractContextManager[object],
        now: Callable[[], float],
        chance: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._breaker = breaker
        self._lock = lock
        self._now = now
        self._chance = chance
        self._probe_seconds = max(PROBE_SECONDS, breaker.open_seconds)
        self._circuits: dict[Place, Circuit] = {}
        self._most = MANY
        self._changes = 0
        """How often any circuit has opened or closed."""
        self._floor = 0
        """The last change of those that were forgotten."""

    def enter(self, place: Place) -> Admission:
        """
        Let an attempt through.

        Raises:
            CircuitOpenError: the breaker is open, or half-open with a probe under way.
        """
        with self._lock:
            circuit = self._circuits.get(place)
            if circuit is None or circuit.opened_at is None:
                return Admission(place, self._changes, is_probe=False)
            now = self._now()
            if circuit.is_closed_to(now, self._probe_seconds):
                raise _refusal(place, circuit, circuit.opened_at, now)
            if self._is_idle(circuit, now):
                self._forget(place)
                return Admission(place, self._changes, is_probe=False)
            admission = Admission(place, self._changes, is_probe=True)
            # Weakly, so that a probe that its holder lost is over, too.
            circuit.probe, circuit.probe_at, circuit.touched = ref(admission), now, now
            return admission

    def begun(self, admission: Admission) -> None:
        """Say that the attempt is sent only now, after it has waited for something else: a probe's time counts from here."""
        if not admission.is_probe:
            return
        with self._lock:
            circuit = self._current(admission)
            if circuit is not None and circuit.probe is not None and circuit.probe() is admission:
                circuit.probe_at = circuit.touched = self._now()

    def answered(self, admission: Admission) -> None:
        """
        Say that the first content of a stream has come: a probe has seen enough, and the breaker closes.

        How the stream ends is counted all the same. Others would else wait for the last word of a long answer.
        """
        if not admission.is_probe:
            return
        with self._lock:
            circuit = self._current(admission)
            if circuit is not None and circuit.opened_at is not None:
                text = self._close(admission.place, circuit)
                admission.is_probe, admission.change = False, self._changes
            else:
                text = None
        if text is not None:
            notice(logging.INFO, text)

    def leave(self, admission: Admission, outcome: Outcome, because: str = "") -> None:
        """
        Say how the attempt ended; *because* names the error, for those who are refused because of it. Twice is fine.

        A neutral end says nothing; that of a probe makes the next caller the probe. It takes no lock, so it may come from a finalizer.
        """
        if outcome == "neutral":
            admission.is_over = True
            return
        with self._lock:
            told = self._count(admission, failed=outcome == "failure", because=because)
        if told is not None:
            notice(*told)

    def is_open(self, place: Place) -> bool:
        """Whether a call would be refused now. Nothing is changed by asking."""
        with self._lock:
            circuit = self._circuits.get(place)
            return circuit is not None and circuit.is_closed_to(self._now(), self._probe_seconds)

    def retry_after(self, place: Place) -> float:
        """Seconds until a call may be let through; 0 where that is now, or depends on a probe."""
        with self._lock:
            circuit = self._circuits.get(place)
            return 0.0 if circuit is None or circuit.opened_at is None else max(0.0, circuit.until - self._now())

    def snapshot(self) -> tuple[BreakerState, ...]:
        """All that are remembered, by model and key."""
        with self._lock:
            now = self._now()
            states = [self._state(place, circuit, now) for place, circuit in self._circuits.copy().items()]
        return tuple(sorted(states, key=lambda state: (state.model or "", state.key)))

    def reset(self, model: str | None = None) -> None:
        """Close all, or those of one model, and begin to count anew. Attempts that are under way do not count."""
        with self._lock:
            self._changes += 1
            for place in self._circuits.copy():
                if model is None or place.model == model:
                    self._circuits[place] = Circuit(self._breaker.window_seconds, self._changes)

    def after_fork(self, lock: AbstractContextManager[object] | None = None) -> None:
        """Go on in a child process: what is known still holds, and attempts of the parent's are none here. None is a lock that renews itself."""
        self._lock = self._lock if lock is None else lock
        self._changes += 1
        self._floor = self._changes
        for circuit in self._circuits.copy().values():
            circuit.change = self._changes
            circuit.probe = None

    def _count(self, admission: Admission, *, failed: bool, because: str) -> tuple[int, str] | None:
        """Take it into account; returns what is to be logged, and at which level."""
        if admission.is_over:
            return None
        circuit = self._current(admission)
        admission.is_over = True
        if circuit is None:
            return None
        if circuit.opened_at is None:
            now = self._now()
            circuit.count(now, failed=failed)
            cause = self._reason_to_open(circuit) if failed else None
            if cause is None:
                return None
            return logging.WARNING, self._open(admission.place, circuit, now, _because(cause, because))
        if not admission.is_probe:
            return None  # a finalizer has opened it just while this was let through
        if not failed:  # by a probe that took its time as well: the server works
            return logging.INFO, self._close(admission.place, circuit)
        if circuit.probe is None or circuit.probe() is not admission:
            return None  # another one is under way, and will tell
        circuit.probes_failed += 1
        cause = _because("the call that was let through failed", because)
        return logging.INFO, self._open(admission.place, circuit, self._now(), cause)

    def _current(self, admission: Admission) -> Circuit | None:
        """The circuit that the attempt has something to say of, or None."""
        circuit = self._circuits.get(admission.place)
        if circuit is None:
            if len(self._circuits) >= self._most:
                self._forget_some()
            circuit = self._circuits[admission.place] = Circuit(self._breaker.window_seconds, self._floor)
        return None if admission.is_over or admission.change < circuit.change else circuit

    def _reason_to_open(self, circuit: Circuit) -> str | None:
        breaker = self._breaker
        if breaker.consecutive_failures is not None and circuit.in_a_row >= breaker.consecutive_failures:
            return "an attempt failed" if circuit.in_a_row == 1 else f"{circuit.in_a_row} attempts in a row failed"
        if breaker.failure_rate is None or circuit.calls < breaker.min_calls:
            return None
        if circuit.failures / circuit.calls < breaker.failure_rate:
            return None
        return f"{circuit.failures} of {circuit.calls} attempts within {breaker.window_seconds:g} s failed"

    def _open(self, place: Place, circuit: Circuit, now: float, cause: str) -> str:
        self._changes += 1
        seconds = self._breaker.open_for(circuit.probes_failed, self._chance())
        again = "again " if circuit.probes_failed else ""
        circuit.open(now, seconds, self._changes, cause)
        return f"{_named(place)} is open {again}for {seconds:.3g} s: {cause}"

    def _close(self, place: Place, circuit: Circuit) -> str:
        now = self._now()
        seconds = 0.0 if circuit.opened_at is None else now - circuit.opened_at
        self._changes += 1
        circuit.close(now, self._changes)
        return f"{_named(place)} is closed after {seconds:.3g} s: the call that was let through was answered"

    def _state(self, place: Place, circuit: Circuit, now: float) -> BreakerState:
        phase = circuit.phase(now)
        if phase == "closed":
            circuit.expire(now)
        return BreakerState(
            key=short_digest(place.key),
            model=place.model,
            state=phase,
            failure_rate=circuit.failures / circuit.calls if circuit.calls else None,
            calls=circuit.calls,
            failures=circuit.failures,
            open_seconds=None if circuit.opened_at is None else now - circuit.opened_at,
            retry_after=circuit.until - now if phase == "open" else 0.0,
            is_probing=phase == "half_open" and circuit.is_probed(now, self._probe_seconds),
            times_opened=circuit.times_opened,
            cause=circuit.cause,
        )

    def _is_idle(self, circuit: Circuit, now: float) -> bool:
        """Whether it says the same as one that was never used, or what it says is too old."""
        if circuit.opened_at is None:
            circuit.expire(now)
            return not circuit.calls
        return now >= max(circuit.until, circuit.touched) + FORGOTTEN_AFTER_SECONDS

    def _forget(self, place: Place) -> None:
        circuit = self._circuits.pop(place, None)
        if circuit is not None:
            self._floor = max(self._floor, circuit.change)

    def _forget_some(self) -> None:
        now = self._now()
        for place in [place for place, circuit in self._circuits.copy().items() if self._is_idle(circuit, now)]:
            self._forget(place)
        if len(self._circuits) >= MOST:
            circuits = self._circuits.copy()
            for place in sorted(circuits, key=lambda place: circuits[place].touched)[: len(circuits) // 2]:
                self._forget(place)
        self._most = min(MOST, max(MANY, 2 * len(self._circuits)))


def _refusal(place: Place, circuit: Circuit, opened_at: float, now: float) -> CircuitOpenError:
    open_seconds, retry_after = now - opened_at, max(0.0, circuit.until - now)
    if retry_after:
        what_next = f"the next call is let through in {retry_after:.3g} s"
    else:
        what_next = "a call that was let through to see is under way"
    whose = "for calls without a model" if place.model is None else f"for {place.model}"
    return CircuitOpenError(
        f"the breaker {whose} has been open for {open_seconds:.3g} s, because {circuit.cause}; {what_next}",
        model=place.model,
        open_seconds=open_seconds,
        retry_after=retry_after,
    )


def _because(cause: str, error: str) -> str:
    return f"{cause}, the last by {error}" if error else cause


def _named(place: Place) -> str:
    key = f" with key {short_digest(place.key)}" if place.key else ""
    return f"the breaker for {'calls without a model' if place.model is None else place.model}{key}"
