"""What a person would read in a typed message: its text, its reasoning, its refusal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from twinwire._model.unknown import UnknownMember

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._model.json import JsonObject
    from twinwire._model.unset import Unset
    from twinwire.types.reply import ChatCompletionMessage, MessageContentPart, ReasoningDetail
    from twinwire.types.stream import ChoiceDelta

    Content = str | list[MessageContentPart] | JsonObject | None | Unset


def content_text(content: Content) -> str:
    """Text as it is, of parts the texts, an object (already parsed JSON) as JSON; "" if there is none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_part_text(part) for part in content)
    return json.dumps(content, ensure_ascii=False) if content else ""


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


def _part_text(part: MessageContentPart) -> str:
    if isinstance(part, UnknownMember):
        return part.raw if isinstance(part.raw, str) else ""
    return part.text or "" if part.type == "text" else ""


def _thought(part: MessageContentPart) -> str:
    if isinstance(part, UnknownMember) or part.type != "thinking":
        return ""
    return content_text(part.thinking)


def _refusal(part: MessageContentPart) -> str:
    if isinstance(part, UnknownMember) or part.type != "refusal":
        return ""
    return part.refusal or ""


def _from_parts(content: Content, read: Callable[[MessageContentPart], str]) -> str:
    return "".join(map(read, content)) if isinstance(content, list) else ""


def _detail_text(detail: ReasoningDetail) -> str:
    if isinstance(detail, UnknownMember):
        return ""
    if detail.type == "reasoning.text":
        return detail.text or ""
    return detail.summary or "" if detail.type == "reasoning.summary" else ""
