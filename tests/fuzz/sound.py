"""What holds of every reply and of every error."""

from __future__ import annotations

import copy
import json
import math
import pickle
from contextlib import suppress
from typing import Any

from tests.chat.reference import is_list, is_object
from tests.fuzz.flows import KEY
from twinwire._model.base import Model
from twinwire._model.embedding import EmbeddingReply
from twinwire.chat.reply import ChatReply
from twinwire.errors import APIError, APIStatusError, DecodeError

MAX_LINE = 4000


def text_of(value: Any) -> str:
    """Sorted JSON text, which tells 1 from 1.0 and from true."""
    return json.dumps(value, sort_keys=True)


def check_reply(reply: Model, data: Any) -> None:
    """A reply is the JSON that came, also after pickling and copying, and all that it offers can be asked for."""
    wanted = text_of(_whole_numbers(data))
    assert text_of(_whole_numbers(reply.to_dict())) == wanted
    assert text_of(_whole_numbers(json.loads(reply.to_json()))) == wanted
    assert text_of(pickle.loads(pickle.dumps(reply)).to_dict()) == text_of(reply.to_dict())  # noqa: S301  # our own bytes
    assert text_of(copy.deepcopy(reply).to_dict()) == text_of(reply.to_dict())
    assert isinstance(repr(reply), str)
    if isinstance(reply, ChatReply):
        check_chat(reply)
    if isinstance(reply, EmbeddingReply):
        check_vectors(reply)


def check_chat(reply: ChatReply) -> None:
    """The shortcuts of a chat reply have the types that they promise."""
    assert isinstance(reply.text, str)
    assert isinstance(reply.tool_calls, list)
    assert reply.reasoning is None or isinstance(reply.reasoning, str)
    assert reply.refusal is None or isinstance(reply.refusal, str)
    assert reply.finish_reason is None or isinstance(reply.finish_reason, str)
    assert reply.cost is None or math.isfinite(reply.cost.usd)
    assert isinstance(reply._repr_html_(), str)
    assert isinstance(reply._repr_markdown_(), str)
    for call in reply.tool_calls:
        if call.type == "function":
            assert isinstance(call.function.name, str)
            assert isinstance(call.function.arguments, str)
        elif call.type == "custom":
            assert isinstance(call.custom.input, str)


def check_vectors(reply: EmbeddingReply) -> None:
    """Vectors are numbers, or a typed error says that they are not."""
    vectors: list[list[float]] = []
    with suppress(DecodeError):  # text of unknown coding
        vectors = reply.vectors
    assert all(isinstance(number, int | float) for vector in vectors for number in vector)


def check_error(error: APIError) -> None:
    """An error is plain data: it prints in few words, pickles, copies, knows its call, and holds no key."""
    said = str(error)
    assert 0 < len(said) <= MAX_LINE
    assert said.isprintable() or not isinstance(error, APIStatusError), said
    assert error.sent is True
    assert error.provider
    assert error.attempts
    assert error.retry_after is None or error.retry_after >= 0.0
    assert error.retry_safe in {True, False, None}
    if isinstance(error, APIStatusError):
        assert isinstance(error.status_code, int)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(again) is type(error)
    assert shown(again) == shown(error)
    assert shown(copy.copy(error)) == shown(error)
    assert KEY not in repr(shown(error))


def shown(error: APIError) -> tuple[str, str]:
    """The error's words and facts, for comparing."""
    facts = {name: _fact(value) for name, value in vars(error).items() if name != "__notes__"}
    return repr(error.args), repr(sorted(facts.items()))


def _fact(value: object) -> object:
    return text_of(value.to_dict()) if isinstance(value, Model) else value


def _whole_numbers(value: Any) -> Any:
    """With 12.0 as 12: to JSON they are one number, and an integer field makes it the integer."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2.0**53:
        return int(value)
    if is_object(value):
        return {name: _whole_numbers(member) for name, member in value.items()}
    if is_list(value):
        return [_whole_numbers(item) for item in value]
    return value
