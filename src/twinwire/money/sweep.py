"""Now and then: book what dead owners had reserved, and forget what nobody needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from twinwire._core.effects import access
from twinwire._core.store import FindKeys, Transact
from twinwire.money.booking import BURY
from twinwire.money.kinds import is_array, is_object
from twinwire.money.places import PREFIX, kept_seconds

if TYPE_CHECKING:
    from twinwire._core.effects import Flow
    from twinwire._core.json import Json
    from twinwire._core.store import Store

HOLDS = "hold/"
EVERY_SECONDS = 60.0
REFUSING_SECONDS = 5.0
"""Before a refusal it is done sooner, so that its numbers say what is under way and what is lost."""
ACCOUNTS_EVERY_SECONDS = 600.0
FORGET_SECONDS = 86_400.0
"""How long a reservation is remembered that was taken for lost: its owner may only have slept."""
AT_ONCE = 500
"""So many states in one operation, which others wait for."""


class Sweeper:
    """Of one store, in one process. It keeps the times, and may be shared by threads."""

    def __init__(self) -> None:
        self._swept = float("-inf")
        self._accounts_swept = float("-inf")
        self._position = ""

    def is_due(self, now: float) -> bool:
        """Whether it is time."""
        return now - self._swept >= EVERY_SECONDS

    def sweep(self, store: Store, now: float, *, is_refusing: bool = False) -> Flow[int]:
        """
        Do it, if it is time → how many reservations were buried.

        Raises:
            StoreError: it cannot be read or written.
        """
        if now - self._swept < (REFUSING_SECONDS if is_refusing else EVERY_SECONDS):
            return 0
        self._swept = now  # first, so that other threads do not do the same meanwhile
        buried = 0
        found = yield from _find(store, HOLDS)
        for begin in range(0, len(found), AT_ONCE):
            buried += yield from _bury_dead(store, found[begin : begin + AT_ONCE])
        if now - self._accounts_swept >= ACCOUNTS_EVERY_SECONDS:
            self._accounts_swept = now
            yield from self._forget(store)
        return buried

    def _forget(self, store: Store) -> Flow[None]:
        """Some of the accounts, beginning where it ended the last time."""
        found = sorted((yield from _find(store, PREFIX)))
        turn = [key for key in found if key > self._position][:AT_ONCE]
        self._position = turn[-1] if len(turn) == AT_ONCE else ""
        if turn:
            yield from access(store, _bury([], {key: kept_seconds(key) for key in turn}))


_SWEEPERS: WeakKeyDictionary[Store, Sweeper] = WeakKeyDictionary()


def sweeper_of(store: Store) -> Sweeper:
    """The one of a store, whoever uses it; a store that cannot be referred to weakly has one for each who asks."""
    try:
        return _SWEEPERS.setdefault(store, Sweeper())
    except TypeError:
        return Sweeper()


def _find(store: Store, prefix: str) -> Flow[list[str]]:
    found = yield from access(store, FindKeys(prefix))
    return [str(key) for key in found] if is_array(found) else []


def _bury_dead(store: Store, holds: list[str]) -> Flow[int]:
    """The dead are not known beforehand, so the first answer says which accounts they have."""
    answer = yield from access(store, _bury(holds, {}))
    buried = _count(answer)
    more = answer.get("more") if is_object(answer) else None
    if is_object(more):
        buried += _count((yield from access(store, _bury(holds, dict.fromkeys(more)))))
    return buried


def _bury(holds: list[str], accounts: dict[str, Json] | dict[str, float | None]) -> Transact:
    return Transact(
        BURY,
        (*holds, *accounts),
        {"holds": [*holds], "accounts": {**accounts}, "forget_seconds": FORGET_SECONDS},
    )


def _count(answer: object) -> int:
    return int(answer["buried"]) if is_object(answer) else 0
