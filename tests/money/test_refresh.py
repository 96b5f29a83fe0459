"""Fetching prices into the cache, in both flavours, from a server on this machine."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from twinwire import ConfigError, cost_of, refresh_prices, refresh_prices_async
from twinwire._io import clock, price_files
from twinwire.errors import APIConnectionError, APIStatusError, InvalidRequestError
from twinwire.money.levels import packaged
from twinwire.providers.openrouter import OpenRouterProvider
from twinwire.testing import Exchange, LoopbackProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from twinwire import PricesRefresh

TODAY = datetime.now(UTC).date()
TOKENS = {"prompt_tokens": 1000, "completion_tokens": 0}


def in_asyncio(**options: Any) -> list[PricesRefresh]:
    async def main() -> list[PricesRefresh]:
        return await refresh_prices_async(**options)

    return anyio.run(main)


def in_trio(**options: Any) -> list[PricesRefresh]:
    async def main() -> list[PricesRefresh]:
        return await refresh_prices_async(**options)

    return anyio.run(main, backend="trio")


@pytest.fixture(params=[refresh_prices, in_asyncio, in_trio], ids=["sync", "asyncio", "trio"])
def refresh(request: pytest.FixtureRequest) -> Callable[..., list[PricesRefresh]]:
    found: Callable[..., list[PricesRefresh]] = request.param
    return found


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[LoopbackProvider]:
    """What stands for OpenRouter."""
    with LoopbackProvider(dialect="openrouter") as provider:
        monkeypatch.setattr(OpenRouterProvider, "base_url", provider.base_url)
        yield provider


def listing(*models: tuple[str, str], more: int = 0) -> Exchange:
    """An answer with models and their price for a token."""
    listed = [*models, *((f"filler/{number}", "0.000001") for number in range(more))]
    data = [{"id": name, "pricing": {"prompt": price, "completion": "0.00001"}} for name, price in listed]
    return Exchange(body=json.dumps({"data": data}))


def own(day: date, price: str = "7", model: str = "gpt-5") -> Exchange:
    entry = {"prices": [{"input": price, "output": "1"}]}
    document = {"format": "twinwire-prices/1", "date": day.isoformat(), "providers": {"openai": {model: entry}}}
    return Exchange(body=json.dumps(document))


def input_price(model: str, provider: str = "openrouter", at: datetime | date | None = None) -> Decimal | None:
    """Dollars for a million tokens."""
    found = cost_of(TOKENS, model=model, provider=provider, at=at)
    return found.usd * 1000 if found else None


def test_new_prices_hold_from_now_on(server: LoopbackProvider, refresh: Callable[..., list[PricesRefresh]]) -> None:
    """A new model is known, a changed price is changed, and what was before stays what it was."""
    before = input_price("openai/gpt-4o-mini")
    server.script(listing(("new/model", "0.000003"), ("openai/gpt-4o-mini", "0.0000042")))

    (done,) = refresh()

    assert (done.status, done.models, done.different, done.date) == ("fetched", 2, 2, TODAY)
    assert (input_price("new/model"), input_price("openai/gpt-4o-mini")) == (Decimal(3), Decimal("4.2"))
    yesterday = TODAY - timedelta(days=1)
    assert (input_price("new/model", at=yesterday), input_price("openai/gpt-4o-mini", at=yesterday)) == (None, before)


def test_what_is_the_same_is_left_to_the_package(
    server: LoopbackProvider, refresh: Callable[..., list[PricesRefresh]]
) -> None:
    """OpenRouter's list has no tiers, and the packaged table has."""
    name = "anthropic/claude-sonnet-4.5"
    data = [{"id": name, "pricing": {"prompt": "0.000003", "completion": "0.000015"}}]
    server.script(Exchange(body=json.dumps({"data": data})))

    (done,) = refresh()

    assert done.different == 0
    found = cost_of({"prompt_tokens": 200_001, "completion_tokens": 0}, model=name, provider="openrouter")
    assert (found and found.usd) == Decimal("1.200006")


def test_a_tier_of_unknown_price(server: LoopbackProvider) -> None:
    """Where the price below a threshold has changed, what it is above is not known any more."""
    server.script(listing(("anthropic/claude-sonnet-4.5", "0.000004")))

    refresh_prices()

    assert input_price("anthropic/claude-sonnet-4.5") == Decimal(4)
    assert (
        cost_of(
            {"prompt_tokens": 200_001, "completion_tokens": 0},
            model="anthropic/claude-sonnet-4.5",
            provider="openrouter",
        )
        is None
    )


def test_young_ones_are_not_asked_for(server: LoopbackProvider, refresh: Callable[..., list[PricesRefresh]]) -> None:
    """Unless forced."""
    server.script(listing(("new/model", "0.000003")), listing(("new/model", "0.000004")))

    done = [refresh(**options)[0].status for options in ({}, {}, {"force": True})]

    assert done == ["fetched", "young", "fetched"]
    assert len(server.requests) == 2
    assert input_price("new/model") == Decimal(4)


