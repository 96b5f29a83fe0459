"""
What every store does: one list of cases, which the tests of each store run.

A case is handed a function that makes another store with the same contents, as another client of it would (the store in memory hands out the same
one), and a caller that performs operations on one of them, blocking or awaited.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol, cast

import pytest

from twinwire._core.store import FindEntries, FindKeys, Script, Transact

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._core.json import Json, JsonObject
    from twinwire._core.store import Moment, Operation, States, Store


class Caller(Protocol):
    """Performs one operation on a store."""

    def __call__(self, store: Store, operation: Operation) -> object: ...


class World(Protocol):
    """Where a case runs."""

    def store(self) -> Store:
        """Make another store with the same contents, which is closed at the end."""
        ...

    @property
    def call(self) -> Caller:
        """How operations are performed."""
        ...


class Stopped(Exception):
    """What a change raises that does not come to its end."""


def _set(states: States, arguments: JsonObject, moment: Moment) -> Json:
    states.update(cast("JsonObject", arguments["states"]))
    return "set"


def _get(states: States, arguments: JsonObject, moment: Moment) -> Json:
    return dict(states)


def _add(states: States, arguments: JsonObject, moment: Moment) -> Json:
    total = 0
    for key, state in states.items():
        total = cast("int", state or 0) + cast("int", arguments["number"])
        states[key] = total
    return total


def _stop(states: States, arguments: JsonObject, moment: Moment) -> Json:
    states.update(cast("JsonObject", arguments["states"]))
    raise Stopped


def _now(states: States, arguments: JsonObject, moment: Moment) -> Json:
    return moment.now


def _lives(states: States, arguments: JsonObject, moment: Moment) -> Json:
    return [moment.is_alive(cast("str", owner)) for owner in cast("list[Json]", arguments["owners"])]


SET, GET, ADD, STOP = (
    Script("test.set", _set),
    Script("test.get", _get),
    Script("test.add", _add),
    Script("test.stop", _stop),
)
NOW, LIVES = Script("test.now", _now), Script("test.lives", _lives)
"""Scripts of these tests alone. A store that performs scripts elsewhere needs its own text of each."""


def setting(states: dict[str, Json], *entries: JsonObject) -> Transact:
    """Put states in place, and append entries with them."""
    return Transact(SET, tuple(states), {"states": states}, entries)


def getting(*keys: str) -> Transact:
    """Read states."""
    return Transact(GET, keys)


def adding(number: int, *keys: str) -> Transact:
    """Add to states that are numbers → the last sum."""
    return Transact(ADD, keys, {"number": number})


def entry(name: str, at: float = 1.0, **fields: Json) -> JsonObject:
    """An entry as the ledger writes it."""
    return {
        "id": name,
        "at": at,
        "provider": "openai",
        "model": "gpt-4o-mini",
        "answered_model": "gpt-4o-mini-2024-07-18",
        "operation": "chat.completions.create",
        "tags": {"user": "42", "session": "ä"},
        "tokens": {"uncached_input": 10, "output_text": 3},
        "usd": "0.0000033",
        "low": None,
        "high": None,
        "provenance": "computed",
        "possible_usd": "0",
        "attempts": 1,
        "seconds": 0.25,
        "outcome": "ok",
        "key": "a1b2c3",
        "request_id": "req_1",
        "is_stream": False,
        **fields,
    }


def _states_come_back(world: World) -> None:
    """A state that was set is there afterwards, for every client."""
    state: Json = {"text": "ä\u2028\U0001f600", "list": [1, 2.5, True, None, {"deep": []}], "large": 2**60, "": ""}

    answer = world.call(world.store(), setting({"a": state, "b": 0, "c": False}))

    assert answer == "set"
    assert world.call(world.store(), getting("a", "b", "c", "d")) == {"a": state, "b": 0, "c": False, "d": None}


def _none_deletes(world: World) -> None:
    """A state that is set to None is gone; one that was not there stays so."""
    store = world.store()
    world.call(store, setting({"a": 1, "b": 2}))

    world.call(store, setting({"a": None, "c": None}))

    assert world.call(store, getting("a", "b", "c")) == {"a": None, "b": 2, "c": None}
    assert world.call(store, FindKeys("")) == ["b"]


def _untouched_states_stay(world: World) -> None:
    """What a change does not touch stays as it is."""
    store = world.store()
    world.call(store, setting({"a": {"x": [1.5]}, "b": "text"}))

    world.call(store, getting("a", "b"))

    assert world.call(store, getting("a", "b")) == {"a": {"x": [1.5]}, "b": "text"}


def _change_that_raises(world: World) -> None:
    """Nothing of a change that raises is kept, and the next one goes."""
    store = world.store()
    world.call(store, setting({"a": 1}))

    with pytest.raises(Stopped):
        world.call(store, Transact(STOP, ("a", "b"), {"states": {"a": 2, "b": 3}}, (entry("one"),)))

    assert world.call(store, getting("a", "b")) == {"a": 1, "b": None}
    assert world.call(store, FindEntries()) == []
    assert world.call(store, adding(5, "a")) == 6


def _keys_by_prefix(world: World) -> None:
    """Keys are found by how they begin, to the letter."""
    keys = (
        "hold/1/a",
        "hold/1/b",
        "hold/10/a",
        "hold/2/a",
        "HOLD/1/a",
        "hold/1",
        "hold%1/a",
        "hold_1/a",
        "höld/\U0010ffff/a",
    )
    store = world.store()
    world.call(store, setting(dict.fromkeys(keys, 1)))

    def found(prefix: str) -> set[str]:
        return set(cast("list[str]", world.call(store, FindKeys(prefix))))

    assert found("hold/1/") == {"hold/1/a", "hold/1/b"}
    assert found("hold/1") == {"hold/1", "hold/1/a", "hold/1/b", "hold/10/a"}
    assert found("hold%") == {"hold%1/a"}
    assert found("hold_") == {"hold_1/a"}
    assert found("höld/\U0010ffff") == {"höld/\U0010ffff/a"}
    assert found("") == set(keys)
    assert found("none") == set()


def _keys_of_any_text(world: World) -> None:
    """Tags are part of keys, and users write anything into tags."""
    keys = (
        "budget/user:ä ö\n'\"\\",
        "budget/user:" + "x" * 5000,
        "budget/user:*?[a]",
        "budget/user:\x00z",
        "budget/user:\x00",
    )
    store = world.store()

    for number, key in enumerate(keys):
        world.call(store, setting({key: number}))

    assert world.call(store, getting(*keys)) == {key: number for number, key in enumerate(keys)}
    assert set(cast("list[str]", world.call(store, FindKeys("budget/")))) == set(keys)


def _entries_come_back(world: World) -> None:
    """An entry comes back as it was: null, absent fields and fields of later versions included."""
    odd: JsonObject = {
        "id": "two",
        "at": 2,
        "usd": 5,
        "attempts": "many",
        "is_stream": None,
        "later": {"a": [1]},
        "tags": None,
    }
    full = entry("one", 1.5, usd=None, seconds=3, model="模型")
    store = world.store()

    world.call(store, setting({"a": 1}, full, odd))

    assert world.call(world.store(), FindEntries()) == [full, odd]


def _entries_in_order(world: World) -> None:
    """Entries come in order of their time, those of one time in the order they were appended; bounds are half open."""
    store = world.store()
    for name, at in (("c", 3.0), ("a", 1.0), ("b1", 2.0), ("b2", 2.0), ("d", 4.0)):
        world.call(store, setting({}, entry(name, at)))

    def found(since: float | None = None, until: float | None = None) -> list[Json]:
        entries = cast("list[JsonObject]", world.call(store, FindEntries(since, until)))
        return [each["id"] for each in entries]

    assert found() == ["a", "b1", "b2", "c", "d"]
    assert found(since=2.0) == ["b1", "b2", "c", "d"]
    assert found(until=3.0) == ["a", "b1", "b2"]
    assert found(2.0, 3.0) == ["b1", "b2"]
    assert found(5.0) == []


def _entry_appended_once(world: World) -> None:
    """An entry that is sent again, after nobody knew what became of it, is not appended twice."""
    store = world.store()

    world.call(store, setting({"a": 1}, entry("one", 1.0, outcome="ok")))
    world.call(store, setting({"a": 2}, entry("one", 9.0, outcome="left"), entry("two", 2.0)))

    assert world.call(store, FindEntries()) == [entry("one", 1.0, outcome="ok"), entry("two", 2.0)]
    assert world.call(store, getting("a")) == {"a": 2}


def _answers_are_whole(world: World) -> None:
    """The answer of a change is what its script returns."""
    store = world.store()
    world.call(store, setting({"a": {"x": 1.5, "y": None, "z": [True, "ä"]}}))

    assert world.call(store, getting("a", "b")) == {"a": {"x": 1.5, "y": None, "z": [True, "ä"]}, "b": None}
    assert world.call(store, Transact(GET, ())) == {}


def _clock_goes_on(world: World) -> None:
    """The clock is the same for all clients, runs at the speed of time, and never goes back."""
    first, second = world.store(), world.store()

    stamps = [cast("float", world.call((first, second)[turn % 2], Transact(NOW, ()))) for turn in range(20)]
    began = time.monotonic()
    time.sleep(0.05)
    later = cast("float", world.call(second, Transact(NOW, ())))
    took = time.monotonic() - began

    assert stamps == sorted(stamps)
    assert stamps[-1] + 0.049 <= later <= stamps[-1] + took + 1.0


def _owner_is_alive(world: World) -> None:
    """A store's own process is alive, and so is who nothing is known of as long as it was seen."""
    first, second = world.store(), world.store()
    world.call(first, setting({"a": 1}))

    assert first.owner == first.owner
    assert "/" not in first.owner
    assert world.call(second, Transact(LIVES, (), {"owners": [first.owner, second.owner]})) == [True, True]


