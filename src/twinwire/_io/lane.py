"""
A thread that does one thing after the other, in the order in which it was asked: for what must neither block an event loop nor overtake.

The thread is there while there is work, and for a while after. It does not keep the interpreter from ending. Nothing here takes a lock that
a callback of the garbage collector, which may run anywhere in here, could wait for.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

IDLE_SECONDS = 10.0
"""How long the thread waits for more work before it ends."""


class Rings(Protocol):
    """What says that a job is over."""

    def set(self) -> None:
        """Let it be known; from any thread."""
        ...


class Job(Generic[T]):
    """Something to do, once: it is begun, or withdrawn, whichever comes first."""

    __slots__ = ("_claim", "_error", "_result", "_signal", "_work")

    def __init__(self, work: Callable[[], T], signal: Rings) -> None:
        self._work = work
        self._signal = signal
        self._claim = threading.Lock()
        self._result: list[T] = []
        self._error: BaseException | None = None

    def withdraw(self) -> bool:
        """See to it that it is not begun, and say whether that was in time."""
        return self._claim.acquire(blocking=False)

    def run(self) -> None:
        """Do it, unless it was withdrawn."""
        if not self._claim.acquire(blocking=False):
            return
        try:
            self._result.append(self._work())
        except BaseException as error:  # noqa: BLE001  # it is raised where the job came from
            self._error = error
        with suppress(RuntimeError):  # the event loop that waited has been closed
            self._signal.set()

    def result(self) -> T:
        """What came of it, after it was done."""
        error = self._error
        if error is not None:
            self._error = None  # else the error would hold itself, by its traceback
            raise error
        return self._result[0]


class Lane:
    """Runs jobs in order, in a thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: SimpleQueue[Job[Any] | None] = SimpleQueue()  # its `put` may interrupt itself
        self._token = threading.Lock()  # who has it is, or starts, the thread
        self._unfinished: set[Job[Any]] = set()
        self._ident: int | None = None

    @property
    def is_busy(self) -> bool:
        """Whether it has jobs that are not over."""
        return bool(self._unfinished)

    @property
    def is_here(self) -> bool:
        """Whether the calling thread is the lane's own."""
        return self._ident == threading.get_ident()

    def submit(self, job: Job[Any]) -> None:
        """
        Have *job* done after those before it.

        Raises:
            RuntimeError: no thread can be started: there are too many, or the interpreter is about to end. The job was not begun.
        """
        self._unfinished.add(job)
        self._queue.put(job)
        try:
            self._ensure_thread()
        except RuntimeError:
            if job.withdraw():
                self._unfinished.discard(job)
                raise

    def stop(self) -> None:
        """End the thread after what it was asked for before. A job that comes later starts another."""
        if self._token.locked():
            self._queue.put(None)

    def _ensure_thread(self) -> None:
        if not self._token.acquire(blocking=False):
            return
        try:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        except Exception:  # not Ctrl-C, which may come when the thread is there already
            self._token.release()
            raise

    def _run(self) -> None:
        while True:
            self._ident = threading.get_ident()
            self._work_off()
            self._ident = None
            self._token.release()
            # What came in between found the token taken, and started no thread.
            if self._queue.empty() or not self._token.acquire(blocking=False):
                return

    def _work_off(self) -> None:
        while True:
            try:
                job = self._queue.get(timeout=IDLE_SECONDS)
            except Empty:
                return
            if job is None:
                return
            try:
                job.run()
            finally:
                self._unfinished.discard(job)
                del job
