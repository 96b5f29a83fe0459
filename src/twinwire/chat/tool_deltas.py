"""One tool-call delta, read out of its dialect, and one call put together from such deltas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from twinwire.chat.fields import Pieces, Text
from twinwire.chat.shapes import MisshapenError, as_index, as_object, as_text

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

Kind = Literal["function", "custom"]

_DELTA_FIELDS = frozenset({"id", "index", "type", "function", "custom"})
_ARGUMENTS: dict[Kind, str] = {"function": "arguments", "custom": "input"}


@frozen(kw_only=True)
class ToolDelta:
    """What one delta says; None and `""` stand for what it leaves out, in whatever way."""

    id: str | None
    index: int | None
    type: str | None
    kind: Kind | None
    name: str | None
    arguments: str
    raw: JsonObject

    @property
    def is_unmarked(self) -> bool:
        """Whether it leaves open whose it is."""
        return self.id is None and self.index is None and self.name is None

    @property
    def says_nothing(self) -> bool:
        """Whether it could be dropped without a loss."""
        return not (self.id or self.name or self.arguments or self.raw.keys() - _DELTA_FIELDS)


def read_delta(raw: JsonObject, path: str) -> ToolDelta:
    """
    Read a delta.

    Raises:
        MisshapenError: a field has a type that no dialect gives it.
    """
    function = as_object(raw.get("function"), f"{path}.function")
    custom = as_object(raw.get("custom"), f"{path}.custom")
    if function is not None and custom is not None:
        raise MisshapenError(f"{path}.custom", "absent beside `function`", custom)
    kind: Kind | None = "function" if function is not None else "custom" if custom is not None else None
    name: str | None = None
    arguments = ""
    body = function if function is not None else custom
    if kind is not None and body is not None:
        name = as_text(body.get("name"), f"{path}.{kind}.name")
        arguments = _read_arguments(body.get(_ARGUMENTS[kind]), f"{path}.{kind}.{_ARGUMENTS[kind]}")
    return ToolDelta(
        id=as_text(raw.get("id"), f"{path}.id") or None,
        index=as_index(raw.get("index"), f"{path}.index"),
        type=as_text(raw.get("type"), f"{path}.type") or None,
        kind=kind,
        name=name or None,
        arguments=arguments,
        raw=raw,
    )


def _read_arguments(value: Json, path: str) -> str:
    if isinstance(value, dict):  # parsed already, as Ollama's own API has it
        return json.dumps(value, ensure_ascii=False)
    return as_text(value, path) or ""


class Call:
    """One tool call so far."""

    __slots__ = ("_arguments", "_body", "_extra", "has_arguments", "id", "index", "kind", "name", "position", "type")

    def __init__(self, position: int) -> None:
        self.position = position
        self.id: str | None = None
        self.index: int | None = None
        self.type: str | None = None
        self.kind: Kind | None = None
        self.name: str | None = None
        self.has_arguments = False
        self._arguments = Text()
        self._body = Pieces()
        self._extra = Pieces()

    def add(self, delta: ToolDelta) -> None:
        """Take a delta that was found to belong here."""
        self.id = self.id or delta.id
        self.index = delta.index if self.index is None else self.index
        self.type = self.type or delta.type
        self.kind = self.kind or delta.kind
        self.name = self.name or delta.name
        if delta.arguments:
            self.has_arguments = True
            self._arguments.append(delta.arguments)
        for key, value in delta.raw.items():
            if key not in _DELTA_FIELDS:
                self._extra.add(key, value)
        body = delta.raw.get(delta.kind) if delta.kind is not None else None
        if delta.kind is not None and isinstance(body, dict):
            for key, value in body.items():
                if key not in ("name", _ARGUMENTS[delta.kind]):
                    self._body.add(key, value)

    def is_whole(self) -> bool:
        """
        Whether the arguments so far are one whole JSON object, to which nothing can be added.

        This is asked where deltas contradict each other, as evidence where one call ends. What the arguments are worth is
        not judged.
        """
        arguments = str(self._arguments).strip()
        if not (arguments.startswith("{") and arguments.endswith("}")):
            return False
        try:
            json.loads(arguments)
        except (ValueError, RecursionError):
            return False
        return True

    @property
    def lacks_name(self) -> bool:
        """Whether this is a function or custom call, and nobody knows of what; kinds that we do not know need no name."""
        return self.name is None and (self.kind is not None or self.type in (None, "function", "custom"))

    def value(self) -> JsonObject:
        """The call as a whole reply would hold it; id and name are empty while unknown."""
        call: JsonObject = {"id": self.id or "", "type": self.type or self.kind or "function"}
        if self.kind is not None:
            call[self.kind] = self.body(self.kind)
        elif self.type in (None, "function"):
            call["function"] = self.body("function")
        elif self.type == "custom":
            call["custom"] = self.body("custom")
        self._extra.write(call)
        return call

    def body(self, kind: Kind) -> JsonObject:
        """The `function` or `custom` object of the call."""
        body: JsonObject = {"name": self.name or "", _ARGUMENTS[kind]: str(self._arguments)}
        self._body.write(body)
        return body
