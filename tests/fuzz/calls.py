"""Never a call to the wrong tool."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.fuzz import true_calls
from tests.fuzz.true_calls import Raw
from twinwire.chat.accumulate import ChatAccumulator
from twinwire.errors import ToolCallAssemblyError

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance

Row = tuple[str, str, str, str]


def check_dressed(chance: Chance) -> None:
    """Calls in any server's dress come out as they were made, or are refused; where each fragment says whose it is, they come out."""
    calls = true_calls.true_calls(chance)
    dress = true_calls.dress(chance)
    chance.note("calls", calls)
    chance.note("dress", dress)
    if not true_calls.is_readable(dress, calls):
        return
    sent = true_calls.fragments(chance, dress, calls)
    chance.note("deltas", sent)
    accumulator, events = assembled(chance, sent)
    try:
        accumulator.check()
    except ToolCallAssemblyError:
        assert not true_calls.is_told_apart(dress)
        return
    rows = true_calls.found(message_of(accumulator))

    assert normal(rows) == normal(true_calls.expected(dress, calls))
    assert normal(told_by(events)) == normal(rows)


def check_confused(chance: Chance) -> None:
    """Fragments that lose or swap their marks never put the arguments of one tool into a call of another."""
    calls = true_calls.true_calls(chance)
    dress = true_calls.dress(chance)
    dress.pointer = chance.pick(("index", "gaps"))
    dress.name_at = "first"
    dress.ids = chance.pick(("own", "empty", "none", "null"))
    sent = true_calls.fragments(chance, dress, calls)
    chance.note("calls", calls)
    chance.note("dress", dress)
    chance.note("deltas", sent)
    owned = [[each for each in sent if true_calls.owner(dress, each) == call.number] for call in calls]
    for _ in range(chance.between(1, 2)):
        if sent:
            _confuse(chance, sent)
    left = [[each for each in row if any(each is other for other in sent)] for row in owned]
    if any(_is_unmarked(row[0]) for row in left if row):
        return  # it looks like the rest of the call before it, and nobody can tell
    accumulator, _ = assembled(chance, sent)
    try:
        accumulator.check()
    except ToolCallAssemblyError:
        return
    for _, _, name, text in true_calls.found(message_of(accumulator)):
        wrong = [call.name for call in calls if call.name != name and f"{call.name} {call.number}" in text]

        assert not wrong, (name, text)


def _confuse(chance: Chance, sent: list[Raw]) -> None:
    """Take a mark away from one fragment: its index, its id, its name, or itself."""
    place = chance.below(len(sent))
    fragment = sent[place]
    body: Any = fragment.get("function") or fragment.get("custom")
    match chance.below(5):
        case 0:
            fragment.pop("index", None)
        case 1:
            fragment["index"] = chance.pick((-1, None))
        case 2:
            fragment["id"] = chance.pick((None, ""))
        case 3:
            if body:
                body["name"] = chance.pick((None, ""))
        case _:
            del sent[place]


def _is_unmarked(fragment: Raw) -> bool:
    body: Any = fragment.get("function") or fragment.get("custom") or {}
    return not fragment.get("id") and fragment.get("index") in {None, -1} and not body.get("name")


def assembled(chance: Chance, sent: list[Raw]) -> tuple[ChatAccumulator, list[Any]]:
    """The fragments in chunks, one or several in each, with chunks that say nothing in between."""
    accumulator = ChatAccumulator()
    events: list[Any] = []
    rest = list(sent)
    while rest:
        count = chance.pick((1, 1, 2, 4))
        entries: list[Any] = rest[:count]
        del rest[:count]
        if chance.hit(6):
            entries.insert(chance.below(len(entries) + 1), chance.pick((None, Raw())))
        events += accumulator.add({"choices": [{"index": 0, "delta": {"tool_calls": entries}}]})
        if chance.hit(4):
            idle: Raw = {"content": chance.pick((None, "")), "tool_calls": chance.pick((None, []))}
            events += accumulator.add({"choices": [{"index": 0, "delta": idle}]})
    return accumulator, events


def message_of(accumulator: ChatAccumulator) -> Raw:
    """The message of the first choice so far."""
    body: Any = accumulator.snapshot()
    return body["choices"][0]["message"] if body["choices"] else {}


def told_by(events: list[Any]) -> list[Row]:
    """The calls as the events tell them."""
    rows: dict[int, list[str]] = {}
    for event in events:
        if event.type == "tool_call":
            row = rows.setdefault(event.call_index, ["", "", "", ""])
            row[0], row[1], row[2] = event.kind, event.id or "", event.name or ""
            row[3] += event.arguments_delta
    return [(row[0], row[1], row[2], row[3]) for _, row in sorted(rows.items())]


def normal(rows: list[Row]) -> list[Row]:
    """With arguments that are JSON in one spelling, since a server may send them parsed."""
    return [(kind, call_id, name, _spelled(text)) for kind, call_id, name, text in rows]


def _spelled(text: str) -> str:
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return text
