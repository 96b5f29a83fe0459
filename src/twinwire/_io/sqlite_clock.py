"""
The clock of a file: the machine's monotonic one, which its processes share, and an offset that is kept in the file.

A monotonic clock begins anew at each boot. The first process after one finds an offset such that the file's clock goes on: by as much as the
wall clock did since the file was last used, and in any case past every stamp in it, also where the wall clock was set back meanwhile. For
that each process notes once in a while what the time is (`owners.seen`).

While a machine is suspended, its monotonic clock stands still on Linux and macOS: waiting is longer then than it need be, never shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

NOTE_SECONDS = 1.0
"""A process that uses the file notes the time as often as this."""
FORGET_SECONDS = 7 * 86_400.0
"""Processes that were not seen for so long are forgotten."""


def find_offset(connection: sqlite3.Connection, name: str, monotonic: float, wall: float) -> float:
    """
    Return what to add to the monotonic clock of that *name*. Within a transaction.

    *monotonic* and *wall* are what the clocks show now.
    """
    row = connection.execute("SELECT offset FROM clocks WHERE name = ?", (name,)).fetchone()
    if row is not None:
        known: float = row[0]
        return known
    last = connection.execute("SELECT seen, wall FROM owners ORDER BY seen DESC LIMIT 1").fetchone()
    offset = 0.0
    if last is not None:
        seen, wall_then = last
        # Stamps that came after the last note are less than one interval younger than it.
        offset = seen + max(wall - wall_then, 2 * NOTE_SECONDS) - monotonic
    connection.execute("DELETE FROM clocks")
    connection.execute("INSERT INTO clocks (name, offset) VALUES (?, ?)", (name, offset))
    return offset


def note(connection: sqlite3.Connection, owner: str, now: float, wall: float) -> None:
    """Note that this process uses the file. Within a transaction."""
    connection.execute("INSERT OR REPLACE INTO owners (owner, seen, wall) VALUES (?, ?, ?)", (owner, now, wall))


def forget(connection: sqlite3.Connection, now: float) -> None:
    """Forget processes that were last seen long ago. Within a transaction."""
    connection.execute("DELETE FROM owners WHERE seen < ?", (now - FORGET_SECONDS,))
