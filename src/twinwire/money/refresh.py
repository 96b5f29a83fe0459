"""
Fetching prices into the cache: `twinwire.refresh_prices` and its async twin. Nothing else fetches them.

What is fetched is taken only if all of it can be read, if it is no older than what it would replace, and if it is not suddenly a small
part of that. Everything else leaves the cache as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from attrs import frozen

from twinwire._core.loopback import is_loopback
from twinwire._io import clock, environment, price_files
from twinwire._io.fetch import fetch, fetch_async, in_thread
from twinwire.errors import ConfigError, InvalidRequestError, TwinwireError
from twinwire.money.formats import parse, read
from twinwire.money.kinds import is_array
from twinwire.money.levels import LEVELS, packaged
from twinwire.money.prices import FORMAT, PriceTable
from twinwire.providers.openrouter import OpenRouterProvider

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from twinwire.money.price import Dated

URL_VARIABLE = "TWINWIRE_PRICES_URL"
_NOT_RATES = ("from", "daily", "max_input_tokens")


@frozen(kw_only=True)
class PricesRefresh:
    """What became of one source."""

    source: str
    """Its address."""
    status: Literal["fetched", "young"]
    """`fetched`: it is in the cache now; `young`: what the cache has is not old enough to ask again."""
    date: date
    """The day of the table's prices."""
    models: int
    """How many models the source lists."""
    different: int
    """Of how many of them the cache says something else than the packaged table."""
    place: Path
    """The cache's file."""


def refresh_prices(
    *, force: bool = False, url: str | None = None, timeout: float = 30.0, max_age_hours: float = 24.0
) -> list[PricesRefresh]:
    """
    Fetch the prices of OpenRouter's models, and the table at *url*, into the cache; use them in this process from now on.

    *url* is `TWINWIRE_PRICES_URL` by default, if that is set; what is there may be a table of ours, or genai-prices' or litellm's data.
    A source that was fetched in the last *max_age_hours* is not asked again, unless *force*; *timeout* is seconds for each source.

    Raises:
        APIConnectionError, APIStatusError: a source cannot be fetched.
        ConfigError: what it sends is no table, is older than what is there, or cannot be written down. The cache is as it was,
            but for the other source: that is fetched all the same.
    """
    done: list[PricesRefresh] = []
    failed: list[TwinwireError] = []
    for source in _sources(url, timeout, max_age_hours):
        try:
            found = _young(source, force=force, max_age_hours=max_age_hours)
            done.append(found or _taken(source, fetch(source, timeout), force=force))
        except TwinwireError as error:
            failed.append(error)
    return _ended(done, failed)


async def refresh_prices_async(
    *, force: bool = False, url: str | None = None, timeout: float = 30.0, max_age_hours: float = 24.0
) -> list[PricesRefresh]:
    """`refresh_prices` on asyncio and trio; reading and writing is done off the event loop."""
    done: list[PricesRefresh] = []
    failed: list[TwinwireError] = []
    for source in _sources(url, timeout, max_age_hours):
        try:
            found = await in_thread(partial(_young, source, force=force, max_age_hours=max_age_hours))
            if found is None:
                data = await fetch_async(source, timeout)
                found = await in_thread(partial(_taken, source, data, force=force))
            done.append(found)
        except TwinwireError as error:
            failed.append(error)
    return _ended(done, failed)


def _sources(url: str | None, timeout: float, max_age_hours: float) -> list[str]:
    for name, value in (("timeout", timeout), ("max_age_hours", max_age_hours)):
        if not 0 <= value < 10**9:
            raise InvalidRequestError(f"{name} is {value!r}, expected seconds or hours from 0 up", param=name)
    own = url or environment.get(URL_VARIABLE)
    if own is not None:
        _check_url(own)
    return [f"{OpenRouterProvider.base_url}/models", *([own] if own else [])]


