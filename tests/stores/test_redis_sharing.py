"""Several processes and machines on one Redis: who lives, what time it is, and where the keys are."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import redis
import trustme

from tests.io.test_processes_and_loops import in_child, needs_fork
from tests.redis_server import free_port, started
from tests.stores.cases import LIVES, NOW, adding, entry, getting, setting
from tests.stores.redis_raw import raw, raw_cluster
from tests.stores.worlds import CALLERS, FLAVOURS, FlavourName
from twinwire import RedisStore, StoreError
from twinwire._core.store import FindEntries, FindKeys, Transact
from twinwire._io import redis_talk
from twinwire.limits.scripts import ACQUIRE
from twinwire.money.booking import BURY, NOTE, RESERVE, SETTLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.redis_server import RedisServer
    from twinwire._core.json import Json, JsonObject


def is_alive(store: RedisStore, owner: str) -> bool:
    answer = cast("list[bool]", store.perform(Transact(LIVES, (), {"owners": [owner]})))
    return answer[0]


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.02)
    return time.monotonic() - began


def test_a_process_that_dies(redis_url: str) -> None:
    """It is alive as long as it may be, and known dead soon after."""
    code = (
        "import sys\n"
        "from tests.stores.cases import setting\n"
        "from twinwire import RedisStore\n"
        f"store = RedisStore({redis_url!r}, dead_after=1)\n"
        "store.perform(setting({'a': 1}))\n"
        "print(store.owner, flush=True)\n"
        "sys.stdin.read()\n"
    )
    store = RedisStore(redis_url)
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
    ) as process:
        assert process.stdout is not None
        owner = process.stdout.readline().decode().strip()
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            assert is_alive(store, owner)
            time.sleep(0.05)
        process.kill()
    took = wait_for(lambda: not is_alive(store, owner))
    store.close()

    assert took <= 10


def test_an_owner_that_is_silent_comes_back(redis_url: str) -> None:
    """Its next operation says that it lives again."""
    store, other = RedisStore(redis_url, dead_after=1), RedisStore(redis_url)
    store.perform(setting({"a": 1}))
    assert is_alive(other, store.owner)
    store.close()  # which ends the heartbeats, as a suspended process does
    wait_for(lambda: not is_alive(other, store.owner))

    store.perform(setting({"a": 1}))
    assert is_alive(other, store.owner)
    store.close()
    other.close()


def test_a_suspended_process_corrects_what_others_took_for_spent(redis_url: str) -> None:
    """What it had reserved counts as possibly spent while it is silent, and as what it was when it is back."""
    store, other = RedisStore(redis_url, dead_after=1), RedisStore(redis_url)
    hold, account = f"hold/{store.owner}/1", "budget/*/always/-"
    reserved: dict[str, Json] = {"owner": store.owner, "amount": 60, "accounts": [account], "caps": [], "marks": []}
    store.perform(Transact(RESERVE, (hold, account), {"hold": hold, **reserved}))
    bury = Transact(BURY, (hold, account), {"holds": [hold], "accounts": {account: None}, "forget_seconds": 10**9})
    assert other.perform(bury) == {"buried": 0}
    store.close()  # which ends the heartbeats, as a suspended process does
    wait_for(lambda: other.perform(bury) == {"buried": 1})

    settled: dict[str, Json] = {"hold": hold, "spent": 20, "possible": 0, "marks": []}
    late = store.perform(Transact(SETTLE, (hold, account), settled))
    store.close()
    other.close()

    assert late == {"state": "settled", "totals": {account: [20, 0, 0]}}


def test_heartbeats_bear_failures(redis_url: str) -> None:
    """One that could not be sent does not end the next ones."""
    store = RedisStore(redis_url, dead_after=1)
    store.perform(setting({"a": 1}))
    with raw(redis_url) as client:
        key = f"{{twinwire}}:owner:{store.owner}"
        client.rename(key, "elsewhere")
        client.lpush(key, "x")  # SET replaces it

        wait_for(lambda: client.type(key) == b"string")
    store.close()


def test_forgotten_store_stops_beating(redis_url: str) -> None:
    """The thread goes with the store, also where nobody has closed it."""
    store = RedisStore(redis_url, dead_after=1)
    store.perform(setting({"a": 1}))
    hearts = [thread for thread in threading.enumerate() if thread.name == "twinwire-heart"]
    known = weakref.ref(store)

    del store
    gc.collect()
    wait_for(lambda: known() is None)
    for heart in hearts:
        heart.join(20)

    assert not any(heart.is_alive() for heart in hearts)


@needs_fork
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_fork(redis_url: str, flavour: FlavourName) -> None:
    """A child is another owner with connections of its own, and its parent goes on."""
    call = CALLERS[flavour]
    store = RedisStore(redis_url)
    call(store, setting({"a": 1}))
    owner = store.owner

    def work() -> bytes:
        total = call(store, adding(1, "a"))
        return f"{total} {store.owner != owner} {is_alive(store, owner)} {is_alive(store, store.owner)}".encode()

    assert in_child(work) == b"2 True True True"
    assert call(store, adding(1, "a")) == 3
    assert store.owner == owner
    store.close()


@needs_fork
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_fork_inside_a_loop(redis_url: str) -> None:
    """The child leaves the parent's event loop alone."""
    store = RedisStore(redis_url)

    async def main() -> tuple[bytes, object]:
        await asyncio.gather(*(store.perform_async(adding(1, "a")) for _ in range(5)))
        told = in_child(lambda: str(store.perform(adding(1, "a"))).encode())
        return told, await asyncio.wait_for(store.perform_async(adding(1, "a")), 20)

    assert asyncio.run(main()) == (b"6", 7)
    store.close()


