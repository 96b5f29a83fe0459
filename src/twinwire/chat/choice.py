"""
One choice of a streamed reply.

A `message` beside deltas is a server's own running copy (Perplexity), and `text` is the delta's text again (Together): both are
dropped. Where there is no delta, `message` is a choice sent whole and is read as its one delta, and `text` is a piece of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.chat.fields import set_state
from twinwire.chat.message import Message
from twinwire.chat.shapes import MisshapenError, as_list, as_object, as_text

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject
    from twinwire.chat.events import ChatStreamEvent

_KNOWN = frozenset(
    {"index", "delta", "message", "text", "finish_reason", "native_finish_reason", "logprobs", "token_ids"}
)


class Choice:
    """Folds the entries of `choices` that have one index."""

    __slots__ = (
        "_fields",
        "_index",
        "_is_finish_fresh",
        "_logprobs",
        "_token_ids",
        "finish_reason",
        "has_content",
        "message",
    )

    def __init__(self, index: int) -> None:
        self.message = Message(index)
        self.finish_reason: str | None = None
        self.has_content = False
        """Whether anything was seen that a caller would miss: content of any kind, or a finish reason."""
        self._index = index
        self._is_finish_fresh = False
        self._fields: JsonObject = {}
        self._logprobs: JsonObject | None = None
        self._token_ids: list[Json] = []

    def add(self, entry: JsonObject, events: list[ChatStreamEvent]) -> None:
        """Take the choice's next entry and add the events it makes."""
        delta = as_object(entry.get("delta"), ".delta")
        if delta is not None:
            self._add_delta(delta, ".delta", events)
        elif entry.get("message") is not None:
            self._add_message(entry["message"], events)
        elif entry.get("text") is not None:
            self._add_delta({"content": as_text(entry["text"], ".text")}, ".delta", events)
        self._finish(entry)
        for key, value in entry.items():
            if key == "logprobs":
                self._add_logprobs(value)
            elif key == "token_ids":  # vLLM: the ids of this piece's tokens
                self._token_ids.extend(as_list(value, ".token_ids"))
            elif key not in _KNOWN:
                set_state(self._fields, key, value)

    def value(self) -> JsonObject:
        """The choice as a whole reply would hold it."""
        choice: JsonObject = {
            "index": self._index,
            "message": self.message.value(),
            "finish_reason": self.finish_reason,
            **self._fields,
        }
        if self._logprobs is not None:
            choice["logprobs"] = self._logprobs
        if self._token_ids:
            choice["token_ids"] = self._token_ids
        return choice

    def _add_delta(self, delta: JsonObject, path: str, events: list[ChatStreamEvent]) -> None:
        if self.message.add(delta, path, events):
            self.has_content = True
            self._is_finish_fresh = False

    def _add_message(self, value: Json, events: list[ChatStreamEvent]) -> None:
        message = as_object(value, ".message") or {}
        if not self.has_content:
            self._add_delta(message, ".message", events)
        elif message.get("content") not in (None, "", self.message.content.value()):
            raise MisshapenError(".message.content", "the text of the deltas before it", message["content"])

    def _finish(self, entry: JsonObject) -> None:
        """
        Keep the finish reason that says most.

        The last one holds, except that `stop` right after another one is only the server closing the stream: OpenRouter has
        sent `tool_calls` and then `stop`. The native reason stays beside the reason it came with.
        """
        reason = as_text(entry.get("finish_reason"), ".finish_reason")
        if not reason:
            if "native_finish_reason" in entry:
                set_state(self._fields, "native_finish_reason", entry["native_finish_reason"])
            return
        if reason == "stop" and self._is_finish_fresh and self.finish_reason != "stop":
            return
        self.finish_reason = reason
        self.has_content = True
        self._is_finish_fresh = True
        if "native_finish_reason" in entry:
            self._fields["native_finish_reason"] = entry["native_finish_reason"]

    def _add_logprobs(self, logprobs: Json) -> None:
        if not isinstance(logprobs, dict):  # null, or the bare number that OpenRouter has sent
            set_state(self._fields, "logprobs", logprobs)
            return
        if self._logprobs is None:
            self._logprobs = {}
        for key, value in logprobs.items():
            known = self._logprobs.get(key)
            if not isinstance(value, list):
                set_state(self._logprobs, key, value)
            elif isinstance(known, list):
                known.extend(value)
            else:
                self._logprobs[key] = value.copy()
