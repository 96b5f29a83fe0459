"""
One caller: runs a call as a driver does, reads its stream as a user does, and writes down everything that happened.

`_run` follows `_io/driver.py`. What the caller does is drawn beforehand (`Manners`), what comes of it is a `Record`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from attrs import define, field, frozen

from tests.simulation.exchange import Exchange
from tests.simulation.stores import Seat
from tests.simulation.timeline import Process, Signal, Stop, ThrownAway, Timeline, Wait
from twinwire._core.effects import (
    Access,
    Aside,
    Ask,
    Close,
    Doze,
    Effect,
    Flow,
    Interrupted,
    Read,
    Send,
    TransportFailure,
)
from twinwire._core.plan import Whole
from twinwire.errors import TwinwireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.network import Network
    from tests.simulation.subject import Subject
    from tests.simulation.timeline import Task
    from tests.simulation.witness import Testimony
    from twinwire._core.effects import CleanUp
    from twinwire._core.plan import Plan, World
    from twinwire._core.recover import Stream
    from twinwire._core.trace import Trace

T = TypeVar("T")


CLEAN_UP_SECONDS = 1.0
"""As `_io/async_driver.py` has it."""


class UsersError(Exception):
    """What a user's own code raises, in the function for the key or in the body of a loop."""


@frozen(kw_only=True)
class Manners:
    """What one caller does."""

    begins_after: float = 0.0
    stop_at_effect: int | None = None
    """The effect, counted from 1, at which the caller is stopped ..."""
    stop_after: float | None = None
    """... so many seconds into it, or before it has begun."""
    tidies: int | None = None
    """After so many clean-up effects it is stopped once more; None: it is not."""
    is_last_done: bool = False
    """Whether the clean-up effect at which it was stopped was performed all the same."""
    is_thrown_away: bool = False
    """Whether its flow is closed then, which lets it ask for nothing more; else it is interrupted."""
    forgets: bool = False
    """Whether a stream that is not read to its end is not closed either: the collector finds it."""
    batches: int | None = None
    """How much of a stream is read before it is closed; None: all."""
    raises: bool = False
    """Whether the loop is left by an exception."""
    think_seconds: float = 0.0
    """How long is thought about each batch."""
    key_seconds: float = 0.0
    """How long the function for the key takes, where there is one."""


@define(eq=False)
class Step:
    """One effect that a flow asked for."""

    effect: Effect
    began: float
    ended: float | None = None
    outcome: object = None
    """What was handed back, or raised."""
    exchange: Exchange | None = None
    is_after_stop: bool = False


@frozen
class Forgotten:
    """What is kept of a stream that was not closed."""

    trace: Trace


@define(eq=False, kw_only=True)
class Record:
    """What happened to one call."""

    name: str
    plan: Plan[object]
    manners: Manners
    tags: dict[str, str] = field(factory=dict[str, str])
    priority: int = 0
    restarts: bool = False
    """Whether a stream that breaks off is asked for again."""
    began: float = 0.0
    steps: list[Step] = field(factory=list[Step])
    exchanges: list[Exchange] = field(factory=list[Exchange])
    testimony: Testimony | None = None
    """What its gate heard, where there is one."""
    is_cut_short: bool = False
    """Whether not all was performed that its flows asked for."""
    outcomes: list[str] = field(factory=list[str])
    """`reply`, `stream` (read to its end), `error`, `stopped`, `left` (by the user), `dropped` (nobody waits any more),
    `killed` (with its process): exactly one is right."""
    error: BaseException | None = None
    reply: Whole | None = None
    stream: Stream[object] | Forgotten | None = None
    items: list[object] = field(factory=list[object])
    ended: float | None = None
    complaints: list[str] = field(factory=list[str])
    """What the caller itself found wrong."""

    @property
    def deadline(self) -> float | None:
        """The moment of the call's deadline."""
        seconds = self.plan.deadline_seconds
        return None if seconds is None else self.began + seconds

    @property
    def is_forgotten(self) -> bool:
        """Whether its gate has yet to hear how an attempt ended."""
        passages = () if self.testimony is None else self.testimony.passages
        return self.outcomes == ["dropped"] and any(not passage.endings for passage in passages)