def test_many_tasks(redis_url: str) -> None:
    """More tasks than connections wait for one another."""
    store = RedisStore(redis_url)

    async def main() -> None:
        await asyncio.gather(
            *(store.perform_async(Transact(NOTE, (), {}, (entry(str(number)),))) for number in range(200))
        )
        with raw(redis_url) as client:
            assert len(client.client_list()) <= 40
        await store.aclose()
        await store.aclose()

    asyncio.run(main())

    assert len(cast("list[Json]", store.perform(FindEntries()))) == 200
    store.close()


def test_loops_in_threads(redis_url: str) -> None:
    """Each event loop has connections of its own, also where several run at the same time; none is left open by one that ended."""
    store = RedisStore(redis_url)

    async def main() -> None:
        await asyncio.gather(*(store.perform_async(adding(1, "a")) for _ in range(10)))

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.perform(getting("a")) == {"a": 60}
    with raw(redis_url) as client:
        store.close()
        wait_for(lambda: len(client.client_list()) == 1)


def test_closed_while_a_loop_runs(redis_url: str) -> None:
    """From another thread, and used again after that."""
    store = RedisStore(redis_url)

    async def main() -> object:
        await store.perform_async(setting({"a": 1}))
        await asyncio.to_thread(store.close)
        await asyncio.sleep(0.05)
        return await store.perform_async(getting("a"))

    assert asyncio.run(main()) == {"a": 1}
    store.close()


def test_clock_is_the_servers(redis_url: str) -> None:
    """Seconds by its clock, to the microsecond."""
    store = RedisStore(redis_url)
    with raw(redis_url) as client:
        before = client.time()
        now = cast("float", store.perform(Transact(NOW, ())))
        after = client.time()
    store.close()

    assert before[0] + before[1] / 1e6 - 1e-5 <= now <= after[0] + after[1] / 1e6 + 1e-5


