"""
Flows that are wrong in one way each: the simulation must tell every one of them from the real flow.

A mutant is a subject. Most wrap the real flow and change one effect or its outcome; `changed` is how.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from attrs import evolve, frozen

from tests.simulation.subject import Subject, real
from twinwire._core.effects import Close, Effect, Flow, Interrupted, Read, Send, Sleep, WireRequest
from twinwire._core.plan import Whole
from twinwire._core.retry import Retry, RetryQuota
from twinwire.errors import APIError, DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._core.gate import Ending, Gate, Pass
    from twinwire._core.headers import Headers
    from twinwire._core.plan import Dialect, Plan, Reader, World
    from twinwire._core.recover import Stream
    from twinwire._core.trace import Attempt

T = TypeVar("T")


@frozen
class Answered:
    """What the flow is told in place of an effect's being performed."""

    value: object


Change: TypeAlias = "Callable[[Effect], Effect | Answered | None]"
"""Another effect in place of this one, or an answer; None: it is not performed, and the flow is told that it was."""


class _Wrapped:
    """A stream whose flows are changed; everything else is the real one's."""

    def __init__(self, stream: Stream[object], change: Callable[[Flow[Any]], Flow[Any]]) -> None:
        self._stream = stream
        self._change = change

    def next_batch(self) -> Flow[list[object]]:
        return self._change(self._stream.next_batch())

    def close(self) -> Flow[None]:
        return self._change(self._stream.close())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def changed(change: Change) -> Subject:
    """The real flow with other effects, in the call and in what is done with its stream."""

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        opened = yield from _rewritten(real(plan, world, restarts=restarts), change)
        if isinstance(opened, Whole):
            return opened
        return _Wrapped(opened, lambda flow: _rewritten(flow, change))  # type: ignore[return-value]  # it has the same methods

    return mutant


def _rewritten(flow: Flow[T], change: Change) -> Flow[T]:
    try:
        effect = next(flow)
        while True:
            other = change(effect)
            if other is None or isinstance(other, Answered):
                effect = flow.send(None if other is None else other.value)
                continue
            try:
                outcome: object = yield other
            except GeneratorExit:
                flow.close()
                raise
            except BaseException as error:  # noqa: BLE001  # the flow's to judge
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
    except StopIteration as done:
        value: T = done.value
        return value


# What the effects may do wrong.


def waits_too_little() -> Subject:
    return changed(lambda effect: Sleep(effect.seconds * 0.8) if isinstance(effect, Sleep) else effect)


def waits_too_long() -> Subject:
    return changed(lambda effect: Sleep(effect.seconds * 1.3 + 0.2) if isinstance(effect, Sleep) else effect)


def leaks_a_response() -> Subject:
    return changed(lambda effect: None if isinstance(effect, Close) else effect)


def forgets_the_deadline() -> Subject:
    return changed(lambda effect: evolve(effect, deadline=None) if isinstance(effect, Read | Send) else effect)


def has_no_limit_of_silence() -> Subject:
    return changed(lambda effect: evolve(effect, idle_seconds=None) if isinstance(effect, Read) else effect)


def changes_the_idempotency_key() -> Subject:
    count = 0

    def change(effect: Effect) -> Effect:
        nonlocal count
        if not isinstance(effect, Send):
            return effect
        count += 1
        headers = tuple(
            (name, f"{value}{count}" if name == "idempotency-key" else value) for name, value in effect.request.headers
        )
        return evolve(effect, request=evolve(effect.request, headers=headers))

    return changed(change)


def sends_the_key_of_another_call() -> Subject:
    def other(request: WireRequest) -> WireRequest:
        headers = tuple((name, "same" if name == "idempotency-key" else value) for name, value in request.headers)
        return evolve(request, headers=headers)

    return changed(lambda effect: evolve(effect, request=other(effect.request)) if isinstance(effect, Send) else effect)


def closes_twice() -> Subject:
    return followed(lambda effect: effect if isinstance(effect, Close) else None)


def followed(follow: Callable[[Effect], Effect | None]) -> Subject:
    """The real flow with another effect after some."""

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        return (yield from _after(real(plan, world, restarts=restarts), follow))

    return mutant


def _after(flow: Flow[T], follow: Callable[[Effect], Effect | None]) -> Flow[T]:
    """Another effect after some."""
    try:
        effect = next(flow)
        while True:
            try:
                outcome: object = yield effect
                following = follow(effect)
                if following is not None:
                    yield following
            except GeneratorExit:
                flow.close()
                raise
            except BaseException as error:  # noqa: BLE001  # the flow's to judge
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
    except StopIteration as done:
        value: T = done.value
        return value


