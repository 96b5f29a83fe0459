"""What an argument may be: the data that the generated check tables consist of, and `checks.py` interprets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["null", "boolean", "string", "integer", "number", "list", "mapping"]


class Rule:
    """What one value may be: its kinds, and for each kind its limits."""

    __slots__ = (
        "closed",
        "exclusive_maximum",
        "exclusive_minimum",
        "items",
        "kinds",
        "max_items",
        "max_length",
        "max_properties",
        "maximum",
        "min_items",
        "min_length",
        "minimum",
        "plain",
        "shape",
        "shapes",
        "tag",
        "values",
    )

    def __init__(
        self,
        *kinds: Kind,
        minimum: float | None = None,
        maximum: float | None = None,
        exclusive_minimum: float | None = None,
        exclusive_maximum: float | None = None,
        min_length: int = 0,
        max_length: int | None = None,
        min_items: int = 0,
        max_items: int | None = None,
        max_properties: int | None = None,
        items: Rule | None = None,
        values: Rule | None = None,
        shape: str | None = None,
        tag: str | None = None,
        shapes: Mapping[str, str] | None = None,
        closed: bool = False,
    ) -> None:
        self.kinds = kinds
        self.minimum = minimum
        self.maximum = maximum
        self.exclusive_minimum = exclusive_minimum
        self.exclusive_maximum = exclusive_maximum
        self.min_length = min_length
        self.max_length = max_length
        self.min_items = min_items
        self.max_items = max_items
        self.max_properties = max_properties
        self.items = items
        """The rule of a list's items; None lets them all through."""
        self.values = values
        """The rule of a mapping's values, where its keys are the user's own."""
        self.shape = shape
        """The name of the mapping's shape."""
        self.tag = tag
        """The key that tells which of *shapes* a mapping has."""
        self.shapes = shapes
        self.closed = closed
        """Whether a tag outside *shapes* is refused."""
        self.plain = self._plain_types()

    def _plain_types(self) -> frozenset[type]:
        """Return the exact types that need no further look, which is what makes the good path fast."""
        plain: set[type] = set()
        if "null" in self.kinds:
            plain.add(type(None))
        if "boolean" in self.kinds:
            plain.add(bool)
        if "string" in self.kinds and not self.min_length and self.max_length is None:
            plain.add(str)
        bounds = (self.minimum, self.maximum, self.exclusive_minimum, self.exclusive_maximum)
        if ("integer" in self.kinds or "number" in self.kinds) and bounds == (None, None, None, None):
            plain.add(int)
        if "mapping" in self.kinds and not (
            self.shape or self.shapes or self.values or self.max_properties is not None
        ):
            plain.add(dict)
        if "list" in self.kinds and not (self.items or self.min_items or self.max_items is not None):
            plain.add(list)
        return frozenset(plain)


class Shape:
    """The known keys of one mapping. A property without a rule may be anything."""

    __slots__ = ("properties", "required")

    def __init__(self, *, required: tuple[str, ...] = (), properties: Mapping[str, Rule]) -> None:
        self.required = required
        self.properties = properties
