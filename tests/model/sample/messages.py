"""Messages, calls and parts, as the template would write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field

from twinwire._model.base import Model, define
from twinwire._model.unset import UNSET, Unset

if TYPE_CHECKING:
    from tests.model.sample.replies import Usage
    from twinwire._model.json import Json, JsonObject
    from twinwire._model.unknown import UnknownMember

Part: TypeAlias = "TextPart | ThoughtPart | UnknownMember"
ToolCall: TypeAlias = "FunctionCall | CustomCall | UnknownMember"


@define
class TextPart(Model):
    """A part with text."""

    type: Literal["text", "output_text"]
    text: str


@define
class ThoughtPart(Model):
    """A part that holds parts."""

    type: Literal["thinking"]
    thinking: str | list[Part] | Unset | None = UNSET


@define
class FunctionCall(Model):
    """The call that may come without its tag."""

    kind: Literal["a"] | Unset = UNSET
    type: Literal["function"] | Unset | None = UNSET
    name: str


@define
class CustomCall(Model):
    """The call that may not."""

    kind: Literal["b"] | Unset = UNSET
    type: Literal["custom"]
    input: str | Unset | None = UNSET


@define
class Message(Model):
    """A message, with a wire name that is a keyword, and one field of each sort."""

    role: Literal["assistant", "user"] | str  # noqa: PYI051  # an open enumeration
    content: str | list[Part] | dict[str, Json] | Unset | None = UNSET
    tool_calls: list[ToolCall] | Unset | None = UNSET
    from_: str | Unset | None = field(default=UNSET, metadata={"wire": "from"})
    logprobs: Usage | float | Unset | None = UNSET
    scores: dict[str, list[float]] | Unset = UNSET
    is_final: bool | Unset = UNSET
    count: int | Unset = UNSET
    level: Literal[1, "high"] | Unset = UNSET
    metadata: JsonObject | Unset | None = UNSET
    anything: Json | Unset = UNSET
    whatever: object | Unset = UNSET
    strict_part: TextPart | ThoughtPart | Unset = UNSET
    lone_part: TextPart | UnknownMember | Unset = UNSET
