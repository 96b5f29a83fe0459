"""What the server can be told to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen
from attrs.validators import ge

from twinwire.testing.jsons import dump
from twinwire.testing.requests import RecordedRequest

if TYPE_CHECKING:
    from twinwire.testing.faults import Fault

Headers: TypeAlias = Mapping[str, str | None] | Sequence[tuple[str, str | None]]
"""Headers by name; None takes out one that the server would send. Pairs may repeat a name."""
HeaderPairs: TypeAlias = tuple[tuple[str, str | None], ...]


def _pairs(headers: Headers) -> HeaderPairs:
    items = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((name.lower(), value) for name, value in items)


def _faults(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    return tuple(faults)


def _arguments(value: str | Mapping[str, object]) -> str:
    return value if isinstance(value, str) else dump(dict(value)).decode()


@frozen
class ToolCall:
    """A call of a function tool; *arguments* given as text are sent as they are, JSON or not."""

    name: str
    arguments: str = field(default="{}", converter=_arguments)
    id: str | None = None
    """None: a counter."""


def _calls(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    return tuple(calls)


def _texts(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if texts is None else tuple(texts)


@frozen
class Reply:
    """An answer to a chat call, sent as one JSON body or as a stream, as the request asks."""

    text: str | None = None
    """None: the last user message, or null beside tool calls or a refusal."""
    tool_calls: tuple[ToolCall, ...] = field(default=(), converter=_calls, kw_only=True)
    reasoning: str | None = field(default=None, kw_only=True)
    refusal: str | None = field(default=None, kw_only=True)
    finish_reason: str | None = field(default=None, kw_only=True)
    """None: `tool_calls`, `length` or `stop`, as fits."""
    model: str | None = field(default=None, kw_only=True)
    """The model that the answer names. None: the one that was asked for."""
    usage: Mapping[str, object] | None = field(default=None, kw_only=True)
    """Fields that replace or join the counted ones."""
    cost: float | None = field(default=None, kw_only=True)
    """US dollars, in OpenRouter's dialect. None: what the listed prices make of the usage."""
    deltas: tuple[str, ...] | None = field(default=None, converter=_texts, kw_only=True)
    """The text as a stream splits it. None: by words."""
    extra: Mapping[str, object] = field(factory=dict[str, object], kw_only=True)
    """Further top-level fields of the body and of each chunk."""
    delay_seconds: float = field(default=0.0, validator=ge(0), kw_only=True)
    """The wait between the events of a stream."""
    headers: HeaderPairs = field(default=(), converter=_pairs, kw_only=True)
    faults: tuple[Fault, ...] = field(default=(), converter=_faults, kw_only=True)


@frozen
class Status:
    """An error, in the dialect's own body."""

    status: int
    message: str | None = None
    code: str | int | None = field(default=None, kw_only=True)
    """None: the dialect's usual code for this status."""
    type: str | None = field(default=None, kw_only=True)
    """OpenAI's `error.type`. None: the usual one."""
    param: str | None = field(default=None, kw_only=True)
    metadata: Mapping[str, object] | None = field(default=None, kw_only=True)
    """OpenRouter's `error.metadata`."""
    retry_after: float | str | None = field(default=None, kw_only=True)
    """`Retry-After`, a number of seconds or any text."""
    retry_after_ms: float | None = field(default=None, kw_only=True)
    """`retry-after-ms`, in milliseconds."""
    retry_at_seconds: float | None = field(default=None, kw_only=True)
    """`Retry-After` as an HTTP date, so many seconds after the server's own `Date`."""
    reset_seconds: float | None = field(default=None, kw_only=True)
    """When the rate limit resets, where and how the dialect says it."""
    headers: HeaderPairs = field(default=(), converter=_pairs, kw_only=True)
    faults: tuple[Fault, ...] = field(default=(), converter=_faults, kw_only=True)


def _bytes(body: bytes | str | Mapping[str, object]) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else dump(dict(body))


def _ints(sizes: Sequence[int]) -> tuple[int, ...]:
    return tuple(sizes)


@frozen
class Exchange:
    """A given HTTP reply. The server adds only what frames the body; it guesses no content type."""

    status: int = 200
    headers: HeaderPairs = field(default=(), converter=_pairs)
    body: bytes = field(default=b"", converter=_bytes)
    """Bytes, text, or a mapping to be written as JSON."""
    pieces: tuple[int, ...] = field(default=(), converter=_ints)
    """The sizes in which the body is written, for instance as recorded. Empty: a stream by events, anything else whole."""
    reason: str | None = field(default=None, kw_only=True)
    """The reason phrase. None: the status's usual one."""
    faults: tuple[Fault, ...] = field(default=(), converter=_faults, kw_only=True)


@frozen
class Raw:
    """Bytes exactly as given, each item written on its own, *delay_seconds* apart; then the connection closes, or stays open."""

    writes: tuple[bytes, ...] = field(converter=tuple[bytes, ...])
    close: bool = True
    delay_seconds: float = field(default=0.0, validator=ge(0))


FixedAnswer: TypeAlias = Reply | Status | Exchange | Raw
Answer: TypeAlias = FixedAnswer | Callable[[RecordedRequest], FixedAnswer]
"""What a script is made of; a function is called with the request, in the server's thread."""
