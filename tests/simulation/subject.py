"""What is tested: the flows of the core, as clients use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from twinwire._core.flow import call
from twinwire._core.recover import Onward, open_stream

if TYPE_CHECKING:
    from twinwire._core.effects import Flow
    from twinwire._core.plan import Plan, Reader, Whole, World
    from twinwire._core.recover import Stream
    from twinwire.errors import APIError


class Subject(Protocol):
    """Makes the flow of a call; one that *restarts* goes on after a stream broke off."""

    def __call__(self, plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]: ...


@frozen
class Restarted:
    """The item of a stream that says: what came before is void."""

    number: int
    waited_seconds: float


def real(plan: Plan[object], world: World, *, restarts: bool) -> Flow[Whole | Stream[object]]:
    """The flow itself."""
    if plan.reader is None:
        return (yield from call(plan, world))
    return (yield from open_stream(plan, world, _restart if restarts else None))


def _restart(plan: Plan[object], error: APIError, reader: Reader[object]) -> Onward[object]:
    return Onward(plan=plan, announce=Restarted)