class Caller:
    """Makes one call on a timeline."""

    def __init__(
        self,
        record: Record,
        timeline: Timeline,
        network: Network,
        world: World,
        subject: Subject,
        log: Callable[..., None],
    ) -> None:
        self.record = record
        self.task: Task | None = None
        self._timeline = timeline
        self._network = network
        self._world = world
        self._subject = subject
        self._log = log

    def process(self) -> Process[None]:
        """The whole of it, as a process."""
        record = self.record
        record.began = self._timeline.now
        self._log(record.name, "begins", record)
        try:
            opened = yield from self._run(self._subject(record.plan, self._world, restarts=record.restarts))
            if isinstance(opened, Whole):
                record.reply = opened
                self._end("reply")
            else:
                record.stream = opened
                yield from self._consume(opened)
        except ThrownAway:
            self._forget()
            self._end("dropped")
        except Stop:
            self._end("stopped")
            if record.stream is not None:  # as leaving the with block does
                yield from self._run(_still_there(record).close())
            raise
        except UsersError:
            self._end("left")
        except Exception as error:  # noqa: BLE001  # whether it is one of ours is for the checks
            record.error = error
            self._end("error")
            if record.stream is not None:
                yield from self._ask_again(_still_there(record), error)

    def _consume(self, stream: Stream[object]) -> Process[None]:
        record, manners = self.record, self.record.manners
        batches = 0
        while manners.batches is None or batches < manners.batches:
            batch = yield from self._run(stream.next_batch())
            if not batch:
                yield from self._ask_again(stream, None)
                self._end("stream")
                return
            batches += 1
            record.items.extend(batch)
            self._log(record.name, "got", f"{len(batch)} items")
            if manners.think_seconds:
                yield Wait(self._timeline.now + manners.think_seconds)
        if manners.forgets:
            del stream
            raise ThrownAway
        yield from self._run(stream.close())
        yield from self._ask_again(stream, None)
        if manners.raises:
            raise UsersError
        self._end("left")

    def _ask_again(self, stream: Stream[object], error: Exception | None) -> Process[None]:
        """What has ended stays so, and asks nothing more of the network."""
        steps = len(self.record.steps)
        try:
            again: object = yield from self._run(stream.next_batch())
        except Exception as raised:  # noqa: BLE001  # compared below
            again = raised
        yield from self._run(stream.close())
        if again != ([] if error is None else error):
            self.record.complaints.append(f"asked again, the stream answered {str(again)[:80]!r} after {error!r}")
        if len(self.record.steps) != steps:
            self.record.complaints.append("a stream that had ended asked for more effects")

    def _forget(self) -> None:
        """Let go of everything without a word, as who drops a task or a stream does; the collector closes connections."""
        record = self.record
        if record.stream is not None:
            record.stream = Forgotten(record.stream.trace)
        self._drop_connections()
        # Errors are kept here for the checks, and their tracebacks hold frames, and so what nobody else holds any more.
        kept = [step.outcome for step in record.steps]
        if record.testimony is not None:
            kept += record.testimony.errors()
        for error in kept:
            _let_go(error)

    def _drop_connections(self) -> None:
        """As the collector does."""
        self.record.is_cut_short = True
        for exchange in self.record.exchanges:
            self._network.drop(exchange)

    def _end(self, outcome: str) -> None:
        self.record.outcomes.append(outcome)
        self.record.ended = self._timeline.now
        self._log(self.record.name, f"ends: {outcome}", self.record.error or "")

    # The driver.

    def _run(self, flow: Flow[T]) -> Process[T]:
        try:
            effect = next(flow)
            while True:
                try:
                    result = yield from self._perform(effect)
                except (TwinwireError, TransportFailure) as error:
                    effect = flow.throw(error)
                except (GeneratorExit, ThrownAway):  # nothing can be performed any more
                    raise
                except BaseException as stop:
                    yield from self._clean_up(flow, stop)
                    raise
                else:
                    effect = flow.send(result)
        except StopIteration as done:
            value: T = done.value
            return value
        finally:
            flow.close()

    def _clean_up(self, flow: Flow[T], stop: BaseException) -> Process[None]:
        try:
            effect = flow.throw(Interrupted(stop))
            left, until = self.record.manners.tidies, self._timeline.now + CLEAN_UP_SECONDS
            while True:
                step = self._begin(effect)
                step.is_after_stop = True
                if not isinstance(effect, Close | Access):
                    return  # the checks say what they think of it
                if left == 0 or self._timeline.now > until:  # stopped once more, or it takes too long
                    if self.record.manners.is_last_done:
                        yield from self._tidied(effect)
                    self._drop_connections()
                    return
                left = None if left is None else left - 1
                try:
                    step.outcome = yield from self._tidied(effect)
                except TwinwireError as error:
                    step.outcome = error
                    step.ended = self._timeline.now
                    effect = flow.throw(error)
                else:
                    step.ended = self._timeline.now
                    effect = flow.send(step.outcome)
        except (StopIteration, Interrupted, TwinwireError, TransportFailure):
            pass

    def _tidied(self, effect: CleanUp) -> Process[object]:
        if isinstance(effect, Access):
            return (yield from _performed_by(effect))
        yield from self._network.close(Close(effect.response), _exchange_of(effect))
        return None

    def _perform(self, effect: Effect) -> Process[object]:
        step = self._begin(effect)
        try:
            self._arrange_stop()
            step.outcome = yield from self._performed(effect, step)
        except BaseException as error:
            step.outcome = error
            raise
        finally:
            step.ended = self._timeline.now
            self._log(self.record.name, "  →", step.outcome)
        return step.outcome

    def _begin(self, effect: Effect) -> Step:
        step = Step(effect, self._timeline.now)
        if isinstance(effect, Read | Close):
            step.exchange = _exchange_of(effect)
        self.record.steps.append(step)
        self._log(self.record.name, "asks for", effect)
        return step

    def _arrange_stop(self) -> None:
        manners = self.record.manners
        if manners.stop_at_effect != len(self.record.steps):
            return
        stop = ThrownAway if manners.is_thrown_away else Stop
        if manners.stop_after is None:
            raise stop
        task = self.task
        assert task is not None
        self._timeline.at(self._timeline.now + manners.stop_after, lambda: self._timeline.interrupt(task, stop()))

    def _performed(self, effect: Effect, step: Step) -> Process[object]:
        network = self._network
        if isinstance(effect, Read):
            return (yield from network.read(effect, _exchange_of(effect)))
        if isinstance(effect, Send):
            exchange = Exchange(effect=effect, began=self._timeline.now, number=len(network.exchanges) + 1)
            step.exchange = exchange
            network.exchanges.append(exchange)
            self.record.exchanges.append(exchange)
            return (yield from network.send(effect, exchange))
        if isinstance(effect, Close):
            yield from network.close(effect, _exchange_of(effect))
            return None
        if isinstance(effect, Ask):
            return (yield from self._asked(effect))
        if isinstance(effect, Access):
            return (yield from _performed_by(effect))
        if isinstance(effect, Doze):
            signal = Signal()
            effect.bell.hang(signal)
            seconds = effect.seconds
            yield Wait(None if seconds is None else network.late(self._timeline.now + seconds), signal)
            return None
        if isinstance(effect, Aside):
            return effect.work()
        yield Wait(network.late(self._timeline.now + effect.seconds))
        return None

    def _asked(self, effect: Ask) -> Process[object]:
        """Call the function for the key, which takes its time and is awaited."""
        ready = self._timeline.now + self.record.manners.key_seconds
        if effect.deadline is not None and ready > effect.deadline:
            yield Wait(max(self._timeline.now, effect.deadline))
            raise TransportFailure("timeout", "the api_key function did not return in time", phase="connect")
        yield Wait(ready)
        return effect.use(effect.function())


def _exchange_of(effect: Read | Close) -> Exchange:
    exchange = effect.response.handle
    assert isinstance(exchange, Exchange)
    return exchange


def _performed_by(effect: Access) -> Process[object]:
    store = effect.store
    if isinstance(store, Seat):
        return (yield from store.process(effect.operation))
    return store.perform(effect.operation)


def _let_go(error: object) -> None:
    while isinstance(error, BaseException) and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__context__


def _still_there(record: Record) -> Stream[object]:
    stream = record.stream
    assert stream is not None
    assert not isinstance(stream, Forgotten)
    return stream
