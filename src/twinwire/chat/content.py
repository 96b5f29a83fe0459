"""
The `content` of one message: text, a list of parts, or an object, as the server sends it.

Mistral's reasoning models send a list with one fragment of a `thinking` part per chunk and then go on with strings; their
whole replies hold one `thinking` part and one `text` part. So neighbouring fragments of one kind are joined, strings among parts
become `text` parts, and every other part is kept as it came. An object (JSON parsed by the server) is only ever whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.chat.fields import Text, set_state
from twinwire.chat.shapes import MisshapenError, as_object

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject


class Content:
    """Folds the values of `delta.content`."""

    __slots__ = ("_has_text", "_is_thought", "_object", "_parts", "text")

    def __init__(self, *, is_thought: bool = False) -> None:
        self.text = Text()
        """What a person would read: strings and `text` parts, joined."""
        self._is_thought = is_thought
        self._has_text = False
        self._parts: _Parts | None = None
        self._object: JsonObject | None = None

    def add(self, value: Json, path: str) -> tuple[str, str]:
        """Take the next value; return the thinking and the visible text in it."""
        if isinstance(value, str):
            self._has_text = True
            if value:
                self._add_text(value, path)
            return "", value
        if value is None:
            return "", ""
        if isinstance(value, list):
            return self._add_list(value, path)
        if isinstance(value, dict) and (self._object is None or value == self._object) and self._is_empty():
            self._object = value
            return "", ""
        raise MisshapenError(path, "a string or a list", value)

    def value(self) -> Json:
        """What the whole message's `content` would be; None where none was sent."""
        if self._object is not None:
            return self._object
        if self._parts is not None:
            return self._parts.value()
        return str(self.text) if self._has_text else None

    def _add_text(self, piece: str, path: str) -> None:
        if self._object is not None:
            raise MisshapenError(path, "nothing after an object", piece)
        self.text.append(piece)
        if self._parts is not None:
            self._parts.add_text(piece)

    def _add_list(self, parts: list[Json], path: str) -> tuple[str, str]:
        if not parts:
            return "", ""
        if self._object is not None:
            raise MisshapenError(path, "nothing after an object", parts)
        if self._parts is None:
            self._parts = _Parts(is_thought=self._is_thought)
            self._parts.add_text(str(self.text))
        thinking, visible = self._parts.add_all(parts, path)
        self.text.append(visible)
        return thinking, visible

    def _is_empty(self) -> bool:
        return self._parts is None and not str(self.text)


class _Parts:
    """A list of parts whose last one may still grow; a `thinking` part holds another such list, but none inside that."""

    __slots__ = ("_is_thought", "_items")

    def __init__(self, *, is_thought: bool) -> None:
        self._is_thought = is_thought
        self._items: list[_Thinking | Text | Json] = []

    def add_text(self, piece: str) -> None:
        if not piece:
            return
        last = self._items[-1] if self._items else None
        if not isinstance(last, Text):
            last = Text()
            self._items.append(last)
        last.append(piece)

    def add_all(self, parts: list[Json], path: str) -> tuple[str, str]:
        thinking: list[str] = []
        visible: list[str] = []
        for place, raw in enumerate(parts):
            part = as_object(raw, f"{path}[{place}]")
            if part is None:
                continue
            if part.get("type") == "thinking" and not self._is_thought:
                thinking.append(self._add_thinking(part, f"{path}[{place}].thinking"))
            else:
                visible.append(self._add(part))
        return "".join(thinking), "".join(visible)

    def value(self) -> list[Json]:
        values: list[Json] = []
        for item in self._items:
            if isinstance(item, Text):
                values.append({"type": "text", "text": str(item)})
            elif isinstance(item, _Thinking):
                values.append(item.value())
            else:
                values.append(item)
        return values

    def _add(self, part: JsonObject) -> str:
        text = part.get("text") if part.get("type") == "text" else None
        if not isinstance(text, str):
            self._items.append(part)
            return ""
        if len(part) == 2:
            self.add_text(text)
        else:  # it says more than its text, such as citations, which joining would misplace
            self._items.append(part)
        return text

    def _add_thinking(self, part: JsonObject, path: str) -> str:
        last = self._items[-1] if self._items else None
        if not isinstance(last, _Thinking):
            last = _Thinking()
            self._items.append(last)
        return last.add(part, path)


class _Thinking:
    """One `thinking` part; what it holds may be a string or a list of parts."""

    __slots__ = ("_fields", "_inner")

    def __init__(self) -> None:
        self._fields: JsonObject = {}
        self._inner = Content(is_thought=True)

    def add(self, part: JsonObject, path: str) -> str:
        for key, value in part.items():
            if key != "thinking":
                set_state(self._fields, key, value)
        thinking, text = self._inner.add(part.get("thinking"), path)
        return thinking + text

    def value(self) -> JsonObject:
        return {**self._fields, "thinking": self._inner.value()}
