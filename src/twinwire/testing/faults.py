"""What can go wrong with an answer, as data: each fault is a frozen record, and several go together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import ge

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen
class AfterEvents:
    """The place in a stream after so many events that hold data; comments do not count. Beyond the last it is the end."""

    count: int = field(validator=ge(0))


@frozen
class AfterBytes:
    """The place in a body after so many bytes, counted before compression. Beyond the last it is the end."""

    count: int = field(validator=ge(0))


WirePlace = Literal["before_head", "mid_head", "after_reply"]
BodyPlace: TypeAlias = Literal["before_body", "end_of_body"] | AfterEvents | AfterBytes
Place: TypeAlias = WirePlace | BodyPlace
"""
Where a fault strikes.

`mid_head` is after the last header line, before the blank line; `end_of_body` is after the body's last byte, before
whatever marks the end on the wire (the last chunk of a chunked body). `after_reply` is after all of the reply, on a connection
that its client believes to be idle.
"""


@frozen
class Close:
    """The server closes the connection there, in order (FIN)."""

    at: Place = "before_head"


@frozen
class Reset:
    """The server resets the connection there (RST)."""

    at: Place = "before_head"


@frozen
class Stall:
    """The server is silent there for *seconds*, then goes on; by default until the client leaves or the server ends."""

    seconds: float = field(default=math.inf, validator=ge(0))
    at: Place = "before_head"


@frozen
class Insert:
    """
    The server writes *data* there, *times* over (None: without end), *every_seconds* apart.

    In the head it is raw: whole header lines at `mid_head`, an interim reply at `before_head`. So it is at `after_reply`: what
    nobody asked for, such as the 408 of a server that grew tired of waiting. In the body it is framed and
    compressed like the rest; *is_encoded* False leaves out the compression, which damages a compressed body.
    """

    data: bytes
    at: Place = "end_of_body"
    times: int | None = 1
    every_seconds: float = field(default=0.0, validator=ge(0))
    is_encoded: bool = True


@frozen
class Truncate:
    """The body ends there, framed as if that were all of it."""

    at: BodyPlace


def _sizes(value: int | Sequence[int]) -> int | tuple[int, ...]:
    return value if isinstance(value, int) else tuple(value)


def _check_sizes(_: object, __: object, value: int | tuple[int, ...]) -> None:
    if min((value,) if isinstance(value, int) else value, default=1) < 1:
        raise ValueError(f"sizes of pieces are 1 or more, got {value}")


@frozen
class Pieces:
    """
    The body is written in pieces of these sizes; one number is the size of each, and what a list does not cover comes whole.

    Of the `body`, each piece is one HTTP chunk; of the `wire`, head and framing are cut like the rest. Pieces written
    without a delay may arrive joined.
    """

    sizes: int | tuple[int, ...] = field(converter=_sizes, validator=_check_sizes)
    delay_seconds: float = field(default=0.0, validator=ge(0))
    of: Literal["body", "wire"] = "body"


@frozen
class Framing:
    """How the end of the body is marked; *length_error* is added to the content length, and the connection then closes."""

    by: Literal["content-length", "chunked", "close"]
    length_error: int = 0


@frozen
class Encode:
    """
    The body is compressed if the request accepts it, or always when *is_forced*.

    `deflate-raw` names itself `deflate` on the wire but lacks the zlib wrapper, as some servers send it.
    """

    coding: Literal["gzip", "deflate", "deflate-raw"] = "gzip"
    is_forced: bool = False


Dress = Literal[
    "top_level",
    "with_choice",
    "named_event",
    "finish_reason",
    "empty_choices",
    "error_type",
    "nested",
    "text",
    "flat",
]


@frozen
class ErrorEvent:
    """
    An error in the middle of a stream; nothing of the answer follows it.

    `top_level`: a chunk with `error` and without choices, as OpenRouter sends it. `with_choice`: beside a choice, OpenRouter's
    other way, with `[DONE]` after it. `named_event`: `event: error` and the error alone, as Groq sends it. `finish_reason`:
    a choice whose finish reason is `error`, the error inside it. `empty_choices`: beside `choices: []`. `error_type`: beside a
    choice whose finish reason is `error`, and what it is stands in `metadata.error_type`. `nested`: an error inside the
    error. `text`: the error is a text. `flat`: an object that is itself the error, as vLLM and Mistral send it.
    """

    dress: Dress = "top_level"
    after_events: int = field(default=1, validator=ge(0))
    status: int = 502
    code: str | int | None = None
    """None: the status, or the dress's usual text."""
    message: str = "The provider failed while it was answering."
    has_done: bool | None = None
    """Whether `[DONE]` follows. None: as the dress is known to."""


@frozen
class WithoutDone:
    """A stream simply ends, without `[DONE]`."""


@frozen
class EarlyReply:
    """The server answers as soon as the request's head is there and does not read its body; then it closes."""


Fault: TypeAlias = (
    Close | Reset | Stall | Insert | Truncate | Pieces | Framing | Encode | ErrorEvent | WithoutDone | EarlyReply
)
