"""The thread that tells a server, every few seconds, that this process still lives."""

from __future__ import annotations

import threading
import weakref
from contextlib import suppress
from typing import Protocol

from twinwire.errors import StoreError


class Beats(Protocol):
    """What has a heart."""

    def beat(self) -> None:
        """Tell that it lives. Raises StoreError."""
        ...


class Heart:
    """Beats until it is stopped, or until nobody has its owner any more."""

    def __init__(self, owner: Beats, seconds: float) -> None:
        self._stopped = threading.Event()
        thread = threading.Thread(
            target=_beat, args=(weakref.ref(owner), self._stopped, seconds), name="twinwire-heart", daemon=True
        )
        with suppress(RuntimeError):  # no thread can be started, as at the end of the process: operations beat too
            thread.start()

    def stop(self) -> None:
        """Let it stand still. Does not wait for a beat that is under way."""
        self._stopped.set()


def _beat(owner: weakref.ref[Beats], stopped: threading.Event, seconds: float) -> None:
    while not stopped.wait(seconds):
        alive = owner()
        if alive is None:
            return
        with suppress(StoreError):  # the next one may arrive
            alive.beat()
        del alive  # else it would live for as long as we wait
