"""Chunks made by hand, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from twinwire.chat.accumulate import ChatAccumulator

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject
    from twinwire.chat.events import ChatStreamEvent


class Folded(NamedTuple):
    """An accumulator after some chunks, and the events they made."""

    accumulator: ChatAccumulator
    events: list[ChatStreamEvent]

    @property
    def body(self) -> JsonObject:
        return self.accumulator.snapshot()

    def choice(self, place: int = 0) -> JsonObject:
        choices = self.body["choices"]
        assert isinstance(choices, list)
        choice = choices[place]
        assert isinstance(choice, dict)
        return choice

    def message(self, place: int = 0) -> JsonObject:
        message = self.choice(place)["message"]
        assert isinstance(message, dict)
        return message


def fold(*chunks: Json) -> Folded:
    """Fold chunks one after the other."""
    accumulator = ChatAccumulator()
    return Folded(accumulator, [event for chunk in chunks for event in accumulator.add(chunk)])


def deltas(*values: JsonObject) -> Folded:
    """Fold deltas of choice 0, one per chunk."""
    return fold(*(chunk(value) for value in values))


def chunk(delta: JsonObject, **choice_fields: Json) -> JsonObject:
    """A chunk with one delta of choice 0, or of the index given."""
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, **choice_fields}]}


def tool(**fields: Json) -> JsonObject:
    """A tool-call delta; *name* and *args* go into its `function`."""
    function: JsonObject = {}
    if "name" in fields:
        function["name"] = fields.pop("name")
    if "args" in fields:
        function["arguments"] = fields.pop("args")
    return {**fields, "function": function}
