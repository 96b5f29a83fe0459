"""From a call's arguments to the bytes of its body."""

from __future__ import annotations

import json
import operator
from typing import TYPE_CHECKING, SupportsFloat, SupportsIndex

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
        body.update({str(name): value for name, value in extra_body.items()})
    return _encoded(body)


def _messages(messages: object, provider: Provider) -> object:
    """Mappings as they are; replies and their messages turned back into mappings that the server takes."""
    if not is_list(messages):
        return messages
    return [message if is_mapping(message) else _handed_back(message, provider) for message in messages]


def _handed_back(message: object, provider: Provider) -> object:
    from twinwire._model.base import Model
    from twinwire.chat.reply import ChatReply

    if isinstance(message, ChatReply):
        message = message.message
    if isinstance(message, Model):
        return provider.adapt_message(message.to_dict())
    return message


class _HoldsUnsetError(Exception):
    """Somewhere in the body stands an `UNSET`, as in `{"tool_calls": message.tool_calls}`: it means that the member is absent."""


def _encoded(body: object) -> bytes:
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)
    except _HoldsUnsetError:
        return _encoded(_without_unset(body))
    except (TypeError, ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise InvalidRequestError(f"the arguments cannot be written as JSON: {reason}") from error
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but an escape in JSON
        return json.dumps(body, separators=(",", ":"), allow_nan=False, default=_plain).encode()


def _without_unset(value: object) -> object:
    if is_mapping(value):
        return {name: _without_unset(item) for name, item in value.items() if not isinstance(item, Unset)}
    if is_list(value):
        return [_without_unset(item) for item in value]
    if isinstance(value, Unset):
        raise InvalidRequestError("the arguments cannot be written as JSON: UNSET stands where a value must")
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
    if isinstance(value, SupportsIndex):
        return operator.index(value)
    # A Decimal or a tensor also turns into a float, but not without loss or not by intention.
    if type(value).__module__ == "numpy" and isinstance(value, SupportsFloat):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
