"""Bodies of chat answers as scenarios write them: whole, or chunk by chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from twinwire.testing.answers import Exchange
from twinwire.testing.jsons import dump

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twinwire.testing.faults import Fault

Object: TypeAlias = "dict[str, Any]"

JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
DONE = b"data: [DONE]\n\n"
_FRAME: Object = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "gpt-4o-mini"}


def choice(
    *, index: int | None = 0, finish: str | None = None, fields: Mapping[str, Any] | None = None, **delta: Any
) -> Object:
    """One entry of a chunk's `choices`; *delta* is what it adds."""
    return {"index": index, "delta": delta, "finish_reason": finish, **(fields or {})}


def chunk(*choices: Object, **fields: Any) -> Object:
    """A chunk."""
    return {**_FRAME, "object": "chat.completion.chunk", "choices": list(choices), **fields}


def says(text: str | None, finish: str | None = None, **fields: Any) -> Object:
    """A chunk that adds *text*."""
    return chunk(choice(content=text, finish=finish), **fields)


def ends(reason: str = "stop", **fields: Any) -> Object:
    """A chunk that only says why the answer ends."""
    return chunk(choice(finish=reason), **fields)


def event(data: bytes | Object, *, name: str | None = None) -> bytes:
    """One event, ended by LF; bytes stand as they are."""
    head = b"" if name is None else b"event: %s\n" % name.encode()
    return head + b"data: " + (data if isinstance(data, bytes) else dump(data)) + b"\n\n"


def events(*items: bytes | Object, done: bool = True) -> bytes:
    """The body of a stream: chunks become events, bytes stand as they are."""
    parts = [item if isinstance(item, bytes) else event(item) for item in items]
    return b"".join([*parts, DONE] if done else parts)


def stream(
    *items: bytes | Object,
    done: bool = True,
    headers: Mapping[str, str | None] = EVENTS,
    faults: Sequence[Fault] = (),
    pieces: Sequence[int] = (),
) -> Exchange:
    """A stream of *items*, as `events` writes them."""
    return Exchange(200, headers, events(*items, done=done), pieces, faults=faults)


def message(**fields: Any) -> Object:
    """An answer's message."""
    return {"role": "assistant", "content": None, **fields}


def reply(*choices: Object, **fields: Any) -> Object:
    """The body of a whole answer; without choices given, one that says "Here."."""
    given = list(choices) or [told(content="Here.")]
    return {**_FRAME, "object": "chat.completion", "choices": given, **fields}


def told(*, finish: str | None = "stop", fields: Mapping[str, Any] | None = None, **parts: Any) -> Object:
    """One entry of a whole answer's `choices`; *parts* are its message's."""
    return {"index": 0, "message": message(**parts), "finish_reason": finish, **(fields or {})}


def whole(
    body: bytes | str | Object,
    *,
    headers: Mapping[str, str | None] = JSON,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Exchange:
    """A reply that comes whole."""
    return Exchange(status, headers, body, faults=faults)
