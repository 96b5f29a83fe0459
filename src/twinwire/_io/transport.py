"""The default transport: single connections of the engine in a free list of our own. The blocking twin."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from attrs import define

from twinwire._core.effects import Close, OpenResponse, Read, Send, TransportFailure
from twinwire._core.pool import Pool, PoolStats
from twinwire._io.clock import Clock, monotonic
from twinwire._io.connections import Connections, Lease, Link, OpenLease
from twinwire._io.endings import ends_clean
from twinwire._io.engine import Connection, EngineName, Response, blocking_engine
from twinwire._io.failures import translate
from twinwire._io.homes import Homes
from twinwire._io.network import Network
from twinwire._io.replies import header_pairs, http_version
from twinwire._io.route import Route
from twinwire._io.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from twinwire._io.runtime import Runtime
    from twinwire._io.tls import Verify


class Transport(Protocol):
    """Performs the effects that touch the wire. Its failures are `TransportFailure`; a wrong option is a `ConfigError`."""

    def send(self, effect: Send) -> OpenResponse:
        """Wait for a connection, write the request, read the head of the reply."""
        ...

    def read(self, effect: Read) -> bytes:
        """Read the next piece of a body, empty at its end."""
        ...

    def close_response(self, effect: Close) -> None:
        """Give the connection back."""
        ...

    def close(self) -> None:
        """Close every connection. Calls that are on the wire fail."""
        ...

    def stats(self) -> PoolStats:
        """Count the connections."""
        ...


@define(eq=False)
class Exchange:
    """What an open response holds on to."""

    home: Connections[Connection, Runtime]
    lease: Lease[Connection, Runtime]
    response: Response
    body: Iterator[bytes]
    is_complete: bool = False
    last_piece: bytes = b""
    """Of the body, so far."""


class PooledTransport:
    """Connections to the origin of *origin_url*. Nothing is opened or looked up before the first call."""

    def __init__(
        self,
        origin_url: str,
        pool: Pool | None = None,
        *,
        verify: Verify = True,
        proxy: str | None = None,
        http2: bool = False,
        trust_env: bool = True,
        engine: EngineName = "httpcore",
        clock: Clock = monotonic,
    ) -> None:
        self._engine = blocking_engine(engine)
        self._route = Route(self._engine, origin_url, verify=verify, proxy=proxy, http2=http2, trust_env=trust_env)
        self._clock = clock
        self._homes = Homes(pool or Pool(), clock)

    def send(self, effect: Send) -> OpenResponse:
        """
        Wait for a connection, write the request, read the head of the reply.

        A connection that turns out to be dead before anything was written is replaced without a word.
        """
        home = self._homes.current()
        lease = OpenLease(home)
        try:
            self._enter(home, lease, effect)
            return self._exchange(home, lease, effect)
        except Exception as error:  # noqa: BLE001  # translated, or raised as it is
            failure = self._fail(home, lease, error)
        except BaseException:
            effect.progress.is_written = lease.link is not None and lease.link.wire.is_written
            home.end(lease)
            raise
        raise failure  # out of the handler, so that an error which quotes the key is not even its context

    def read(self, effect: Read) -> bytes:
        """Read the next piece of a body. At its end, which is empty, the connection has gone back already."""
        exchange = _exchange_of(effect.response)
        if exchange.is_complete:
            return b""
        lease, link = exchange.lease, exchange.lease.link
        if link is None:
            raise TransportFailure("closed", "the response is closed", phase="body", written=True)
        try:
            link.wire.begin_body(effect.idle_seconds, effect.deadline)
            for piece in exchange.body:
                if piece:
                    exchange.last_piece = piece
                    return piece
            exchange.response.close()
        except Exception as error:  # noqa: BLE001  # translated, or raised as it is
            failure = self._fail(exchange.home, lease, error)
        except BaseException:
            exchange.home.end(lease)
            raise
        else:
            exchange.is_complete = True
            exchange.home.end(lease, reusable=link.connection.is_idle() and _ends_clean(exchange, link))
            return b""
        raise failure

    def close_response(self, effect: Close) -> None:
        """Give the connection back, or drop it if the body does not end in time."""
        exchange = _exchange_of(effect.response)
        if exchange.lease.link is None:
            return
        if effect.drain_seconds > 0:
            self._drain(effect)
        exchange.home.end(exchange.lease)
        if not exchange.is_complete:
            # Without its socket the body fails as soon as it wants more. It must, because a generator of the engine that is left halfway
            # is cleaned up by the collector at a time of its own, with complaints from some event loops.
            with suppress(Exception):
                for _ in exchange.body:
                    pass

    def close(self) -> None:
        """Close every connection. Calls that are on the wire fail."""
        self._homes.close()

    def stats(self) -> PoolStats:
        """Count the connections."""
        return self._homes.stats()

    def _enter(self, home: Connections[Connection, Runtime], lease: Lease[Connection, Runtime], effect: Send) -> None:
        signal = home.enter(lease, home.runtime.signal)
        if signal is None:
            return
        limit, began = effect.timeout.pool, self._clock()
        if effect.deadline is not None and (limit is None or effect.deadline < began + limit):
            limit = max(effect.deadline - began, 0.0)
        while not home.holds_slot(lease):
            if home.closed:
                raise TransportFailure("closed", "the client is closed", phase="pool")
            left = None if limit is None else began + limit - self._clock()
            if left is not None and left <= 0:
                raise TransportFailure(
                    "pool_timeout",
                    f"all connections stayed in use for {limit:.3g} s",
                    phase="pool",
                    limit_seconds=limit,
                )
            signal.wait(left)

    def _exchange(
        self, home: Connections[Connection, Runtime], lease: Lease[Connection, Runtime], effect: Send
    ) -> OpenResponse:
        while True:
            link = home.reuse(lease) or self._open(home, lease)
            wire = link.wire
            wire.begin_exchange(effect.timeout, effect.deadline, effect.max_head_bytes)
            request = self._route.request(effect.request, {"trace": _tracer(wire)} if wire.traced else None)
            try:
                response = link.connection.handle_request(request)
            except self._engine.not_available:
                if not wire.reused:
                    raise
            except self._engine.remote_protocol_error:
                # Nothing was written or read, so what is wrong was left behind by an earlier reply.
                if not wire.reused or wire.written or wire.received_bytes:
                    raise
            else:
                # A reply for which nothing was read was there before the request, and answers something else.
                if wire.received_bytes:
                    return _opened(Exchange(home, lease, response, iter(response.stream)), reused=wire.reused)
            home.discard(lease)

    def _open(self, home: Connections[Connection, Runtime], lease: Lease[Connection, Runtime]) -> Link[Connection]:
        wire = Wire(self._clock)
        wire.traced = self._route.is_traced()
        network = Network(wire, home.runtime, self._engine.write_error)
        link = Link(self._route.connection(network), wire)
        home.add(lease, link)
        return link

    def _fail(
        self, home: Connections[Connection, Runtime], lease: Lease[Connection, Runtime], error: Exception
    ) -> Exception:
        failure = translate(error, self._engine, None if lease.link is None else lease.link.wire)
        home.end(lease)
        return failure

    def _drain(self, effect: Close) -> None:
        until = self._clock() + effect.drain_seconds
        with suppress(TransportFailure):
            while self.read(Read(effect.response, effect.drain_seconds, until)):
                if self._clock() >= until:
                    return


def _tracer(wire: Wire) -> object:
    def follow(event: str, info: Mapping[str, object]) -> None:
        wire.follow(event, info)

    return follow


def _opened(exchange: Exchange, *, reused: bool) -> OpenResponse:
    response = exchange.response
    return OpenResponse(
        status=response.status,
        headers=header_pairs(response.headers),
        http_version=http_version(response.extensions),
        reused=reused,
        handle=exchange,
    )


def _ends_clean(exchange: Exchange, link: Link[Connection]) -> bool:
    return ends_clean(exchange.response.extensions, exchange.last_piece, link.wire.last_read)


def _exchange_of(response: OpenResponse) -> Exchange:
    if not isinstance(response.handle, Exchange):
        raise TypeError("the response was opened by another transport")
    return response.handle
