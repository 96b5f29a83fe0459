"""The deadline over what stands around an attempt: queue, connecting, waits, retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import twinwire
from twinwire.errors import BadRequestError, DeadlineExceededError
from twinwire.testing.answers import Reply, Status
from twinwire.testing.faults import AfterBytes, AfterEvents, Close, Pieces, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.testing.answers import Answer
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Stage, Way

_DEADLINE = 3 * UNIT
_IN_TIME = (_DEADLINE, _DEADLINE + UNIT / 2)
_SLOW = UNIT / 20
_STREAMS: tuple[Way, ...] = ("chunks", "events")
_ALL: tuple[Way, ...] = ("create", "chunks", "events")


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
        ask=Ask(arguments={"deadline": 3 * UNIT}, earlier=1),
        expect=Expect(
            error=DeadlineExceededError, facts={"where": "attempt"}, attempts=1, seconds=(3 * UNIT, 4 * UNIT)
        ),
        injected=True,
    ),
    Scenario(
        name="deadline-of-a-listing",
        topic="deadlines",
        about="So has a listing.",
        ways=("models",),
        server=(Reply(faults=[Pieces(1, _SLOW, of="wire")]),),
        ask=Ask(arguments={"deadline": 3 * UNIT}, earlier=1),
        expect=Expect(
            error=DeadlineExceededError, facts={"where": "attempt"}, attempts=1, seconds=(3 * UNIT, 4 * UNIT)
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
