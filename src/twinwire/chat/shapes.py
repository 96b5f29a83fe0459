"""What a chunk's shape must be where folding depends on it; null stands for absent everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject


class MisshapenError(Exception):
    """Something in a chunk is not what it must be to be folded; *path* is relative to whoever reads it."""

    def __init__(self, path: str, expected: str, got: Json) -> None:
        super().__init__(path, expected, got)
        self.path = path
        self.expected = expected
        self.got = KINDS.get(type(got), "null")


KINDS: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def as_object(value: Json, path: str) -> JsonObject | None:
    """Narrow to an object."""
    if value is None or isinstance(value, dict):
        return value
    raise MisshapenError(path, "an object", value)


def as_list(value: Json, path: str) -> list[Json]:
    """Narrow to a list, empty for null."""
    if isinstance(value, list):
        return value
    if value is None:
        return []
    raise MisshapenError(path, "a list", value)


def as_text(value: Json, path: str) -> str | None:
    """Narrow to a string."""
    if value is None or isinstance(value, str):
        return value
    raise MisshapenError(path, "a string", value)


def as_index(value: Json, path: str) -> int | None:
    """Narrow to a place in a list; negative numbers (one server sends -1) say as little as null."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    raise MisshapenError(path, "an integer", value)
