"""Performs the flows of budgets on a store, by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from tests.core.stepper import Clock
from twinwire import MemoryStore, StoreError
from twinwire._core.effects import Access
from twinwire.money.accounts import Accounts
from twinwire.money.worst import Worst

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire import Budget
    from twinwire._core.effects import Flow
    from twinwire._core.store import Operation, Store

T = TypeVar("T")

NOVEMBER_21 = 1795258800.0
"""11:00 in UTC."""
ZERO = Decimal(0)


class FickleStore(MemoryStore):
    """Fails as often as it is told to, before or after it has done what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = 0
        self.fails_afterwards = False
        self.dead: set[str] = set()
        self.moment: Clock | None = None
        self.name = "this"

    @property
    def owner(self) -> str:
        """A process of some name."""
        return self.name

    @property
    def now(self) -> float:
        """A test's time, if there is one."""
        return super().now if self.moment is None else self.moment.now

    def is_alive(self, owner: str) -> bool:
        """Unless a test says otherwise."""
        return owner not in self.dead

    def perform(self, operation: Operation) -> object:
        """Do it, or fail."""
        if self.failing and not self.fails_afterwards:
            self.failing -= 1
            raise StoreError("the disk is full")
        answer = super().perform(operation)
        if self.failing:
            self.failing -= 1
            raise StoreError("the connection broke")
        return answer


def play(flow: Flow[T]) -> T:
    """Perform it to its end."""
    try:
        effect = next(flow)
        while True:
            assert isinstance(effect, Access)
            try:
                answer = effect.store.perform(effect.operation)
            except StoreError as error:
                effect = flow.throw(error)
            else:
                effect = flow.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result


def worst(usd: str | None, **more: object) -> Worst:
    """A worst case of so many dollars."""
    given: dict[str, object] = {"usd": None if usd is None else Decimal(usd), "input_tokens": 10, **more}
    return Worst(**given)  # type: ignore[arg-type]  # tests name fields in tables


def accounts(
    *budgets: Budget, store: Store | None = None, clock: Clock | None = None, wall: Callable[[], float] | None = None
) -> Accounts:
    """The budgets of a client, in a store of their own by default."""
    return Accounts(budgets, store or FickleStore(), now=clock or Clock(), wall=wall or (lambda: NOVEMBER_21))


def spend(book: Accounts, usd: str, *, reserved: str | None = None, **tags: str) -> None:
    """One call that costs so much."""
    hold = play(book.reserve(worst(reserved or usd), tags))
    play(hold.settle(Decimal(usd), ZERO))
