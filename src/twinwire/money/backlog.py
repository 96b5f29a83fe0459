"""
Settlements that a store did not take: a full disk, a server that was gone. They are sent with its next operation, and when a client closes.

Nothing of it is lost but by the end of the process. Operations bear repetition, so those of which nobody knows whether they were done are
sent again too.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from attrs import frozen

if TYPE_CHECKING:
    from twinwire._core.store import Store, Transact
    from twinwire.money.places import Places

MAX_RELEASES = 10_000
"""Reservations that may have been made though the store failed: while it is down each call leaves one, and a few lost ones only count as reserved."""


@frozen
class Waiting:
    """One settlement."""

    operation: Transact
    places: Places | None = None
    """Whose budgets hear of what it crosses."""
    is_release: bool = False
    """Whether it books nothing."""


class Backlog:
    """Of one store. Threads may share it: each step is one of a deque's, which are atomic."""

    def __init__(self) -> None:
        self._settlements: deque[Waiting] = deque()
        self._releases: deque[Waiting] = deque(maxlen=MAX_RELEASES)

    def __len__(self) -> int:
        return len(self._settlements) + len(self._releases)

    def add(self, waiting: Waiting) -> None:
        """Keep it."""
        (self._releases if waiting.is_release else self._settlements).append(waiting)

    def take(self) -> Waiting | None:
        """Hand out the one that has waited longest, settlements first. It is out of here then."""
        for queue in (self._settlements, self._releases):
            # Asked for, not looked for: another thread may take the last one in between.
            with suppress(IndexError):
                return queue.popleft()
        return None


_BACKLOGS: WeakKeyDictionary[Store, Backlog] = WeakKeyDictionary()


def backlog_of(store: Store) -> Backlog:
    """The one backlog of a store, whoever uses it; a store that cannot be referred to weakly has one for each who asks."""
    try:
        return _BACKLOGS.setdefault(store, Backlog())
    except TypeError:
        return Backlog()
