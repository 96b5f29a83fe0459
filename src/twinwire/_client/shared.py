"""
What a client and its copies share besides connections: parts by what they were asked for with.

Imported with the client classes, so it imports nothing that costs time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Shared:
    """The same limits are the same limiter, the same path is the same store."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: dict[tuple[str, object], object] = {}

    def has(self, name: str) -> bool:
        """Whether there is a part of the class of that name, which need not be loaded for this."""
        return any(kind == name for kind, _ in list(self._parts))

    def part(self, kind: type[T], asked: object, make: Callable[[], T]) -> T:
        """The part of that kind, made where there is none."""
        place = (kind.__name__, asked)
        found = self._parts.get(place)
        if found is None:
            made = make()
            found = self._parts.setdefault(place, made)  # atomic: of two first calls at once, one part is kept
        if not isinstance(found, kind):
            raise TypeError(f"a {type(found).__name__} stands for a {kind.__name__}")
        return found

    def parts(self, kind: type[T]) -> list[T]:
        """All of that kind."""
        return [part for part in list(self._parts.values()) if isinstance(part, kind)]
