"""One deadline over everything that a call does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import twinwire
from twinwire.errors import BadRequestError, DeadlineExceededError
from twinwire.testing.answers import Raw, Reply, Status
from twinwire.testing.faults import AfterBytes, AfterEvents, Close, EarlyReply, Encode, Insert, Pieces, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.on_the_wire import TYPE, head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.testing.answers import Answer
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Options, Stage, Way

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


def _wait_in_the_queue(played: Played) -> str | None:
    """Those whose deadline comes last may still get the connection that the others leave, for a moment."""
    places = [getattr(outcome.error, "where", "an answer") for outcome in played.outcomes]
    return None if "queue" in places and set(places) <= {"attempt", "queue"} else f"they ended in {set(places)}"


def _all_in_time(played: Played) -> str | None:
    latest = max(outcome.seconds for outcome in played.outcomes)
    return None if latest < _DEADLINE + 2.0 else f"the last of them ended after {latest:.3f} s"


def _silent(stage: Stage) -> Sequence[Answer]:
    stage.server.greet("silent")
    return ()


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
        name="deadline-while-connecting",
        topic="deadlines",
        about="A host that neither accepts nor refuses.",
        server_options={"is_full": True},
        ask=Ask(options={"deadline": _DEADLINE}),
        expect=Expect(
            error=DeadlineExceededError,
            facts={"where": "attempt", "sent": False},
            attempts=1,
            requests=0,
            billed=False,
            seconds=_IN_TIME,
        ),
        usable_after=False,
    ),
    Scenario(
        name="deadline-in-the-handshake",
        topic="deadlines",
        about="A server that accepts and never answers the TLS handshake.",
        server_options={"tls": True},
        server=_silent,
        ask=Ask(options=lambda stage: {"deadline": _DEADLINE, "verify": stage.server.certificate}),
        expect=Expect(
            error=DeadlineExceededError,
            facts={"where": "attempt", "sent": False},
            attempts=1,
            requests=0,
            billed=False,
            seconds=_IN_TIME,
        ),
        usable_after=False,
    ),
    Scenario(
        name="deadline-in-the-queue",
        topic="deadlines",
        about="Fifty calls over a pool of one, and a server that says nothing: all end at their deadline, most of them in the queue.",
        server=tuple(Reply(faults=[Stall()]) for _ in range(50)),
        ask=Ask(together=50, options={"deadline": _DEADLINE, "pool": twinwire.Pool(max_connections=1)}),
        expect=Expect(
            error=DeadlineExceededError, attempts=None, seconds=_IN_TIME, checks=(_wait_in_the_queue, _all_in_time)
        ),
    ),
    Scenario(
        name="deadline-in-the-queue-of-streams",
        topic="deadlines",
        about="The same while the pool's only connection carries a stream that never ends.",
        ways=_STREAMS,
        server=tuple(Reply("One two.", faults=[Stall(at=AfterEvents(2))]) for _ in range(5)),
        ask=Ask(together=5, options={"deadline": _DEADLINE, "pool": twinwire.Pool(max_connections=1)}),
        expect=Expect(error=DeadlineExceededError, attempts=None, checks=(_all_in_time,)),
    ),
    Scenario(
        name="deadline-forbids-an-asked-wait",
        topic="deadlines",
        about="A Retry-After beyond the deadline is not begun: the call fails at once, with both numbers.",
        ways=_ALL,
        server=(Status(503, retry_after=10), Reply("Too late.")),
        ask=Ask(options={"deadline": _DEADLINE}),
        expect=Expect(
            error=DeadlineExceededError,
            facts={"where": "wait", "retry_after": 10.0, "deadline_seconds": _DEADLINE},
            says=("would cross the deadline of 0.3 s",),
            attempts=1,
            billed=False,
            seconds=(0, _DEADLINE / 2),
        ),
        injected=True,
    ),
    Scenario(
        name="deadline-forbids-an-own-wait",
        topic="deadlines",
        about="A wait of the client's own beyond the deadline is not begun either.",
        server=(Status(500), Reply("Too late.")),
        ask=Ask(options={"deadline": _DEADLINE, "retry": twinwire.Retry(base_seconds=1e9, cap_seconds=1e9)}),
        expect=Expect(
            error=DeadlineExceededError,
            facts={"where": "wait", "retry_after": None},
            attempts=1,
            seconds=(0, _DEADLINE / 2),
        ),
        injected=True,
    ),
    Scenario(
        name="deadline-lets-a-short-wait",
        topic="deadlines",
        about="A wait that fits is waited, and the answer comes in time.",
        server=(Status(503, retry_after=UNIT), Reply("Here.")),
        ask=Ask(options={"deadline": 40 * UNIT}),
        expect=Expect(text="Here.", attempts=2, waits=((UNIT, UNIT * 1.1 + 0.05),)),
        injected=True,
    ),
    Scenario(
        name="deadline-over-attempts-together",
        topic="deadlines",
        about="Attempts that each fail late share one deadline.",
        ways=("create", "events"),
        server=tuple(Status(503, faults=[Stall(2 * UNIT)]) for _ in range(9)),
        ask=Ask(options={"deadline": 5 * UNIT, "max_retries": 8}),
        expect=Expect(error=DeadlineExceededError, attempts=None, seconds=(4 * UNIT, 5 * UNIT + UNIT / 2)),
    ),
    Scenario(
        name="deadline-over-lost-connections",
        topic="deadlines",
        about="So do attempts whose connections are lost.",
        server=tuple(Reply(faults=[Stall(2 * UNIT), Close()]) for _ in range(9)),
        ask=Ask(options={"deadline": 5 * UNIT, "max_retries": 8}),
        expect=Expect(error=DeadlineExceededError, attempts=None, billed=True, seconds=(4 * UNIT, 5 * UNIT + UNIT / 2)),
    ),
    Scenario(
        name="deadline-in-an-error-body",
        topic="deadlines",
        about="A 400 whose body stalls is still a 400 when the deadline comes.",
        ways=("create", "chunks"),
        server=(Status(400, "Because.", faults=[Stall(at=AfterBytes(10))]),),
        ask=Ask(options={"deadline": _DEADLINE}),
        expect=Expect(
            error=BadRequestError, facts={"status_code": 400}, attempts=1, seconds=_IN_TIME, open_connections=0
        ),
    ),
    Scenario(
        name="deadline-in-an-error-body-that-passes",
        topic="deadlines",
        about="A 503 whose body stalls until the deadline leaves no time for another attempt.",
        server=(Status(503, faults=[Stall(at=AfterBytes(10))]), Reply("Too late.")),
        ask=Ask(options={"deadline": _DEADLINE}),
        expect=Expect(error=DeadlineExceededError, attempts=1, seconds=_IN_TIME),
    ),
    Scenario(
        name="deadline-of-a-call",
        topic="deadlines",
        about="A call's own deadline is over its client's.",
        ways=_ALL,
        server=(Reply(faults=[Stall()]),),
        ask=Ask(arguments={"deadline": 2 * UNIT}, options={"deadline": 1000}),
        expect=Expect(
            error=DeadlineExceededError, facts={"deadline_seconds": 2 * UNIT}, attempts=1, seconds=(2 * UNIT, 3 * UNIT)
        ),
        injected=True,
    ),
    Scenario(
        name="deadline-of-embeddings",
        topic="deadlines",
        about="Embeddings have a deadline as chat has.",
        ways=("embeddings",),
        server=(Reply(faults=[Stall()]),),
        ask=Ask(arguments={"deadline": UNIT}),
        expect=Expect(error=DeadlineExceededError, facts={"where": "attempt"}, attempts=1, seconds=(UNIT, 2 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="deadline-of-a-listing",
        topic="deadlines",
        about="So has a listing.",
        ways=("models",),
        server=(Reply(faults=[Pieces(1, _SLOW, of="wire")]),),
        ask=Ask(arguments={"deadline": UNIT}),
        expect=Expect(error=DeadlineExceededError, facts={"where": "attempt"}, attempts=1, seconds=(UNIT, 2 * UNIT)),
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
    Scenario(
        name="deadline-that-is-not-needed",
        topic="deadlines",
        about="An answer within its deadline is an answer.",
        ways=("create", "chunks", "events", "embeddings", "models"),
        ask=Ask(options={"deadline": 100 * UNIT}),
        expect=Expect(attempts=1, seconds=(0, 10 * UNIT)),
        injected=True,
    ),
)