def goes_on_after_an_interruption() -> Subject:
    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        try:
            return (yield from real(plan, world, restarts=restarts))
        except Interrupted:
            yield Sleep(1.0)
            raise

    return mutant


# What the decisions may do wrong.


def with_plan(change: Callable[[Plan[object]], Plan[object]]) -> Subject:
    """The real flow with another plan than it was given."""

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        return real(change(plan), world, restarts=restarts)

    return mutant


def with_world(change: Callable[[World], World]) -> Subject:
    """The real flow in another world than it was given."""

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        return real(plan, change(world), restarts=restarts)

    return mutant


def retries_once_too_often() -> Subject:
    return with_plan(lambda plan: evolve(plan, retry=evolve(plan.retry, max_retries=plan.retry.max_retries + 1)))


def never_retries() -> Subject:
    return with_plan(lambda plan: evolve(plan, retry=evolve(plan.retry, max_retries=0)))


def obeys_any_wait() -> Subject:
    return with_plan(lambda plan: evolve(plan, retry=evolve(plan.retry, max_wait_seconds=1e9)))


class _Boundless(RetryQuota):
    def withdraw(self, now: float) -> bool:
        return True


def has_no_quota() -> Subject:
    return with_world(lambda world: evolve(world, quota=_Boundless(Retry(), nullcontext())))


def has_no_jitter() -> Subject:
    return with_world(lambda world: evolve(world, random=lambda: 0.5))


def has_another_deadline() -> Subject:
    def later(plan: Plan[object]) -> Plan[object]:
        seconds = plan.deadline_seconds
        return plan if seconds is None else evolve(plan, deadline_seconds=seconds + 5.0)

    return with_plan(later)


def begins_any_wait() -> Subject:
    """Waits, although the deadline will have passed."""

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        try:
            return (yield from real(plan, world, restarts=restarts))
        except DeadlineExceededError as error:
            if error.wait_seconds is not None:
                yield Sleep(error.wait_seconds)
            raise

    return mutant


def sulks() -> Subject:
    """After a failure every later call fails, too."""
    failed: list[APIError] = []

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        if failed:
            raise failed[0]
        try:
            return (yield from real(plan, world, restarts=restarts))
        except APIError as error:
            failed.append(error)
            raise

    return mutant


# What the judgement may do wrong.


def with_error(change: Callable[[APIError], BaseException | None]) -> Subject:
    """The real flow, whose errors are changed, or are others."""

    def failing(flow: Flow[T]) -> Flow[T]:
        try:
            return (yield from flow)
        except APIError as raised:
            raise change(raised) or raised from None

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        opened = yield from failing(real(plan, world, restarts=restarts))
        return opened if isinstance(opened, Whole) else _Wrapped(opened, failing)  # type: ignore[return-value]  # it has the same methods

    return mutant


def forgets_what_may_be_billed() -> Subject:
    def forget(error: APIError) -> None:
        error.possibly_billed = False
        for attempt in error.attempts:
            attempt.possibly_billed = False

    return with_error(forget)


def denies_that_it_was_sent() -> Subject:
    return with_error(lambda error: setattr(error, "sent", False))


def loses_what_had_arrived() -> Subject:
    return with_error(lambda error: setattr(error, "partial", None))


def loses_an_attempt() -> Subject:
    return with_error(lambda error: setattr(error, "attempts", error.attempts[1:]))


def takes_one_cause_for_another() -> Subject:
    def mistake(error: APIError) -> None:
        for attempt in error.attempts:
            attempt.error = "UnprocessableEntityError"

    return with_error(mistake)


def raises_something_else() -> Subject:
    return with_error(lambda error: ValueError(str(error)))


