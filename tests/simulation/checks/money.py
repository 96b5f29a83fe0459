"""Ledger and budgets under load: every call is written down, what it says is what the server charged, and no cap is passed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from twinwire._core.effects import Access, Send
from twinwire._core.store import FindEntries, Transact
from twinwire.errors import StoreError
from twinwire.money.amounts import rounded_down, rounded_up
from twinwire.money.entry import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.caller import Record
    from tests.simulation.exchange import Exchange
    from tests.simulation.schedule import History
    from twinwire._core.json import Json

NOTHING = Decimal(0)
KNOWN_DEAD_SECONDS = 6.0
"""After which everybody knows of a death."""


def entries_of(history: History) -> dict[str, list[LedgerEntry]]:
    """The ledger, by call."""
    found: dict[str, list[LedgerEntry]] = defaultdict(list)
    listed: Any = history.store.perform(FindEntries())
    for data in listed:
        entry = LedgerEntry.from_json(data)
        found[entry.tags["call"]].append(entry)
    return found


def charged(record: Record) -> Decimal:
    """What the server charged for a call."""
    return sum((exchange.charge.usd for exchange in record.exchanges if exchange.charge is not None), NOTHING)


def each_call_is_in_the_ledger(history: History) -> Iterator[str]:
    """Once, if it reached its gate; of a process that died, at most once; not if the store itself refused it before it was sent."""
    load = history.load
    if load is None or not load.options.has_ledger:
        return
    entries = entries_of(history)
    for program in load.programs:
        for record in program.records:
            count = len(entries.get(record.name, ()))
            is_refused = isinstance(record.error, StoreError) and not record.exchanges
            is_there = bool(record.testimony and record.testimony.asked) and not is_refused
            if count > 1 or (program.died is None and count != is_there):
                yield f"{record.name}: {count} entries ({record.outcomes})"


def entries_are_true(history: History) -> Iterator[str]:
    """What was reported or computed is what the server charged; what was estimated has bounds that hold."""
    load = history.load
    if load is None or not load.options.has_ledger:
        return
    entries = entries_of(history)
    for program in load.programs:
        for record in program.records:
            for entry in entries.get(record.name, ()):
                for sentence in _differences(record, entry):
                    yield f"{record.name}: {sentence}"


def _differences(record: Record, entry: LedgerEntry) -> Iterator[str]:
    truth = charged(record)
    usd = entry.usd or NOTHING
    least = usd if entry.low is None else entry.low
    if truth < least:
        yield f"the ledger says {usd} USD, at least {least}, the server charged {truth}"
    is_sure = entry.provenance in ("reported", "computed") and not entry.possible_usd
    if is_sure and entry.usd is not None and truth != usd:
        yield f"the ledger says {usd} USD ({entry.provenance}), the server charged {truth}"
    if is_sure and entry.usd is not None:
        told = [exchange.charge for exchange in record.exchanges if exchange.charge is not None]
        tokens = sum(each.input_tokens for each in told), sum(each.output_tokens for each in told)
        if tokens != (entry.input_tokens, entry.output_tokens):
            yield f"the ledger has {entry.tokens}, the server counted {tokens}"
    most = max(usd, entry.high or NOTHING) + entry.possible_usd
    if record.outcomes and truth > most:
        yield f"the ledger says {usd} USD and at most {most}, the server charged {truth} ({record.outcomes})"
    if len(record.exchanges) < entry.attempts - _never_sent(record) or entry.attempts > len(record.exchanges) + 9:
        yield f"the ledger has {entry.attempts} attempts, the network {len(record.exchanges)}"
    if record.outcomes == ["error"] and entry.outcome != type(record.error).__name__:
        yield f"the ledger says {entry.outcome}, the call ended in {record.error!r}"
    if record.outcomes in (["reply"], ["stream"]) and entry.outcome != "ok":
        yield f"the ledger says {entry.outcome}, the call ended well"


def _never_sent(record: Record) -> int:
    return sum(1 for exchange in record.exchanges if exchange.script is None) + 1


def caps_hold(history: History) -> Iterator[str]:
    """What the server charged for calls that were let through by an account never passes its hard cap."""
    load = history.load
    if load is None:
        return
    caps: dict[str, int] = {}
    for performed in load.performed:
        operation = performed.operation
        if isinstance(operation, Transact) and operation.script.name == "budgets.reserve":
            for account, cap in _pairs(operation.arguments["caps"]):
                caps[account] = min(cap, caps.get(account, cap))
    for account, truth in charges_by_account(history).items():
        most = caps.get(account)
        if most is not None and rounded_down(truth) > most:
            yield f"{account}: the server charged {truth} USD, the cap is {most} billionths"
    of_requests = [budget for budget in load.options.budgets if budget.hard and budget.per == "request"]
    for record in (*history.calls, *history.fair):
        for budget in of_requests:
            if budget.scope_of(record.tags) is not None and charged(record) > budget.usd:
                yield f"{record.name}: the server charged {charged(record)} USD, {budget} is allowed"


def reservations_suffice(history: History) -> Iterator[str]:
    """The worst case of an attempt is no less than what the server charges for it."""
    if history.load is None:
        return
    for record in (*history.calls, *history.fair):
        for exchange, accounts, amount in _booked(record):
            truth = NOTHING if exchange.charge is None else exchange.charge.usd
            if accounts and rounded_up(truth) > amount:
                yield f"{record.name}: reserved {amount} billionths, the server charged {truth} USD"


def charges_by_account(history: History) -> dict[str, Decimal]:
    """What the server charged, by the accounts in which it was reserved."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for record in (*history.calls, *history.fair):
        for exchange, accounts, _ in _booked(record):
            for account in accounts:
                found[account] += NOTHING if exchange.charge is None else exchange.charge.usd
    return found


