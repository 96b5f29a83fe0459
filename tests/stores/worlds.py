"""The world of a case: how its stores are made, and how their operations are performed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import trio

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stores.cases import Caller
    from twinwire._core.store import Operation, Store

FlavourName = Literal["blocking", "asyncio", "trio"]
FLAVOURS: tuple[FlavourName, ...] = ("blocking", "asyncio", "trio")


def blocking(store: Store, operation: Operation) -> object:
    """Perform in place."""
    return store.perform(operation)


def in_asyncio(store: Store, operation: Operation) -> object:
    """Perform in an event loop, a new one each time."""

    async def main() -> object:
        return await store.perform_async(operation)

    return asyncio.run(main())


def in_trio(store: Store, operation: Operation) -> object:
    """Perform in trio."""

    async def main() -> object:
        return await store.perform_async(operation)

    return trio.run(main)


CALLERS: dict[FlavourName, Caller] = {"blocking": blocking, "asyncio": in_asyncio, "trio": in_trio}


class StoresOf:
    """A world whose stores a function makes."""

    def __init__(self, make: Callable[[], Store], flavour: FlavourName) -> None:
        self._make = make
        self._made: list[Store] = []
        self.call: Caller = CALLERS[flavour]

    def store(self) -> Store:
        """Make another."""
        store = self._make()
        self._made.append(store)
        return store

    def close(self) -> None:
        """Close all of them."""
        for store in self._made:
            store.close()
