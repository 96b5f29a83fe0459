"""
How budgets are booked in a store: what is reserved before an attempt, and settled after it. Plain arithmetic on states.

A store that performs scripts elsewhere (Redis) has one of each of these names. The states, all JSON objects:

    budget/...             an account: one scope in one period
        spent              known to be spent
        possible           may have been spent: attempts of which nobody knows whether they were charged
        reserved           what attempts under way may cost at most
        at                 when it was last changed, seconds by the store's clock
        warned             absent, or an object with a member (true) for each mark that was told, named by its digits
    hold/<owner>/<number>  a reservation, which is one of
        {"owner", "amount", "accounts", "at"}             under way: `amount` is in `reserved` of each of the `accounts` (a list, never empty)
        {"owner", "amount", "accounts", "at", "buried"}   its owner was taken for dead at `buried`: `amount` is in `possible` now
        {"gone"}                                          settled before it was made, at `gone`: it is not made any more

Amounts are whole billionths of a dollar, from 0 up to 2**53; JSON integers, never with a point or an exponent (cjson writes 14 digits:
a script in Lua writes them with `string.format("%d", n)`). What is read of a missing account is 0. An account is created when it is first
reserved in, also by a reservation of 0; a refusal creates and changes nothing. Lists in answers and states are never empty, since Lua cannot tell
an empty list from an empty object; where there is nothing to say, the member is absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from twinwire._core.store import Script

if TYPE_CHECKING:
    from twinwire._core.json import Json, JsonObject
    from twinwire._core.store import Moment, States


def reserve(states: States, arguments: JsonObject, moment: Moment) -> Json:
    """
    Reserve an amount in all accounts, or in none.

    Keys: the hold and the accounts. Arguments:

        hold       its key
        owner      whose it is
        amount     how much, in each account
        accounts   keys, at least one
        caps       a list of [account, cap]: refused where spent + possible + reserved + amount > cap. It may be empty
        marks      a list of [account, mark], which may be empty: see `settle`

    Answer: {"state": "held" | "refused" | "gone", "totals": [[spent, possible, reserved] of each account], "crossed": see `settle`}.
    `held`: reserved now, or it was already (a repetition, for which nothing changes); the totals are those afterwards. `refused`: they are as they
    are without it, and there is no `crossed`. `gone`: it was settled before, so nothing is taken, and there is neither `totals` nor `crossed`.
    """
    key, amount = _text(arguments["hold"]), _whole(arguments["amount"])
    names = _texts(arguments["accounts"])
    found = _object(states.get(key))
    if found is not None:
        return {"state": "gone"} if "gone" in found else {"state": "held", "totals": _totals(states, names)}
    for name, cap in _pairs(arguments["caps"]):
        if sum(_total(states, name)) + amount > cap:
            return {"state": "refused", "totals": _totals(states, names)}
    for name in names:
        _account(states, name, moment)["reserved"] = _total(states, name)[2] + amount
    states[key] = {"owner": _text(arguments["owner"]), "amount": amount, "accounts": [*names], "at": moment.now}
    return _with_crossed({"state": "held", "totals": _totals(states, names)}, states, arguments)


def settle(states: States, arguments: JsonObject, moment: Moment) -> Json:
    """
    Release what was reserved, and book what was spent, both in the accounts of the hold.

    Keys: the hold and its accounts. Arguments:

        hold       its key
        spent      how much was spent
        possible   how much may have been spent besides
        marks      a list of [account, mark], which may be empty: amounts that somebody wants to know of

    Answer: {"state": "settled" | "unknown", "totals": {account: [spent, possible, reserved]}, "crossed": {account: [mark, ...]}}. `settled`: the totals are
    those afterwards. `crossed` has the marks which spent + possible has reached and that nobody was told before; it is absent if there are none.
    `unknown`: there is no such hold, because it was settled already or is yet to come; nothing is booked, what may come is `gone` from now on, and
    there is neither `totals` nor `crossed`. If the hold was buried, its amount is taken from `possible` (which does not become less than 0).
    """
    key = _text(arguments["hold"])
    hold = _object(states.get(key))
    if hold is None or "gone" in hold:
        states[key] = {"gone": moment.now}
        return {"state": "unknown"}
    amount, names = _whole(hold["amount"]), _texts(hold["accounts"])
    for name in names:
        account = _account(states, name, moment)
        spent, possible, reserved = _total(states, name)
        if "buried" in hold:
            possible = max(possible - amount, 0)
        else:
            reserved = max(reserved - amount, 0)
        account["spent"] = spent + _whole(arguments["spent"])
        account["possible"] = possible + _whole(arguments["possible"])
        account["reserved"] = reserved
    states[key] = None
    totals: JsonObject = {name: [*_total(states, name)] for name in names}
    return _with_crossed({"state": "settled", "totals": totals}, states, arguments)


def bury(states: States, arguments: JsonObject, moment: Moment) -> Json:
    """
    Book what dead owners had reserved as possible spending, and forget what nobody needs any more.

    Keys: holds, and accounts. Arguments:

        holds            those of the keys that are holds; it may be empty
        accounts         an object: each of the keys that is an account, and after how many seconds without a change it is forgotten, or null for never
        forget_seconds   after how long a hold that is buried or gone is forgotten

    A hold under way whose owner is known dead is buried if all its accounts are among the keys: its amount goes from `reserved` to `possible` there, and it
    gets `buried`. If some are not among them it is left as it is, and they are named in the answer; the caller asks again with these. What is buried or gone for
    `forget_seconds` or longer is deleted. An account with nothing reserved that was not changed for its number of seconds or longer is deleted.

    Answer: {"buried": how many, "more": {account: true}}; `more` is absent if there are none.
    """
    kept = cast("JsonObject", arguments["accounts"])
    count, more = 0, cast("JsonObject", {})
    for key in _texts(arguments["holds"]):
        hold = _object(states.get(key))
        if hold is None:
            continue
        ended = hold.get("gone", hold.get("buried"))
        if ended is not None:
            if moment.now - _number(ended) >= _number(arguments["forget_seconds"]):
                states[key] = None
            continue
        if moment.is_alive(_text(hold["owner"])):
            continue
        missing = [name for name in _texts(hold["accounts"]) if name not in kept]
        for name in missing:
            more[name] = True
        if missing:
            continue
        for name in _texts(hold["accounts"]):
            account = _account(states, name, moment)
            _, possible, reserved = _total(states, name)
            account["possible"] = possible + _whole(hold["amount"])
            account["reserved"] = max(reserved - _whole(hold["amount"]), 0)
        states[key] = {**hold, "buried": moment.now}
        count += 1
    for name, seconds in kept.items():
        old = _object(states.get(name))
        if old is None or seconds is None or old["reserved"]:
            continue
        if moment.now - _number(old["at"]) >= _number(seconds):
            states[name] = None
    return {"buried": count, "more": more} if more else {"buried": count}


def look(states: States, _arguments: JsonObject, _moment: Moment) -> Json:
    """
    Change nothing. Keys: any. Arguments: none.

    Answer: an object with the state of each key that exists.
    """
    return {key: {**state} for key, state in states.items() if isinstance(state, dict)}


def note(_states: States, _arguments: JsonObject, _moment: Moment) -> Json:
    """Change nothing: it comes with an entry for the ledger. Keys: none. Arguments: none. Answer: null."""
    return None


RESERVE = Script("budgets.reserve", reserve)
SETTLE = Script("budgets.settle", settle)
BURY = Script("budgets.bury", bury)
LOOK = Script("budgets.look", look)
NOTE = Script("budgets.note", note)


def _with_crossed(answer: JsonObject, states: States, arguments: JsonObject) -> Json:
    """Say which marks were reached, and remember that it was said."""
    crossed: dict[str, list[Json]] = {}
    for name, mark in _pairs(arguments["marks"]):
        account = _object(states.get(name))
        spent, possible, _ = _total(states, name)
        if account is None or spent + possible < mark:
            continue
        warned = _object(account.get("warned")) or {}
        if str(mark) not in warned:
            account["warned"] = {**warned, str(mark): True}
            crossed.setdefault(name, []).append(mark)
    if crossed:
        answer["crossed"] = cast("JsonObject", crossed)
    return answer


def _account(states: States, name: str, moment: Moment) -> JsonObject:
    """The account to change: made if it is not there."""
    account = _object(states.get(name))
    if account is None:
        account = states[name] = {"spent": 0, "possible": 0, "reserved": 0}
    account["at"] = moment.now
    return account


def _total(states: States, name: str) -> tuple[int, int, int]:
    """Spent, possible and reserved."""
    account = _object(states.get(name))
    if account is None:
        return 0, 0, 0
    return _whole(account["spent"]), _whole(account["possible"]), _whole(account["reserved"])


def _totals(states: States, names: list[str]) -> list[Json]:
    return [[*_total(states, name)] for name in names]


# Narrowing of what is ours: casts that cost next to nothing, as this stands in the way of a call.


def _object(value: Json) -> JsonObject | None:
    return value if isinstance(value, dict) else None


def _text(value: Json) -> str:
    return cast("str", value)


def _whole(value: Json) -> int:
    return cast("int", value)


def _number(value: Json) -> float:
    return cast("float", value)


def _texts(value: Json) -> list[str]:
    return cast("list[str]", value)


def _pairs(value: Json) -> list[tuple[str, int]]:
    return cast("list[tuple[str, int]]", value)