def _booked(record: Record) -> Iterator[tuple[Exchange, list[str], int]]:
    """Each request, with the accounts of the reservation that it went with, and its amount."""
    accounts: list[str] = []
    amount = 0
    for step in record.steps:
        if isinstance(step.effect, Access) and isinstance(step.effect.operation, Transact):
            operation, answer = step.effect.operation, step.outcome
            if operation.script.name == "budgets.reserve" and isinstance(answer, dict) and answer["state"] == "held":
                accounts = [str(account) for account in _list(operation.arguments["accounts"])]
                amount = int(str(operation.arguments["amount"]))
        if isinstance(step.effect, Send) and step.exchange is not None:
            yield step.exchange, accounts, amount


def accounts_are_true(history: History) -> Iterator[str]:
    """When all is settled, an account has spent what the server charged, or may have; and nothing is reserved."""
    load = history.load
    if load is None:
        return
    truths = charges_by_account(history)
    for key, state in history.store.states("budget/").items():
        assert isinstance(state, dict)
        spent, possible, reserved = (int(str(state[name])) for name in ("spent", "possible", "reserved"))
        truth = truths.get(key, NOTHING)
        if reserved and not history.store.dead:  # of the dead nobody may have asked since
            yield f"{key}: {reserved} are still reserved"
        if rounded_down(truth) > spent + possible + reserved:
            yield f"{key}: {spent} are spent and {possible} perhaps, the server charged {rounded_up(truth)}"
        if not history.weather.struck["unreported"] and not _has_estimates(history):
            calls = sum(1 for record in (*history.calls, *history.fair) for _ in record.exchanges)
            if spent > rounded_up(truth) + calls:
                yield f"{key}: {spent} are spent, the server charged {rounded_up(truth)}"


def _has_estimates(history: History) -> bool:
    return any(
        attempt.counted is not None
        for record in (*history.calls, *history.fair)
        for passage in (record.testimony.passages if record.testimony is not None else ())
        for attempt in passage.attempts
    )


def reservations_are_released(history: History) -> Iterator[str]:
    """At the end no reservation is under way; those of the dead are buried when the next call looks."""
    load = history.load
    if load is None:
        return
    last = max((program.died for program in load.programs if program.died is not None), default=0.0)
    is_swept = any(
        isinstance(performed.operation, Transact)
        and performed.operation.script.name == "budgets.bury"
        and performed.at > last + KNOWN_DEAD_SECONDS
        and "more" not in cast("dict[str, Any]", performed.answer)
        for performed in load.performed
    )
    for key, state in history.store.states("hold/").items():
        is_of_dead = isinstance(state, dict) and state.get("owner") in history.store.dead
        if isinstance(state, dict) and "gone" not in state and "buried" not in state and (is_swept or not is_of_dead):
            yield f"{key} is still held: {state}"


def _pairs(value: Json) -> list[tuple[str, int]]:
    return [(str(pair[0]), int(str(pair[1]))) for pair in _list(value) if isinstance(pair, list)]


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
