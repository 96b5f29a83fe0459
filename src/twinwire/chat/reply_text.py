"""What a person would read in a typed message beside its text: its reasoning, its refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._model.text import PartsText, text_of_parts
from twinwire._model.unknown import UnknownMember

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.types.reply import ChatCompletionMessage, MessageContentPart, ReasoningDetail
    from twinwire.types.stream import ChoiceDelta


def reasoning_text(message: ChatCompletionMessage | ChoiceDelta) -> str:
    """What the model thought, from the one place of several where it is told; "" if it is nowhere."""
    told = message.reasoning or message.reasoning_content
    if told:
        return told
    details = "".join(_detail_text(detail) for detail in message.reasoning_details or ())
    return details or _from_parts(message.content, _thought)


def refusal_text(message: ChatCompletionMessage | ChoiceDelta) -> str:
    """The words in which the model declined; "" if it did not."""
    return message.refusal or _from_parts(message.content, _refusal)


def _thought(part: MessageContentPart) -> str:
    if isinstance(part, UnknownMember) or part.type != "thinking":
        return ""
    return part.thinking if isinstance(part.thinking, str) else text_of_parts(part.thinking or [])


def _refusal(part: MessageContentPart) -> str:
    if isinstance(part, UnknownMember) or part.type != "refusal":
        return ""
    return part.refusal


def _from_parts(content: str | None, read: Callable[[MessageContentPart], str]) -> str:
    return "".join(map(read, content.parts)) if isinstance(content, PartsText) else ""


def _detail_text(detail: ReasoningDetail) -> str:
    if isinstance(detail, UnknownMember):
        return ""
    if detail.type == "reasoning.text":
        return detail.text or ""
    return detail.summary or "" if detail.type == "reasoning.summary" else ""