def changes_the_answer() -> Subject:
    def change(opened: Whole | Stream[object]) -> Whole | Stream[object]:
        if not isinstance(opened, Whole):
            return opened
        return evolve(opened, data={"choices": [{"message": {"content": "something else"}}]})

    def mutant(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
        return change((yield from real(plan, world, restarts=restarts)))

    return mutant


class _Lenient:
    """A reader to whom every end is a good one."""

    def __init__(self, reader: Reader[object]) -> None:
        self._reader = reader

    def finish(self) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def takes_any_end_for_a_good_one() -> Subject:
    def lenient(plan: Plan[object]) -> Plan[object]:
        make = plan.reader
        return plan if make is None else evolve(plan, reader=lambda: _Lenient(make()))

    return with_plan(lenient)


class _Eager:
    """A dialect to whom every refusal is worth another attempt, at once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def refuse(self, status: int, headers: Headers, body: bytes) -> APIError:
        error = self._dialect.refuse(status, headers, body)
        error.retry_safe = True
        error.retry_after = None
        return error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dialect, name)


def repeats_whatever_was_refused() -> Subject:
    return with_plan(lambda plan: evolve(plan, dialect=_Eager(plan.dialect)))


# What may go wrong at the gate.


class _Deaf:
    """A gate that does not hear all that it is told."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def enter(self, deadline: float | None) -> Flow[Pass]:
        return self.let_through((yield from self._gate.enter(deadline)))

    def let_through(self, passed: Pass) -> Pass:
        return _Outlet(passed, self.heard)

    def heard(self, ending: Ending) -> Ending | None:
        """What it makes of how an attempt ended; None: it does not hear of it."""
        return ending

    def has_another_way(self, error: APIError) -> bool:
        return self._gate.has_another_way(error)

    def finish(self, error: BaseException | None) -> Flow[None]:
        yield from self._gate.finish(error)

    def abandon(self) -> None:
        self._gate.abandon()


class _Outlet:
    def __init__(self, passed: Pass, heard: Callable[[Ending], Ending | None]) -> None:
        self._passed = passed
        self._heard = heard

    @property
    def key(self) -> object:
        return self._passed.key

    def hear(self, headers: Headers) -> Flow[None]:
        yield from self._passed.hear(headers)

    def answered(self) -> None:
        self._passed.answered()

    def leave(self, attempt: Attempt, ending: Ending) -> Flow[None]:
        heard = self._heard(ending)
        if heard is not None:
            yield from self._passed.leave(attempt, heard)

    def abandon(self, attempt: Attempt, ending: Ending) -> None:
        heard = self._heard(ending)
        if heard is not None:
            self._passed.abandon(attempt, heard)


def with_gate(change: Callable[[Gate], Gate]) -> Subject:
    """The real flow with another gate than it was given."""
    return with_plan(lambda plan: plan if plan.gate is None else evolve(plan, gate=change(plan.gate)))


class _HearsNoInterruption(_Deaf):
    def heard(self, ending: Ending) -> Ending | None:
        return None if ending.is_interrupted else ending


def leaves_no_word_when_interrupted() -> Subject:
    return with_gate(_HearsNoInterruption)


class _NeverOver(_Deaf):
    def heard(self, ending: Ending) -> Ending | None:
        return evolve(ending, is_last=False)

    def finish(self, error: BaseException | None) -> Flow[None]:
        yield from ()

    def abandon(self) -> None:
        pass


def never_says_that_it_is_over() -> Subject:
    return with_gate(_NeverOver)


class _TakesAllForFailures(_Deaf):
    def heard(self, ending: Ending) -> Ending | None:
        return evolve(ending, error=ending.error or APIError("it failed"))


def tells_of_failures_alone() -> Subject:
    return with_gate(_TakesAllForFailures)


MUTANTS: dict[Callable[[], Subject], tuple[str, ...]] = {
    waits_too_little: ("waits_as_asked", "retries_are_not_early"),
    waits_too_long: ("waits_as_asked",),
    leaks_a_response: ("released_once", "pool_is_whole"),
    closes_twice: ("released_once",),
    forgets_the_deadline: ("nothing_past_the_deadline",),
    has_another_deadline: ("nothing_past_the_deadline",),
    begins_any_wait: ("nothing_past_the_deadline",),
    has_no_limit_of_silence: ("limits_of_silence",),
    changes_the_idempotency_key: ("same_request",),
    sends_the_key_of_another_call: ("same_request",),
    goes_on_after_an_interruption: ("only_clean_up_after_a_stop",),
    retries_once_too_often: ("attempts_within_the_maximum",),
    never_retries: ("given_up_for_a_reason",),
    repeats_whatever_was_refused: ("given_up_for_a_reason",),
    obeys_any_wait: ("absurd_delays_end_the_call",),
    has_no_quota: ("retries_within_the_quota", "outage_is_not_amplified"),
    has_no_jitter: ("a_herd_spreads",),
    sulks: ("fair_weather",),
    forgets_what_may_be_billed: ("billed_when_lost",),
    denies_that_it_was_sent: ("sent_when_sent",),
    loses_what_had_arrived: ("partial_answer",),
    loses_an_attempt: ("attempts_as_the_server_saw_them",),
    takes_one_cause_for_another: ("typed_by_cause",),
    raises_something_else: ("one_outcome",),
    changes_the_answer: ("right_answer",),
    takes_any_end_for_a_good_one: ("right_answer",),
    leaves_no_word_when_interrupted: ("passages_are_left", "places_are_given_back"),
    never_says_that_it_is_over: ("the_end_is_told",),
    tells_of_failures_alone: ("endings_are_true",),
}
"""Each with the checks that must find it."""
