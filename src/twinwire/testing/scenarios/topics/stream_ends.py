"""How streams end although their connection does not: by [DONE], by a consumer who leaves or is slow, by the deadline."""

from __future__ import annotations

from typing import Literal

from twinwire.errors import DeadlineExceededError
from twinwire.testing.answers import Exchange, Reply
from twinwire.testing.faults import AfterEvents, Encode, Framing, Insert, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import EVENTS, ends, event, events, says, stream

_MORE = event(says("more "))


def _endless(data: bytes, *, first: bytes = b"", every_seconds: float = 0.0) -> Exchange:
    return Exchange(200, EVENTS, first, faults=[Insert(data, times=None, every_seconds=every_seconds)])


_LEAVINGS: dict[Literal["block", "close", "error"], str] = {
    "block": "by leaving its block",
    "close": "by `close()`",
    "error": "by an error of the consumer's",
}

SCENARIOS = (
    *(
        Scenario(
            name=f"endless-stream-left-by-{how}",
            topic="streams",
            about=f"A stream without end is left {about}: at once, and its connection is not kept.",
            ways=("chunks", "events"),
            server=(_endless(_MORE, first=_MORE, every_seconds=UNIT / 100),),
            ask=Ask(leave_after=20, leave=how),
            expect=Expect(seconds=(0, 10 * UNIT), open_connections=0),
            injected=True,
        )
        for how, about in _LEAVINGS.items()
    ),
    Scenario(
        name="endless-stream-at-the-deadline",
        topic="deadlines",
        about="A stream of text without end is cut by the deadline, and what had arrived is kept.",
        ways=("chunks", "events"),
        server=(_endless(_MORE, first=_MORE, every_seconds=UNIT / 20),),
        ask=Ask(options={"deadline": 3 * UNIT}),
        expect=Expect(error=DeadlineExceededError, facts={"where": "stream"}, seconds=(3 * UNIT, 4 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="endless-comments-at-the-deadline",
        topic="deadlines",
        about="Comments without end are life, but no answer: the deadline ends them.",
        ways=("chunks", "events"),
        server=(_endless(b": OPENROUTER PROCESSING\n\n", every_seconds=UNIT / 20),),
        ask=Ask(options={"deadline": 3 * UNIT}),
        expect=Expect(error=DeadlineExceededError, facts={"where": "attempt"}, seconds=(3 * UNIT, 4 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="slow-consumer",
        topic="streams",
        about="A consumer works on each event while the server is done long ago: nothing is lost, and nothing times out.",
        ways=("chunks", "events"),
        server=(stream(*(says(f"{number} ") for number in range(8)), ends()),),
        ask=Ask(pause_seconds=UNIT / 2, options={"timeout": 3 * UNIT}),
        expect=Expect(text="0 1 2 3 4 5 6 7 ", seconds=(4 * UNIT, 20 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="done-and-open",
        topic="streams",
        about="[DONE] comes and the connection stays open: the stream ends at once, the connection is dropped, the next call works.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Stall(60 * UNIT, at="end_of_body")]),),
        expect=Expect(text="One two.", seconds=(0, 5 * UNIT), open_connections=0),
        injected=True,
    ),
    Scenario(
        name="done-and-open-without-length",
        topic="streams",
        about="[DONE] comes in a body that only a close would end, and none comes: the stream ends at once.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Framing("close"), Stall(60 * UNIT, at="end_of_body")]),),
        expect=Expect(text="One two.", seconds=(0, 5 * UNIT), open_connections=0),
        injected=True,
    ),
    Scenario(
        name="done-and-endless",
        topic="streams",
        about="[DONE] comes and then comments without end: the stream ends at once, and the connection is dropped.",
        ways=("chunks", "events"),
        server=(_endless(b": still here\n\n", first=events(says("One."), ends()), every_seconds=UNIT / 50),),
        expect=Expect(text="One.", seconds=(0, 5 * UNIT), open_connections=0),
        injected=True,
    ),
    Scenario(
        name="done-and-drained",
        topic="streams",
        about="The end of the body comes some milliseconds after [DONE]: the connection is kept for the next call.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Stall(UNIT / 10, at="end_of_body")]),),
        expect=Expect(text="One two.", open_connections=1),
    ),
    Scenario(
        name="finish-and-silence",
        topic="streams",
        about="The finish reason comes and then nothing: after the limit between events the answer is whole.",
        ways=("chunks", "events"),
        server=(stream(says("One."), ends(), done=False, faults=[Stall(60 * UNIT, at="end_of_body")]),),
        ask=Ask(options={"timeout": 2 * UNIT}),
        expect=Expect(text="One.", seconds=(2 * UNIT, 5 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="left-after-the-first",
        topic="streams",
        about="A stream is left after its first item while the server waits: at once, and its connection is dropped.",
        ways=("chunks", "events"),
        server=(Reply("One two three.", faults=[Stall(60 * UNIT, at=AfterEvents(3))]),),
        ask=Ask(leave_after=1),
        expect=Expect(seconds=(0, 5 * UNIT), open_connections=0),
        injected=True,
    ),
    Scenario(
        name="left-when-all-was-read",
        topic="streams",
        about="A stream is left at its first items although all of it has arrived.",
        ways=("chunks", "events"),
        server=(stream(*(says(f"{number} ") for number in range(50)), ends()),),
        ask=Ask(leave_after=2),
        injected=True,
    ),
    Scenario(
        name="fifty-streams-at-once",
        topic="streams",
        about="50 streams run at once on one client: each gets its own answer, whole.",
        ways=("chunks", "events"),
        server=tuple(Reply("One two three four five.", delay_seconds=UNIT / 50) for _ in range(50)),
        ask=Ask(together=50),
        expect=Expect(text="One two three four five.", requests=50),
        injected=True,
    ),
    Scenario(
        name="compressed-stream",
        topic="streams",
        about="A stream is compressed piece by piece: each event is handed over when it arrives.",
        ways=("chunks", "events"),
        server=(Reply("One two three.", faults=[Encode(), Stall(60 * UNIT, at=AfterEvents(3))]),),
        ask=Ask(leave_after=2),
        expect=Expect(seconds=(0, 5 * UNIT)),
        injected=True,
    ),
)
