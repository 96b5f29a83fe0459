"""Processes that share a file: at once, killed at any moment, forked."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.stores.cases import adding, entry, getting, setting
from twinwire import SQLiteStore, StoreError
from twinwire._core.store import FindEntries, Script, Transact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twinwire._core.json import Json, JsonObject
    from twinwire._core.store import Moment, States

HERE = Path(__file__).parents[2]

WORK = """
import sys
from tests.stores.cases import adding, entry
from tests.stores.test_sqlite_processes import MOVE
from twinwire import SQLiteStore
from twinwire._core.store import Transact

store = SQLiteStore(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for turn in range(int(sys.argv[2])):
    name = f"{sys.argv[3]}-{turn}"
    store.perform(Transact(MOVE, ("from", "to", "count"), {}, (entry(name, float(turn)),)))
    print(name, flush=True)
"""


def _move(states: States, arguments: JsonObject, moment: Moment) -> Json:
    states["from"] = cast("int", states["from"] or 0) - 1
    states["to"] = cast("int", states["to"] or 0) + 1
    states["count"] = cast("int", states["count"] or 0) + 1
    return None


MOVE = Script("test.move", _move)
"""The sum of `from` and `to` never changes, and there is one entry for each count."""


def started(path: Path, turns: int, number: int) -> subprocess.Popen[str]:
    """Start a process that makes so many moves, and says which it has made."""
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(path), str(turns), str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )


def let_go(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Wait until all are ready, and let them begin at once."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def check_whole(path: Path, acknowledged: set[str], most: int) -> None:
    """See that nothing acknowledged is missing, and nothing is there by half."""
    with SQLiteStore(path) as store:
        states = cast("dict[str, int]", store.perform(getting("from", "to", "count")))
        names = {cast("str", each["id"]) for each in cast("list[JsonObject]", store.perform(FindEntries()))}

    assert acknowledged <= names
    assert len(names) == states["count"] == states["to"] == -states["from"]
    assert len(names) <= most


def test_eight_processes_at_once(tmp_path: Path) -> None:
    """Eight processes that write at once lose nothing, and none of them gives up."""
    path = tmp_path / "store.db"
    processes = [started(path, 100, number) for number in range(8)]
    let_go(processes)
    names: set[str] = set()
    for process in processes:
        output, _ = process.communicate()
        assert process.returncode == 0
        names.update(output.split())

    assert len(names) == 800
    check_whole(path, names, 800)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    """Processes that are killed while they write lose nothing that they had said, and leave nothing by half."""
    path = tmp_path / "store.db"
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    for number in range(3):
        processes = [started(path, 10**6, number * 10 + each) for each in range(2)]
        let_go(processes)
        assert processes[0].stdout is not None
        acknowledged.add(processes[0].stdout.readline())  # from here on there is something to lose
        for process in processes:
            time.sleep(chance.uniform(0.0, 0.15))
            process.kill()
        for process in processes:
            assert process.stdout is not None
            with process.stdout:  # `communicate` would miss what `readline` has read ahead
                acknowledged.update(line for line in process.stdout if line.endswith("\n"))
            assert process.wait() == -signal.SIGKILL
            assert process.stdin is not None
            process.stdin.close()
        check_whole(path, {line.strip() for line in acknowledged}, 10**6)


def in_child(work: Callable[[], None]) -> int:
    """Do *work* in a forked process, and return its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")


@forks
def test_child_has_its_own(tmp_path: Path) -> None:
    """After a fork, parent and child use the file each for itself, as two owners."""
    store = SQLiteStore(tmp_path / "store.db")
    store.perform(adding(1, "a"))
    parent = store.owner

    def work() -> None:
        assert store.owner != parent
        for _ in range(50):
            store.perform(adding(1, "a"))
        store.close()

    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    for _ in range(50):
        store.perform(adding(1, "a"))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.owner == parent
    assert store.perform(getting("a")) == {"a": 101}
    store.close()


@forks
def test_child_inherits_no_open_file(tmp_path: Path) -> None:
    """Nothing of the file is open in the child, whose end would let go of what its parent holds."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("only Linux tells what is open")
    store = SQLiteStore(tmp_path / "store.db")
    store.perform(adding(1, "a"))

    def work() -> None:
        found = [str(entry.readlink()) for entry in folder.iterdir() if entry.is_symlink()]
        assert not [name for name in found if "store.db" in name]

    assert in_child(work) == 0
    assert store.perform(adding(1, "a")) == 2
    store.close()


@forks
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of threads, from Python 3.12 on
def test_fork_while_threads_write(tmp_path: Path) -> None:
    """A fork in the midst of other threads' operations leaves neither side stuck, nor anything lost."""
    store = SQLiteStore(tmp_path / "store.db")
    stop = threading.Event()
    counts = [0, 0, 0]

    def write(number: int) -> None:
        while not stop.is_set():
            store.perform(adding(1, f"thread/{number}"))
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    codes = [in_child(lambda: cast("None", store.perform(adding(1, "child")))) for _ in range(10)]
    stop.set()
    for thread in threads:
        thread.join()

    assert codes == [0] * 10
    assert store.perform(getting("child", "thread/0", "thread/1", "thread/2")) == {
        "child": 10,
        **{f"thread/{number}": count for number, count in enumerate(counts)},
    }
    store.close()


@forks
def test_fork_in_the_middle_of_an_operation(tmp_path: Path) -> None:
    """
    A child that begins in the middle of its parent's operation does not finish it, and cannot use the file.

    SQLite believes that it has the locks of its parent. Another file is as good as ever.
    """
    store = SQLiteStore(tmp_path / "store.db")
    children: list[int] = []

    def change(states: States, arguments: JsonObject, moment: Moment) -> Json:
        states["a"] = 5
        children.append(os.fork())
        return None

    try:
        store.perform(Transact(Script("test.fork", change), ("a",), {}, (entry("one"),)))
        is_refused = False
    except StoreError:
        is_refused = True
    if children == [0]:
        code = 1
        try:
            with pytest.raises(StoreError, match="forked"):
                store.perform(adding(1, "b"))
            with pytest.raises(StoreError, match="forked"):
                SQLiteStore(tmp_path / "store.db").perform(FindEntries())
            assert SQLiteStore(tmp_path / "other.db").perform(adding(1, "b")) == 1
            code = 0 if is_refused else 2
        finally:
            os._exit(code)

    assert not is_refused
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
    assert store.perform(getting("a", "b")) == {"a": 5, "b": None}
    assert store.perform(FindEntries()) == [entry("one")]
    store.close()


@forks
def test_asking_asynchronously_in_a_child(tmp_path: Path) -> None:
    """A child has no thread of its parent's lane, and starts its own."""
    import asyncio

    store = SQLiteStore(tmp_path / "store.db")
    asyncio.run(store.perform_async(setting({"a": 1})))

    def work() -> None:
        assert asyncio.run(store.perform_async(adding(1, "a"))) == 2

    assert in_child(work) == 0
    assert store.perform(getting("a")) == {"a": 2}
    store.close()


class Struck(BaseException):
    """What a signal's handler raises, as Ctrl-C does."""


def strike_anywhere(path: str) -> None:
    """Interrupt operations at random moments, and see that the store can be used. In a process of its own."""
    sys.settrace(None)  # what measures coverage does not bear it
    store = SQLiteStore(path, max_wait=2.0)
    chance = random.Random(7)
    store.perform(adding(1, "a"))
    acknowledged, strikes = 0, 0
    began = time.monotonic()
    for _ in range(20):
        store.perform(Transact(MOVE, ("from", "to", "count"), {}))
        acknowledged += 1
    longest = 3 * (time.monotonic() - began) / 20

    def strike(number: int, frame: object) -> None:
        raise Struck

    signal.signal(signal.SIGALRM, strike)
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        try:
            signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.00002, longest))
            while True:
                store.perform(Transact(MOVE, ("from", "to", "count"), {}))
                acknowledged += 1
        except Struck:
            strikes += 1
    states = cast("dict[str, int]", store.perform(getting("from", "to", "count")))
    answers: list[object] = []
    other = threading.Thread(target=lambda: answers.append(store.perform(adding(1, "a"))))
    other.start()
    other.join(30)

    assert strikes > 20
    assert answers == [2]
    assert acknowledged <= states["count"] <= acknowledged + strikes
    assert states["to"] == states["count"] == -states["from"]
    with SQLiteStore(path, max_wait=0.0) as another:
        assert another.perform(adding(1, "a")) == 3
    store.close()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timer that interrupts")
def test_interrupted_anywhere(tmp_path: Path) -> None:
    """An exception of a signal's handler at any moment leaves the store usable: by its thread at once, and by others then."""
    code = "import sys\nfrom tests.stores.test_sqlite_processes import strike_anywhere\nstrike_anywhere(sys.argv[1])"

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "store.db")],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
