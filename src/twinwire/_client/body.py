"""From a call's arguments to the bytes of its body."""

from __future__ import annotations

import json
import operator
from typing import TYPE_CHECKING, Protocol, SupportsIndex, runtime_checkable

from twinwire._client.narrow import is_list, is_mapping
from twinwire._client.unfit import find_unfit, has_odd_keys
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
        for name, value in extra_body.items():
            if not isinstance(name, str):
                raise InvalidRequestError(
                    f"extra_body has a name that is no text, but {type(name).__name__}", param="extra_body"
                )
            body[name] = value
    written, failure = None, ""
    try:
        written = _encoded(body)
    except (TypeError, ValueError, RecursionError) as error:
        failure = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
    if written is not None and not has_odd_keys(body):
        return written
    prefixes = {str(name): f"extra_body.{name}" for name in extra_body or ()}
    found = find_unfit(body, prefixes, _plain)
    if found is None and written is not None:
        return written  # keys that are numbers are written as such
    param = found.path if found is not None else _culprit(body, prefixes)
    raise InvalidRequestError(
        str(found) if found is not None else f"{param} cannot be written as JSON: {failure}", param=param
    )


def _messages(messages: object, provider: Provider) -> object:
    """Mappings as they are; replies and their messages turned back into mappings that the server takes."""
    if not is_list(messages):
        return messages
    return [
        message if is_mapping(message) else _handed_back(message, f"messages[{index}]", provider)
        for index, message in enumerate(messages)
    ]


def _handed_back(message: object, param: str, provider: Provider) -> object:
    from twinwire._model.base import Model
    from twinwire.chat.reply import ChatReply

    if isinstance(message, ChatReply):
        if not message.choices:
            raise InvalidRequestError(f"{param} is a reply that has no choices, and so no message", param=param)
        message = message.message
    if not isinstance(message, Model):
        return message
    try:
        plain = message.to_dict()
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(f"{param} cannot be written as JSON: {error}", param=param) from error
    return provider.adapt_message(plain)


@runtime_checkable
class _Scalar(Protocol):
    """A number, text or truth value of numpy."""

    @property
    def ndim(self) -> int: ...

    def item(self) -> object: ...


class _HoldsUnsetError(TypeError):
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


def _culprit(body: dict[str, object], prefixes: dict[str, str]) -> str:
    """The argument that cannot be written: one alone, since the body is made of nothing else."""
    for name, value in body.items():
        try:
            _encoded({name: value})
        except Exception:  # noqa: BLE001  # the same that came of the whole
            return prefixes.get(name, name)
    return "the body"


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
        raise _HoldsUnsetError("UNSET stands where a value must")
    if isinstance(value, Model):
        plain: JsonObject = value.to_dict()
        return plain
    if is_mapping(value):
        return dict(value)
    # Its scalars know their plain value. A Decimal or a tensor would also turn into a float, but with loss or unintended.
    if type(value).__module__ == "numpy" and isinstance(value, _Scalar) and value.ndim == 0:
        return value.item()
    if isinstance(value, SupportsIndex):
        return operator.index(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
