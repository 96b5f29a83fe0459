"""
`reasoning_details`: blocks of reasoning that come in fragments.

A block is known by its `type` and `index` (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens, checked
2026-11-20); what a fragment leaves out matches anything, because signatures come alone and indexes are sometimes missing.
Two rules keep apart what only looks alike: blocks with different ids are different, and what is whole is never added to. Encrypted
data is whole when it comes, and a signature ends the text that it signs (text added later would make it invalid).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.chat.fields import Text, set_state
from twinwire.chat.shapes import as_index, as_list, as_object, as_text

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

_GROWING = ("text", "summary")


class ReasoningDetails:
    """Folds the values of `delta.reasoning_details`."""

    __slots__ = ("_blocks", "_latest")

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._latest: dict[tuple[str | None, int | None], _Block] = {}

    def add(self, fragments: Json, path: str) -> str:
        """Take one delta's fragments; return the readable text in them."""
        text = ""
        for place, raw in enumerate(as_list(fragments, path)):
            fragment = as_object(raw, f"{path}[{place}]")
            if fragment:
                text += self._add(fragment, f"{path}[{place}]")
        return text

    def value(self) -> list[Json]:
        """The blocks, in the order in which they began."""
        return [block.value() for block in self._blocks]

    def _add(self, fragment: JsonObject, path: str) -> str:
        kind = as_text(fragment.get("type"), f"{path}.type")
        index = as_index(fragment.get("index"), f"{path}.index")
        block = self._latest.get((kind, index))
        if block is None:
            unnumbered = self._latest.get((kind, None))
            block = unnumbered if unnumbered is not None and unnumbered.fields.get("index") is None else None
        if block is None or not block.takes(fragment):
            block = _Block()
            self._blocks.append(block)
        text = block.add(fragment)
        for key in ((kind, index), (kind, None), (None, index), (None, None)):
            self._latest[key] = block
        return text


class _Block:
    __slots__ = ("_texts", "fields")

    def __init__(self) -> None:
        self.fields: JsonObject = {}
        self._texts: dict[str, Text] = {}

    def takes(self, fragment: JsonObject) -> bool:
        """Whether a fragment that points here can belong here."""
        if _differ(self.fields.get("id"), fragment.get("id")):
            return False
        if fragment.get("data") and self.fields.get("data"):
            return False
        signature = self.fields.get("signature")
        grows = any(fragment.get(key) for key in _GROWING)
        return not (signature and grows and fragment.get("signature") != signature)

    def add(self, fragment: JsonObject) -> str:
        text = ""
        for key, value in fragment.items():
            if key in _GROWING and isinstance(value, str):
                self.fields.setdefault(key, value)
                self._texts.setdefault(key, Text()).append(value)
                text += value
            else:
                set_state(self.fields, key, value)
        return text

    def value(self) -> JsonObject:
        return {**self.fields, **{key: str(text) for key, text in self._texts.items()}}


def _differ(known: Json, new: Json) -> bool:
    return bool(known) and bool(new) and known != new
