"""A member of a union that the spec does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from attrs import define, field

from twinwire._model.encode import Encodable, unstructure
from twinwire._model.show import brief

if TYPE_CHECKING:
    from twinwire._model.json import Json


@define(repr=False)
class UnknownMember(Encodable, Mapping[str, "Json"]):
    """
    A member of no known shape: with an unknown tag, of a kind of JSON that its union does not have, or not what its tag promises.

    It is kept as it came and written back. Reads like a mapping of the fields of `raw`, an empty one where `raw` is no object.
    """

    raw: Json = field()

    @property
    def type(self) -> Literal["unknown"]:
        """Always this, so that `if call.type == "function":` tells the members of a union apart, for type checkers as well."""
        return "unknown"

    @property
    def tag(self) -> str | None:
        """What it calls itself: its `type` on the wire, if that is text."""
        tag = self.get("type")
        return tag if isinstance(tag, str) else None

    def __getitem__(self, name: str) -> Json:
        return self._members()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members())

    def __len__(self) -> int:
        return len(self._members())

    def __bool__(self) -> bool:
        # It is there, whatever is in it: a union field that holds one must not look absent.
        return True

    def __repr__(self) -> str:
        return f"UnknownMember({brief(self.raw)})"

    def _members(self) -> dict[str, Json]:
        return self.raw if isinstance(self.raw, dict) else {}

    def _encode(self) -> Json:
        return unstructure(self.raw)