def _check_url(url: str) -> None:
    """Prices that anybody on the way could change are worth nothing."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise ConfigError(f"the address of the prices, {url!r}, is not a URL") from None
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not is_loopback(host)):
        raise ConfigError(f"the address of the prices must begin with https:// and a host, got {url!r}")


def _ended(done: list[PricesRefresh], failed: list[TwinwireError]) -> list[PricesRefresh]:
    LEVELS.forget()
    if failed:
        for other in failed[1:]:
            failed[0].add_note(f"and: {other}")
        raise failed[0]
    return done


def _young(source: str, *, force: bool, max_age_hours: float) -> PricesRefresh | None:
    before = price_files.of_source(source)
    if force or before is None or before.age_seconds() >= max_age_hours * 3600:
        return None
    try:
        return _result(source, "young", before.document, before.place)
    except (ValueError, KeyError, TypeError):
        return None  # written by a version with another format: as good as none


def _taken(source: str, data: bytes, *, force: bool) -> PricesRefresh:
    now = clock.wall()
    day = datetime.fromtimestamp(now, UTC).date()
    name = urlsplit(source).hostname or source
    try:
        document = read(parse(data), day=day.isoformat(), source={"name": name, "url": source, "date": day.isoformat()})
    except ValueError as error:
        raise ConfigError(f"the prices at {source} cannot be used: {error}") from error
    table, below = PriceTable(document, source), packaged()
    before = price_files.of_source(source)
    # What a version of twinwire with another format has written is as good as nothing.
    earlier = before.document if before is not None and before.document.get("format") == FORMAT else {}
    count = table.check()
    _refuse_older(source, table, below, earlier)
    if not force and count < int(earlier.get("listed", 0)) / 2:
        raise ConfigError(
            f"{source} lists {count} models, and listed {earlier['listed']} before: refused without force"
        )
    document = {**document, "listed": count, "providers": _news(document, earlier, below, day)}
    return _result(source, "fetched", document, price_files.keep(source, document, now))


def _refuse_older(source: str, table: PriceTable, below: PriceTable, earlier: dict[str, Any]) -> None:
    newest = max(below.date.isoformat(), str(earlier.get("date", "")))
    if table.date.isoformat() < newest:
        raise ConfigError(f"the prices at {source} are of {table.date}, older than those that are there, of {newest}")


def _news(document: dict[str, Any], earlier: dict[str, Any], below: PriceTable, day: date) -> dict[str, Any]:
    """
    The entries that say something new; others are left to the packaged table, which knows the tiers and the past of its prices.

    An entry without dates of its own holds from today on; what was in the cache before holds until then.
    """
    known: dict[str, Any] = earlier.get("providers", {})
    found: dict[str, Any] = {}
    for provider, model in PriceTable(document, "").models():
        entry = document["providers"][provider][model]
        was = known.get(provider, {}).get(model)
        fresh = len(entry["prices"]) == 1 and entry["prices"][0].get("from") == day.isoformat()
        if fresh:
            packed = below.model(provider, model)
            plain = packed.dated if packed is not None else ()
            new = _limited(entry["prices"][0], plain, day)
            if was is None and (new is None or any(each.daily for each in plain)):
                continue
            entry = {**entry, "prices": _continued(was["prices"] if was else [], new or entry["prices"][0])}
        found.setdefault(provider, {})[model] = entry
    return found


def _limited(listed: dict[str, Any], plain: tuple[Dated, ...], day: date) -> dict[str, Any] | None:
    """The new price, or None where the package has the same; not for requests so long that a tier of unknown price may hold."""
    holding = [each for each in plain if each.since is None or each.since <= day]
    if not holding:
        return listed
    rates = holding[-1].rates
    told = {name: value[0] if is_array(value) else value for name, value in listed.items() if name not in _NOT_RATES}
    if all(name in rates and f"{rates[name].base.normalize():f}" == value for name, value in told.items()):
        return None
    starts = [above for rate in rates.values() for above, _ in rate.tiers]
    has_tiers = any(is_array(value) for value in listed.values())
    return {**listed, "max_input_tokens": min(starts)} if starts and not has_tiers else listed


def _continued(before: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    if before and {**before[-1], "from": ""} == {**new, "from": ""}:
        return before
    return [*(each for each in before if each.get("from") != new["from"]), new]


def _result(source: str, status: Literal["fetched", "young"], document: dict[str, Any], place: Path) -> PricesRefresh:
    table = PriceTable(document, source)
    return PricesRefresh(
        source=source,
        status=status,
        date=table.date,
        models=int(document["listed"]),
        different=sum(1 for _ in table.models()),
        place=place,
    )
