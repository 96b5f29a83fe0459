"""What a budget takes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from twinwire import Budget, ConfigError
from twinwire.money.budget import checked_budgets


@pytest.mark.parametrize(
    ("usd", "amount"), [(1, "1"), (0, "0"), ("2.50", "2.50"), (0.1, "0.1"), (Decimal("0.000001"), "0.000001")]
)
def test_amounts(usd: Decimal | float | str, amount: str) -> None:
    """Dollars in any spelling, a float by the digits that it is written with."""
    assert Budget(usd=usd).usd == Decimal(amount)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"usd": "much"}, "usd"),
        ({"usd": -1}, "usd"),
        ({"usd": float("nan")}, "usd"),
        ({"usd": "Infinity"}, "usd"),
        ({"usd": True}, "usd"),
        ({"usd": None}, "usd"),
        ({"usd": 10**8}, "usd"),
        ({"per": "week"}, "per"),
        ({"scope": ""}, "scope"),
        ({"scope": "user:"}, "scope"),
        ({"scope": ":42"}, "scope"),
        ({"scope": 42}, "scope"),
        ({"hard": 1}, "hard"),
        ({"warn_at": 0}, "warn_at"),
        ({"warn_at": 80}, "warn_at"),
        ({"warn_at": True}, "warn_at"),
        ({"on_warn": "print"}, "on_warn"),
        ({"on_unbounded": "ask"}, "on_unbounded"),
        ({"time_zone": "Mars"}, "time_zone"),
    ],
)
def test_refusals(options: dict[str, object], named: str) -> None:
    """What is wrong is named."""
    with pytest.raises(ConfigError, match=named):
        Budget(**{"usd": 1, **options})  # type: ignore[arg-type]  # wrong on purpose


def test_coroutines_are_refused() -> None:
    """Nobody would await them."""

    async def tell(_warning: object) -> None:
        """Do nothing."""

    with pytest.raises(ConfigError, match="plain function"):
        Budget(usd=1, on_warn=tell)


@pytest.mark.parametrize(
    ("scope", "tags", "account"),
    [
        (None, {}, ""),
        (None, {"user": "42"}, ""),
        ("user:42", {"user": "42"}, "user:42"),
        ("user:42", {"user": "43"}, None),
        ("user:42", {}, None),
        ("user", {"user": "42", "tool": "x"}, "user:42"),
        ("user", {"tool": "x"}, None),
        ("user:a:b", {"user": "a:b"}, "user:a:b"),
    ],
)
def test_scopes(scope: str | None, tags: dict[str, str], account: str | None) -> None:
    """Whose account a call is booked in."""
    assert Budget(usd=1, scope=scope).scope_of(tags) == account


def test_one_several_or_none() -> None:
    """What `budget=` takes."""
    one, other = Budget(usd=1), Budget(usd=2, per="day")

    assert checked_budgets(None) == ()
    assert checked_budgets(one) == (one,)
    assert checked_budgets([one, other]) == (one, other)
    with pytest.raises(ConfigError, match="budget must be a Budget or a list of them, got 5"):
        checked_budgets(5)
    with pytest.raises(ConfigError, match="budget must be"):
        checked_budgets([one, "5"])


def test_equality() -> None:
    """Budgets that tell different people are different; they can be told apart by those who keep them in a set."""
    heard: list[object] = []
    one, same, other = Budget(usd=1, on_warn=heard.append), Budget(usd="1", on_warn=heard.append), Budget(usd=1)

    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert len({one, same, other}) == 2


def test_words() -> None:
    """How a budget is named in an error."""
    named = [
        str(Budget(usd="2.5")),
        str(Budget(usd="2.5", per="hour", scope="user")),
        str(Budget(usd="2.5", per="request")),
    ]

    assert named == ["2.5 USD", "2.5 USD an hour for user", "2.5 USD a request"]
