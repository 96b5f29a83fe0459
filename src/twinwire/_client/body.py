"""From a call's arguments to the bytes of its body."""

from __future__ import annotations

import json
import operator
from typing import TYPE_CHECKING, Protocol, SupportsIndex, runtime_checkable

from twinwire._client.narrow import is_list, is_mapping
from twinwire._model.unset import Unset
from twinwire.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire._model.json import JsonObject
    from twinwire.providers.base import Provider


def make_body(
    arguments: Mapping[str, object],
    *,
    provider: Provider,
    is_streaming: bool,
    extra_body: Mapping[str, object] | None,
) -> bytes:
    """
    Encode the arguments that were set, as this provider wants them.

    Raises:
        InvalidRequestError: a value has no JSON: NaN or infinite, a cycle, nesting too deep, or another kind of object.
    """
    body = dict(arguments)
    if "messages" in body:
        body["messages"] = _messages(body["messages"], provider)
    if is_streaming:
        body["stream"] = True
    provider.adapt_body(body)
    if extra_body is not None:
        if not is_mapping(extra_body):
            raise InvalidRequestError(
                f"extra_body must be a mapping, got {type(extra_body).__name__}", param="extra_body"
            )
        if "stream" in extra_body:
            raise InvalidRequestError(
                "extra_body holds 'stream', which decides how the reply is read: use the argument", param="extra_body"
            )
        body.update({str(name): value for name, value in extra_body.items()})
    try:
        return _encoded(body)
    except (TypeError, ValueError, RecursionError) as error:
        param = _culprit(body, frozenset(extra_body or ()))
        reason = "it is nested too deep, or holds itself" if isinstance(error, RecursionError) else str(error)
        raise InvalidRequestError(f"{param} cannot be written as JSON: {reason}", param=param) from error


def _messages(messages: object, provider: Provider) -> object:
    """Mappings as they are; replies and their messages turned back into mappings that the server takes."""
    if not is_list(messages):
        return messages
    return [message if is_mapping(message) else _handed_back(message, provider) for message in messages]


def _handed_back(message: object, provider: Provider) -> object:
    from twinwire._model.base import Model
    from twinwire.chat.reply import ChatReply

    if isinstance(message, ChatReply):
        if not message.choices:
            raise InvalidRequestError("messages holds a reply that has no choices, and so no message", param="messages")
        message = message.message
    if isinstance(message, Model):
        return provider.adapt_message(message.to_dict())
    return message


@runtime_checkable
class _Scalar(Protocol):
    """A number, text or truth value of numpy."""

    @property
    def ndim(self) -> int: ...

    def item(self) -> object: ...


class _HoldsUnsetError(Exception):
    """Somewhere in the body stands an `UNSET`, as in `{"tool_calls": message.tool_calls}`: it means that the member is absent."""


def _encoded(body: dict[str, object]) -> bytes:
    try:
        text = _written(body)
    except _HoldsUnsetError:
        body = {name: _without_unset(value) for name, value in body.items()}
        text = _written(body)
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but an escape in JSON
        return _written(body, ensure_ascii=True).encode()


def _written(value: object, *, ensure_ascii: bool = False) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, separators=(",", ":"), allow_nan=False, default=_plain)


def _culprit(body: dict[str, object], extra: frozenset[object]) -> str:
    """The argument that cannot be written: one alone, since the body is made of nothing else."""
    for name, value in body.items():
        try:
            _encoded({name: value})
        except (TypeError, ValueError, RecursionError):
            return f"extra_body.{name}" if name in extra else name
    return "extra_body"


def _without_unset(value: object) -> object:
    if is_mapping(value):
        return {name: _without_unset(item) for name, item in value.items() if not isinstance(item, Unset)}
    if is_list(value):
        return [_without_unset(item) for item in value]
    if isinstance(value, Unset):
        raise TypeError("UNSET stands where a value must")
    return value


def _plain(value: object) -> object:
    """What json cannot write by itself: replies, other mappings, and numbers of other libraries (numpy)."""
    from twinwire._model.base import Model

    if isinstance(value, Unset):
        raise _HoldsUnsetError
    if isinstance(value, Model):
        plain: JsonObject = value.to_dict()
        return plain
    if is_mapping(value):
        return {str(name): item for name, item in value.items()}
    # Its scalars know their plain value. A Decimal or a tensor would also turn into a float, but with loss or unintended.
    if type(value).__module__ == "numpy" and isinstance(value, _Scalar) and value.ndim == 0:
        return value.item()
    if isinstance(value, SupportsIndex):
        return operator.index(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
