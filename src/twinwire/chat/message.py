"""One message, put together from deltas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.chat.audio import Audio
from twinwire.chat.content import Content
from twinwire.chat.events import ReasoningEvent, RefusalEvent, TextEvent
from twinwire.chat.fields import Pieces, Text, set_state
from twinwire.chat.reasoning import ReasoningDetails
from twinwire.chat.shapes import as_object, as_text
from twinwire.chat.tool_calls import ToolCalls

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject
    from twinwire.chat.events import ChatStreamEvent

_SPOKEN = frozenset({"role", "content", "refusal", "reasoning", "reasoning_content", "reasoning_details"})
_LABELS = frozenset({"name", "model"})
"""Of these the last one holds: they name something, and are repeated."""


class Message:
    """Folds the deltas of one choice."""

    __slots__ = (
        "_audio",
        "_choice_index",
        "_details",
        "_function_call",
        "_labels",
        "_pieces",
        "_role",
        "_texts",
        "_tool_calls",
        "content",
    )

    def __init__(self, choice_index: int) -> None:
        self.content = Content()
        self._choice_index = choice_index
        self._role: str | None = None
        self._texts: dict[str, Text | None] = {}
        self._details = ReasoningDetails()
        self._audio: Audio | None = None
        self._tool_calls = ToolCalls(choice_index)
        self._function_call = ToolCalls(choice_index)
        self._pieces = Pieces()
        self._labels: JsonObject = {}

    def add(self, delta: JsonObject, path: str, events: list[ChatStreamEvent]) -> bool:
        """
        Take the next delta and add the events it makes; return whether a caller would miss it.

        Reasoning that stands in several fields of one delta makes one event: servers repeat it for clients that know one of the
        fields only.
        """
        already = len(events)
        content = delta.get("content")
        thinking, text = self.content.add(content, f"{path}.content")
        reasoning = self._add_text("reasoning", delta, path)
        reasoning = self._add_text("reasoning_content", delta, path) or reasoning
        refusal = self._add_text("refusal", delta, path)
        has_content = isinstance(content, list | dict) and bool(content)
        if details := delta.get("reasoning_details"):
            thinking = self._details.add(details, f"{path}.reasoning_details") or thinking
            has_content = True  # encrypted ones make no event
        if reasoning or thinking:
            events.append(ReasoningEvent(reasoning or thinking, self._choice_index))
        if text:
            events.append(TextEvent(text, self._choice_index))
        if refusal:
            events.append(RefusalEvent(refusal, self._choice_index))
        self._role = self._role or as_text(delta.get("role"), f"{path}.role")
        for key, value in delta.items():
            if key not in _SPOKEN:
                self._add_other(key, value, f"{path}.{key}", events)
                has_content = has_content or (isinstance(value, list | dict) and bool(value))
        return has_content or len(events) > already

    def check(self) -> None:
        """
        Be asked at the end of the stream whether all calls could be put together.

        Raises:
            ToolCallAssemblyError: one could not.
        """
        self._tool_calls.check()
        self._function_call.check(at_most=1)

    def value(self) -> JsonObject:
        """The message as a whole reply would hold it."""
        message: JsonObject = {
            "role": self._role or "assistant",
            "content": self.content.value(),
            **self._labels,
        }
        for key, text in self._texts.items():
            message[key] = None if text is None else str(text)
        if details := self._details.value():
            message["reasoning_details"] = details
        if calls := self._tool_calls.value():
            message["tool_calls"] = calls
        if self._function_call.calls:
            message["function_call"] = self._function_call.calls[0].body("function")
        if self._audio is not None:
            message["audio"] = self._audio.value()
        self._pieces.write(message)
        return message

    def _add_text(self, key: str, delta: JsonObject, path: str) -> str:
        if key not in delta:
            return ""
        piece = as_text(delta[key], f"{path}.{key}")
        text = self._texts.setdefault(key, None)
        if piece is None:
            return ""
        if text is None:
            self._texts[key] = text = Text()
        text.append(piece)
        return piece

    def _add_other(self, key: str, value: Json, path: str, events: list[ChatStreamEvent]) -> None:
        if key == "tool_calls":
            self._tool_calls.add(value, path, events)
        elif key == "function_call":
            call = as_object(value, path)
            if call is not None:
                self._function_call.add([{"index": 0, "function": call}], path, events)
        elif key == "audio":
            audio = as_object(value, path)
            if audio is not None:
                self._audio = self._audio or Audio()
                self._audio.add(audio, path)
        elif key in _LABELS:
            set_state(self._labels, key, value)
        else:
            self._pieces.add(key, value)