def _nothing_is_lost_among_threads(world: World) -> None:
    """Threads that change the same states at once lose nothing, with one store or several."""
    shared = world.store()
    world.call(shared, setting({"a": 0, "b": 0}))
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            store = shared if number % 2 else world.store()
            for turn in range(25):
                world.call(store, adding(1, "a", "b"))
                world.call(store, setting({}, entry(f"{number}-{turn}")))
        except BaseException as error:  # noqa: BLE001  # shown below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert world.call(shared, getting("a", "b")) == {"a": 200, "b": 200}
    assert len(cast("list[Json]", world.call(shared, FindEntries()))) == 200


def _closed_opens_again(world: World) -> None:
    """A store that was closed opens again when it is used; closing twice is fine."""
    store = world.store()
    world.call(store, setting({"a": 1}, entry("one")))
    before = world.call(store, Transact(NOW, ()))

    store.close()
    store.close()

    assert world.call(store, getting("a")) == {"a": 1}
    assert world.call(store, FindEntries()) == [entry("one")]
    assert cast("float", world.call(store, Transact(NOW, ()))) >= cast("float", before)


def _many_states(world: World) -> None:
    """Hundreds of states may be changed at once."""
    store = world.store()
    states: dict[str, Json] = {f"key/{number:04}": {"n": number} for number in range(300)}

    world.call(store, setting(states))

    assert world.call(store, getting(*states)) == states
    assert len(cast("list[str]", world.call(store, FindKeys("key/")))) == 300


CASES: dict[str, Callable[[World], None]] = {
    case.__name__.removeprefix("_"): case
    for case in (
        _states_come_back,
        _none_deletes,
        _untouched_states_stay,
        _change_that_raises,
        _keys_by_prefix,
        _keys_of_any_text,
        _entries_come_back,
        _entries_in_order,
        _entry_appended_once,
        _answers_are_whole,
        _clock_goes_on,
        _owner_is_alive,
        _nothing_is_lost_among_threads,
        _closed_opens_again,
        _many_states,
    )
}
