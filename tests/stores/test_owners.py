"""Who is known dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, cast

import pytest

from tests.stores.cases import LIVES
from twinwire import SQLiteStore
from twinwire._core.store import Transact
from twinwire._io import owners, sqlite_file

if TYPE_CHECKING:
    from pathlib import Path

linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems do not tell when a process began"
)

ASK = "from twinwire._io.owners import this_process\nprint(this_process(), flush=True)\ninput()"


@pytest.fixture
def me() -> owners.Owner:
    """This process."""
    return owners.this_process()


def test_text_comes_back(me: owners.Owner) -> None:
    """An owner is text without slashes, that says who it is."""
    assert owners.parse(str(me)) == me
    assert "/" not in str(me)
    assert me.pid == os.getpid()


@pytest.mark.parametrize("text", ["", "this", "1.2.3", "x.1.b.n.h", "1.2.3.4.5.6", "-1.2.3.4.5", "²" + ".1.2.3.4"])
def test_nothing_known_of_other_texts(text: str, me: owners.Owner) -> None:
    """What is no owner's text is not known dead."""
    assert owners.judge(text, me) == "unknown"


def test_itself(me: owners.Owner) -> None:
    """Whoever asks is alive."""
    assert owners.judge(str(me), me) == "alive"


@linux
def test_another_process(me: owners.Owner) -> None:
    """Another process is alive until it ends; also when its parent has not looked yet."""
    with subprocess.Popen(
        [sys.executable, "-c", ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        other = process.stdout.readline().strip()
        alive = owners.judge(other, me)
        process.send_signal(signal.SIGKILL)
        until = time.monotonic() + 10
        while owners.judge(other, me) != "dead" and time.monotonic() < until:
            time.sleep(0.005)
        as_zombie = owners.judge(other, me)
    reaped = owners.judge(other, me)

    assert (alive, as_zombie, reaped) == ("alive", "dead", "dead")


@linux
def test_number_used_again(me: owners.Owner) -> None:
    """A process that has the number of another but began at another time is not that one."""
    assert owners.judge(str(me._replace(start=str(int(me.start) - 1))), me) == "dead"


@linux
def test_first_process_lives(me: owners.Owner) -> None:
    """A process of another user is judged too."""
    status = owners._status(1)  # pyright: ignore[reportPrivateUsage]  # how its start is known
    assert status is not None

    assert owners.judge(str(me._replace(pid=1, start=status.start)), me) == "alive"


def test_gone(me: owners.Owner) -> None:
    """A number that nobody has is that of a dead process."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert owners.judge(str(me._replace(pid=process.pid)), me) in (
        "dead",
        "unknown" if sys.platform == "win32" else "dead",
    )


def test_earlier_boot(me: owners.Owner) -> None:
    """Who lived before this machine was booted is dead; another machine's boots say nothing."""
    assert owners.judge(str(me._replace(boot="other")), me) == "dead"
    assert owners.judge(str(me._replace(boot="other", host="other")), me) == "unknown"


def test_other_namespace(me: owners.Owner) -> None:
    """Numbers of another container's processes are not ours."""
    assert owners.judge(str(me._replace(namespace="1", pid=2**22 + 1)), me) == "unknown"


@pytest.mark.skipif(sys.platform == "win32", reason="asking by a signal would end the process")
def test_start_hidden(me: owners.Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where starts are hidden, who has no process is dead, and of others nothing is known."""
    monkeypatch.setattr(owners, "_PROC", tmp_path)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert owners.judge(str(me._replace(pid=process.pid)), me) == "dead"
    assert owners.judge(str(me._replace(start="t5")), me) == "unknown"
    assert owners.judge(str(me._replace(pid=2**70)), me) == "unknown"
    assert owners.this_process().start.startswith("t")


def test_unknown_is_alive_while_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a process of which nothing can be known, the store remembers when it was there last."""
    monkeypatch.setattr(sqlite_file, "_ALIVE_SECONDS", 0.0)
    stranger = SQLiteStore(tmp_path / "store.db")
    stranger._owner = "7.1.b.n.other"  # pyright: ignore[reportPrivateUsage]  # as if it were in another container
    monkeypatch.setattr(owners, "this_process", lambda: owners.Owner(7, "1", "b", "n", "other"))
    stranger.perform(Transact(LIVES, (), {"owners": []}))
    stranger.close()
    monkeypatch.undo()
    monkeypatch.setattr(sqlite_file, "_ALIVE_SECONDS", 0.0)
    asking = Transact(LIVES, (), {"owners": ["7.1.b.n.other", "8.1.b.n.other"]})

    with SQLiteStore(tmp_path / "store.db") as store:
        assert cast("list[bool]", store.perform(asking)) == [True, False]
        monkeypatch.setattr(sqlite_file, "SILENT_SECONDS", 0.0)
        assert cast("list[bool]", store.perform(asking)) == [False, False]