def test_old_ones_are_asked_for(server: LoopbackProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a day, by the clock of this machine; the price of the day before is remembered."""
    server.script(listing(("new/model", "0.000003")), listing(("new/model", "0.000004")))
    now = clock.wall()
    refresh_prices()
    monkeypatch.setattr(clock, "wall", lambda: now + 86_401)

    (done,) = refresh_prices()

    assert done.status == "fetched"
    assert (input_price("new/model", at=TODAY), input_price("new/model")) == (Decimal(3), Decimal(4))


def test_a_table_of_ones_own(
    server: LoopbackProvider, refresh: Callable[..., list[PricesRefresh]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any address, by argument or variable."""
    with LoopbackProvider() as other:
        monkeypatch.setenv("TWINWIRE_PRICES_URL", f"{other.base_url}/prices.json")
        server.script(listing(("new/model", "0.000003")))
        other.script(own(TODAY))

        done = refresh()

    assert [each.models for each in done] == [1, 1]
    assert (input_price("gpt-5", "openai"), input_price("new/model")) == (Decimal(7), Decimal(3))


BAD: list[tuple[str, Exchange, type[Exception], str]] = [
    ("half", Exchange(body='{"data": [{"id": "new/mo'), ConfigError, "cannot be used"),
    ("none", Exchange(body='{"data": []}'), ConfigError, "holds no prices"),
    ("html", Exchange(body="<html>Please log in</html>"), ConfigError, "cannot be used"),
    ("fewer", listing(("new/model", "0.000009")), ConfigError, "listed 11 before"),
    ("older", own(date(2020, 1, 1)), ConfigError, "older than"),
    ("refused", Exchange(status=503, body="{}"), APIStatusError, "503"),
]


@pytest.mark.parametrize(("answer", "error", "message"), [pytest.param(*case, id=name) for name, *case in BAD])
def test_bad_answers_replace_nothing(
    answer: Exchange,
    error: type[Exception],
    message: str,
    server: LoopbackProvider,
    refresh: Callable[..., list[PricesRefresh]],
) -> None:
    """What the cache has stays, and goes on being used."""
    server.script(listing(("new/model", "0.000003"), more=10), answer)
    refresh()

    with pytest.raises(error, match=message):
        refresh(max_age_hours=0)

    assert input_price("new/model") == Decimal(3)


def test_one_source_fails(server: LoopbackProvider, refresh: Callable[..., list[PricesRefresh]]) -> None:
    """The other one is taken all the same; the error is raised after that."""
    with LoopbackProvider() as other:
        server.script(Exchange(status=500, body="{}"))
        other.script(own(TODAY))

        with pytest.raises(APIStatusError):
            refresh(url=f"{other.base_url}/prices.json")

    assert input_price("gpt-5", "openai") == Decimal(7)


def test_nobody_listens(refresh: Callable[..., list[PricesRefresh]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says who was asked."""
    with LoopbackProvider() as gone:
        address = gone.base_url
    monkeypatch.setattr(OpenRouterProvider, "base_url", address)

    with pytest.raises(APIConnectionError, match=address):
        refresh()


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "foreign"])
def test_a_damaged_cache_is_passed_over(damage: str, server: LoopbackProvider, cache: Path) -> None:
    """The packaged table has the word then."""
    server.script(listing(("openai/gpt-4o-mini", "0.0000042")))
    refresh_prices()
    (place,) = cache.glob("*.json")
    data = place.read_bytes()
    place.write_bytes(
        {"cut": data[:-5], "changed": data.replace(b"4.2", b"0.2"), "empty": b"", "foreign": b"[]\n{}"}[damage]
    )
    refresh_prices_forgotten()

    assert input_price("openai/gpt-4o-mini") == Decimal("0.15")


def refresh_prices_forgotten() -> None:
    from twinwire.money.levels import LEVELS

    LEVELS.forget()


def test_a_cache_older_than_the_package(cache: Path) -> None:
    """After an upgrade the package knows more."""
    day = packaged().date - timedelta(days=1)
    entry = {"prices": [{"input": "99"}]}
    price_files.keep(
        "https://x.example",
        {"format": "twinwire-prices/1", "date": day.isoformat(), "providers": {"openai": {"gpt-5": entry}}},
        0.0,
    )

    assert [each.source for each in price_files.cached()] == ["https://x.example"]
    assert input_price("gpt-5", "openai") == Decimal("1.25")


def test_a_folder_that_cannot_be_written(
    server: LoopbackProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typed error that names it."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("TWINWIRE_CACHE_DIR", str(tmp_path / "file"))
    server.script(listing(("new/model", "0.000003")))

    with pytest.raises(ConfigError, match="cannot be put into"):
        refresh_prices()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"url": "http://prices.example/x"}, ConfigError),
        ({"url": "prices"}, ConfigError),
        ({"url": "https://[x"}, ConfigError),
        ({"timeout": -1}, InvalidRequestError),
        ({"max_age_hours": float("nan")}, InvalidRequestError),
    ],
)
def test_wrong_arguments(options: dict[str, Any], error: type[Exception]) -> None:
    """Nothing is asked then."""
    with pytest.raises(error):
        refresh_prices(**options)


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [("linux", "XDG_CACHE_HOME", "twinwire/prices"), ("win32", "LOCALAPPDATA", "twinwire/Cache/prices")],
)
def test_the_platforms_folder(
    platform: str, variable: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where programs keep what they can fetch again."""
    monkeypatch.delenv("TWINWIRE_CACHE_DIR")
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))

    assert price_files.folder() == tmp_path / expected
