"""Whole replies that stop where they should not: never an answer, and asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import APIConnectionError, DecodeError
from twinwire.testing.answers import Raw, Reply
from twinwire.testing.faults import AfterBytes, Close, Framing, Reset, Truncate
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import reply, whole

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer

_BODY = dump(reply())
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
_HALF = len(_BODY) // 2

# name, where it stops, the answer, the class of the error where it does so each time
_CUTS: list[tuple[str, str, Answer, type[Exception]]] = [
    ("before-its-body", "before its body", whole(_BODY, faults=[Close("before_body")]), APIConnectionError),
    ("in-its-body", "within its body", whole(_BODY, faults=[Close(AfterBytes(_HALF))]), APIConnectionError),
    ("by-reset", "within its body, by a reset", whole(_BODY, faults=[Reset(AfterBytes(_HALF))]), APIConnectionError),
    (
        "before-its-last-byte",
        "one byte before its end",
        whole(_BODY, faults=[Framing("content-length", length_error=1)]),
        APIConnectionError,
    ),
    (
        "at-its-length",
        "at a content length that is too short",
        whole(_BODY, faults=[Framing("content-length", length_error=-40)]),
        DecodeError,
    ),
    (
        "without-length",
        "where its body has neither length nor chunks",
        whole(_BODY, faults=[Framing("close"), Close(AfterBytes(_HALF))]),
        DecodeError,
    ),
    (
        "in-good-order",
        "in good order, with half of the JSON",
        whole(_BODY, faults=[Truncate(AfterBytes(_HALF))]),
        DecodeError,
    ),
    (
        "in-chunks",
        "between two chunks",
        whole(_BODY, faults=[Framing("chunked"), Close(AfterBytes(_HALF))]),
        APIConnectionError,
    ),
    (
        "before-the-last-chunk",
        "before the chunk that ends it",
        whole(_BODY, faults=[Framing("chunked"), Close("end_of_body")]),
        APIConnectionError,
    ),
    (
        "by-a-bad-chunk",
        "at a chunk size that is none",
        Raw([_HEAD + b"transfer-encoding: chunked\r\n\r\n", b'5\r\n{"cho\r\n', b"no\r\n"]),
        APIConnectionError,
    ),
    (
        "with-a-bad-length",
        "at once, for its content length is none",
        Raw([_HEAD + b"content-length: many\r\n\r\n", _BODY]),
        APIConnectionError,
    ),
    (
        "with-two-lengths",
        "at once, for it has two content lengths that differ",
        Raw([_HEAD + b"content-length: 5\r\ncontent-length: 500\r\n\r\n", _BODY]),
        APIConnectionError,
    ),
    ("as-an-interim-reply", "after an interim reply", Raw([b"HTTP/1.1 103 Early Hints\r\n\r\n"]), APIConnectionError),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"reply-cut-{name}",
            topic="replies",
            about=f"A reply stops {about}: it is asked for again.",
            server=(answer, Reply("Here.")),
            expect=Expect(text="Here.", attempts=2),
            injected=True,
        )
        for name, about, answer, _ in _CUTS
    ),
    *(
        Scenario(
            name=f"reply-cut-{name}-for-good",
            topic="replies",
            about=f"A reply stops {about}, each time: the error says so, and that it may have been billed.",
            server=(answer,) * 3,
            expect=Expect(error=error, attempts=3, billed=True),
            injected=True,
        )
        for name, about, answer, error in _CUTS
        if name in ("in-its-body", "by-reset", "without-length", "before-the-last-chunk", "with-a-bad-length")
    ),
)
