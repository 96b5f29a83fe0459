"""What the drivers do when a call is stopped: the flow gives back what it holds, and nothing else happens."""

from __future__ import annotations

from types import coroutine
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest

from tests.core.stepper import plan, response
from twinwire._core.effects import (
    Close,
    Flow,
    OpenResponse,
    Read,
    Send,
    TransportFailure,
    WireRequest,
    ask,
    close,
    read,
)
from twinwire._io import async_driver, driver
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from twinwire._core.pool import PoolStats


class Stopped(BaseException):
    """Like Ctrl-C."""


class Transport:
    """A transport on which something happens while reading."""

    def __init__(self, while_reading: Callable[[], bytes]) -> None:
        self.closed: list[Close] = []
        self._while_reading = while_reading

    def send(self, effect: Send) -> OpenResponse:
        """Not asked here."""
        raise NotImplementedError

    def read(self, effect: Read) -> bytes:
        """Let it happen."""
        return self._while_reading()

    def close_response(self, effect: Close) -> None:
        """Remember it."""
        self.closed.append(effect)

    def close(self) -> None:
        """Nothing to close."""

    def stats(self) -> PoolStats:
        """Nothing to count."""
        raise NotImplementedError


class AsyncTransport(Transport):
    """The same, awaited; without something that happens, reading never ends."""

    def __init__(self, while_reading: Callable[[], Awaitable[bytes]]) -> None:
        super().__init__(bytes)
        self._awaited = while_reading

    async def send(self, effect: Send) -> OpenResponse:  # type: ignore[override]  # the twin, awaited
        """Not asked here."""
        raise NotImplementedError

    async def read(self, effect: Read) -> bytes:  # type: ignore[override]  # the twin, awaited
        """Let it happen."""
        return await self._awaited()

    async def close_response(self, effect: Close) -> None:  # type: ignore[override]  # the twin, awaited
        """Remember it."""
        self.closed.append(effect)

    async def close(self) -> None:  # type: ignore[override]  # the twin, awaited
        """Nothing to close."""


def reading() -> Flow[bytes]:
    """Read, and close whatever happens."""
    opened = response()
    try:
        return (yield from read(opened, None, None))
    except GeneratorExit:
        raise
    except BaseException:
        yield from close(opened, 5.0)
        raise


def stop() -> bytes:
    """What the user does."""
    raise Stopped


def test_a_blocking_call_that_is_stopped() -> None:
    """The connection is closed without waiting for anything, and the interruption goes on."""
    transport = Transport(stop)
    with pytest.raises(Stopped):
        driver.run(reading(), driver.IO(transport))

    assert [effect.drain_seconds for effect in transport.closed] == [0.0]


def test_an_awaited_call_that_is_stopped() -> None:
    """The same, awaited."""

    async def stop_awaited() -> bytes:
        return stop()

    transport = AsyncTransport(stop_awaited)
    with pytest.raises(Stopped):
        anyio.run(async_driver.run, reading(), async_driver.AsyncIO(transport))

    assert [effect.drain_seconds for effect in transport.closed] == [0.0]


@coroutine
def forever() -> Generator[None, None, bytes]:
    """Suspend, whatever the event loop."""
    while True:
        yield


def test_a_coroutine_that_is_thrown_away() -> None:
    """Nothing is awaited while it is being closed: Python would say that it ignored that."""
    transport = AsyncTransport(forever)
    call = async_driver.run(reading(), async_driver.AsyncIO(transport))
    call.send(None)
    call.close()

    assert transport.closed == []


def asking(function: Callable[[], object], deadline: float | None = None) -> Flow[WireRequest]:
    """Ask a key function."""
    return ask(function, plan().request, deadline)


def test_a_key_function() -> None:
    """Plain ones are called by both drivers, and their answer is used at once."""
    plain = driver.run(asking(lambda: "k1"), driver.IO(Transport(stop)))
    awaited = anyio.run(async_driver.run, asking(lambda: "k2"), async_driver.AsyncIO(AsyncTransport(forever)))

    assert (plain.headers, awaited.headers) == ((("key", "k1"),), (("key", "k2"),))


async def slow() -> str:
    """A key that takes its time."""
    await anyio.sleep(60)
    return "k"


async def quick() -> str:
    """A key that is there."""
    await anyio.lowlevel.checkpoint()
    return "k"


def test_an_awaited_key_function() -> None:
    """What it returns is awaited, for as long as the deadline allows."""
    io = async_driver.AsyncIO(AsyncTransport(forever))

    assert anyio.run(async_driver.run, asking(quick), io).headers == (("key", "k"),)
    with pytest.raises(TransportFailure, match="did not return in time"):
        anyio.run(async_driver.run, asking(slow, deadline=0.0), io)


def test_an_awaited_key_function_in_a_blocking_client() -> None:
    """It is refused, and leaves no coroutine behind."""
    with pytest.raises(ConfigError, match="async function"):
        driver.run(asking(quick), driver.IO(Transport(stop)))
