"""What the small parts take and refuse."""

from __future__ import annotations

import random
import select
import socket
import threading
import time

import pytest

from tests.io.flavours import Flavour
from twinwire._core.pool import Pool
from twinwire._io import addresses, clock, environment, sockets
from twinwire._io.engine import blocking_engine
from twinwire._io.failures import translate
from twinwire._io.runtime import Runtime
from twinwire._io.wire import Wire
from twinwire.errors import ConfigError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_connections": 0}, "pool.max_connections must be a whole number of at least 1, got 0"),
        ({"max_connections": True}, "pool.max_connections must be a whole number of at least 1, got True"),
        ({"max_connections": 2.5}, "pool.max_connections must be a whole number of at least 1, got 2.5"),
        ({"max_keepalive": -1}, "pool.max_keepalive must be a whole number of at least 0, got -1"),
        ({"keepalive_expiry_seconds": 0}, "pool.keepalive_expiry_seconds must be a positive number of seconds"),
        ({"keepalive_expiry_seconds": float("nan")}, "pool.keepalive_expiry_seconds must be a positive number"),
        ({"keepalive_expiry_seconds": "5"}, "pool.keepalive_expiry_seconds must be a positive number"),
        ({"keepalive_expiry_seconds": True}, "pool.keepalive_expiry_seconds must be a positive number"),
    ],
)
def test_bad_pool(options: dict[str, object], message: str) -> None:
    """A pool names the limit that is wrong, and what it got."""
    with pytest.raises(ConfigError, match=message):
        Pool(**options)  # type: ignore[arg-type]  # that is the point


def test_pool_is_a_value() -> None:
    """Pools with the same limits are equal; `None` keeps connections for as long as the server does."""
    assert Pool(max_connections=1, max_keepalive=0, keepalive_expiry_seconds=None) == Pool(
        max_connections=1, max_keepalive=0, keepalive_expiry_seconds=None
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://h", "expected an http or https URL with a host, got 'ftp://h'"),
        ("https://", "expected an http or https URL with a host"),
        ("https://h:port", "not a URL: 'https://h:port'"),
        ("https://[::1", "not a URL"),
        ("ftp://user:secret@h", "got 'h'"),
        ("https://" + "\xe4" * 70, "not a URL"),
    ],
)
def test_bad_origin(url: str, message: str) -> None:
    """An origin that cannot be reached by HTTP is refused at once."""
    with pytest.raises(ConfigError, match=message.replace("[", r"\[")):
        Flavour("blocking").transport(url)


def test_bad_verify() -> None:
    """Anything but a flag, a path or a context is refused."""
    with pytest.raises(ConfigError, match=r"a path or an ssl\.SSLContext, got NoneType"):
        Flavour("blocking").transport("https://h", verify=None)  # type: ignore[arg-type]  # that is the point


def test_missing_engine() -> None:
    """An engine that is not installed says what to install."""
    with pytest.raises(ConfigError, match="pip install httpcore9"):
        blocking_engine("httpcore9")  # type: ignore[arg-type]  # that is the point


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable is its text; one that is empty is as absent."""
    monkeypatch.setenv("TWINWIRE_A", "x")
    monkeypatch.setenv("TWINWIRE_B", "")

    assert (environment.get("TWINWIRE_A"), environment.get("TWINWIRE_B"), environment.get("TWINWIRE_C")) == (
        "x",
        None,
        None,
    )


def test_clock() -> None:
    """The sources of time and chance are the system's."""
    assert (clock.monotonic, clock.wall, clock.chance) == (time.monotonic, time.time, random.random)


def test_slow_resolver_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that does not answer in time is not waited for."""
    release = threading.Event()

    def look_up(host: str, port: int) -> list[addresses.Address]:
        release.wait(5)
        return []

    monkeypatch.setattr("twinwire._io.runtime.look_up", look_up)

    with pytest.raises(TimeoutError, match=r"not resolved within 0\.01 s"):
        Runtime().resolve("slow.example", 80, 0.01)
    release.set()


def test_resolver_without_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a limit the resolver is asked directly."""
    found = [addresses.Address(socket.AF_INET, ("127.0.0.1", 80))]

    def look_up(host: str, port: int) -> list[addresses.Address]:
        return found

    monkeypatch.setattr("twinwire._io.runtime.look_up", look_up)

    assert Runtime().resolve("name.example", 80, None) is found


def test_name_without_addresses() -> None:
    """A name that resolves to nothing is an error."""
    with pytest.raises(OSError, match="no address"):
        addresses.addresses([])


def test_unknown_errors_stay_what_they_are() -> None:
    """A bug is not made to look like a failure of the network."""
    engine = blocking_engine("httpcore")
    wire = Wire(clock.monotonic)
    wire.begin_write()
    bug = ZeroDivisionError()

    assert translate(bug, engine, wire) is bug
    assert translate(bug, engine, None) is bug


def test_socket_that_cannot_be_shut_down_is_closed() -> None:
    """Taking a socket away from who waits on it closes it if its connection is gone already."""
    wire = Wire(clock.monotonic)
    wire.sock = socket.socket()
    wire.waiting = True

    wire.take_away("closed")

    assert wire.sock.fileno() == -1


def test_gone_socket_counts_as_readable() -> None:
    """A socket that is closed, or was never opened, is not fit for reuse."""
    sock = socket.socket()
    sock.close()

    assert sockets.is_readable(None)
    assert sockets.is_readable(sock)


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system has no poll")
def test_short_wait_is_a_wait() -> None:
    """A wait of less than a millisecond does not become none at all."""
    one, other = socket.socketpair()
    began = time.monotonic()
    with one, other:
        ready = Runtime().wait_readable(one, 0.0005)

    assert not ready
    assert time.monotonic() - began >= 0.0005
