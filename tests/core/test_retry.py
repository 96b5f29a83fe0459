"""Backoff and the retry quota."""

from __future__ import annotations

import math
from contextlib import nullcontext

import pytest

from twinwire._core.retry import Retry, RetryQuota
from twinwire._core.timeout import Timeout
from twinwire.errors import ConfigError


@pytest.mark.parametrize(
    ("retries", "is_throttled", "longest"),
    [
        (0, False, 0.5),
        (1, False, 1.0),
        (2, False, 2.0),
        (10, False, 20.0),
        (100_000, False, 20.0),
        (0, True, 1.0),
        (3, True, 8.0),
    ],
)
def test_backoff(retries: int, is_throttled: bool, longest: float) -> None:
    """The longest wait doubles up to the cap; chance takes any part of it."""
    retry = Retry()

    assert retry.backoff_seconds(retries, lambda: 1.0, is_throttled=is_throttled) == longest
    assert retry.backoff_seconds(retries, lambda: 0.0, is_throttled=is_throttled) == 0.0


def test_an_outage_is_not_amplified() -> None:
    """With every call failing, retries add a fifth to the load, and the small reserve."""
    quota = RetryQuota(Retry(), nullcontext())
    now, granted = 0.0, 0
    for _ in range(10_000):
        now += 0.01
        quota.deposit(now)
        granted += quota.withdraw(now) + quota.withdraw(now)

    assert granted <= 10_000 * 0.2 + 10 + 100  # a fifth, the reserve, and its refill over 100 seconds


def test_a_small_script_can_retry() -> None:
    """The reserve is there from the start and comes back with time."""
    quota = RetryQuota(Retry(), nullcontext())
    quota.deposit(0.0)
    at_once = sum(quota.withdraw(0.0) for _ in range(20))
    later = sum(quota.withdraw(5.0) for _ in range(20))

    assert (at_once, later) == (10, 5)


def test_deposits_expire() -> None:
    """What old calls deposited does not pay for a storm of retries now."""
    quota = RetryQuota(Retry(quota_per_second=0.0), nullcontext())
    for _ in range(1000):
        quota.deposit(0.0)

    assert quota.withdraw(9.0)
    assert not quota.withdraw(11.5)


def test_a_clock_that_stands_still() -> None:
    """Equal times are fine."""
    quota = RetryQuota(Retry(quota_per_second=0.0), nullcontext())
    for _ in range(5):
        quota.deposit(3.0)

    assert quota.withdraw(3.0)
    assert not quota.withdraw(3.0)


@pytest.mark.parametrize("option", ["max_retries", "base_seconds", "cap_seconds", "quota_ratio", "max_wait_seconds"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "2", True, None])
def test_options_are_checked(option: str, value: object) -> None:
    """A number that makes no sense is refused by name."""
    with pytest.raises(ConfigError, match=option):
        Retry(**{option: value})  # type: ignore[arg-type]  # that is the test


def test_half_a_retry() -> None:
    """Attempts are whole."""
    with pytest.raises(ConfigError, match="whole"):
        Retry(max_retries=1.5)  # type: ignore[arg-type]  # that is the test


@pytest.mark.parametrize("value", [0, -1, math.nan, "2", True])
def test_timeouts_are_checked(value: object) -> None:
    """A limit is a positive number of seconds, or None."""
    with pytest.raises(ConfigError, match=r"timeout\.connect"):
        Timeout(connect=value)  # type: ignore[arg-type]  # that is the test


def test_one_number_sets_all_limits() -> None:
    """A number, None and a Timeout are understood."""
    whole = Timeout(connect=1)

    assert Timeout.of(3) == Timeout(connect=3, write=3, first_event=3, between_events=3, pool=3)
    assert Timeout.of(None).first_event is None
    assert Timeout.of(whole) is whole
