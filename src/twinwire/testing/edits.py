"""Faults that change what a body says, before it is cut and framed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from twinwire.testing.dialect import DONE, event
from twinwire.testing.faults import AfterBytes, AfterEvents, BodyPlace, ErrorEvent, Fault, Truncate, WithoutDone
from twinwire.testing.jsons import dump, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT_IN_ERRORS = ("id", "provider", "model", "object", "created")


def edit(parts: Sequence[bytes], faults: Sequence[Fault]) -> list[bytes]:
    """Apply the faults that change the text of a body; *parts* are its events, or the whole of it."""
    edited = list(parts)
    for fault in faults:
        match fault:
            case WithoutDone():
                edited = [part for part in edited if part.strip() != DONE.strip()]
            case ErrorEvent():
                edited = _fail(edited, fault)
            case Truncate(at):
                edited = _shorten(edited, offset(edited, at))
            case _:
                pass
    return edited


def offset(parts: Sequence[bytes], place: BodyPlace) -> int:
    """How many bytes of the body come before *place*."""
    total = sum(map(len, parts))
    match place:
        case "before_body":
            return 0
        case "end_of_body":
            return total
        case AfterBytes(count):
            return min(count, total)
        case AfterEvents(count):
            return sum(map(len, parts[: _index(parts, count)]))


def _index(parts: Sequence[bytes], events: int) -> int:
    """The number of parts up to so many events; comments before the first event belong to the time before it."""
    with_data = [index for index, part in enumerate(parts) if is_event(part)]
    if events == 0:
        return with_data[0] if with_data else 0
    return with_data[events - 1] + 1 if events <= len(with_data) else len(parts)


def is_event(part: bytes) -> bool:
    """Whether this part of a stream is an event with data, and not a comment."""
    return any(line.startswith(b"data") for line in part.splitlines())


def _shorten(parts: Sequence[bytes], size: int) -> list[bytes]:
    kept: list[bytes] = []
    for part in parts:
        kept.append(part[:size])
        size = max(0, size - len(part))
    return [part for part in kept if part]


def _fail(parts: list[bytes], fault: ErrorEvent) -> list[bytes]:
    kept = parts[: _index(parts, fault.after_events)]
    has_done = fault.dress == "with_choice" if fault.has_done is None else fault.has_done
    return [*kept, _error_event(parts, fault), *([DONE] if has_done else [])]


def _error_event(parts: Sequence[bytes], fault: ErrorEvent) -> bytes:
    code = fault.status if fault.code is None else fault.code
    error: dict[str, object] = {"code": code, "message": fault.message}
    frame = _frame(parts)
    choice: dict[str, object] = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}
    match fault.dress:
        case "top_level":
            return event({**frame, "error": error})
        case "with_choice":
            return event({**frame, "error": error, "choices": [choice]})
        case "finish_reason":
            failed = {**choice, "finish_reason": "error", "native_finish_reason": "error", "error": error}
            return event({**frame, "choices": [failed]})
        case "empty_choices":
            return event({**frame, "error": error, "choices": []})
        case "error_type":
            named = _type_named(fault)
            failed = {**choice, "finish_reason": "error", "native_finish_reason": "error"}
            coded = {"code": fault.status, "message": fault.message, "metadata": {"error_type": named}}
            return event({**frame, "error": coded, "choices": [failed]})
        case "nested":
            return event({**frame, "error": {"error": error, "code": code}})
        case "text":
            return event({**frame, "error": fault.message, "code": _type_named(fault)})
        case "flat":
            return event({"object": "error", "message": fault.message, "type": _type_named(fault), "code": code})
        case "named_event":
            named = _type_named(fault)
            body = {"message": fault.message, "type": "server_error", "code": named, "status_code": fault.status}
            return b"event: error\ndata: " + dump({"error": body}) + b"\n\n"


def _type_named(fault: ErrorEvent) -> str | int:
    return fault.code or "server_error"


def _frame(parts: Sequence[bytes]) -> dict[str, object]:
    """The fields that every chunk of this stream has, so that the error looks like one of them."""
    for part in parts:
        try:
            chunk: object = json.loads(part.removeprefix(b"data:"))
        except ValueError:
            continue
        if is_object(chunk):
            return {name: chunk[name] for name in _KEPT_IN_ERRORS if name in chunk}
    return {}
