"""The clock of a file goes on over boots of the machine, and never goes back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, cast

import pytest

from tests.stores.cases import NOW, setting
from twinwire import SQLiteStore
from twinwire._core.store import Transact
from twinwire._io import clock, owners

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """A machine whose clocks a test sets."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.up = 1000.0
        self.wall = 1_800_000_000.0
        self.boot = "first"
        patch.setattr(clock, "monotonic", lambda: self.up)
        patch.setattr(clock, "wall", lambda: self.wall)
        patch.setattr(owners, "clock_name", lambda: self.boot)

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.up += seconds
        self.wall += seconds

    def reboot(self, *, off: float, wall: float | None = None) -> None:
        """Be off for *off* seconds, and come up again; *wall* is what the wall clock shows then."""
        self.up = 5.0
        self.boot += "+"
        self.wall = self.wall + off if wall is None else wall


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine that was booted a while ago."""
    return Machine(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "store.db"


def now(path: Path) -> float:
    """Ask a new client of the file for its time."""
    with SQLiteStore(path) as store:
        return cast("float", store.perform(Transact(NOW, ())))


def test_shared(path: Path, machine: Machine) -> None:
    """Clients of one boot see the same time, to the last digit, whenever they came."""
    first = now(path)
    machine.pass_time(7.25)

    assert now(path) == first + 7.25


def test_wall_clock_does_not_matter(path: Path, machine: Machine) -> None:
    """Setting the wall clock while the machine runs changes nothing."""
    first = now(path)
    machine.pass_time(1)
    machine.wall += 86_400 * 365

    assert now(path) == first + 1

    machine.wall -= 86_400 * 365 * 30
    assert now(path) == first + 1


@pytest.mark.parametrize("off", [3.0, 60.0, 86_400.0])
def test_goes_on_after_a_boot(path: Path, machine: Machine, off: float) -> None:
    """After a boot the clock has gone on by what the wall clock says."""
    first = now(path)

    machine.reboot(off=off)

    assert now(path) == first + off
    machine.pass_time(10)
    assert now(path) == first + off + 10


@pytest.mark.parametrize("back", [0.0, 60.0, 1_700_000_000.0])
def test_never_back(path: Path, machine: Machine, back: float) -> None:
    """A wall clock that was set back does not take the file's clock along: all stamps of the earlier boot are past."""
    with SQLiteStore(path) as store:
        store.perform(Transact(NOW, ()))
        machine.pass_time(0.99)  # within the interval of its notes
        last = cast("float", store.perform(Transact(NOW, ())))

    machine.reboot(off=0, wall=machine.wall - back)

    assert last < now(path) <= last + 2


def test_undone_with_its_transaction(path: Path, machine: Machine) -> None:
    """A clock that was found in a transaction that was undone is found again: others may have found another one meanwhile."""
    first = now(path)
    machine.reboot(off=100)
    store = SQLiteStore(path)
    with pytest.raises(TypeError):
        store.perform(setting({"a": cast("None", object())}))
    machine.wall += 500

    other = now(path)

    assert other == first + 600
    assert store.perform(Transact(NOW, ())) == other
    store.close()


def test_forgets_processes(path: Path, machine: Machine) -> None:
    """Processes that were seen last a week ago leave the file."""

    def count() -> int:
        with closing(sqlite3.connect(path)) as connection:
            return cast("int", connection.execute("SELECT count(*) FROM owners").fetchone()[0])

    now(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO owners VALUES ('1.2.3.4.5', 1000, 0)")
        connection.commit()
    machine.pass_time(6 * 86_400)
    now(path)
    assert count() == 2

    machine.pass_time(2 * 86_400)
    now(path)
    assert count() == 1
