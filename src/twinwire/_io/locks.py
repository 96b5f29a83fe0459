"""A lock for state that calls share, and that a fork does not leave locked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from twinwire._io import fork

if TYPE_CHECKING:
    from types import TracebackType


class Lock:
    """Reentrant, because the collector may end a forgotten stream while this thread is inside; a forked child has a new one."""

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        fork.watch(self)

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()

    def after_fork(self) -> None:
        """It may have been held by a thread that is not here."""
        self._lock = threading.RLock()
