"""
Entries of the ledger as rows: a column for each field, so that users can ask for what they want in SQL.

A value that its column cannot hold, and a field that has no column (of a later version), is kept as JSON in the column `more`, so that each
entry comes back as it was.
"""

from __future__ import annotations

import json
from json import JSONEncoder
from typing import TYPE_CHECKING, TypeAlias, cast

from twinwire.errors import StoreError

if TYPE_CHECKING:
    from twinwire._core.json import Json, JsonObject

Cell: TypeAlias = "str | bytes | int | float | None"

encode = JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""JSON in ASCII, so that any text goes into any file."""

COLUMNS: dict[str, str] = {
    "id": "TEXT NOT NULL UNIQUE",
    "at": "REAL NOT NULL",
    "provider": "TEXT",
    "model": "TEXT",
    "answered_model": "TEXT",
    "operation": "TEXT",
    "tags": "JSON TEXT",
    "tokens": "JSON TEXT",
    "usd": "TEXT",
    "low": "TEXT",
    "high": "TEXT",
    "provenance": "TEXT",
    "possible_usd": "TEXT",
    "attempts": "INTEGER",
    "seconds": "REAL",
    "outcome": "TEXT",
    "key": "TEXT",
    "request_id": "TEXT",
    "is_stream": "BOOLEAN",
}
_NAMES = tuple(COLUMNS)
_KINDS = tuple((name, declared.split(" ", 1)[0]) for name, declared in COLUMNS.items())
_ABSENT = ""
"""Under this name, which no field has, `more` lists the fields that were not there at all: null is something else."""

_LIST = ", ".join(f'"{name}"' for name in (*_NAMES, "more"))
_PLACES = ", ".join("?" for _ in (*_NAMES, "more"))
INSERT = f"INSERT INTO entries ({_LIST}) VALUES ({_PLACES}) ON CONFLICT (id) DO NOTHING"  # noqa: S608  # our own names
SELECT = f"SELECT {_LIST} FROM entries"  # noqa: S608  # our own names
CREATE = (
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, "
    + ", ".join(f'"{name}" {declared}' for name, declared in COLUMNS.items())
    + ", more JSON TEXT)"
)

_MOST = 2**63


def to_row(entry: JsonObject) -> list[Cell]:
    """
    Return the cells of *entry*, in the order of `INSERT`.

    Raises:
        StoreError: it has no `id`, which is text, or no `at`, which is a number.
    """
    if not isinstance(entry.get("id"), str) or not isinstance(entry.get("at"), int | float):
        raise StoreError("an entry of the ledger needs an id, which is text, and a time, which is a number")
    row: list[Cell] = []
    more: dict[str, Json] = {}
    absent: list[Json] = []
    for name, kind in _KINDS:
        value = entry.get(name)
        if value is None:
            if name not in entry:
                absent.append(name)
            row.append(None)
        elif kind == "TEXT" and type(value) is str and value.isascii():  # most are
            row.append(value)
        else:
            cell = _to_cell(kind, value)
            if cell is None:
                more[name] = value
            row.append(cell)
    if len(entry) + len(absent) > len(_KINDS):
        more.update((name, value) for name, value in entry.items() if name not in COLUMNS)
    if absent:
        more[_ABSENT] = absent
    row.append(encode(more) if more else None)
    return row


def _to_cell(kind: str, value: Json) -> Cell:
    """The cell that holds *value*; None where the column cannot."""
    if kind == "TEXT":
        return value if isinstance(value, str) and is_unicode(value) else None
    if kind == "JSON":
        return "{}" if value == {} else encode(value)
    if kind == "BOOLEAN":
        return int(value) if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MOST < value < _MOST:
        return None  # neither is it for NaN
    return float(value) if kind == "REAL" else (value if isinstance(value, int) else None)


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold it, which it cannot if half a character stands alone."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def from_row(row: tuple[Cell, ...]) -> JsonObject:
    """
    Return the entry that a row of `SELECT` holds.

    Raises:
        ValueError: its JSON is none.
    """
    entry: JsonObject = {name: _from_cell(kind, cell) for (name, kind), cell in zip(_KINDS, row[:-1], strict=True)}
    if row[-1] is not None:
        more = cast("JsonObject", json.loads(row[-1]))  # type: ignore[arg-type]  # a text; others raise TypeError
        absent = cast("list[str]", more.pop(_ABSENT, []))
        entry.update(more)
        for name in absent:
            entry.pop(name, None)
    return entry


def _from_cell(kind: str, cell: Cell) -> Json:
    if cell is None or isinstance(cell, bytes):
        return None
    if kind == "JSON":
        return cast("Json", json.loads(str(cell)))
    return bool(cell) if kind == "BOOLEAN" else cell
