"""Work that takes the processor for long, off the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


async def aside(work: Callable[[], _T]) -> _T:
    """Do *work*, which has no effects, in a thread, on asyncio and on trio. A cancelled caller does not wait for its end."""
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
