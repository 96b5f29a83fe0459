"""Where connections live: the blocking flavour has one place per process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._core.effects import TransportFailure
from twinwire._io import fork
from twinwire._io.connections import Connections
from twinwire._io.engine import Connection
from twinwire._io.runtime import Runtime

if TYPE_CHECKING:
    from twinwire._core.pool import Pool, PoolStats
    from twinwire._io.clock import Clock


class Homes:
    """The connections of this process."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._only = Connections[Connection, Runtime](pool, Runtime(), clock)
        fork.watch(self)

    def current(self) -> Connections[Connection, Runtime]:
        """
        Return the connections that this caller may use.

        Raises:
            TransportFailure: the client is closed.
        """
        if self._only.closed:
            raise TransportFailure("closed", "the client is closed", phase="pool")
        return self._only

    def close(self) -> None:
        """Close all."""
        self._only.close()

    def stats(self) -> PoolStats:
        """Count all."""
        return self._only.stats()

    def after_fork(self) -> None:
        """Start anew in a child process."""
        old = self._only
        if not old.closed:
            self._only = Connections[Connection, Runtime](self._pool, Runtime(), self._clock)
        old.abandon()
