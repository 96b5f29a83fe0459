"""
Texts that came in another form.

A server may send the content of a message in parts, or a text already parsed. Who reads a reply wants the text, as every other server
sends it, so the field is a `str` all the same: one of these, which is the text and remembers the form. The field of the reply is
written back in that form; anywhere else the value is the text and nothing more.

`TextOrParts` and `TextOrJson` are what such fields are annotated with: `str` for type checkers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from twinwire._model.encode import unstructure
from twinwire._model.unknown import UnknownMember

if TYPE_CHECKING:
    from twinwire._model.json import Json
    from twinwire.types.reply import MessageContentPart

    TextOrParts: TypeAlias = str
    """Text, parts, or an object. At run time `names.py` gives its members."""
    TextOrJson: TypeAlias = str
    """Text, an object or a list. At run time `names.py` gives its members."""


class PartsText(str):
    """A content that came in parts (from Mistral, when the model thinks): the text of its text parts, joined."""

    __slots__ = ("parts",)
    parts: list[MessageContentPart]
    """All parts. The text was made from them once; what is written back follows their changes."""

    @classmethod
    def of(cls, parts: list[MessageContentPart]) -> PartsText:
        """The text of *parts*."""
        made = cls(text_of_parts(parts))
        made.parts = parts
        return made

    def form(self) -> Json:
        """What is written back."""
        return unstructure(self.parts)


class JsonText(str):
    """A text that came parsed (the content from Cloudflare in JSON mode; a call's arguments from some servers): its JSON."""

    __slots__ = ("value",)
    value: Json
    """What it was parsed to."""

    @classmethod
    def of(cls, value: Json) -> JsonText:
        """The JSON of *value*."""
        made = cls(json.dumps(value, ensure_ascii=False))
        made.value = value
        return made

    def form(self) -> Json:
        """What is written back."""
        return unstructure(self.value)


def text_of_parts(parts: list[MessageContentPart]) -> str:
    """What of *parts* is text of the answer: not what the model thought, nor the words of a refusal."""
    return "".join(map(_part_text, parts))


def _part_text(part: MessageContentPart) -> str:
    if isinstance(part, UnknownMember):
        return part.raw if isinstance(part.raw, str) else ""
    return part.text if part.type == "text" else ""
