"""
What a fork needs: that no module is being loaded before, and that the child lets go of its parent's sockets.

Two processes that share a socket take one another's answers. The hook that prevents it runs in the child before `os.fork` returns there.

A first call loads modules. If another thread forks meanwhile, the child would wait for ever for the import lock of a thread that it does not
have. So a fork waits until nobody loads what calls load, some milliseconds, and holds the interpreter's import lock so that nobody begins.
"""

from __future__ import annotations

import _imp
import importlib
import os
import sys
import time
from _thread import get_ident  # `threading` is more than importing the package needs
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

_LOADED_BY_CALLS = sys.stdlib_module_names | {
    "twinwire",
    *("anyio", "attr", "attrs", "cattrs", "certifi", "h11", "h2", "httpcore", "httpcore2", "httpx", "httpx2"),
    *("redis", "regex", "sniffio", "socksio", "tiktoken", "trio"),
}
_MOST_SECONDS = 10.0
"""How long a fork waits at most. Loading takes some tenths of a second, on a busy machine and without compiled files some seconds."""


class Forgets(Protocol):
    """Something that holds sockets."""

    def after_fork(self) -> None:
        """Drop all sockets and locks. No other thread runs yet."""


_holders: WeakSet[Forgets] = WeakSet()


def watch(holder: Forgets) -> None:
    """Have it told of forks for as long as it lives."""
    _holders.add(holder)


def before_fork() -> None:
    """Wait until nobody loads modules, and keep it so. Runs in the parent."""
    until = time.monotonic() + _MOST_SECONDS
    while True:
        _imp.acquire_lock()
        if not _is_loading() or time.monotonic() > until:
            return
        _imp.release_lock()
        time.sleep(0.001)


def _is_loading() -> bool:
    # importlib's own record: who holds the lock of a module is loading it. What this thread itself loads is no matter.
    locks: dict[str, Callable[[], object]] = getattr(importlib, "_bootstrap").__dict__.get("_module_locks", {})  # noqa: B009  # not in the stubs
    me = get_ident()
    return any(
        getattr(lock(), "owner", None) not in (None, me)
        for name, lock in locks.copy().items()
        if name.partition(".")[0] in _LOADED_BY_CALLS
    )


def _let_load() -> None:
    with suppress(RuntimeError):  # Ctrl-C had met the wait
        _imp.release_lock()


def after_fork() -> None:
    """Tell all of them. Runs in the child."""
    for holder in list(_holders):
        holder.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=before_fork, after_in_parent=_let_load, after_in_child=_let_load)
    os.register_at_fork(after_in_child=after_fork)
