"""
What a forked process must do before anything else: let go of its parent's sockets.

Two processes that share a socket take one another's answers. The hook runs in the child before `os.fork` returns there.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forgets(Protocol):
    """Something that holds sockets."""

    def after_fork(self) -> None:
        """Drop all sockets and locks. No other thread runs yet."""


_holders: WeakSet[Forgets] = WeakSet()


def watch(holder: Forgets) -> None:
    """Have it told of forks for as long as it lives."""
    _holders.add(holder)


def after_fork() -> None:
    """Tell all of them. Runs in the child."""
    for holder in list(_holders):
        holder.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=after_fork)
