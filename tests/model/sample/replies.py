"""Replies; refers to the messages, which refer back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._model.base import Model, define
from twinwire._model.reply import ListReply, Reply
from twinwire._model.unset import UNSET, Unset

if TYPE_CHECKING:
    from tests.model.sample.messages import Message, Part


@define
class Usage(Model):
    """Tokens."""

    prompt_tokens: int
    cost: float | Unset | None = UNSET


@define
class Chat(Reply):
    """A reply."""

    id: str
    choices: list[Message]
    usage: Usage | Unset | None = UNSET


@define
class Parts(ListReply):
    """A list of a union from another topic."""

    data: list[Part] | None
