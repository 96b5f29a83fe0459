"""Streams that stop where they should not: what had arrived is kept, and it is never taken for the answer."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from twinwire.errors import APIConnectionError, DecodeError, StreamTruncatedError
from twinwire.testing.answers import Exchange, Raw, Reply
from twinwire.testing.faults import AfterBytes, AfterEvents, Close, Encode, Framing, Reset, Truncate, WithoutDone
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import EVENTS, choice, chunk, ends, event, events, says, stream

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer
    from twinwire.testing.faults import Fault

TEXT = "Grü\u00dfe, Welt."
_OPENED = chunk(choice(role="assistant", content=""))
_PARTS = (_OPENED, says("Grü\u00dfe"), says(", Welt."), ends())
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
BODY = events(*_PARTS, chunk(usage=USAGE))
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"


def _cut(*faults: Fault) -> Exchange:
    return Exchange(200, EVENTS, BODY, faults=faults)


def _place(mark: bytes) -> AfterBytes:
    return AfterBytes(BODY.index(mark) + 1)


def _raw(*writes: bytes) -> Raw:
    return Raw([_HEAD, *writes])


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


_FIRST = events(*_PARTS[:2], done=False)

# Before content: the call may be repeated. name, where it stops, the answer that does
_BEFORE: list[tuple[str, str, Answer]] = [
    ("before-the-head", "before its head", _cut(Close("before_head"))),
    ("in-the-head", "within its head", _cut(Close("mid_head"))),
    ("in-a-header-line", "within a header line", Raw([b"HTTP/1.1 200 OK\r\ncontent-ty"])),
    ("before-the-body", "before its body", _cut(Close("before_body"))),
    ("reset-before-the-head", "before its head, by a reset", _cut(Reset("before_head"))),
    ("reset-before-the-body", "before its body, by a reset", _cut(Reset("before_body"))),
    (
        "after-comments",
        "after its comments",
        Exchange(200, EVENTS, b": PROCESSING\n\n" * 3, faults=[Close("end_of_body")]),
    ),
    ("after-the-role", "after a chunk with nothing but the role", _cut(Close(AfterEvents(1)))),
    ("in-the-first-event", "within its first event", _cut(Close(AfterBytes(20)))),
    ("of-no-bytes", "before its first byte, in good order", _cut(Truncate("before_body"))),
    ("of-the-role-alone", "after the role, in good order", _cut(Truncate(AfterEvents(1)))),
    (
        "in-the-first-chunk-size",
        "within the size of its first chunk",
        _raw(b"transfer-encoding: chunked\r\n\r\n", b"1"),
    ),
    (
        "in-the-gzip-header",
        "within the header of its gzip data",
        _raw(b"content-encoding: gzip\r\nconnection: close\r\n\r\n", b"\x1f\x8b\x08"),
    ),
    ("at-done-alone", "with [DONE] after nothing", stream()),
    ("at-done-without-choices", "with [DONE] after chunks without choices", stream(chunk(), chunk(usage=USAGE))),
    ("of-blank-lines", "after blank lines, in good order", Exchange(200, EVENTS, b"\n\r\n\n")),
]

# After content: never repeated, partial kept. name, where it stops, the answer, the text that had arrived
_AFTER: list[tuple[str, str, Answer, str]] = [
    ("between-events", "between two events", _cut(Close(AfterEvents(2))), "Grüße"),
    ("reset-between-events", "between two events, by a reset", _cut(Reset(AfterEvents(2))), "Grüße"),
    ("in-an-event", "within an event", _cut(Close(_place(b", Welt"))), "Grüße"),
    ("reset-in-an-event", "within an event, by a reset", _cut(Reset(_place(b", Welt"))), "Grüße"),
    (
        "in-a-character",
        "within a character",
        Exchange(
            200,
            EVENTS,
            events(says("Grüße"), says("\u00df")),
            faults=[
                Close(AfterBytes(len(events(says("Grüße"), done=False)) + event(says("\u00df")).index(b"\xc3") + 1))
            ],
        ),
        "Grüße",
    ),
    ("before-the-finish", "after the last text", _cut(Close(AfterEvents(3))), TEXT),
    ("in-the-finish", "within the event that says why it ends", _cut(Close(_place(b'"finish_reason":"stop"'))), TEXT),
    ("in-good-order", "between two events, in good order", _cut(Truncate(AfterEvents(2))), "Grüße"),
    ("in-an-event-in-good-order", "within an event, in good order", _cut(Truncate(_place(b", Welt"))), "Grüße"),
    (
        "in-the-finish-in-good-order",
        "within its last event, in good order",
        _cut(Truncate(_place(b'"finish_reason":"stop"'))),
        TEXT,
    ),
    (
        "without-length",
        "where its body has neither length nor chunks",
        _cut(Framing("close"), Close(AfterEvents(2))),
        "Grüße",
    ),
    (
        "short-of-its-length",
        "short of its content length",
        _cut(Framing("content-length"), Close(AfterEvents(2))),
        "Grüße",
    ),
    (
        "at-a-length-too-short",
        "because its content length is too short",
        _cut(Framing("content-length", length_error=-(len(BODY) - len(_FIRST)))),
        "Grüße",
    ),
    (
        "in-a-chunk-size",
        "within the size of a chunk",
        _raw(b"transfer-encoding: chunked\r\n\r\n", _framed(_FIRST), b"4"),
        "Grüße",
    ),
    (
        "in-a-chunk",
        "within a chunk",
        _raw(b"transfer-encoding: chunked\r\n\r\n", _framed(_FIRST), b"40\r\ndata: "),
        "Grüße",
    ),
    (
        "before-the-last-chunk",
        "before the chunk that ends it",
        _raw(b"transfer-encoding: chunked\r\n\r\n", _framed(_FIRST)),
        "Grüße",
    ),
    (
        "by-a-wrong-chunk-size",
        "at a chunk size that is none",
        _raw(b"transfer-encoding: chunked\r\n\r\n", _framed(_FIRST), b"zz\r\n"),
        "Grüße",
    ),
    ("in-gzip", "within its gzip data", _cut(Encode(), Close(AfterEvents(2))), "Grüße"),
    ("in-deflate", "within its deflate data", _cut(Encode("deflate"), Close(AfterEvents(2))), "Grüße"),
    (
        "with-another-choice-open",
        "with one of two choices unfinished",
        stream(chunk(choice(content="One.", finish="stop"), choice(index=1, content="Tw")), done=False),
        "One.",
    ),
    (
        "in-a-tool-call",
        "within a tool call, silently",
        stream(
            chunk(choice(content="Let me look.")),
            chunk(choice(tool_calls=[{"index": 0, "id": "call_1", "function": {"name": "f", "arguments": '{"a'}}])),
            done=False,
        ),
        "Let me look.",
    ),
]

_CALLS_CUT = {"in-a-tool-call": (("f", '{"a'),)}

_SECOND_NEVER_BEGAN = stream(chunk(choice(content="One.", finish="stop")), done=False)

SCENARIOS = (
    Scenario(
        name="cut-before-another-choice",
        topic="streams",
        about="Two choices were asked for, and the stream stops, without [DONE], when one is complete: the other is missed.",
        ways=("chunks", "events"),
        server=(_SECOND_NEVER_BEGAN,),
        ask=Ask(arguments={"n": 2}),
        expect=Expect(error=StreamTruncatedError, partial="One.", billed=True),
        injected=True,
    ),
    *(
        Scenario(
            name=f"cut-{name}",
            topic="streams",
            about=f"A stream stops {about}: nothing was handed out, so it is repeated.",
            ways=("chunks", "events"),
            server=(answer, Reply("Three.")),
            ask=Ask(earlier=1),
            expect=Expect(text="Three.", attempts=2),
            injected=True,
        )
        for name, about, answer in _BEFORE
    ),
    *(
        Scenario(
            name=f"cut-{name}-for-good",
            topic="streams",
            about=f"A stream stops {about}, each time: the error says so.",
            ways=("chunks", "events"),
            server=(answer,) * 3,
            expect=Expect(error=error, partial="", attempts=3),
            injected=True,
        )
        for (name, about, answer), error in zip(
            (
                row
                for row in _BEFORE
                if row[0] in ("before-the-head", "after-the-role", "of-no-bytes", "at-done-alone", "in-the-gzip-header")
            ),
            (APIConnectionError, APIConnectionError, StreamTruncatedError, DecodeError, StreamTruncatedError),
            strict=True,
        )
    ),
    *(
        Scenario(
            name=f"cut-{name}",
            topic="streams",
            about=f"A stream stops {about}: that is an error, it is not repeated, and what had arrived is kept.",
            ways=("chunks", "events"),
            server=(answer,),
            expect=Expect(error=StreamTruncatedError, partial=partial, calls=_CALLS_CUT.get(name), billed=True),
            injected=True,
        )
        for name, about, answer, partial in _AFTER
    ),
    *(
        Scenario(
            name=f"cut-{name}",
            topic="streams",
            about=f"A stream stops {about}: the answer had said that it was over, and is whole.",
            ways=("chunks", "events"),
            server=(_cut(*faults),),
            expect=Expect(text=TEXT, finish_reason="stop"),
            injected=True,
        )
        for name, about, faults in (
            ("after-the-finish", "after its finish reason", (Close(AfterEvents(4)),)),
            ("after-the-finish-in-good-order", "after its finish reason, in good order", (Truncate(AfterEvents(4)),)),
            ("after-the-finish-by-reset", "after its finish reason, by a reset", (Reset(AfterEvents(4)),)),
            ("after-usage", "after its usage", (Close(AfterEvents(5)),)),
            ("without-done", "without [DONE], as ten providers do", (WithoutDone(),)),
            ("after-done", "after [DONE], before the end of its body", (Close("end_of_body"),)),
            ("in-done", "within [DONE]", (Truncate(_place(b"[DONE]")),)),
            ("in-usage", "within its usage", (Close(_place(b'"prompt_tokens"')),)),
            (
                "beyond-its-length",
                "short of a content length that is too long",
                (Framing("content-length", length_error=40),),
            ),
        )
    ),
    Scenario(
        name="cut-gzip-checksum",
        topic="streams",
        about="A compressed stream ends in good order before its checksum: it was cut, and perhaps not only there.",
        ways=("chunks", "events"),
        server=(Exchange(200, {**EVENTS, "content-encoding": "gzip"}, gzip.compress(BODY)[:-8]),),
        expect=Expect(error=DecodeError, partial=TEXT, billed=True),
        injected=True,
    ),
)
