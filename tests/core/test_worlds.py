"""Which calls share a retry quota, and for how long it is kept."""

from __future__ import annotations

import pytest

from twinwire._core.retry import Retry, RetryQuota
from twinwire._io import clock
from twinwire._io.world import MANY, Worlds


class Clock:
    """Time that moves when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the worlds."""
    moved = Clock()
    monkeypatch.setattr(clock, "monotonic", moved)
    return moved


def used(worlds: Worlds, key: object) -> RetryQuota:
    """The quota of a call with that key, which takes a retry."""
    quota = worlds.world(key, Retry()).quota
    quota.deposit(clock.monotonic())
    quota.withdraw(clock.monotonic())
    return quota


def test_the_same_key_shares(time: Clock) -> None:
    """Calls with one key share a quota; another key, or another ratio, has one of its own."""
    worlds = Worlds()

    assert used(worlds, "a") is used(worlds, "a")
    assert used(worlds, "a") is not used(worlds, "b")
    assert worlds.world("a", Retry(quota_ratio=0.5)) is not worlds.world("a", Retry())
    assert worlds.world("a", Retry(max_retries=9)) is worlds.world("a", Retry())


def test_a_key_per_call_does_not_fill_the_memory(time: Clock) -> None:
    """A server with a thousand users keeps the quotas of those who called within the last ten seconds."""
    worlds = Worlds()
    for number in range(10_000):
        used(worlds, number)
        time.now += 1.0

    assert len(worlds._worlds) <= MANY


def test_a_quota_in_use_is_kept(time: Clock) -> None:
    """However many there are, none is forgotten that says something."""
    worlds = Worlds()
    first = used(worlds, "first")
    for number in range(10 * MANY):
        used(worlds, number)

    assert used(worlds, "first") is first


def test_a_forked_child_starts_anew(time: Clock) -> None:
    """The lock of a quota may be held by a thread that the child does not have."""
    worlds = Worlds()
    first = used(worlds, "a")
    worlds.after_fork()

    assert used(worlds, "a") is not first
