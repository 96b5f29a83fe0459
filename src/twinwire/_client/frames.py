"""
Tracebacks without the frames that hold keys.

Many tools print the local variables of a traceback's frames, and while options and arguments are checked the keys among them stand
there in the clear. So what is raised then leaves without those frames; the user's own stay, and are the user's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from twinwire.errors import TwinwireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

T = TypeVar("T")

_OURS = frozenset({__name__.partition(".")[0], "attr", "json", "re", "urllib"})
"""Packages whose frames stand between a user's call and what a user's own mapping does."""


def without_frames(make: Callable[[], T]) -> T:
    """
    Return what *make* does. What it raises leaves without the frames in between.

    *make* must be a lambda or the like over records that do not show themselves, for its variables are those of the caller's frame.
    """
    try:
        return make()
    except Exception as error:  # noqa: BLE001  # raised again, below, where this frame has forgotten where it came from
        failure = error
    for behind in all_behind(failure):
        _forget(behind)
    raise failure


def all_behind(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes and contexts, each once."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        found = left.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            left += [found.__cause__, found.__context__]
            yield found


def _forget(error: BaseException) -> None:
    """Drop our frames from a traceback; where the innermost is one of ours, and so the defect, too, a note says where it was."""
    kept: list[TracebackType] = []
    last: TracebackType | None = None
    step = error.__traceback__
    while step is not None:
        last = step
        if str(step.tb_frame.f_globals.get("__name__")).partition(".")[0] not in _OURS:
            kept.append(step)
        step = step.tb_next
    if isinstance(error, TwinwireError):
        error.__traceback__ = None  # it says all that there is to say
        return
    if last is not None and last not in kept:
        error.add_note(
            f"raised at {last.tb_frame.f_code.co_filename}:{last.tb_lineno}; the frames up to there are left out, for they may hold keys"
        )
    inner = None
    for outer in reversed(kept):
        outer.tb_next = inner
        inner = outer
    error.__traceback__ = inner