def test_clock_that_is_set_back(redis_url: str) -> None:
    """Ours goes on from where it was, at the speed of time: the last reading is moved ahead here, as if the server's were behind."""
    store = RedisStore(redis_url)
    store.perform(setting({"a": 1}))
    with raw(redis_url) as client:
        client.eval(
            "local meta = cmsgpack.unpack(redis.call('HGET', KEYS[1], '#'))\n"
            "meta.last = meta.last + 3600 * 1000000\n"
            "redis.call('HSET', KEYS[1], '#', cmsgpack.pack(meta))",
            1,
            "{twinwire}:states",
        )
    first = cast("float", store.perform(Transact(NOW, ())))
    time.sleep(0.1)
    later = cast("float", store.perform(Transact(NOW, ())))
    store.close()

    assert first - time.time() > 3500
    assert 0.09 < later - first < 20


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_pages_of_the_ledger(redis_url: str, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are read at once, each entry comes once and in order, also many of one moment."""
    monkeypatch.setattr(redis_talk, "PAGE", page)
    store = RedisStore(redis_url)
    entries = [entry(f"e{number}", at) for number, at in enumerate((1.0, 2.0, 2.0, 2.0, 2.0, 2.5, 3.0, 3.0, 4.25, 5))]
    store.perform(Transact(NOTE, (), {}, tuple(entries)))

    assert store.perform(FindEntries()) == entries
    assert store.perform(FindEntries(2.0, 4.25)) == entries[1:8]
    assert store.perform(FindEntries(9.0)) == []
    store.close()


def test_newest_entries(redis_url: str) -> None:
    """No more than was asked for are kept."""
    store = RedisStore(redis_url, max_entries=3)
    for number in range(6):
        store.perform(Transact(NOTE, (), {}, (entry(f"e{number}", float(number)),)))
    store.perform(Transact(NOTE, (), {}, (entry("e1", 1.0),)))  # the oldest, so it goes again

    assert [each["id"] for each in cast("list[JsonObject]", store.perform(FindEntries()))] == ["e3", "e4", "e5"]
    with raw(redis_url) as client:
        assert client.hlen("{twinwire}:entries") == 3
    store.close()


def test_limits_are_forgotten(redis_url: str) -> None:
    """A window that is over is deleted by what is done later, of whatever kind; reservations of money are not."""
    store = RedisStore(redis_url)
    now = 1000.0
    store._talk.clock = lambda: now
    arguments: dict[str, Json] = {
        "lease": "limits/lease/me/1",
        "owner": store.owner,
        "line": "a",
        "wall": 1.79e9,
        "rates": [["limits/rate/a", "requests", 5, 60, 1], ["limits/rate/b", "requests", 5, 3600, 1]],
        "places": [],
        "learned": "limits/learned/k/m",
        "pause": "",
        "requests": 1,
        "tokens": 1,
        "claim_seconds": 0,
        "tell": False,
    }
    keys = ("limits/lease/me/1", "limits/rate/a", "limits/rate/b", "limits/learned/k/m")
    store.perform(Transact(ACQUIRE, keys, arguments))
    store.perform(setting({"budget/x": {"spent": 5}}))
    assert store.perform(FindKeys("")) == ["budget/x", *sorted(keys)]

    now += 1000
    store.perform(Transact(NOTE, ()))
    assert store.perform(FindKeys("")) == ["budget/x", *sorted({*keys} - {"limits/rate/a"})]
    now += 8 * 86400
    store.perform(Transact(NOTE, ()))
    assert store.perform(FindKeys("")) == ["budget/x", "limits/lease/me/1"]
    with raw(redis_url) as client:
        assert client.zcard("{twinwire}:expiry") == 0
        assert sorted(client.hkeys("{twinwire}:states")) == [b"#", b":budget/x", b":limits/lease/me/1"]
    store.close()


def is_up(node: Any) -> bool:
    """Whether a cluster takes commands: some seconds after it has its slots."""
    try:
        node.get("x")
    except redis.ResponseError:
        return False
    return True


def test_cluster() -> None:
    """All keys of an operation are in one slot, so a cluster takes it: with its own client, and a node that has all slots with any."""
    port = free_port()
    options = {"--cluster-enabled": "yes", "--cluster-port": str(port)}
    with started(options=options) as server:
        assert server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383") == "+OK"
        with ExitStack() as stack, raw(server.url) as node:
            wait_for(lambda: is_up(node))
            cluster = stack.enter_context(raw_cluster(server.url))
            for store in (RedisStore(server.url), RedisStore(client=cluster)):
                store.perform(setting({"a": 1, "b/c": 2}, entry("one")))
                assert store.perform(Transact(NOTE, (), {}, (entry("one"),))) is None
                assert store.perform(getting("a", "b/c")) == {"a": 1, "b/c": 2}
                assert store.perform(FindKeys("b")) == ["b/c"]
                assert store.perform(FindEntries()) == [entry("one")]
                assert is_alive(store, store.owner)
                assert not is_alive(store, "nobody")
                store.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_tls(tmp_path: Path, flavour: FlavourName) -> None:
    """With a certificate that we trust and that is for this host, and not otherwise."""
    authority, stranger = trustme.CA(), trustme.CA()
    right, wrong = authority.issue_cert("127.0.0.1"), authority.issue_cert("other.example")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    stranger.cert_pem.write_to_path(tmp_path / "stranger.pem")
    call = CALLERS[flavour]
    for name, certificate in (("right", right), ("wrong", wrong)):
        certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / f"{name}.pem")
        port = free_port()
        options = {
            "--tls-port": str(port),
            "--tls-cert-file": str(tmp_path / f"{name}.pem"),
            "--tls-key-file": str(tmp_path / f"{name}.pem"),
            "--tls-auth-clients": "no",
        }
        with started(options=options):
            trusting = RedisStore(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={tmp_path / 'ca.pem'}")
            doubting = RedisStore(
                f"rediss://127.0.0.1:{port}/0", options={"ssl_ca_certs": str(tmp_path / "stranger.pem")}
            )
            careless = RedisStore(
                f"rediss://127.0.0.1:{port}/0", options={"ssl_cert_reqs": "none", "ssl_check_hostname": False}
            )
            if name == "right":
                assert call(trusting, setting({"a": 1})) == "set"
            else:
                with pytest.raises(StoreError, match="certificate verify failed"):
                    call(trusting, getting("a"))
            with pytest.raises(StoreError, match="certificate verify failed"):
                call(doubting, getting("a"))
            assert call(careless, Transact(NOTE, ())) is None
            for store in (trusting, doubting, careless):
                store.close()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_one_round_trip(redis_server: RedisServer, redis_url: str, flavour: FlavourName) -> None:
    """What the server knows how to do is one command, whatever it changes; the first ones send the script and look around."""
    call = CALLERS[flavour]
    store = RedisStore(redis_url)
    accounts = ["budget/a", "budget/b"]

    def book(number: int) -> None:
        hold = f"hold/me/{number}"
        common: dict[str, Json] = {"hold": hold, "marks": []}
        reserved: dict[str, Json] = {"owner": "me", "amount": 5, "accounts": [*accounts], "caps": [["budget/a", 10**6]]}
        call(store, Transact(RESERVE, (hold, *accounts), {**common, **reserved}))
        settled: dict[str, Json] = {"spent": 3, "possible": 0}
        call(store, Transact(SETTLE, (hold, *accounts), {**common, **settled}, (entry(str(number)),)))

    book(0)
    assert redis_server.command("CONFIG", "RESETSTAT") == "+OK"
    for number in range(1, 11):
        book(number)
    with raw(redis_url) as client:
        counts = {name: about["calls"] for name, about in client.info("commandstats").items()}
    store.close()

    assert counts["cmdstat_evalsha"] == 20
    assert not {"cmdstat_eval", "cmdstat_set", "cmdstat_get", "cmdstat_multi"} & set(counts)
