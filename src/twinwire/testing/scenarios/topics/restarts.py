"""Streams that break off after text was shown, with `on_interrupt="restart"`: never silent, and all in the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import (
    AuthenticationError,
    ContentFilterError,
    DeadlineExceededError,
    InternalServerError,
    StreamTruncatedError,
)
from twinwire.testing.answers import Reply, Status, ToolCall
from twinwire.testing.faults import AfterEvents, Close, ErrorEvent, Reset, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import ends, event, says, stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.answers import Answer
    from twinwire.testing.scenarios.outcome import Played

_RESTART = {"on_interrupt": "restart"}

_CUT = Reply("One two three four.", faults=[Close(AfterEvents(3))])

_WHOLE = Reply("Five six.")


def _told(*modes: str) -> Callable[[Played], str | None]:
    """The consumer was told of these restarts, in order."""

    def check(played: Played) -> str | None:
        got = tuple(item.mode for item in played.outcome.items if item.type == "restarted")
        return None if got == modes else f"restarts are {got}, expected {modes}"

    return check


def _same_bytes(played: Played) -> str | None:
    bodies = {request.body for request in played.requests}
    return None if len(bodies) == 1 else f"{len(bodies)} different bodies were sent"


def _shown(text: str) -> Answer:
    """A stream that is cut after *text*."""
    return stream(says(text), done=False)


# name, how the first stream ends, the answers, attempts
_RESTARTS: list[tuple[str, str, tuple[Answer, ...], int]] = [
    ("cut", "is cut", (_CUT, _WHOLE), 2),
    ("reset", "is reset", (Reply("One two three four.", faults=[Reset(AfterEvents(3))]), _WHOLE), 2),
    ("ended", "ends in good order, without a finish reason", (_shown("One two"), _WHOLE), 2),
    ("torn", "holds what is no JSON", (stream(says("One"), event(b"{oops")), _WHOLE), 2),
    (
        "overloaded",
        "reports an overload",
        (Reply("One two three.", faults=[ErrorEvent(after_events=3, status=529)]), _WHOLE),
        2,
    ),
    ("cut-twice", "is cut, and so is the second", (_CUT, _CUT, _WHOLE), 3),
    ("refused-once", "is cut, and the next attempt meets a 503", (_CUT, Status(503), _WHOLE), 3),
    ("late", "is cut after a first attempt met a 503", (Status(503), _CUT, _WHOLE), 3),
    (
        "tool-call",
        "is cut within a tool call",
        (Reply(tool_calls=[ToolCall("f", {"a": 1, "b": 2})], faults=[Close(AfterEvents(3))]), _WHOLE),
        2,
    ),
    (
        "reasoning",
        "is cut within its reasoning",
        (Reply("x", reasoning="Hm.", faults=[Close(AfterEvents(2))]), _WHOLE),
        2,
    ),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"restart-{name}",
            topic="streams",
            about=f"A stream {about}; with `restart` the answer begins anew, after an event that says so.",
            ways=("events",),
            server=answers,
            ask=Ask(arguments=_RESTART),
            expect=Expect(
                text="Five six.",
                attempts=attempts,
                billed=True,
                checks=(
                    _told(
                        *["restart"]
                        * sum(answer is not _WHOLE and not isinstance(answer, Status) for answer in answers)
                    ),
                    _same_bytes,
                ),
            ),
            injected=True,
        )
        for name, about, answers, attempts in _RESTARTS
    ),
    Scenario(
        name="restart-stalled",
        topic="streams",
        about="A stream stalls for longer than the limit between events; with `restart` it begins anew.",
        ways=("events",),
        server=(Reply("One two three four.", faults=[Stall(60 * UNIT, AfterEvents(3))]), _WHOLE),
        ask=Ask(arguments=_RESTART, options={"timeout": 2 * UNIT}),
        expect=Expect(text="Five six.", attempts=2, seconds=(2 * UNIT, 5 * UNIT), checks=(_told("restart"),)),
        injected=True,
    ),
    Scenario(
        name="restart-used-up",
        topic="streams",
        about="Each attempt's stream is cut; after the last the error comes, with what had arrived of it.",
        ways=("events",),
        server=(_CUT, _CUT, _CUT),
        ask=Ask(arguments=_RESTART),
        expect=Expect(
            error=StreamTruncatedError,
            partial="One two",
            attempts=3,
            billed=True,
            checks=(_told("restart", "restart"),),
        ),
        injected=True,
    ),
    Scenario(
        name="restart-without-retries",
        topic="streams",
        about="A stream is cut where no attempt is left: the error comes at once.",
        ways=("events",),
        server=(_CUT,),
        ask=Ask(arguments={**_RESTART, "max_retries": 0}),
        expect=Expect(error=StreamTruncatedError, partial="One two", checks=(_told(),)),
        injected=True,
    ),
    Scenario(
        name="restart-refused",
        topic="streams",
        about="A stream is cut, and the next attempt meets a 401: that is the error, with the text of the first.",
        ways=("events",),
        server=(_CUT, Status(401)),
        ask=Ask(arguments=_RESTART),
        expect=Expect(error=AuthenticationError, partial="One two", attempts=2, billed=True, checks=(_told(),)),
        injected=True,
    ),
    Scenario(
        name="restart-final-error",
        topic="streams",
        about="A stream reports a content filter: another attempt cannot help, and none is made.",
        ways=("events",),
        server=(Reply("One two.", faults=[ErrorEvent(after_events=2, status=400, code="content_filter")]),),
        ask=Ask(arguments=_RESTART),
        expect=Expect(error=ContentFilterError, partial="One", checks=(_told(),)),
        injected=True,
    ),
    Scenario(
        name="restart-as-asked",
        topic="streams",
        about="A stream reports a rate limit and says how long: with `restart` that is waited for.",
        ways=("events",),
        dialect="openrouter",
        server=(
            stream(
                says("One"),
                event({"error": {"code": 429, "message": "Slow.", "metadata": {"headers": {"Retry-After": "0.2"}}}}),
            ),
            _WHOLE,
        ),
        ask=Ask(arguments=_RESTART),
        expect=Expect(text="Five six.", attempts=2, waits=((0.2, 0.3),), checks=(_told("restart"),)),
        injected=True,
    ),
    Scenario(
        name="restart-fails-with-nothing",
        topic="streams",
        about="A stream is cut, and the last attempt reports an error beside an empty choice: the text of the first is kept.",
        ways=("events",),
        server=(
            _CUT,
            stream({**ends("error"), "error": {"code": 502, "message": "Provider returned error"}}),
        ),
        ask=Ask(arguments={**_RESTART, "max_retries": 1}),
        expect=Expect(error=InternalServerError, partial="One two", attempts=2, billed=True, checks=(_told(),)),
        injected=True,
    ),
    Scenario(
        name="restart-past-the-deadline",
        topic="deadlines",
        about="A stream is cut, and the next attempt stalls: the deadline ends it, with the text of the first.",
        ways=("events",),
        server=(_CUT, Reply("x", faults=[Stall(60 * UNIT)])),
        ask=Ask(arguments=_RESTART, options={"deadline": 3 * UNIT}),
        expect=Expect(error=DeadlineExceededError, partial="One two", attempts=2, seconds=(3 * UNIT, 4 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="restart-complete-all-the-same",
        topic="streams",
        about="A stream is cut after its finish reason: it was whole, and nothing is restarted.",
        ways=("events",),
        server=(stream(says("One."), ends(), done=False, faults=[Close("end_of_body")]),),
        ask=Ask(arguments=_RESTART),
        expect=Expect(text="One.", checks=(_told(),)),
        injected=True,
    ),
    Scenario(
        name="restart-never-of-chunks",
        topic="streams",
        about="`create(stream=True)` never recovers, whatever the client's option says.",
        ways=("chunks",),
        server=(_CUT,),
        ask=Ask(options=_RESTART),
        expect=Expect(error=StreamTruncatedError, partial="One two"),
        injected=True,
    ),
)
