"""Calendar periods."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinwire import ConfigError
from twinwire.money.periods import ALWAYS, Per, period_at, zone_named

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("moment", "per", "zone", "label", "since", "until"),
    [
        ("2026-11-21T11:30:00", "hour", "UTC", "2026-11-21T11+0000", "2026-11-21T11:00", "2026-11-21T12:00"),
        ("2026-11-21T11:00:00", "hour", "UTC", "2026-11-21T11+0000", "2026-11-21T11:00", "2026-11-21T12:00"),
        ("2026-11-21T11:30:00", "day", "UTC", "2026-11-21", "2026-11-21T00:00", "2026-11-22T00:00"),
        ("2026-11-21T23:30:00", "day", "Europe/Berlin", "2026-11-22", "2026-11-21T23:00", "2026-11-22T23:00"),
        ("2026-12-31T23:30:00", "month", "UTC", "2026-12", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("2026-12-31T23:30:00", "month", "Europe/Berlin", "2027-01", "2026-12-31T23:00", "2027-01-31T23:00"),
        # Hours that begin at half past, in UTC.
        ("2026-11-21T11:45:00", "hour", "Asia/Kolkata", "2026-11-21T17+0530", "2026-11-21T11:30", "2026-11-21T12:30"),
        # A day of 23 hours, and one of 25.
        ("2026-03-29T12:00:00", "day", "Europe/Berlin", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("2026-10-25T12:00:00", "day", "Europe/Berlin", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        # The hour that comes twice is two.
        ("2026-10-25T00:30:00", "hour", "Europe/Berlin", "2026-10-25T02+0200", "2026-10-25T00:00", "2026-10-25T01:00"),
        ("2026-10-25T01:30:00", "hour", "Europe/Berlin", "2026-10-25T02+0100", "2026-10-25T01:00", "2026-10-25T02:00"),
        # A day that begins at one o'clock: Beirut puts its clocks forward at midnight.
        ("2026-03-29T12:00:00", "day", "Asia/Beirut", "2026-03-29", "2026-03-28T22:00", "2026-03-29T21:00"),
        # Half an hour is put back in Lord Howe, in the middle of an hour.
        (
            "2026-04-04T14:45:00",
            "hour",
            "Australia/Lord_Howe",
            "2026-04-05T01+1100",
            "2026-04-04T14:00",
            "2026-04-04T15:00",
        ),
        (
            "2026-04-04T15:10:00",
            "hour",
            "Australia/Lord_Howe",
            "2026-04-05T01+1030",
            "2026-04-04T15:00",
            "2026-04-04T15:30",
        ),
    ],
)
def test_period(moment: str, per: Per, zone: str, label: str, since: str, until: str) -> None:
    """Its name, its beginning and its end."""
    found = period_at(at(moment), per, zone_named(zone))

    assert (found.label, found.since, found.until) == (label, at(since), at(until))
    assert found.holds(at(moment))
    assert not found.holds(at(until))


def test_all_time() -> None:
    """Without a period there is one account."""
    assert period_at(at("2026-11-21T11:30:00"), None, UTC) == ALWAYS
    assert ALWAYS.holds(0.0)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001  # in UTC, below
    st.sampled_from(["hour", "day", "month"]),
    st.sampled_from(
        [
            "UTC",
            "Europe/Berlin",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Asia/Beirut",
            "Pacific/Apia",
            "Asia/Kathmandu",
        ]
    ),
    st.floats(0, 0.9999),
)
def test_what_a_period_holds_has_its_name(moment: datetime, per: Per, zone: str, share: float) -> None:
    """Every moment between its beginning and its end is in it, and those around it are in others: nothing is counted twice or left out."""
    there = zone_named(zone)
    wall = moment.replace(tzinfo=UTC).timestamp()
    found = period_at(wall, per, there)
    assert found.since is not None
    assert found.until is not None

    assert found.since <= wall < found.until
    assert period_at(found.since + share * (found.until - found.since), per, there).label == found.label
    assert period_at(found.since - 1, per, there).label != found.label
    assert period_at(found.until, per, there).label != found.label
    assert found.until - found.since <= timedelta(days=32).total_seconds()


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", 5, None])
def test_unknown_zones(name: object) -> None:
    """A zone has a name that is known."""
    with pytest.raises(ConfigError, match="time_zone must be the name of a time zone"):
        zone_named(name)
