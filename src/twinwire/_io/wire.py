"""
One connection's socket, and what the exchange on it may take at the moment.

The engine passes one number of seconds to each read and write, and a server that sends a byte now and then outlives any such
number. So the number is ignored: before each operation the stream asks the wire what is left, and the wire answers from absolute
times that an exchange sets once per phase.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from twinwire._core.effects import Kind, Phase, TransportFailure
from twinwire._core.timeout import Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire._io.clock import Clock

_NO_LIMITS = Timeout.of(None)
_MISSED = {
    "pool": "no connection became free",
    "connect": "no connection was made",
    "write": "the request made no progress",
    "head": "no reply came",
    "body": "the reply sent nothing",
}


class Wire:
    """The socket of one connection and the limits of the exchange on it. One exchange uses it at a time."""

    sock: socket.socket | None = None

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.phase: Phase = "connect"
        self.traced = False
        """Whether the engine's trace says when a phase begins; otherwise the first write and the first read do."""
        self.holds_writes = True
        """Whether writes wait for the first read, so that head and body leave in one piece."""
        self.exchanges = 0
        """Exchanges that this connection has begun."""
        self.written = False
        self.write_error: OSError | None = None
        self.request_complete = False
        """Whether the engine has handed over the whole request; only a trace sets it."""
        self.received_bytes = 0
        """What this exchange has read, in any phase."""
        self.last_read = b""
        """The bytes that it read last."""
        self.head_bytes = 0
        """What this exchange has read while its head was incomplete."""
        self.max_head_bytes = 0
        """The most that it may; each exchange brings its own."""
        self.at_eof = False
        self.lost: tuple[Kind, str] | None = None
        """Why the socket was taken away, if it was not for a failure of its own."""
        self.waiting = False
        """Whether somebody waits on the socket right now."""
        self._timeout = _NO_LIMITS
        self._deadline: float | None = None
        self._until: float | None = None
        self._limit_seconds: float | None = None

    @property
    def reused(self) -> bool:
        """Whether an earlier exchange went over this connection."""
        return self.exchanges > 1

    @property
    def is_written(self) -> bool | None:
        """Whether the request has left; None in the middle of writing, for its last bytes may be on their way already."""
        return True if self.written else False if self.phase == "connect" else None

    def begin_exchange(self, timeout: Timeout, deadline: float | None, max_head_bytes: int) -> None:
        """Take the limits of the next exchange; it begins with connecting, or with writing on an old connection."""
        self.exchanges += 1
        self.written = False
        self.write_error = None
        self.request_complete = False
        self.received_bytes = 0
        self.last_read = b""
        self.head_bytes = 0
        self.max_head_bytes = max_head_bytes
        self.at_eof = False
        self._timeout = timeout
        self._deadline = deadline
        if self.sock is None:
            self._begin("connect", timeout.connect)
        else:
            self.begin_write()
        self.seconds_left()  # a request that cannot be answered in time is not sent

    def follow(self, event: str, info: Mapping[str, object]) -> None:
        """Learn from the engine's trace where the exchange stands. A proxy's CONNECT is part of connecting."""
        if getattr(info.get("request"), "method", None) == b"CONNECT":
            return
        if event.endswith("send_request_headers.started"):
            self.begin_write()
        elif event.endswith("receive_response_headers.started"):
            self.request_complete = True

    def begin_write(self) -> None:
        """Count one stretch of writing from now."""
        self._begin("write", self._timeout.write)

    def begin_head(self) -> None:
        """Count the wait for the reply's head from now: the request is written, as far as it could be."""
        self.written = self.write_error is None
        self._begin("head", self._timeout.first_event)

    def begin_body(self, idle_seconds: float | None, deadline: float | None) -> None:
        """Count the wait for the next piece of the body from now."""
        self.open_socket()
        self._deadline = deadline
        self._begin("body", idle_seconds)

    def _begin(self, phase: Phase, limit_seconds: float | None) -> None:
        self.phase = phase
        now = self._clock()
        until = None if limit_seconds is None else now + limit_seconds
        if self._deadline is not None and (until is None or self._deadline < until):
            until, limit_seconds = self._deadline, max(self._deadline - now, 0.0)
        self._until, self._limit_seconds = until, limit_seconds

    def seconds_left(self) -> float | None:
        """
        Return what the next socket operation may take, None for any time.

        Raises:
            TransportFailure: nothing is left.
        """
        if self._until is None:
            return None
        left = self._until - self._clock()
        if left <= 0:
            raise self.timed_out()
        return left

    def timed_out(self) -> TransportFailure:
        """Say which limit was missed."""
        seconds = self._limit_seconds or 0.0
        return self.failure("timeout", f"{_MISSED[self.phase]} within {seconds:.3g} s", limit_seconds=seconds)

    def failure(self, kind: Kind, message: str, *, limit_seconds: float | None = None) -> TransportFailure:
        """Describe a failure with what is known of the exchange. A socket that was taken away is the reason for any."""
        if self.lost is not None:
            kind, message = self.lost
        return TransportFailure(
            kind,
            message,
            phase=self.phase,
            written=self.written,
            reused=self.reused,
            limit_seconds=limit_seconds,
        )

    def write_failure(self) -> TransportFailure:
        """Describe the failure of writing that a reply might have explained, and did not."""
        return self.failure("write", f"the request could not be written: {self.write_error}")

    def count(self, data: bytes) -> None:
        """Count what was read; nothing at all is the end of the connection."""
        self.at_eof = not data
        self.received_bytes += len(data)
        self.last_read = data or self.last_read
        if self.phase == "head":
            self.head_bytes += len(data)

    def open_socket(self) -> socket.socket:
        """
        Return the socket.

        Raises:
            TransportFailure: it was taken away.
        """
        if self.lost is not None or self.sock is None:
            raise self.failure("closed", "the connection is closed")
        return self.sock

    def take_away(self, reason: str) -> None:
        """Close the socket because our side wants no more of it; whoever uses it now fails with *reason*."""
        if self.lost is None:
            self.lost = ("closed", reason)
        if self.waiting and self.sock is not None:
            # Closing would free the number of a descriptor that another thread or the event loop waits on. Shutting down
            # wakes the waiter, which closes. On the class, because ssl's own method drops the TLS state and a reader would
            # take what follows for plain text.
            try:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            except OSError:
                self.close()  # the peer was faster, and has woken the waiter
        else:
            self.close()

    def abandon(self) -> None:
        """Close this process's copy of a socket that was inherited by a fork; the parent's connection goes on undisturbed."""
        self.lost = ("fork", "the connection belongs to the parent process")
        self.close()

    def close(self) -> None:
        """Close the socket at once, without a TLS farewell."""
        if self.sock is not None:
            self.sock.close()
