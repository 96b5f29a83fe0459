"""
A network and a server under virtual time: performs what a transport performs, with its own limits and its own faults.

It follows `_io/transport.py`: a slot of a limited pool (the real queue, `_io/slots.py`), an idle connection or a new one, limits per
step and the deadline over each, and `TransportFailure` for all that goes wrong.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import define

from tests.simulation.timeline import Process, Signal, Timeline, Wait
from twinwire._core.effects import Close, OpenResponse, Read, Send, TransportFailure
from twinwire._io.slots import Slots

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.answers import Author
    from tests.simulation.exchange import Exchange
    from tests.simulation.weather import Weather
    from twinwire._core.effects import Kind, Phase

FOREVER_SECONDS = 50_000.0
"""How long a server or a cable is silent that does not recover, before the connection breaks."""
EPOCH = 1_800_000_000.25
"""The wall clock at monotonic 0."""


@define(eq=False)
class Connection:
    """A connection in the pool."""

    exchanges: int = 0
    is_dead: bool = False
    """Whether the first write on it fails."""
    forgets: bool = False
    """Whether it takes a request and dies."""


class Network:
    """What the calls of one schedule share."""

    def __init__(self, timeline: Timeline, random: Random, weather: Weather, author: Author, size: int) -> None:
        self._timeline = timeline
        self._random = random
        self._weather = weather
        self.author = author
        self._idle: list[Connection] = []
        self.slots = Slots(size)
        self.size = size
        self.exchanges: list[Exchange] = []
        self._connections: dict[int, Connection] = {}
        self.wall_offset = 0.0
        """By how much the wall clock was set forward since the beginning."""

    def wall(self) -> float:
        """Epoch seconds, by the clock of the callers' machine."""
        return EPOCH + self._timeline.now + self.wall_offset

    def calm(self, author: Author) -> None:
        """From now on every connection that takes a request answers it, and *author* writes the answers."""
        self.author = author
        for connection in self._idle:
            connection.forgets = False

    # Send

    def send(self, effect: Send, exchange: Exchange) -> Process[OpenResponse]:
        """Wait for a connection, write, read the head."""
        try:
            yield from self._enter(effect, exchange)
            connection = yield from self._connection(effect, exchange)
            self._connections[exchange.number] = connection
            yield from self._write(effect, exchange, connection)
            return (yield from self._head(effect, exchange, connection))
        except BaseException as error:
            if isinstance(error, TransportFailure):
                exchange.failure = error
            self._release(exchange)
            raise

    def _enter(self, effect: Send, exchange: Exchange) -> Process[None]:
        signal = self.slots.enter(exchange, Signal, self._timeline.now)
        exchange.holds_slot = True  # or a place in the line; both are given up by leaving
        if signal is None:
            return
        limit = self._clamped(effect.timeout.pool, effect.deadline)
        while not self.slots.holds(exchange):
            if self._timeline.now >= limit:
                raise TransportFailure("pool_timeout", "all connections stayed in use", phase="pool")
            yield Wait(None if limit == math.inf else self.late(limit), signal)

    def _connection(self, effect: Send, exchange: Exchange) -> Process[Connection]:
        if self._idle:
            connection = self._idle.pop()
            exchange.is_reused = True
            return connection
        seconds = 0.001 + self._random.random() * 0.02
        if self._strikes("connect_stall"):
            seconds = FOREVER_SECONDS
        yield from self._pass(seconds, effect.timeout.connect, effect.deadline, "connect", exchange)
        if self._strikes("refused"):
            raise TransportFailure("connect", "connection refused", phase="connect")
        if self._strikes("tls"):
            raise TransportFailure("tls", "certificate verify failed", phase="connect")
        return Connection()

    def _write(self, effect: Send, exchange: Exchange, connection: Connection) -> Process[None]:
        connection.exchanges += 1
        if connection.is_dead:
            yield from self._pass(0.0, effect.timeout.write, effect.deadline, "write", exchange)
            raise TransportFailure("write", "broken pipe", phase="write", written=False, reused=True)
        seconds = self._random.random() * 0.002
        if self._strikes("write_stall"):
            seconds = FOREVER_SECONDS
        yield from self._pass(seconds, effect.timeout.write, effect.deadline, "write", exchange)
        if self._strikes("write_reset"):
            raise TransportFailure("write", "connection reset", phase="write", written=False, reused=exchange.is_reused)

    def _head(self, effect: Send, exchange: Exchange, connection: Connection) -> Process[OpenResponse]:
        began = self._timeline.now
        if connection.forgets:
            yield from self._pass(0.01, effect.timeout.first_event, effect.deadline, "head", exchange)
            raise TransportFailure("read", "connection reset", phase="head", written=True, reused=True)
        is_stream = b'"stream":true' in (effect.request.body or b"").replace(b" ", b"")
        exchange.arrived = began
        script = self.author.answer(is_stream=is_stream, wall=self.wall(), exchange=exchange)
        exchange.script = script
        seconds = FOREVER_SECONDS if script.before_head == "stall" else script.head_seconds
        yield from self._pass(seconds, effect.timeout.first_event, effect.deadline, "head", exchange)
        if script.before_head is not None:
            kinds: dict[str, tuple[Kind, str]] = {
                "reset": ("read", "connection reset"),
                "stall": ("read", "connection reset after a long silence"),
                "close": ("read", "the server closed the connection"),
                "garbled": ("protocol", "the server does not speak HTTP"),
                "endless": ("too_large", "the head is over 65536 bytes"),
            }
            kind, message = kinds[script.before_head]
            raise TransportFailure(kind, message, phase="head", written=True, reused=exchange.is_reused)
        exchange.head_at = self._timeline.now
        exchange.piece_at = began + seconds + (script.pieces[0][0] if script.pieces else script.end_seconds)
        headers = tuple((name.lower(), value) for name, value in script.headers)
        return OpenResponse(
            status=script.status,
            headers=(*headers, ("x-request-id", f"req_{exchange.number}")),
            reused=exchange.is_reused,
            handle=exchange,
        )

    # Read

    def read(self, effect: Read, exchange: Exchange) -> Process[bytes]:
        """What has arrived, or else the next piece; empty at the end."""
        script = exchange.script
        assert script is not None
        if exchange.is_read:
            return b""
        if not exchange.holds_slot:
            raise TransportFailure("closed", "the response is closed", phase="body", written=True)
        try:
            is_over = exchange.position >= len(script.pieces)
            arrives = exchange.piece_at
            if is_over and script.ending == "stall":
                arrives = max(arrives, self._timeline.now + FOREVER_SECONDS)
            yield from self._pass(arrives - self._timeline.now, effect.idle_seconds, effect.deadline, "body", exchange)
            if is_over:
                return self._end(exchange)
        except BaseException as error:
            if isinstance(error, TransportFailure):
                exchange.failure = error
            self._release(exchange)
            raise
        return self._pieces(exchange)

    def _pieces(self, exchange: Exchange) -> bytes:
        """One piece, or all that have arrived since."""
        script = exchange.script
        assert script is not None
        data = b""
        is_greedy = self._random.random() < 0.7
        while exchange.position < len(script.pieces) and exchange.piece_at <= self._timeline.now:
            data += script.pieces[exchange.position][1]
            exchange.position += 1
            more = exchange.position < len(script.pieces)
            exchange.piece_at += script.pieces[exchange.position][0] if more else script.end_seconds
            if not is_greedy:
                break
        return data

    def _end(self, exchange: Exchange) -> bytes:
        script = exchange.script
        assert script is not None
        if script.ending == "end":
            exchange.is_read = True
            self._release(exchange, reusable=True)
            return b""
        message = "the server closed the connection" if script.ending == "close" else "connection reset"
        raise TransportFailure("read", message, phase="body", written=True, reused=exchange.is_reused)

    # Close

    def close(self, effect: Close, exchange: Exchange) -> Process[None]:
        """Give the connection back, or drop it if the body does not end in time."""
        if not exchange.holds_slot:
            return
        until = self._timeline.now + effect.drain_seconds
        try:
            while effect.drain_seconds > 0 and self._timeline.now < until:
                if not (yield from self.read(Read(effect.response, effect.drain_seconds, until), exchange)):
                    return
        except TransportFailure:
            pass
        finally:
            self._release(exchange)

    def drop(self, exchange: Exchange) -> None:
        """Nobody holds the response any more."""
        self._release(exchange)

    # Shared by all three

    def _release(self, exchange: Exchange, *, reusable: bool = False) -> None:
        if not exchange.holds_slot:
            return
        exchange.holds_slot = False
        exchange.ended = self._timeline.now
        self.author.ended(exchange)
        connection = self._connections.pop(exchange.number, None)
        if reusable and connection is not None:
            connection.is_dead = self._strikes("stale")
            connection.forgets = not connection.is_dead and self._strikes("stale_written")
            self._idle.append(connection)
        self.slots.leave(exchange, self._timeline.now)

    def _pass(
        self, seconds: float, limit_seconds: float | None, deadline: float | None, phase: Phase, exchange: Exchange
    ) -> Process[None]:
        """Let time pass, within the limits."""
        now = self._timeline.now
        limit = self._clamped(limit_seconds, deadline)
        written = phase in {"head", "body"}
        if limit > now and now + seconds <= limit:
            yield Wait(now + max(0.0, seconds))
            return
        if limit > now:
            yield Wait(self.late(limit))
        raise TransportFailure(
            "timeout",
            f"nothing within {limit - now:.3g} s",
            phase=phase,
            written=written,
            reused=exchange.is_reused,
            limit_seconds=limit - now,
        )

    def _clamped(self, limit_seconds: float | None, deadline: float | None) -> float:
        limit = math.inf if limit_seconds is None else self._timeline.now + limit_seconds
        return limit if deadline is None else min(limit, deadline)

    def late(self, moment: float) -> float:
        """When an alarm set for the moment goes off."""
        return moment + self._random.random() * self._weather.lateness_seconds

    def _strikes(self, kind: str) -> bool:
        return self._weather.strikes(kind, self._random)
