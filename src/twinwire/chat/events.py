"""
What `stream()` yields: one tagged union, told apart by `type` or by class.

Every member has `text`: the visible answer's next piece in a `TextEvent`, empty in all others. So printing the `text` of every
event prints the answer and nothing else; reasoning and refusals stand under names of their own. Where a request asks for several
choices (`n` above 1), `choice_index` says whose piece it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject
    from twinwire.types.usage import CompletionUsage


@frozen
class TextEvent:
    """The next piece of the answer's text; never empty."""

    type: ClassVar[Literal["text"]] = "text"

    text: str
    choice_index: int = 0


@frozen
class ReasoningEvent:
    """The next piece of what the model shows of its thinking; never empty."""

    type: ClassVar[Literal["reasoning"]] = "reasoning"
    text: ClassVar[str] = ""

    reasoning: str
    choice_index: int = 0


@frozen
class RefusalEvent:
    """The next piece of a refusal's text; never empty."""

    type: ClassVar[Literal["refusal"]] = "refusal"
    text: ClassVar[str] = ""

    refusal: str
    choice_index: int = 0


@frozen(kw_only=True)
class ToolCallEvent:
    """
    A tool call begins, goes on, or learns its id or name.

    *arguments_delta* is the next piece of the arguments (of the input, for a custom tool) and may be empty; the pieces of one
    call joined are its arguments. A legacy `function_call` comes as the call 0 of its choice, without an id.
    """

    type: ClassVar[Literal["tool_call"]] = "tool_call"
    text: ClassVar[str] = ""

    choice_index: int = 0
    call_index: int
    """The call's place among the tool calls of its choice: the one it will have in the reply."""
    id: str | None
    """None while unknown; some servers never send one."""
    name: str | None
    """None while unknown."""
    arguments_delta: str
    kind: Literal["function", "custom"] = "function"


@frozen
class UsageEvent:
    """The provider's count of tokens so far, as it was sent; a later one replaces an earlier one."""

    type: ClassVar[Literal["usage"]] = "usage"
    text: ClassVar[str] = ""

    raw: JsonObject
    """The count as JSON."""

    @property
    def usage(self) -> CompletionUsage:
        """
        The count, typed.

        Raises:
            DecodeError: it has a shape that the type cannot hold; `raw` has it all.
        """
        from twinwire._model.convert import structure
        from twinwire.types.usage import CompletionUsage

        return structure(self.raw, CompletionUsage)


@frozen(kw_only=True)
class RestartedEvent:
    """
    The stream had broken off, and goes on with another attempt (`on_interrupt="restart"` or `"continue"`).

    With the *mode* `restart` the answer begins anew: everything before this event is to be forgotten, so clear what was shown. With
    `continue` the next text follows the text before. A stream that was to be continued also begins anew if nothing but reasoning had
    arrived.
    """

    type: ClassVar[Literal["restarted"]] = "restarted"
    text: ClassVar[str] = ""

    mode: Literal["restart", "continue"]
    error: str
    """The class of the error that interrupted it, such as `StreamTruncatedError`."""
    message: str
    """What that error said."""
    attempt: int
    """The number of the attempt that goes on, as in `stream.trace`."""
    wait_seconds: float
    """How long was waited before it, without the time that attempts took."""


ChatStreamEvent: TypeAlias = TextEvent | ReasoningEvent | RefusalEvent | ToolCallEvent | UsageEvent | RestartedEvent
