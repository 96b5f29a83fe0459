"""
Who may be on the wire, and who waits for it, in order of arrival.

Only bookkeeping: nobody waits in here, so that both flavours share it. A holder is known by its lease's ticket. Everything follows from
two containers, and each change is one operation on one of them, in such an order that after Ctrl-C between two lines it can be done again.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol, TypeVar

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable


class Wakeable(Protocol):
    """The waking half of a signal. Setting it twice is fine."""

    def set(self) -> None: ...


SignalT = TypeVar("SignalT", bound=Wakeable)


@frozen
class _Waiter:
    signal: Wakeable
    since: float


class Slots:
    """A fixed number of slots."""

    def __init__(self, size: int) -> None:
        self._size = size
        # Reentrant, because the collector may end a forgotten exchange while this thread is in here.
        self._lock = threading.RLock()
        self._held: set[object] = set()
        self._waiting: dict[object, _Waiter] = {}
        self._longest_wait_seconds = 0.0

    def enter(self, ticket: object, make_signal: Callable[[], SignalT], now: float) -> SignalT | None:
        """Take a slot if one is free and nobody waits; otherwise line up and return what is signalled on this ticket's turn."""
        with self._lock:
            if not self._waiting and len(self._held) < self._size:
                self._held.add(ticket)
                return None
            signal = make_signal()
            self._waiting[ticket] = _Waiter(signal, now)
            return signal

    def holds(self, ticket: object) -> bool:
        """Say whether the ticket has a slot. Ask after a wait of any outcome: the slot may come together with the end of patience."""
        return ticket in self._held

    def leave(self, ticket: object, now: float) -> None:
        """Give up the slot, or the place in the line. For a ticket that has neither, nothing happens."""
        with self._lock:
            gone = self._waiting.pop(ticket, None)
            if gone is not None:
                self._note_wait(gone, now)
            self._held.discard(ticket)
            while self._waiting:
                following, waiter = next(iter(self._waiting.items()))
                if following not in self._held and len(self._held) >= self._size:
                    return
                self._held.add(following)
                waiter.signal.set()  # twice, if Ctrl-C comes now and this is done again
                if self._waiting.pop(following, None) is not None:
                    self._note_wait(waiter, now)

    def send_away(self) -> None:
        """Wake everyone in the line without giving them a slot."""
        with self._lock:
            while self._waiting:
                _, waiter = self._waiting.popitem()
                waiter.signal.set()

    def _note_wait(self, waiter: _Waiter, now: float) -> None:
        self._longest_wait_seconds = max(self._longest_wait_seconds, now - waiter.since)

    def waiting(self) -> int:
        """Count the line."""
        return len(self._waiting)

    def longest_wait_seconds(self, now: float) -> float:
        """Return the longest wait so far, with those who wait now."""
        with self._lock:
            first = next(iter(self._waiting.values()), None)
        return max(self._longest_wait_seconds, 0.0 if first is None else now - first.since)
