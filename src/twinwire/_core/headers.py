"""Response headers as a case-insensitive mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key"})


class Headers(Mapping[str, str]):
    """
    Headers as they came: looked up without regard to case, in order, repeated names joined by `, `.

    `get_all()` keeps repeated values apart. A repr masks what may hold a credential.
    """

    __slots__ = ("pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: tuple[tuple[str, str], ...] = tuple((name.lower(), value) for name, value in pairs)
        """Every header in wire order, names in lower case."""

    def get_all(self, name: str) -> list[str]:
        """Every value of *name*, in order."""
        wanted = name.lower()
        return [value for key, value in self.pairs if key == wanted]

    def __getitem__(self, name: str) -> str:
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self.pairs))

    def __len__(self) -> int:
        return len(dict(self.pairs))

    def __repr__(self) -> str:
        shown = {name: "***" if name in _SECRET else self[name] for name in self}
        return f"Headers({shown})"
