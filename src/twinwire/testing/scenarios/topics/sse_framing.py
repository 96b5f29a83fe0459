"""Streams: how events are framed, by the rules of the WHATWG and in the ways of real servers."""

from __future__ import annotations

from typing import Any

from twinwire.testing.answers import Exchange
from twinwire.testing.faults import AfterBytes, AfterEvents, Pieces, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import DONE, EVENTS, choice, chunk, ends, event, events, says, stream

TEXT = "Hel\u00e9 w\u00f6rld \U0001f30d."
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
CHUNKS = (
    chunk(choice(role="assistant", content="")),
    says("Hel\u00e9 "),
    says("w\u00f6rld "),
    says("\U0001f30d."),
    ends(),
    chunk(usage=USAGE),
)
BODY = events(*CHUNKS)
_HELD = Expect(text=TEXT)


def _split_lines(line_end: bytes) -> bytes:
    return BODY.replace(b"\n", line_end)


def _mixed() -> bytes:
    pairs = (b"\n\r\n", b"\r\n\r", b"\r\r", b"\n\r", b"\r\n\n")
    return b"".join(part + pairs[place % len(pairs)] for place, part in enumerate(BODY.split(b"\n\n")[:-1]))


def _cut_at(*marks: bytes) -> list[Pieces]:
    """Pieces that end inside each mark, after its first byte."""
    places = [BODY.index(mark) + 1 for mark in marks]
    sizes = [end - start for start, end in zip([0, *places], places, strict=False)]
    return [Pieces(sizes)]


def _in_lines(*parts: bytes) -> bytes:
    return b"".join(b"data: " + part + b"\n" for part in parts) + b"\n"


_SAYS = event(says("x"))[6:-2]  # the JSON of a chunk
_HEAD, _TAIL = _SAYS.split(b'"choices"')

# name, what happens, the body, faults
_FRAMED: list[tuple[str, str, bytes, list[Pieces]]] = [
    ("crlf", "Lines end in CRLF.", _split_lines(b"\r\n"), []),
    ("cr", "Lines end in CR alone.", _split_lines(b"\r"), []),
    ("mixed-line-ends", "LF, CRLF and CR take turns.", _mixed(), []),
    ("crlf-split", "Every CRLF is split between two pieces.", _split_lines(b"\r\n"), [Pieces(1)]),
    ("byte-by-byte", "Every byte is a piece of its own.", BODY, [Pieces(1)]),
    (
        "split-in-characters",
        "Pieces end inside characters.",
        BODY,
        _cut_at("\u00e9".encode(), "\u00f6".encode(), "\U0001f30d".encode()),
    ),
    ("split-in-a-field-name", "A piece ends inside `data:`.", BODY, _cut_at(b"data: {", b"ata: [DONE]")),
    (
        "split-in-a-blank-line",
        "Pieces end between the two line ends of an event.",
        BODY,
        [Pieces([BODY.index(b"\n\n") + 1])],
    ),
    ("one-piece", "The whole stream is one piece.", BODY, [Pieces(len(BODY))]),
    ("bom", "A byte order mark stands at the beginning.", b"\xef\xbb\xbf" + BODY, []),
    ("bom-split", "A byte order mark arrives byte by byte.", b"\xef\xbb\xbf" + BODY, [Pieces([1, 1, 1])]),
    ("blank-lines-first", "Blank lines stand before the first event.", b"\n\r\n\n" + BODY, []),
    (
        "comments-before",
        "78 comments come before the first event, as in a recorded OpenRouter stream.",
        b": OPENROUTER PROCESSING\n\n" * 78 + BODY,
        [],
    ),
    (
        "comments-between",
        "Comments come between the events.",
        BODY.replace(b"\n\n", b"\n\n: ping - 2026-06-08\n\n:\n\n"),
        [],
    ),
    (
        "comment-inside-an-event",
        "A comment stands inside an event.",
        BODY.replace(b"data: ", b": still here\ndata: "),
        [],
    ),
    (
        "comment-after-data",
        "A comment stands between an event's data and its blank line.",
        BODY.replace(b"\n\n", b"\n:\n\n"),
        [],
    ),
    (
        "ids-and-retry",
        "Events have ids and retry fields, valid and not.",
        BODY.replace(b"data: ", b"id: 7\nretry: 10\nretry: x\nid\ndata: "),
        [],
    ),
    ("nul-in-an-id", "An id holds NUL.", BODY.replace(b"data: ", b"id: 1\x002\ndata: "), []),
    (
        "unknown-fields",
        "Events have unknown fields, some without a colon, one that begins as `data` does.",
        BODY.replace(b"data: ", b"foo: bar\nnothing\nDATA: x\ndatax: y\n data: z\ndata: "),
        [],
    ),
    ("no-space-after-colon", "No space follows the colon.", BODY.replace(b"data: ", b"data:"), []),
    (
        "two-spaces-after-colon",
        "Two spaces follow the colon, or a tab.",
        BODY.replace(b"data: ", b"data:  ", 3).replace(b"data: {", b"data:\t{", 2),
        [],
    ),
    (
        "padded",
        "Runs of spaces stand before the last brace, and behind it.",
        BODY.replace(b"}\n\n", b"         }    \n\n"),
        [],
    ),
    (
        "many-data-lines",
        "One JSON object stands in several data lines.",
        _in_lines(*BODY.split(b"\n")[0][6:].replace(b",", b",\xff").split(b"\xff")) + BODY,
        [],
    ),
    (
        "data-without-colon",
        "`data` without a colon adds an empty line to an event.",
        BODY.replace(b"data: {", b"data\ndata: {"),
        [],
    ),
    (
        "empty-data",
        "Events with empty data, or with `data` alone, come between the others.",
        BODY.replace(b"\n\n", b"\n\ndata:\n\ndata\n\ndata: \n\n", 3),
        [],
    ),
    (
        "event-without-data",
        "Events that have a name and no data are none.",
        BODY.replace(b"data: ", b"event: error\n\nevent: ping\n\ndata: ", 3),
        [],
    ),
    (
        "named-message",
        "Events are named `message`, or something else.",
        BODY.replace(b"data: {", b"event: message\ndata: {", 2).replace(
            b"\n\ndata: {", b"\n\nevent: completion.chunk\ndata: {"
        ),
        [],
    ),
    ("no-last-blank-line", "The last event has no blank line after it.", events(*CHUNKS, done=False)[:-1], []),
    ("no-last-line-end", "The last event has no line end at all.", events(*CHUNKS, done=False)[:-2], []),
    ("done-unended", "`[DONE]` has no line end.", BODY[:-2], []),
    ("done-with-spaces", "`[DONE]` has spaces around it.", BODY.replace(b"data: [DONE]", b"data:   [DONE]  "), []),
    ("done-often", "`[DONE]` comes three times.", BODY + DONE * 2, []),
    (
        "done-named",
        "`[DONE]` comes as `event: data`, as OpenRouter has sent it.",
        BODY.replace(b"data: [DONE]", b"event: data\ndata: [DONE]"),
        [],
    ),
    (
        "text-after-done",
        "Text, and what is no JSON, follow `[DONE]`: they are no part of the answer.",
        BODY + event(says(" More.")) + b"data: {oops\n\n",
        [],
    ),
]

