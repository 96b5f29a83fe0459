"""An end to what a library does with its connection, where it takes no time limit itself. The awaited half."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from twinwire._io.http_client import AsyncStreamedReply


def cut_after(reply: AsyncStreamedReply, seconds: float) -> AbstractContextManager[object]:  # noqa: ARG001  # its twin has it
    """Cancel what is awaited inside when the time is over; the library then drops the reply's connection."""
    return anyio.move_on_after(seconds)
