"""The Redis server that other tests are shown on."""

from __future__ import annotations

import pytest

from tests.redis_server import RedisMissing, RedisServer, started


def test_each_test_finds_it_empty(redis_server: RedisServer, request: pytest.FixtureRequest) -> None:
    """What an earlier test wrote is gone when the next one takes the address."""
    redis_server.command("SET", "left", "over")
    url: str = request.getfixturevalue("redis_url")

    assert url == f"redis://127.0.0.1:{redis_server.port}/0"
    assert redis_server.command("DBSIZE") == ":0"


def test_ends_with_its_block(redis_server: RedisServer) -> None:
    """Nothing runs on when the block has ended, also when it was stopped before."""
    with started() as server:
        assert server.is_ready()
        server.stop()
        assert not server.is_ready()

    assert server.process.returncode is not None
    assert redis_server.is_ready()


def test_port_in_use(redis_server: RedisServer) -> None:
    """A server that cannot have the port that was asked for says so."""
    with pytest.raises(RuntimeError, match="did not start"), started(redis_server.port):
        pass


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none, it is said how to get it."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(RedisMissing, match="apt-get install redis-server"), started():
        pass
