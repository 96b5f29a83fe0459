"""What is done on the wire, one step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@frozen
class Write:
    """Write these bytes at once."""

    data: bytes
    is_encoded: bool = True
    """Whether compression, if any, includes them."""


@frozen
class Pause:
    """Be silent for so many seconds, or, when infinite, until the client leaves."""

    seconds: float


@frozen
class End:
    """Close or reset the connection."""

    how: Literal["close", "reset"] = "close"


Step: TypeAlias = Write | Pause | End


def until_end(items: Iterable[Step]) -> Iterator[Step]:
    """The steps up to the first `End`."""
    for item in items:
        yield item
        if isinstance(item, End):
            return


def in_pieces(items: Iterable[Step], sizes: int | Sequence[int], delay_seconds: float) -> Iterator[Step]:
    """Cut the bytes between other steps into pieces of these sizes; what a list does not cover comes in one piece."""
    remaining = iter(()) if isinstance(sizes, int) else iter(sizes)
    wanted = sizes if isinstance(sizes, int) else next(remaining, None)
    pending = bytearray()
    for item in items:
        if not isinstance(item, Write):
            if pending:
                yield Write(bytes(pending))
                pending.clear()
            yield item
            continue
        pending += item.data
        while wanted is not None and len(pending) >= wanted:
            yield Write(bytes(pending[:wanted]))
            if delay_seconds:
                yield Pause(delay_seconds)
            del pending[:wanted]
            wanted = wanted if isinstance(sizes, int) else next(remaining, None)
    if pending:
        yield Write(bytes(pending))
