"""
A stream that goes on with another attempt where one breaks off, for callers who asked for that.

Whether and when is decided as before the stream was handed over: by the same call, with its trace, deadline, retries and quota. What
the next attempt asks for, and how the consumer is told, is the API's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from attrs import frozen

from twinwire._core.flow import Call
from twinwire._core.plan import Plan, Reader
from twinwire._core.stream import OpenStream, interrupted, second_reader
from twinwire.errors import APIError

if TYPE_CHECKING:
    from twinwire._core.effects import Flow
    from twinwire._core.headers import Headers
    from twinwire._core.plan import World
    from twinwire._core.trace import Trace

E = TypeVar("E")


@frozen(kw_only=True)
class Onward(Generic[E]):
    """How a stream that broke off goes on."""

    plan: Plan[E]
    """What the next attempts ask for and how they are read; its deadline and retries are the call's own."""
    announce: Callable[[int, float], E]
    """Makes the item that tells the consumer, of the attempt's number and the seconds that were waited."""
    goes_on: bool = False
    """Whether the next attempts are to bring the rest alone. Then what a failed one brought is no answer without what had arrived."""


GoOn: TypeAlias = Callable[[Plan[E], APIError, Reader[E]], Onward[E]]
"""
Asked after an interruption, with the plan that the call began with, the error, and the reader of what had arrived: how to go on.

It raises the error where the stream cannot.
"""


class RecoveringStream(Generic[E]):
    """Items of a stream, batch by batch, over all the attempts that they take. It is used as an `OpenStream` is."""

    def __init__(self, call: Call[E], stream: OpenStream[E], plan: Plan[E], go_on: GoOn[E]) -> None:
        self.is_closed = False
        """Whether it is over: closed, or ended by an error."""
        self._call = call
        self._stream = stream
        self._plan = plan
        self._go_on = go_on
        self._failure: APIError | None = None
        self._is_read = False

    @property
    def status(self) -> int:
        """The HTTP status of the present attempt."""
        return self._stream.status

    @property
    def headers(self) -> Headers:
        """The headers of the present attempt."""
        return self._stream.headers

    @property
    def request_id(self) -> str | None:
        """The provider's id of the present attempt."""
        return self._stream.request_id

    @property
    def trace(self) -> Trace:
        """Every attempt so far."""
        return self._stream.trace

    @property
    def reader(self) -> Reader[E]:
        """The reader of the present attempt."""
        return self._stream.reader

    def next_batch(self) -> Flow[list[E]]:
        """
        As `OpenStream.next_batch()`; after an interruption the item that tells of it, once the next attempt has content.

        Raises:
            APIError: what ended the stream for good: the interruption, or what became of the attempts after it.
        """
        if self._is_read:
            raise second_reader()
        if self._failure is not None:
            raise self._failure
        self._is_read = True
        try:
            try:
                return (yield from self._stream.next_batch())
            except APIError as error:
                broken = error
            try:
                return (yield from self._recover(broken))
            except APIError as error:
                self._failure = error
                yield from self._call.finish(error)
                raise
            except BaseException:  # what was read so far is lost to whoever asks again
                self._failure = self._call.filled(interrupted(broken.partial))
                self._failure.request_id = broken.request_id
                raise
        except GeneratorExit:  # nothing can be yielded any more, and something may still be open
            raise
        except BaseException:
            self.is_closed = True
            raise
        finally:
            self._is_read = False

    def close(self) -> Flow[None]:
        """Give the connection back; what was not read yet is lost, and nothing more is attempted."""
        self.is_closed = True
        self._call.give_up()
        try:
            yield from self._stream.close()
        except GeneratorExit:
            self._call.abandon()
            raise
        except BaseException as stop:
            yield from self._call.finish(stop)
            raise
        if not self._is_read:  # else whoever reads will find that it is closed
            yield from self._call.finish(None)  # what had broken off, and nobody heard of it, was the last attempt

    def __del__(self) -> None:
        if hasattr(self, "_is_read"):
            self._stream.forget()
            self._call.abandon()

    def _recover(self, broken: APIError) -> Flow[list[E]]:
        if broken.retry_safe is not True or self.is_closed:
            raise broken
        onward = self._go_on(self._plan, broken, self._stream.reader)
        attempts = self.trace.attempts
        already = len(attempts)
        wait_seconds = yield from self._call.pause(broken)
        if self.is_closed:
            yield from self._call.finish(None)
            return []
        try:
            stream = yield from self._call.repeat(onward.plan, wait_seconds, broken)
        except APIError as error:
            if self.is_closed:
                return []
            if error is broken:  # nothing was sent any more, and its note says why
                raise
            if error.partial is None or onward.goes_on:
                error.partial = broken.partial
            error.add_note(f"after the stream was interrupted: {type(broken).__name__}: {broken}")
            raise
        if self.is_closed:
            yield from stream.close()
            return []
        self._stream = stream
        waited_seconds = sum(attempt.wait_seconds for attempt in attempts[already:])
        return [onward.announce(len(attempts), waited_seconds)]


Stream: TypeAlias = OpenStream[E] | RecoveringStream[E]


def open_stream(plan: Plan[E], world: World, go_on: GoOn[E] | None) -> Flow[Stream[E]]:
    """
    Make a call for a stream; with *go_on* for one that goes on after interruptions.

    Raises:
        APIError: it did not begin, as from `call()`.
    """
    made = Call(plan, world, goes_on=go_on is not None)
    opened = yield from made.run()
    if not isinstance(opened, OpenStream):
        raise TypeError("a stream was asked for by a plan without a reader")
    return opened if go_on is None else RecoveringStream(made, opened, plan, go_on)
