"""Now and then: book what dead owners had reserved, and forget what nobody needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """Of one store, in one client. It keeps the times, and may be shared by threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._swept = float("-inf")
        self._accounts_swept = float("-inf")
        self._position = ""

    def is_due(self, now: float) -> bool:
        """Whether it is time."""
        return now - self._swept >= EVERY_SECONDS

    def sweep(self, now: float, *, is_refusing: bool = False) -> Flow[int]:
        """
        Do it, if it is time → how many reservations were buried.

        Raises:
            StoreError: it cannot be read or written.
        """
        if now - self._swept < (REFUSING_SECONDS if is_refusing else EVERY_SECONDS):
            return 0
        self._swept = now  # first, so that other threads do not do the same meanwhile
        buried = 0
        found = yield from self._find(HOLDS)
        for begin in range(0, len(found), AT_ONCE):
            buried += yield from self._bury(found[begin : begin + AT_ONCE])
        if now - self._accounts_swept >= ACCOUNTS_EVERY_SECONDS:
            self._accounts_swept = now
            yield from self._forget()
        return buried

    def _bury(self, holds: list[str]) -> Flow[int]:
        """The dead are not known beforehand, so the first answer says which accounts they have."""
        answer = yield from access(self._store, _bury(holds, {}))
        buried = _count(answer)
        more = answer.get("more") if is_object(answer) else None
        if is_object(more):
            buried += _count((yield from access(self._store, _bury(holds, dict.fromkeys(more)))))
        return buried

    def _forget(self) -> Flow[None]:
        """Some of the accounts, beginning where it ended the last time."""
        found = sorted((yield from self._find(PREFIX)))
        turn = [key for key in found if key > self._position][:AT_ONCE]
        self._position = turn[-1] if len(turn) == AT_ONCE else ""
        if turn:
            yield from access(self._store, _bury([], {key: kept_seconds(key) for key in turn}))

    def _find(self, prefix: str) -> Flow[list[str]]:
        found = yield from access(self._store, FindKeys(prefix))
        return [str(key) for key in found] if is_array(found) else []


def _bury(holds: list[str], accounts: dict[str, Json] | dict[str, float | None]) -> Transact:
    return Transact(
        BURY,
        (*holds, *accounts),
        {"holds": [*holds], "accounts": {**accounts}, "forget_seconds": FORGET_SECONDS},
    )


def _count(answer: object) -> int:
    return int(answer["buried"]) if is_object(answer) else 0
