"""One answer being given: what is done on the wire, and what is to be settled when it ends, however it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.testing.steps import End

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from twinwire.testing.steps import Step


class Progress:
    """How much of an answer has been generated: of its parts, which are the events of a stream or the whole body."""

    def __init__(self, at_end: Callable[[], None] | None = None) -> None:
        self._at_end = at_end
        self._written = 0
        self._own = 0
        self._total = 0

    @property
    def parts(self) -> int:
        """The answer's own parts so far; what a fault puts in their place is none."""
        return min(self._written, self._own)

    def begin(self, parts: Sequence[bytes], edited: Sequence[bytes]) -> None:
        """These are the answer's parts, and these will be written."""
        pairs = enumerate(zip(parts, edited, strict=False))
        self._own = next((index for index, (own, given) in pairs if own != given), min(len(parts), len(edited)))
        self._total = len(edited)

    def step(self) -> None:
        """The next part is about to be written; the last one ends it, before any client can know."""
        self._written += 1
        if self._written == self._total and self._at_end is not None:
            self._at_end()


class Answering:
    """The steps of one answer; `close` says that no more of them is done, also when its connection broke."""

    def __init__(self, steps: Iterator[Step], settle: Callable[[], None], release: Callable[[], None]) -> None:
        self._steps = steps
        self._settle = settle
        self._release = release

    def __iter__(self) -> Iterator[Step]:
        for step in self._steps:
            if isinstance(step, End):  # what a client sees the end of has been settled
                self._settle()
            yield step

    def close(self) -> None:
        """There is no more of it. To be called once."""
        self._settle()
        self._release()
