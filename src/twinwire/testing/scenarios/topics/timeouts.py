"""The limits of each step, which are counted anew wherever something moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import twinwire
from twinwire.errors import APITimeoutError, OverloadedError
from twinwire.testing.answers import Reply, Status
from twinwire.testing.faults import AfterBytes, AfterEvents, EarlyReply, Insert, Pieces, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.testing.answers import Answer
    from twinwire.testing.scenarios.scenario import Options, Stage, Way

_STREAMS: tuple[Way, ...] = ("chunks", "events")
_ALL: tuple[Way, ...] = ("create", "chunks", "events")


def _once(**limits: float) -> Options:
    return {"timeout": twinwire.Timeout(**limits), "max_retries": 0}


def _large() -> Options:
    return {"messages": [{"role": "user", "content": "x" * 10_000_000}]}


def _silent(stage: Stage) -> Sequence[Answer]:
    stage.server.greet("silent")
    return ()


SCENARIOS = (
    Scenario(
        name="first-event-before-the-head",
        topic="deadlines",
        about="Silence before the head is limited by timeout.first_event.",
        ways=_ALL,
        server=(Reply(faults=[Stall()]),),
        ask=Ask(options=_once(first_event=2 * UNIT)),
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "first_event", "limit_seconds": 2 * UNIT, "retry_safe": True},
            attempts=1,
            billed=True,
            seconds=(2 * UNIT, 3 * UNIT),
            open_connections=0,
        ),
    ),
    Scenario(
        name="first-event-after-the-head",
        topic="deadlines",
        about="So is silence between the head and the first event.",
        ways=_ALL,
        server=(Reply(faults=[Stall(at="before_body")]),),
        ask=Ask(options=_once(first_event=2 * UNIT)),
        expect=Expect(
            error=APITimeoutError, facts={"phase": "first_event"}, attempts=1, billed=True, seconds=(2 * UNIT, 4 * UNIT)
        ),
        injected=True,
    ),
    Scenario(
        name="first-event-is-repeated",
        topic="deadlines",
        about="An attempt that is silent too long is given up and repeated, and may have been billed.",
        ways=_ALL,
        server=(Reply(faults=[Stall()]), Reply("Here.")),
        ask=Ask(options={"timeout": twinwire.Timeout(first_event=2 * UNIT)}),
        expect=Expect(text="Here.", attempts=2, billed=True, seconds=(2 * UNIT, None)),
        injected=True,
    ),
    Scenario(
        name="first-event-is-not-text",
        topic="deadlines",
        about="Comments before the first event are life: a model may think for longer than any silence.",
        ways=_STREAMS,
        server=(Reply("Here.", faults=[Insert(b": PROCESSING\n\n", "before_body", 10, UNIT)]),),
        ask=Ask(options=_once(first_event=8 * UNIT)),
        expect=Expect(text="Here.", attempts=1, seconds=(9 * UNIT, None)),
        injected=True,
    ),
    Scenario(
        name="between-events-in-a-stream",
        topic="deadlines",
        about="Silence inside of a stream is limited by timeout.between_events; what came is kept.",
        ways=_STREAMS,
        server=(Reply("One two three.", faults=[Stall(at=AfterEvents(3))]),),
        ask=Ask(options=_once(between_events=2 * UNIT)),
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "between_events", "limit_seconds": 2 * UNIT},
            partial="One two",
            attempts=1,
            billed=True,
            seconds=(2 * UNIT, 3 * UNIT),
            open_connections=0,
        ),
    ),
    Scenario(
        name="between-events-in-a-body",
        topic="deadlines",
        about="Silence inside of a JSON body is limited by it too.",
        server=(Reply(faults=[Stall(at=AfterBytes(50))]),),
        ask=Ask(options=_once(between_events=2 * UNIT)),
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "between_events"},
            attempts=1,
            billed=True,
            seconds=(2 * UNIT, 3 * UNIT),
        ),
    ),
    Scenario(
        name="slow-stream",
        topic="deadlines",
        about="A slow stream that moves is not cut, however long it takes.",
        ways=_STREAMS,
        server=(Reply("One two three four five six seven eight nine ten.", delay_seconds=UNIT),),
        ask=Ask(options=_once(between_events=8 * UNIT, first_event=8 * UNIT)),
        expect=Expect(text="One two three four five six seven eight nine ten.", attempts=1, seconds=(9 * UNIT, None)),
        injected=True,
    ),
    Scenario(
        name="slow-stream-of-comments",
        topic="deadlines",
        about="Comments between two events are life.",
        ways=_STREAMS,
        server=(Reply("One two.", faults=[Insert(b": ping\n\n", AfterEvents(2), 10, UNIT)]),),
        ask=Ask(options=_once(between_events=8 * UNIT)),
        expect=Expect(text="One two.", attempts=1, seconds=(9 * UNIT, None)),
        injected=True,
    ),
    Scenario(
        name="slow-body",
        topic="deadlines",
        about="A slow JSON body that moves is not cut.",
        server=(Reply("Here.", faults=[Pieces(40, UNIT)]),),
        ask=Ask(options=_once(between_events=8 * UNIT, first_event=8 * UNIT)),
        expect=Expect(text="Here.", attempts=1, seconds=(9 * UNIT, None)),
        injected=True,
    ),
    Scenario(
        name="consumer-slower-than-the-limit",
        topic="deadlines",
        about="A consumer that works longer than timeout.between_events on each event loses nothing: only silence of the server counts.",
        ways=_STREAMS,
        server=(Reply("One two three."),),
        ask=Ask(options=_once(between_events=UNIT), pause_seconds=1.5 * UNIT),
        expect=Expect(text="One two three.", attempts=1),
        injected=True,
    ),
    Scenario(
        name="write-without-progress",
        topic="deadlines",
        about="A server that reads nothing of 10 MB: timeout.write, and nobody can have been billed.",
        server=(Reply(faults=[EarlyReply(), Stall(12 * UNIT)]),),
        ask=Ask(arguments=_large, options=_once(write=2 * UNIT)),
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "write", "limit_seconds": 2 * UNIT},
            attempts=1,
            billed=False,
            seconds=(2 * UNIT, 5 * UNIT),
        ),
    ),
    Scenario(
        name="connect-without-answer",
        topic="deadlines",
        about="A host that neither accepts nor refuses: timeout.connect.",
        server_options={"is_full": True},
        ask=Ask(options=_once(connect=2 * UNIT)),
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "connect", "sent": False, "retry_safe": True},
            attempts=1,
            requests=0,
            billed=False,
            seconds=(2 * UNIT, 3 * UNIT),
        ),
        injected=True,
        usable_after=False,
    ),
    Scenario(
        name="handshake-without-answer",
        topic="deadlines",
        about="The TLS handshake is part of connecting.",
        server_options={"tls": True},
        server=_silent,
        ask=Ask(options=lambda stage: {**_once(connect=2 * UNIT), "verify": stage.server.certificate}),
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "connect", "sent": False},
            attempts=1,
            requests=0,
            billed=False,
            seconds=(2 * UNIT, 3 * UNIT),
        ),
        usable_after=False,
    ),
    Scenario(
        name="accepted-and-never-answered",
        topic="deadlines",
        about="A port that accepts and never reads: as far as anybody knows, the request was sent.",
        server=_silent,
        ask=Ask(options=_once(first_event=2 * UNIT)),
        injected=False,
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "first_event", "sent": True},
            attempts=1,
            requests=0,
            billed=True,
            seconds=(2 * UNIT, 3 * UNIT),
        ),
        usable_after=False,
    ),
    Scenario(
        name="timeout-as-a-number",
        topic="deadlines",
        about="A number sets every limit.",
        ways=("create", "events"),
        server=(Reply(faults=[Stall()]),),
        ask=Ask(arguments={"timeout": UNIT, "max_retries": 0}),
        expect=Expect(
            error=APITimeoutError,
            facts={"phase": "first_event", "limit_seconds": UNIT},
            attempts=1,
            seconds=(UNIT, 2 * UNIT),
        ),
        injected=True,
    ),
    Scenario(
        name="timeout-in-an-error-body",
        topic="deadlines",
        about="A 503 whose body stalls is a 503 all the same, and is repeated.",
        server=(Status(503, faults=[Stall(at=AfterBytes(10))]), Reply("Here.")),
        ask=Ask(options={"timeout": twinwire.Timeout(between_events=UNIT)}),
        expect=Expect(text="Here.", attempts=2, billed=False, seconds=(UNIT, None)),
    ),
    Scenario(
        name="error-body-without-end",
        topic="deadlines",
        about="The body of an error that never ends is read as far as caps.max_error_bytes, and no further.",
        server=(Status(503, faults=[Insert(b" " * 65536, times=None)]), Reply("Not asked for.")),
        ask=Ask(options={"max_retries": 0}),
        expect=Expect(error=OverloadedError, attempts=1, open_connections=0, seconds=(0, 20 * UNIT)),
    ),
)
