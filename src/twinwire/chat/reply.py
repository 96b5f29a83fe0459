"""The handwritten bases of chat replies and of the chunks of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._model.reply import Reply
from twinwire.chat.reply_text import reasoning_text, refusal_text
from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from twinwire.types.reply import ChatCompletionMessage, ChatCompletionMessageToolCall, Choice
    from twinwire.types.stream import ChunkChoice
    from twinwire.types.usage import CompletionUsage


class ChatReply(Reply):
    """What `create()` and `stream().result()` return. The shortcuts read the first choice."""

    __slots__ = ()

    if TYPE_CHECKING:
        choices: list[Choice]
        model: str
        usage: CompletionUsage | None

    @property
    def message(self) -> ChatCompletionMessage:
        """
        The message of the first choice. It can be appended to the messages of the next call.

        Raises:
            DecodeError: the reply has no choices.
        """
        if not self.choices:
            raise DecodeError("the reply has no choices, and so no message", path="$.choices")
        return self.choices[0].message

    @property
    def text(self) -> str:
        """The text of the answer; "" if there is none. Content in parts is joined, content as an object is given as JSON."""
        return self.message.content or "" if self.choices else ""

    @property
    def tool_calls(self) -> list[ChatCompletionMessageToolCall]:
        """The tool calls of the answer; empty if there are none. The list is a new one."""
        return list(self.message.tool_calls or ()) if self.choices else []

    @property
    def finish_reason(self) -> str | None:
        """Why the model stopped; None if the server did not say."""
        return (self.choices[0].finish_reason or None) if self.choices else None

    @property
    def reasoning(self) -> str | None:
        """What the model thought, as text; None if it did not tell."""
        return (reasoning_text(self.message) or None) if self.choices else None

    @property
    def refusal(self) -> str | None:
        """The words in which the model declined; None if it did not."""
        return (refusal_text(self.message) or None) if self.choices else None

    def _repr_html_(self) -> str:
        """The form that notebooks show."""
        from twinwire.chat.notebook import to_html

        return to_html(self)

    def _repr_markdown_(self) -> str:
        """The same in Markdown."""
        from twinwire.chat.notebook import to_markdown

        return to_markdown(self)


class ChunkReply(Reply):
    """One chunk of a stream, as it came."""

    __slots__ = ()

    if TYPE_CHECKING:
        choices: list[ChunkChoice]

    @property
    def text(self) -> str:
        """The new text of the first answer; "" if there is none. With `n` > 1, chunks of the other answers have none."""
        # Not the first of the list: a chunk of answer 1 has that answer alone.
        return "".join(choice.delta.content or "" for choice in self.choices if choice.index == 0)