_PINGS: list[tuple[str, str, bytes | dict[str, Any]]] = [
    ("ping-of-words", "An event with an unknown name holds words.", b"still here"),
    ("ping-of-json", "An event with an unknown name holds JSON of its own.", {"type": "ping", "at": 1.5}),
    ("ping-of-null", "An event with an unknown name holds null.", b"null"),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"sse-{name}",
            topic="streams",
            about=f"{about} The text is whole.",
            ways=("chunks", "events"),
            server=(Exchange(200, EVENTS, body, faults=faults or ([Pieces(len(body))] if b"\r" in body else [])),),
            expect=_HELD,
            injected=True,
        )
        for name, about, body, faults in _FRAMED
    ),
    *(
        Scenario(
            name=f"sse-{name}",
            topic="streams",
            about=f"{about} It is ignored.",
            ways=("chunks", "events"),
            server=(stream(CHUNKS[0], CHUNKS[1], event(data, name="ping"), *CHUNKS[2:]),),
            expect=_HELD,
            injected=True,
        )
        for name, about, data in _PINGS
    ),
    Scenario(
        name="sse-cr-completes-at-once",
        topic="streams",
        about="A CR at the end of a piece completes its event: the first is handed over although the server is then silent.",
        ways=("chunks", "events"),
        server=(
            Exchange(
                200,
                EVENTS,
                event(says("Now."))[:-2] + b"\r\r" + events(ends()),
                faults=[Stall(60 * UNIT, at=AfterEvents(1)), Pieces([len(event(says("Now.")))])],
            ),
        ),
        ask=Ask(leave_after=1),
        expect=Expect(seconds=(0, 10 * UNIT)),
    ),
    Scenario(
        name="sse-slow-halves",
        topic="streams",
        about="An event of which the second half comes later is whole.",
        ways=("chunks", "events"),
        server=(
            Exchange(
                200,
                EVENTS,
                BODY,
                faults=[Stall(UNIT, at=AfterBytes(len(BODY) // 2)), Stall(UNIT, at=AfterBytes(len(BODY) - 9))],
            ),
        ),
        expect=Expect(text=TEXT, usage=USAGE, seconds=(UNIT, 10 * UNIT)),
        injected=True,
    ),
)
