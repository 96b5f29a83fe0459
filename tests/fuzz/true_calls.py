"""
Tool calls of which it is known who made them, in the dress of some server.

The arguments of a call tell its name and number, so that what came to the wrong call shows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, frozen

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance

Raw = dict[str, Any]
NAMES = ("alpha", "beta", "gamma")


@frozen(kw_only=True)
class TrueCall:
    """What a model asked for."""

    number: int
    id: str
    name: str
    arguments: str
    kind: Literal["function", "custom"]

    @property
    def is_object(self) -> bool:
        """Whether the arguments are a whole JSON object."""
        try:
            return isinstance(json.loads(self.arguments), dict)
        except ValueError:
            return False


@define(kw_only=True)
class Dress:
    """How a server writes calls. The first value of each is the documented way."""

    pointer: str
    """`index`: one each; `gaps`: one each, not from 0; `same`: 0 for all; `none`, `null`, `minus`: none."""
    ids: str
    """`own`: one each; `empty`, `null`, `none`: no call has one; `shared`: one for all."""
    id_at: str
    """`first`, `every` or `late` (after the first fragment)."""
    name_at: str
    type_at: str
    blank: str
    """What stands in place of an id, name or type that is not told: `absent`, `null` or `empty`."""
    is_interleaved: bool
    is_whole: bool
    """Whether each call comes in one fragment."""
    opens_empty: bool
    """Whether a first fragment without arguments opens each call."""


def true_calls(chance: Chance) -> list[TrueCall]:
    """Up to four calls."""
    calls: list[TrueCall] = []
    for number in range(chance.pick((1, 2, 3, 0, 2, 4))):
        name = chance.pick(NAMES)
        mark = f"{name} {number}"
        custom = chance.hit(6)
        arguments = chance.pick(
            (
                json.dumps({"for": mark}),
                json.dumps({"for": mark, "text": 'a}{" [é\\', "deep": [{}, {"a": None}]}, ensure_ascii=False),
                "{}",
                "",
                f'{{"for": "{mark}',  # cut by the token limit
                f"{mark} as words",
                json.dumps([mark]),
                f' {{"for": "{mark}"}} ',
            )
        )
        calls.append(
            TrueCall(
                number=number,
                id=f"call-{number}",
                name=name,
                arguments=arguments,
                kind="custom" if custom else "function",
            )
        )
    return calls


def dress(chance: Chance) -> Dress:
    """The way of some server."""
    return Dress(
        pointer=chance.pick(("index", "index", "none", "same", "gaps", "null", "minus")),
        ids=chance.pick(("own", "own", "own", "empty", "none", "null", "shared")),
        id_at=chance.pick(("first", "first", "every", "late")),
        name_at=chance.pick(("first", "first", "every", "late")),
        type_at=chance.pick(("first", "every", "never", "late")),
        blank=chance.pick(("absent", "null", "empty")),
        is_interleaved=chance.hit(3),
        is_whole=chance.hit(4),
        opens_empty=not chance.hit(3),
    )


def is_told_apart(dress: Dress) -> bool:
    """Whether every fragment says whose it is, or comes right after one that does: then the calls must come out."""
    if dress.pointer in {"index", "gaps"}:
        return dress.ids != "shared"
    has_ids = dress.ids == "own" and (dress.id_at != "late" or dress.is_whole)
    if dress.name_at != "first" and not dress.is_whole and dress.id_at != "every":
        return False  # a name without an id or index may also begin a call
    return has_ids and (not dress.is_interleaved or dress.is_whole or dress.id_at == "every")


def is_readable(dress: Dress, calls: list[TrueCall]) -> bool:
    """
    Whether somebody who knows all dresses, but not which one this is, could read it.

    Left out is what has one reading only for who knows the calls already: fragments without any mark that are interleaved, and a
    name said again that may be the next call of the same tool.
    """
    if is_told_apart(dress):
        return True
    if dress.is_interleaved and not dress.is_whole:
        return False
    names = [call.name for call in calls]
    if len(set(names)) == len(names):
        return dress.name_at != "late" or dress.is_whole
    return all(call.is_object for call in calls) and dress.name_at == "first" and dress.is_whole


def fragments(chance: Chance, dress: Dress, calls: list[TrueCall]) -> list[Raw]:
    """The deltas of the calls, in the order in which they are sent."""
    rows = [_fragments_of(chance, dress, call) for call in calls]
    if not dress.is_interleaved:
        return [fragment for row in rows for fragment in row]
    # Calls begin in their order, and go on in any.
    sent: list[Raw] = []
    begun = 0
    while any(rows):
        open_rows = [row for row in rows[: begun + 1] if row]
        row = chance.pick(open_rows) if open_rows else rows[begun + 1]
        if row is rows[min(begun, len(rows) - 1)] and begun < len(rows) - 1:
            begun += 1
        sent.append(row.pop(0))
    return sent


def owner(dress: Dress, fragment: Raw) -> int:
    """The number of the call that a fragment with an index of its own belongs to."""
    return int(fragment["index"]) if dress.pointer == "index" else (int(fragment["index"]) - 3) // 2


def _fragments_of(chance: Chance, dress: Dress, call: TrueCall) -> list[Raw]:
    pieces = (
        [call.arguments] if dress.is_whole else ([""] if dress.opens_empty else []) + chance.cut_text(call.arguments)
    )
    pieces = pieces or [""]
    if len(pieces) == 1 and not dress.is_whole and "late" in {dress.id_at, dress.name_at}:
        pieces.append("")
    return [_fragment(chance, dress, call, place, piece) for place, piece in enumerate(pieces)]


def _fragment(chance: Chance, dress: Dress, call: TrueCall, place: int, piece: str) -> Raw:
    fragment: Raw = {}
    match dress.pointer:
        case "index":
            fragment["index"] = call.number
        case "gaps":
            fragment["index"] = 3 + 2 * call.number
        case "same":
            fragment["index"] = 0
        case "null":
            fragment["index"] = None
        case "minus":
            fragment["index"] = -1
        case _:
            pass
    told_id = {"own": call.id, "shared": "call-x"}.get(dress.ids)
    if told_id is None:
        if dress.ids != "none":
            fragment["id"] = "" if dress.ids == "empty" else None
    else:
        _tell(fragment, "id", told_id, dress, dress.id_at, place)
    _tell(fragment, "type", call.kind, dress, dress.type_at, place)
    body: Raw = {}
    _tell(body, "name", call.name, dress, dress.name_at, place)
    key = "arguments" if call.kind == "function" else "input"
    if piece or chance.hit(2):
        body[key] = piece
    elif chance.hit(2):
        body[key] = None
    if piece and dress.is_whole and call.is_object and call.kind == "function" and chance.hit(4):
        body[key] = json.loads(piece)
    fragment[call.kind] = body
    return fragment


def _tell(holder: Raw, key: str, value: str, dress: Dress, at: str, place: int) -> None:
    last_late = 0 if dress.is_whole else 1
    if at == "every" or (at == "first" and place == 0) or (at == "late" and place == last_late):
        holder[key] = value
    elif dress.blank != "absent":
        holder[key] = None if dress.blank == "null" else ""


def expected(dress: Dress, calls: list[TrueCall]) -> list[tuple[str, str, str, str]]:
    """Kind, id, name and arguments as the reply must hold them."""
    ids = {"own": None, "shared": "call-x"}
    return [
        (call.kind, call.id if dress.ids == "own" else ids.get(dress.ids) or "", call.name, call.arguments)
        for call in calls
    ]


def found(message: Raw) -> list[tuple[str, str, str, str]]:
    """The same of a message."""
    calls: list[Raw] = message.get("tool_calls") or []
    rows: list[tuple[str, str, str, str]] = []
    for call in calls:
        kind = "custom" if "custom" in call else "function"
        body = call[kind]
        rows.append((kind, call["id"], body["name"], body["input" if kind == "custom" else "arguments"]))
    return rows
