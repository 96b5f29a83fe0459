"""Choices, read from bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Chance:
    """
    Takes each choice from the next bytes; where there are none left, every choice is the first one.

    So a shorter string means a plainer example, which is what hypothesis shrinks towards. Options are listed with the plainest first.
    """

    __slots__ = ("_at", "_blob", "notes")

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self._at = 0
        self.notes: list[tuple[str, object]] = []
        """What was made of the choices, for whoever reads a failure."""

    def below(self, count: int) -> int:
        """A number from 0 to *count* - 1."""
        if count <= 1:
            return 0
        width = 1 if count <= 0x100 else 2 if count <= 0x10000 else 4
        taken = self._blob[self._at : self._at + width]
        self._at += width
        return int.from_bytes(taken, "big") % count

    def between(self, least: int, most: int) -> int:
        """A number, both ends included."""
        return least + self.below(most - least + 1)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def hit(self, of: int) -> bool:
        """True once in *of* times."""
        return self.below(of) == of - 1

    def take(self, count: int) -> bytes:
        """Up to *count* raw bytes."""
        taken = self._blob[self._at : self._at + count]
        self._at += count
        return taken

    def cut(self, whole: bytes, most: int = 5) -> list[bytes]:
        """The bytes in up to *most* + 1 pieces, empty ones among them."""
        places = sorted(self.below(len(whole) + 1) for _ in range(self.below(most + 1)))
        return [whole[begin:end] for begin, end in zip([0, *places], [*places, len(whole)], strict=True)]

    def cut_text(self, whole: str, most: int = 3) -> list[str]:
        """The text in up to *most* + 1 pieces, none of them empty; none at all of an empty text."""
        places = sorted({self.below(len(whole) + 1) for _ in range(self.below(most + 1))} - {0, len(whole)})
        pieces = [whole[begin:end] for begin, end in zip([0, *places], [*places, len(whole)], strict=True)]
        return [piece for piece in pieces if piece]

    def note(self, name: str, value: object) -> None:
        """Keep a value for the report of a failure."""
        self.notes.append((name, value))
