"""
How fields are folded that need no knowledge of their meaning.

A chunk's and a choice's own fields say how things stand, so the last one that says something holds: null, `""`, `[]` and `{}` never
replace a value, and objects are merged key by key (servers send `x_groq` or filter results in parts). A delta's fields
are pieces, and of a field we do not know nobody can say whether its pieces are to be joined. So nothing is joined and nothing
is lost: one value stays as it is however often it is repeated, lists are appended to each other, and values that differ become the
list of all of them, which no reader takes for a finished value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject


def is_blank(value: Json) -> bool:
    """Whether a value says nothing: null, or an empty string, list or object. Zero and false say something."""
    return not value and not isinstance(value, int | float)


def set_state(state: JsonObject, key: str, value: Json) -> None:
    """Fold one field of a chunk or a choice."""
    if is_blank(value):
        state.setdefault(key, value)
        return
    known = state.get(key)
    if isinstance(known, dict) and isinstance(value, dict):
        state[key] = {**known, **value}
    else:
        state[key] = value


class Pieces:
    """The unknown fields of a delta, piece by piece."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[str, list[Json]] = {}

    def add(self, key: str, value: Json) -> None:
        """Take the next value of a field."""
        self._values.setdefault(key, []).append(value)

    def write(self, target: JsonObject) -> None:
        """Put every field with what its values come to, without replacing any that *target* has."""
        for key, values in self._values.items():
            target.setdefault(key, _sum_up(values))


def _sum_up(values: list[Json]) -> Json:
    told = [value for value in values if not is_blank(value)]
    if not told:
        return values[0]
    lists = [value for value in told if isinstance(value, list)]
    if len(lists) == len(told):
        return [item for value in lists for item in value]
    first = told[0]
    if all(type(value) is type(first) and value == first for value in told):
        return first
    return told


def detach(body: JsonObject) -> JsonObject:
    """Copy an object, so that a snapshot shares nothing with the chunks or with other snapshots."""
    # Not by recursion: JSON may be nested as deep as the parser's stack allows, and Python frames are larger.
    copy = body.copy()
    objects: list[JsonObject] = [copy]
    lists: list[list[Json]] = []
    while objects or lists:
        if objects:
            node = objects.pop()
            for key, value in node.items():
                if isinstance(value, dict):
                    node[key] = child = value.copy()
                    objects.append(child)
                elif isinstance(value, list):
                    node[key] = items = value.copy()
                    lists.append(items)
        else:
            row = lists.pop()
            for place, value in enumerate(row):
                if isinstance(value, dict):
                    row[place] = child = value.copy()
                    objects.append(child)
                elif isinstance(value, list):
                    row[place] = items = value.copy()
                    lists.append(items)
    return copy


class Text:
    """A string that grows: appending is cheap, and so is asking again for what has not changed."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def append(self, piece: str) -> None:
        self._pieces.append(piece)

    def __str__(self) -> str:
        if len(self._pieces) != 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]
