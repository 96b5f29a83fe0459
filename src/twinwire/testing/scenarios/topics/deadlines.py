"""One deadline over everything that a call does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import DeadlineExceededError
from twinwire.testing.answers import Raw, Reply
from twinwire.testing.faults import AfterBytes, AfterEvents, EarlyReply, Encode, Insert, Pieces, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.on_the_wire import TYPE, head

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer
    from twinwire.testing.scenarios.scenario import Options, Way

_DEADLINE = 3 * UNIT
_IN_TIME = (_DEADLINE, _DEADLINE + UNIT / 2)
_SLOW = UNIT / 20
_STREAMS: tuple[Way, ...] = ("chunks", "events")
_ALL: tuple[Way, ...] = ("create", "chunks", "events")


def _cut_off(
    name: str,
    about: str,
    answer: Answer,
    *,
    ways: tuple[Way, ...] = _ALL,
    where: str = "attempt",
    partial: str | None = None,
    injected: bool = False,
) -> Scenario:
    """The server never ends what it began; at its deadline the call does."""
    return Scenario(
        name=f"deadline-{name}",
        topic="deadlines",
        about=about,
        ways=ways,
        server=(answer,),
        ask=Ask(earlier=1, options={"deadline": _DEADLINE}),
        expect=Expect(
            error=DeadlineExceededError,
            facts={"where": where, "deadline_seconds": _DEADLINE, "sent": True},
            partial=partial,
            attempts=1,
            billed=True,
            seconds=_IN_TIME,
            open_connections=0,
        ),
        injected=injected,
    )


def _large() -> Options:
    return {"messages": [{"role": "user", "content": "x" * 10_000_000}]}


SCENARIOS = (
    _cut_off("silent-server", "The server reads the request and says nothing.", Reply(faults=[Stall()]), injected=True),
    _cut_off(
        "silent-after-the-head",
        "The head comes, and nothing after it.",
        Reply(faults=[Stall(at="before_body")]),
        injected=True,
    ),
    _cut_off(
        "dribbled-head",
        "The head comes byte by byte, each in time for any limit between two bytes.",
        Reply(faults=[Pieces(1, _SLOW, of="wire")]),
    ),
    _cut_off(
        "header-lines-without-end",
        "Header lines come one by one and never end.",
        Reply(faults=[Insert(b"x-more: 1\r\n", "mid_head", None, _SLOW)]),
    ),
    _cut_off(
        "interim-replies-without-end",
        "100 Continue comes again and again.",
        Reply(faults=[Insert(b"HTTP/1.1 100 Continue\r\n\r\n", "before_head", None, _SLOW)]),
    ),
    _cut_off("dribbled-body", "A JSON body comes byte by byte.", Reply(faults=[Pieces(1, _SLOW)]), ways=("create",)),
    _cut_off(
        "dribbled-compressed-body",
        "A compressed body comes byte by byte, and nothing of it can be read yet.",
        Reply(faults=[Encode(), Pieces(1, _SLOW, of="wire")]),
        ways=("create",),
    ),
    _cut_off(
        "stalled-body",
        "A JSON body stops in its middle.",
        Reply(faults=[Stall(at=AfterBytes(100))]),
        ways=("create",),
        injected=True,
    ),
    _cut_off(
        "white-space-without-end",
        "White space keeps the connection alive (OpenRouter), and the JSON never comes.",
        Reply(faults=[Insert(b" \n", "before_body", None, _SLOW)]),
        ways=("create",),
    ),
    _cut_off(
        "chunk-size-dribbled",
        "Zeros of a chunk's size come one by one.",
        Raw([head(TYPE, b"transfer-encoding: chunked"), *[b"0"] * 200], delay_seconds=_SLOW),
        ways=("create",),
    ),
    _cut_off(
        "comments-without-end",
        "Keep-alive comments come and no event.",
        Reply(faults=[Insert(b": ping\n\n", "before_body", None, _SLOW)]),
        ways=_STREAMS,
    ),
    _cut_off(
        "empty-events-without-end",
        "Events without content come, and never one with any.",
        Reply(faults=[Insert(b'data: {"choices":[]}\n\n', "before_body", None, _SLOW)]),
        ways=_STREAMS,
    ),
    _cut_off(
        "comments-after-text",
        "After the first words only comments come.",
        Reply("One two three.", faults=[Insert(b": ping\n\n", AfterEvents(3), None, _SLOW)]),
        ways=_STREAMS,
        where="stream",
        partial="One two",
    ),
    _cut_off(
        "stream-without-end",
        "Text comes for ever.",
        Reply(
            "One two.",
            faults=[Insert(b'data: {"choices":[{"index":0,"delta":{"content":""}}]}\n\n', AfterEvents(2), None, _SLOW)],
        ),
        ways=_STREAMS,
        where="stream",
        partial="One",
    ),
    _cut_off(
        "stream-that-stops",
        "A stream stops after its first words.",
        Reply("One two three.", faults=[Stall(at=AfterEvents(3))]),
        ways=_STREAMS,
        where="stream",
        partial="One two",
        injected=True,
    ),
    _cut_off(
        "dribbled-stream", "A stream comes byte by byte.", Reply("One two.", faults=[Pieces(1, _SLOW)]), ways=_STREAMS
    ),
    Scenario(
        name="deadline-after-the-finish-reason",
        topic="deadlines",
        about="When the deadline comes, every choice has its finish reason and only the farewell is missing: that is an answer.",
        ways=_STREAMS,
        server=(Reply("One two.", faults=[Stall(at=AfterEvents(4))]),),
        ask=Ask(options={"deadline": _DEADLINE}),
        expect=Expect(text="One two.", attempts=1, open_connections=0, seconds=(0, _DEADLINE + UNIT / 2)),
    ),
    Scenario(
        name="deadline-while-writing",
        topic="deadlines",
        about="A server that reads nothing of 10 MB holds the call until its deadline, and no longer.",
        server=(Reply(faults=[EarlyReply(), Stall(12 * UNIT)]),),
        ask=Ask(arguments=_large, options={"deadline": _DEADLINE}),
        expect=Expect(
            error=DeadlineExceededError, facts={"where": "attempt"}, attempts=1, billed=False, seconds=_IN_TIME
        ),
    ),
    Scenario(
        name="deadline-and-a-slow-consumer",
        topic="deadlines",
        about="A stream whose consumer works longer than the deadline, and whose server then stops, ends in it.",
        ways=_STREAMS,
        server=(Reply("One two.", faults=[Stall(at=AfterEvents(3))]),),
        ask=Ask(options={"deadline": _DEADLINE}, pause_seconds=2 * UNIT),
        expect=Expect(
            error=DeadlineExceededError,
            facts={"where": "stream"},
            attempts=1,
            billed=True,
            seconds=(_DEADLINE, 8 * UNIT),
            open_connections=0,
        ),
    ),
)
