"""The pool: every connection comes back or is closed, whatever became of its call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import twinwire
from twinwire.errors import APIConnectionError, InternalServerError, PoolTimeoutError
from twinwire.testing.answers import Reply, Status
from twinwire.testing.faults import AfterEvents, Close, Insert, Reset, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

if TYPE_CHECKING:
    from twinwire.testing.scenarios.outcome import Played

_ONE = {"pool": twinwire.Pool(max_connections=1)}
_ENDLESS = Reply("One two three.", faults=[Insert(b": still here\n\n", AfterEvents(3), times=None, every_seconds=0.01)])
_LEAVES: tuple[tuple[Any, str], ...] = (
    ("block", "leaves the block"),
    ("close", "calls close()"),
    ("error", "raises an exception of its own"),
)


def _all_free(played: Played) -> str | None:
    stats = played.client.pool.stats()
    return None if stats.open == stats.idle and not stats.waiting else f"the pool says {stats}"


def _texts_are_own(played: Played) -> str | None:
    texts = {outcome.text for outcome in played.outcomes}
    return None if len(texts) == len(played.outcomes) else f"{len(played.outcomes)} callers got {len(texts)} answers"


def _few_connections(played: Played) -> str | None:
    return None if played.connections <= 5 else f"{played.connections} connections were opened, at most 5 are allowed"


def _one_answer(played: Played) -> str | None:
    """With one connection that never comes free, the second caller waits for `timeout.pool`."""
    kinds = sorted(type(outcome.error).__name__ for outcome in played.outcomes)
    return None if kinds == ["APITimeoutError", "PoolTimeoutError"] else f"the calls ended as {kinds}"


def _one_was_quick(played: Played) -> str | None:
    quickest = min(outcome.seconds for outcome in played.outcomes)
    return None if quickest < 3 * UNIT else f"the quicker call took {quickest:.3f} s"


def _pool_facts(played: Played) -> str | None:
    errors = [outcome.error for outcome in played.outcomes if isinstance(outcome.error, PoolTimeoutError)]
    if len(errors) != 1:
        return f"{len(errors)} calls found no free connection, expected 1"
    [error] = errors
    facts = (error.sent, error.possibly_billed, len(error.attempts))
    return None if facts == (False, False, 1) else f"sent, possibly_billed and attempts are {facts}"


SCENARIOS = (
    *(
        Scenario(
            name=f"stream-left-by-{leave}",
            topic="connections",
            about=f"A consumer that {does} in the middle of a stream ends its connection; the next call gets the pool's only one.",
            ways=("chunks", "events"),
            server=(_ENDLESS,),
            ask=Ask(leave_after=1, leave=leave, options=_ONE),
            expect=Expect(attempts=1, open_connections=0, checks=(_all_free,)),
        )
        for leave, does in _LEAVES
    ),
    Scenario(
        name="stream-left-on-an-injected-client",
        topic="connections",
        about="On an injected client too, a stream that is left ends its connection.",
        ways=("chunks", "events"),
        server=(_ENDLESS,),
        ask=Ask(leave_after=1),
        expect=Expect(attempts=1, open_connections=0),
        injected=True,
    ),
    Scenario(
        name="stream-ends-with-its-connection-kept",
        topic="connections",
        about="A stream that was read to its end gives its connection back.",
        ways=("chunks", "events"),
        server=(Reply("One two three."),),
        ask=Ask(earlier=1, options=_ONE),
        expect=Expect(attempts=1, connections=0, open_connections=1, checks=(_all_free,)),
    ),
    Scenario(
        name="done-and-no-end",
        topic="connections",
        about="[DONE] is the end, although the connection stays open: it is dropped after some milliseconds.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Stall(at="end_of_body")]),),
        ask=Ask(options=_ONE),
        expect=Expect(text="One two.", attempts=1, open_connections=0, seconds=(0, 5 * UNIT)),
        injected=False,
    ),
    Scenario(
        name="done-and-no-end-of-comments",
        topic="connections",
        about="A server that goes on with comments after [DONE] does not keep its connection.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Insert(b": still here\n\n", times=None, every_seconds=0.005)]),),
        ask=Ask(options=_ONE),
        expect=Expect(text="One two.", attempts=1, open_connections=0, seconds=(0, 5 * UNIT)),
    ),
    Scenario(
        name="says-close",
        topic="connections",
        about="A server that says Connection: close is believed, before it closes.",
        server=(Reply("Here.", headers={"connection": "close"}, faults=[]),),
        ask=Ask(earlier=1),
        expect=Expect(text="Here.", attempts=1, connections=0, open_connections=0),
        injected=True,
    ),
    Scenario(
        name="pool-of-one",
        topic="connections",
        about="Five callers share the pool's only connection, one after the other.",
        ways=("create", "chunks", "events"),
        ask=Ask(together=5, options=_ONE),
        expect=Expect(text="one two three", attempts=1, connections=1, open_connections=1, checks=(_all_free,)),
    ),
    Scenario(
        name="pool-of-five",
        topic="connections",
        about="Forty callers open no more connections than the pool has.",
        ways=("create", "events"),
        ask=Ask(together=40, options={"pool": twinwire.Pool(max_connections=5)}),
        expect=Expect(text="one two three", attempts=1, checks=(_few_connections, _all_free)),
    ),
    Scenario(
        name="pool-that-keeps-none",
        topic="connections",
        about="With max_keepalive=0 every call has a connection of its own, closed after it.",
        ask=Ask(earlier=1, options={"pool": twinwire.Pool(max_keepalive=0)}),
        expect=Expect(attempts=1, connections=1, open_connections=0),
    ),
    Scenario(
        name="pool-keeps-two-of-ten",
        topic="connections",
        about="After a burst as many connections stay as max_keepalive says.",
        server=tuple(Reply("Here.", faults=[Stall(UNIT)]) for _ in range(10)),
        ask=Ask(together=10, options={"pool": twinwire.Pool(max_keepalive=2)}),
        expect=Expect(text="Here.", attempts=1, open_connections=2, checks=(_all_free,)),
    ),
    Scenario(
        name="answers-do-not-cross",
        topic="connections",
        about="Thirty callers over four connections get thirty answers, each its own.",
        ways=("create", "chunks", "events"),
        server=tuple(Reply(f"Answer {n}.", faults=[Stall((n % 3) * UNIT / 10)]) for n in range(30)),
        ask=Ask(together=30, options={"pool": twinwire.Pool(max_connections=4)}),
        expect=Expect(attempts=1, checks=(_texts_are_own,)),
        injected=False,
    ),
    Scenario(
        name="failures-use-up-no-slots",
        topic="connections",
        about="Twenty calls that fail on two connections leave both slots free.",
        server_options={"default": Status(500)},
        ask=Ask(together=20, options={"pool": twinwire.Pool(max_connections=2), "max_retries": 0}),
        expect=Expect(error=InternalServerError, attempts=1, checks=(_all_free,)),
        usable_after=False,
    ),
    Scenario(
        name="resets-use-up-no-slots",
        topic="connections",
        about="Ten calls whose connections are reset leave the pool's only slot free.",
        server=tuple(Reply(faults=[Reset()]) for _ in range(10)),
        ask=Ask(together=10, options={**_ONE, "max_retries": 0}),
        expect=Expect(error=APIConnectionError, attempts=1, checks=(_all_free,)),
    ),
    Scenario(
        name="cut-streams-use-up-no-slots",
        topic="connections",
        about="Five streams that are cut leave the pool's only slot free.",
        ways=("chunks", "events"),
        server=tuple(Reply("One two three.", faults=[Close(AfterEvents(3))]) for _ in range(5)),
        ask=Ask(together=5, options=_ONE),
        expect=Expect(error=twinwire.StreamTruncatedError, attempts=1, checks=(_all_free,)),
    ),
    Scenario(
        name="retries-of-others-do-not-hold-slots",
        topic="connections",
        about="Who waits for a retry holds no slot: another call passes meanwhile, on the pool's only connection.",
        server=(Status(503, retry_after=3 * UNIT), Reply("Quick."), Reply("Late.")),
        ask=Ask(together=2, options=_ONE),
        expect=Expect(is_mixed=True, attempts=None, requests=3, seconds=(3 * UNIT, None), checks=(_one_was_quick,)),
    ),
    Scenario(
        name="pool-timeout",
        topic="connections",
        about="A caller that finds no free connection within timeout.pool is told so, and nothing was sent for it.",
        server=(Reply(faults=[Stall()]),),
        ask=Ask(
            together=2, options={**_ONE, "timeout": twinwire.Timeout(pool=UNIT, first_event=3 * UNIT), "max_retries": 0}
        ),
        expect=Expect(is_mixed=True, attempts=None, requests=1, checks=(_one_answer,)),
    ),
    Scenario(
        name="pool-timeout-is-not-repeated",
        topic="connections",
        about="Waiting for the pool once more would only wait longer: no retry.",
        server=(Reply(faults=[Stall()]),),
        ask=Ask(
            together=2,
            options={
                **_ONE,
                "timeout": twinwire.Timeout(pool=UNIT, first_event=4 * UNIT),
                "retry": twinwire.Retry(max_retries=0),
            },
        ),
        expect=Expect(is_mixed=True, attempts=None, requests=1, checks=(_pool_facts,)),
    ),
)
