"""
From an answer to what is done on the wire: steps that the server only obeys.

A body is a list of parts (its events, or the whole). Faults that strike at a place become steps between the bytes, and parts are
split there. Then come the sizes of pieces, compression and framing, each a generator over the one before, so that an answer
without end costs no memory.
"""

from __future__ import annotations

from collections import deque
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from twinwire.testing.answering import Progress
from twinwire.testing.dialect import phrase
from twinwire.testing.edits import edit, is_event, offset
from twinwire.testing.faults import Close, Encode, Fault, Framing, Insert, Pieces, Reset, Stall
from twinwire.testing.framing import chunked, encode, joined
from twinwire.testing.steps import End, Pause, Step, Write, in_pieces, until_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from twinwire.testing.faults import WirePlace
    from twinwire.testing.spending import Bill

Placed: TypeAlias = Close | Reset | Stall | Insert
"""The faults that strike at one place."""


@frozen(kw_only=True)
class Outgoing:
    """One HTTP reply, before its faults."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    parts: tuple[bytes, ...] = ()
    is_stream: bool = False
    reason: str | None = None
    delay_seconds: float = 0.0
    faults: tuple[Fault, ...] = ()
    bill: Bill | None = None
    """None: it costs nothing."""

    @property
    def has_body(self) -> bool:
        """Whether HTTP lets this status have a body."""
        return self.status >= 200 and self.status not in (204, 304)


def steps(
    outgoing: Outgoing, *, accept_encoding: str = "", closes: bool = False, progress: Progress | None = None
) -> Iterator[Step]:
    """
    Work out what the server does; *closes* says that this exchange is the connection's last in any case.

    *progress* is told of each part before its bytes are written.

    The last step is an `End` unless the connection can carry another exchange.
    """
    faults = outgoing.faults
    parts = edit(outgoing.parts, faults) if outgoing.has_body else []
    progress = progress or Progress()
    progress.begin(outgoing.parts, parts)
    body: Iterable[Step] = _body(parts, faults, outgoing.delay_seconds, progress)
    for fault in faults:
        if isinstance(fault, Pieces) and fault.of == "body":
            body = in_pieces(body, fault.sizes, fault.delay_seconds)
    coding = _coding(faults, accept_encoding)
    if coding is not None:
        body = encode(body, coding.coding)

    framing = _framing(outgoing)
    says_close = ("connection", "close") in outgoing.headers
    closes = closes or says_close or framing.by == "close" or framing.length_error != 0
    lines = [f"{name}: {value}" for name, value in outgoing.headers]
    if coding is not None:
        lines.append(f"content-encoding: {coding.coding.removesuffix('-raw')}")
    if framing.by == "content-length" and outgoing.has_body:
        body = list(body)
        size = sum(len(step.data) for step in body if isinstance(step, Write))
        lines.append(f"content-length: {size + framing.length_error}")
    elif framing.by == "chunked" and outgoing.has_body:
        body = chunked(body)
        lines.append("transfer-encoding: chunked")
    if closes and not says_close:
        lines.append("connection: close")

    wire: Iterable[Step] = chain(_head(outgoing, lines), body)
    is_in_pieces = False
    for fault in faults:
        if isinstance(fault, Pieces):
            is_in_pieces = True
            if fault.of == "wire":
                wire = in_pieces(wire, fault.sizes, fault.delay_seconds)
    if framing.by == "content-length" and not is_in_pieces:
        wire = joined(wire)
    return until_end(chain(wire, _struck_at("after_reply", faults), [End()] if closes else []))


def _coding(faults: Sequence[Fault], accept_encoding: str) -> Encode | None:
    offered = {name.partition(";")[0].strip().lower() for name in accept_encoding.split(",")}
    for fault in faults:
        if isinstance(fault, Encode):
            is_accepted = fault.coding.removesuffix("-raw") in offered
            return fault if fault.is_forced or is_accepted else None
    return None


def _framing(outgoing: Outgoing) -> Framing:
    for fault in outgoing.faults:
        if isinstance(fault, Framing):
            return fault
    is_endless = any(
        isinstance(fault, Insert) and fault.times is None and fault.at != "after_reply" for fault in outgoing.faults
    )
    return Framing("chunked" if outgoing.is_stream or is_endless else "content-length")


def _head(outgoing: Outgoing, lines: list[str]) -> Iterator[Step]:
    first = f"HTTP/1.1 {outgoing.status} {outgoing.reason or phrase(outgoing.status)}"
    yield from _struck_at("before_head", outgoing.faults)
    yield Write("".join(f"{line}\r\n" for line in (first, *lines)).encode("latin-1", "replace"))
    yield from _struck_at("mid_head", outgoing.faults)
    yield Write(b"\r\n")


def _body(parts: Sequence[bytes], faults: Sequence[Fault], delay_seconds: float, progress: Progress) -> Iterator[Step]:
    between = deque(_placed(parts, faults, delay_seconds))
    position = 0
    for part in parts:
        start, end = position, position + len(part)
        while between and between[0][0] < end:
            at, placed = between.popleft()
            if at > position:
                yield Write(part[position - start : at - start])
                position = at
            yield from placed
        progress.step()
        yield Write(part[position - start :])
        position = end
    for _, placed in between:
        yield from placed


def _placed(parts: Sequence[bytes], faults: Sequence[Fault], delay_seconds: float) -> list[tuple[int, Iterable[Step]]]:
    """What is done at which offset of the body, in order; at one offset, delays come first and then faults as they are listed."""
    placed: list[tuple[int, Iterable[Step]]] = []
    if delay_seconds:
        total, position = sum(map(len, parts)), 0
        for part in parts:
            position += len(part)
            if is_event(part) and position < total:
                placed.append((position, [Pause(delay_seconds)]))
    placed += [
        (offset(parts, fault.at), _strike(fault))
        for fault in faults
        if isinstance(fault, Placed)
        and (fault.at != "before_head" and fault.at != "mid_head" and fault.at != "after_reply")
    ]
    return sorted(placed, key=lambda item: item[0])


def _struck_at(place: WirePlace, faults: Sequence[Fault]) -> Iterator[Step]:
    for fault in faults:
        if isinstance(fault, Placed) and fault.at == place:
            yield from _strike(fault)


def _strike(fault: Placed) -> Iterator[Step]:
    match fault:
        case Close():
            yield End("close")
        case Reset():
            yield End("reset")
        case Stall(seconds):
            yield Pause(seconds)
        case Insert():
            for _ in repeat(None) if fault.times is None else range(fault.times):
                yield Write(fault.data, fault.is_encoded)
                if fault.every_seconds:
                    yield Pause(fault.every_seconds)
