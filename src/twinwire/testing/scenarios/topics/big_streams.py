"""Streams that are large, or larger than any answer: bounded in memory, and linear in time."""

from __future__ import annotations

from twinwire import Caps
from twinwire.errors import DecodeError, StreamError
from twinwire.testing.answers import Exchange
from twinwire.testing.faults import Insert, Pieces
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import EVENTS, ends, event, events, says, stream
from twinwire.testing.scenarios.topics.bombs import MB, bomb

_LARGE = "x" * (8 * MB)

_SMALL = {"caps": Caps(max_event_bytes=50_000)}


def _endless(data: bytes, *, first: bytes = b"", every_seconds: float = 0.0) -> Exchange:
    return Exchange(200, EVENTS, first, faults=[Insert(data, times=None, every_seconds=every_seconds)])


SCENARIOS = (
    Scenario(
        name="event-of-8-mb",
        topic="streams",
        about="An event of 8 MB arrives in thousands of pieces: it is read in linear time, and held a few times at most.",
        ways=("events",),
        server=(stream(says(_LARGE), ends(), faults=[Pieces(4096)]),),
        expect=Expect(text=_LARGE, peak_bytes=64 * MB, seconds=(0, 50 * UNIT)),
    ),
    Scenario(
        name="event-of-8-mb-in-lines",
        topic="streams",
        about="An event has 20,000 data lines: it is read in linear time.",
        ways=("events",),
        server=(
            stream(
                b"data:" + b" " * 100 + b"\n" + (b"data:" + b" " * 390 + b"\n") * 20_000 + event(says("Here.")), ends()
            ),
        ),
        expect=Expect(text="Here.", peak_bytes=64 * MB, seconds=(0, 50 * UNIT)),
    ),
    *(
        Scenario(
            name=f"event-over-the-cap-{name}",
            topic="streams",
            about=f"An event grows past the cap {about}: it ends typed, and what came before is kept.",
            ways=("chunks", "events"),
            server=(Exchange(200, EVENTS, events(says("One"), body, says(" two.", "stop"))),),
            ask=Ask(options=_SMALL),
            expect=Expect(error=StreamError, says=("limit is 50000",), partial="One"),
            injected=True,
        )
        for name, about, body in (
            ("in-one-line", "in one line", event(says("x" * 60_000))),
            ("in-many-lines", "in many data lines", b"data: 1\n" * 10_000 + b"\n"),
            ("in-empty-lines", "in empty data lines", b"data\n" * 15_000 + b"\n"),
            ("in-a-comment", "in one comment", b":" + b"x" * 60_000 + b"\n\n"),
        )
    ),
    Scenario(
        name="event-over-the-cap-behind-the-end",
        topic="streams",
        about="An event past the cap stands behind [DONE], in the same piece: it is no part of the answer, which is whole.",
        ways=("chunks", "events"),
        server=(Exchange(200, EVENTS, events(says("One", "stop")) + event(says("x" * 60_000))),),
        ask=Ask(options=_SMALL),
        expect=Expect(text="One"),
        injected=True,
    ),
    Scenario(
        name="event-within-the-cap",
        topic="streams",
        about="Many events that together are far over the cap of one are no matter.",
        ways=("chunks", "events"),
        server=(stream(*(says("x" * 10_000) for _ in range(20)), ends()),),
        ask=Ask(options=_SMALL),
        expect=Expect(text="x" * 200_000),
        injected=True,
    ),
    *(
        Scenario(
            name=f"endless-{name}",
            topic="streams",
            about=f"A server sends {about}: it ends typed, within the cap of an event and a little more.",
            ways=("events",),
            server=(_endless(data, first=events(says("One"), done=False) + start),),
            ask=Ask(options={"caps": Caps(max_event_bytes=MB)}),
            expect=Expect(error=StreamError, partial="One", peak_bytes=8 * MB),
        )
        for name, about, start, data in (
            ("line", "a data line without end", b"data: ", b"x" * 65_536),
            ("comment", "a comment without end", b": ", b"x" * 65_536),
            ("event", "data lines without a blank one", b"", (b"data: " + b"1" * 100 + b"\n") * 1_024),
            ("field", "an unknown field without end", b"foo", b"x" * 65_536),
        )
    ),
    Scenario(
        name="endless-first-line",
        topic="streams",
        about="A server sends JSON without end in place of a stream: it ends typed, with memory bounded.",
        ways=("events",),
        server=(_endless(b'{"a": 1},' * 8_192, first=b"["),) * 3,
        ask=Ask(options={"caps": Caps(max_event_bytes=4 * MB)}),
        expect=Expect(error=StreamError, peak_bytes=24 * MB, attempts=1),
    ),
    Scenario(
        name="slow-consumer-of-a-flood",
        topic="streams",
        about="A slow consumer of 40 MB holds a few reads of them: the rest waits in the sockets.",
        ways=("chunks",),
        server=(
            Exchange(
                200,
                EVENTS,
                events(says("x" * 40_000)),
                faults=[Insert(event(says("x" * 40_000)), at="before_body", times=1000)],
            ),
        ),
        ask=Ask(pause_seconds=UNIT / 20, leave_after=60),
        expect=Expect(peak_bytes=16 * MB),
    ),
    Scenario(
        name="bomb-as-a-stream",
        topic="streams",
        about="400 kB unpack to 400 MB of events: it ends typed, with memory bounded.",
        ways=("events",),
        server=(Exchange(200, {**EVENTS, "content-encoding": "gzip"}, bomb(b"data:", b" ", 400)),) * 3,
        expect=Expect(error=StreamError, peak_bytes=120 * MB, attempts=1),
    ),
    Scenario(
        name="bomb-of-events",
        topic="streams",
        about="A small body unpacks to millions of events: it ends typed, with memory bounded, what had arrived is kept.",
        ways=("events",),
        server=(
            Exchange(
                200,
                {**EVENTS, "content-encoding": "gzip"},
                bomb(events(says("One"), done=False), event(says("more " * 2000)), 400),
            ),
        ),
        ask=Ask(options={"caps": Caps(max_body_bytes=MB)}),
        expect=Expect(error=DecodeError, peak_bytes=64 * MB),
    ),
)
