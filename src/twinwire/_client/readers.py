"""How a chat stream is read for a consumer: as the chunks themselves, or as the events that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from twinwire._client.counting import stream_counter
from twinwire._model.convert import structure
from twinwire.chat.seam import Seam
from twinwire.errors import DecodeError
from twinwire.providers.chat_reader import ChatReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twinwire._client.prepare import Prepared
    from twinwire._core.plan import Reader
    from twinwire._model.json import JsonObject
    from twinwire.chat.accumulate import ChatAccumulator
    from twinwire.chat.events import ChatStreamEvent

ItemT = TypeVar("ItemT")  # items of a stream as its reader makes them


def chunk_reader(prepared: Prepared, reply_type: type[object]) -> Callable[[], ChatReader[JsonObject]]:
    """Make readers that hand on each chunk as it came."""
    return lambda: ChatReader(
        prepared.dialect,
        _as_chunk,
        lambda snapshot: partial_reply(snapshot, reply_type),
        choices=_choices_asked_for(prepared),
        count=stream_counter(prepared.model, prepared.body),
    )


def event_reader(prepared: Prepared, reply_type: type[object]) -> Callable[[], ChatReader[ChatStreamEvent]]:
    """Make readers that hand on the events that each chunk makes."""
    return lambda: ChatReader(
        prepared.dialect,
        _as_events,
        lambda snapshot: partial_reply(snapshot, reply_type),
        choices=_choices_asked_for(prepared),
        count=stream_counter(prepared.model, prepared.body),
    )


def continuation_reader(
    prepared: Prepared, reply_type: type[object], broken: ChatAccumulator, body: bytes, *, repeats: bool
) -> Callable[[], ChatReader[ChatStreamEvent]]:
    """
    Make readers of the continuation of a *broken* answer, which *body* asks for.

    *repeats* says whether the server is known to send its text again.
    """
    return lambda: ChatReader(
        prepared.dialect,
        _as_events,
        lambda snapshot: partial_reply(snapshot, reply_type),
        continues=(broken.continued(), Seam(broken.text, repeats=repeats)),
        count=stream_counter(prepared.model, body),
    )


def reader_of(reader: Reader[ItemT]) -> ChatReader[ItemT]:
    """The reader that one of these made."""
    if not isinstance(reader, ChatReader):
        raise TypeError(f"a chat stream has a {type(reader).__name__} for a reader")
    return reader


def _as_chunk(chunk: JsonObject, _events: list[ChatStreamEvent]) -> Sequence[JsonObject]:
    return (chunk,)


def _as_events(_chunk: JsonObject, events: list[ChatStreamEvent]) -> Sequence[ChatStreamEvent]:
    return events


def _choices_asked_for(prepared: Prepared) -> int:
    """How many choices the request asks for, so that one that never began is missed."""
    more = prepared.options.extra_body or {}
    count = more.get("n", prepared.arguments.get("n"))
    return count if isinstance(count, int) else 1


def partial_reply(snapshot: JsonObject, reply_type: type[object]) -> object:
    """What an error keeps of an answer; the raw mapping where even the reply's class cannot hold it."""
    try:
        return structure(snapshot, reply_type)
    except DecodeError:
        return snapshot
