"""The open connections to one origin, of one process and one event loop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import define, field

from twinwire._core.pool import Pool, PoolStats
from twinwire._io.engine import State
from twinwire._io.slots import Slots, Wakeable

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._io.clock import Clock
    from twinwire._io.wire import Wire

ConnectionT = TypeVar("ConnectionT", bound=State)
RuntimeT = TypeVar("RuntimeT")
SignalT = TypeVar("SignalT", bound=Wakeable)


@define(eq=False)
class Link(Generic[ConnectionT]):
    """A connection of the engine and the wire below it."""

    connection: ConnectionT
    wire: Wire
    holder: object = None
    """The ticket of the lease that has it; None while it is idle."""
    idle_since: float = 0.0


@define(eq=False)
class Lease(Generic[ConnectionT, RuntimeT]):
    """
    One call's hold on a slot and, once it has one, on a link.

    The connections know it by its ticket only, so that they do not keep alive what its owner has lost.
    """

    home: Connections[ConnectionT, RuntimeT]
    link: Link[ConnectionT] | None = None
    ticket: object = field(factory=object)


@define(eq=False)
class OpenLease(Lease[ConnectionT, RuntimeT]):
    """
    A lease that gives back what it holds when it is lost, wherever its call was broken off.

    One that has ended is a plain `Lease`: Python drops a Ctrl-C that meets a finalizer, so there is one only where it is needed.
    """

    def __del__(self) -> None:
        if hasattr(self, "ticket"):  # Ctrl-C may have met its constructor
            self.home.end(self)


class Connections(Generic[ConnectionT, RuntimeT]):
    """
    The free list, the slots, and all that is open. Nothing waits in here.

    Ctrl-C may come between any two lines. So every change is made in such an order that doing it again completes it.
    """

    def __init__(self, pool: Pool, runtime: RuntimeT, clock: Clock) -> None:
        self.runtime = runtime
        self.closed = False
        self._pool = pool
        self._clock = clock
        self._slots = Slots(pool.max_connections)
        self._lock = threading.RLock()  # reentrant for the same reason as in `Slots`
        self._idle: list[Link[ConnectionT]] = []
        self._links: set[Link[ConnectionT]] = set()

    def enter(self, lease: Lease[ConnectionT, RuntimeT], make_signal: Callable[[], SignalT]) -> SignalT | None:
        """Take a slot, or line up for one and return the signal to wait for."""
        return self._slots.enter(lease.ticket, make_signal, self._clock())

    def holds_slot(self, lease: Lease[ConnectionT, RuntimeT]) -> bool:
        """Say whether the lease has a slot."""
        return self._slots.holds(lease.ticket)

    def reuse(self, lease: Lease[ConnectionT, RuntimeT]) -> Link[ConnectionT] | None:
        """
        Give the lease the connection that was used last and is still good.

        The last one, so that after a burst the others are left to expire.
        """
        self._expire()
        while True:
            with self._lock:
                if not self._idle:
                    return None
                link = lease.link = self._idle[-1]
                link.holder = lease.ticket
                self._idle.pop()
            if not link.connection.has_expired():  # the engine's word for: the server has closed it or sent something
                return link
            self.discard(lease)

    def add(self, lease: Lease[ConnectionT, RuntimeT], link: Link[ConnectionT]) -> None:
        """Give the lease a new connection."""
        link.holder = lease.ticket
        lease.link = link
        with self._lock:
            self._links.add(link)

    def discard(self, lease: Lease[ConnectionT, RuntimeT]) -> None:
        """Close the lease's connection; the lease keeps its slot, for another one."""
        link = lease.link
        if link is not None:
            self._forget(link, lease.ticket, "the response is closed")
            lease.link = None

    def end(self, lease: Lease[ConnectionT, RuntimeT], *, reusable: bool = False) -> None:
        """Give everything back. Only a connection whose exchange is complete is *reusable*. Ending twice is fine."""
        try:
            self._end(lease, reusable=reusable)
        except BaseException:  # Ctrl-C, or the end of the stack
            self._end(lease, reusable=False)
            raise

    def _end(self, lease: Lease[ConnectionT, RuntimeT], *, reusable: bool) -> None:
        link = lease.link
        if link is not None and reusable and not self.closed and link.wire.write_error is None:
            self._keep(lease, link)
        self.discard(lease)
        self._slots.leave(lease.ticket, self._clock())
        lease.__class__ = Lease

    def close(self) -> None:
        """Close what is idle, cut off what is not, and send the waiting away."""
        self.closed = True
        self._slots.send_away()
        self._forget_all("the client is closed")

    def abandon(self) -> None:
        """Drop all of it after a fork: the sockets are the parent's. Takes no lock, for the fork may have left it locked."""
        self.closed = True
        links, self._links, self._idle = self._links, set[Link[ConnectionT]](), list[Link[ConnectionT]]()
        self._lock = threading.RLock()
        self._slots = Slots(self._pool.max_connections)
        for link in links:
            link.wire.abandon()

    def stats(self) -> PoolStats:
        """Count what there is."""
        with self._lock:
            open_count, idle_count = len(self._links), len(self._idle)
        return PoolStats(
            open=open_count,
            idle=idle_count,
            waiting=self._slots.waiting(),
            longest_wait_seconds=self._slots.longest_wait_seconds(self._clock()),
        )

    def _keep(self, lease: Lease[ConnectionT, RuntimeT], link: Link[ConnectionT]) -> None:
        link.idle_since = self._clock()
        with self._lock:
            self._idle.append(link)
            link.holder = None  # from here on it may be another call's
            lease.link = None
            surplus = self._idle[0] if len(self._idle) > self._pool.max_keepalive else None
        if surplus is not None:
            self._forget(surplus, None, "not kept")
        self._expire()

    def _expire(self) -> None:
        lifetime = self._pool.keepalive_expiry_seconds
        if lifetime is None or not self._idle:
            return
        oldest = self._clock() - lifetime
        with self._lock:
            expired = [link for link in self._idle if link.idle_since < oldest]
        for link in expired:
            self._forget(link, None, "expired")

    def _forget(self, link: Link[ConnectionT], holder: object, reason: str) -> None:
        """Close it, unless somebody else has it by now."""
        with self._lock:
            if link.holder is not holder:
                return
            link.wire.take_away(reason)
            self._links.discard(link)
            if link in self._idle:
                self._idle.remove(link)

    def _forget_all(self, reason: str) -> None:
        with self._lock:
            links, self._links, self._idle = self._links, set[Link[ConnectionT]](), list[Link[ConnectionT]]()
        for link in links:
            link.wire.take_away(reason)
