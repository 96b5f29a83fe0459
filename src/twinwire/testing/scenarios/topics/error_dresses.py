"""Errors in the middle of a stream, in whatever dress they come: before content repeated, after it typed with what had arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from twinwire.errors import (
    AuthenticationError,
    InternalServerError,
    OverloadedError,
)
from twinwire.testing.answers import Reply
from twinwire.testing.faults import Dress, ErrorEvent
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import choice, ends, event, says, stream

if TYPE_CHECKING:
    from twinwire.testing.scenarios.outcome import Played

DRESSES: tuple[Dress, ...] = get_args(Dress)

_FRAME = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "gpt-4o-mini"}


def _alone(error: object, **beside: Any) -> bytes:
    return event({**_FRAME, "error": error, **beside})


def _keeps_usage(played: Played) -> str | None:
    partial = getattr(played.outcome.error, "partial", None)
    return None if partial is not None and partial.usage.total_tokens == 4 else "the usage is gone"


SCENARIOS = (
    *(
        Scenario(
            name=f"error-event-{dress.replace('_', '-')}-first",
            topic="streams",
            about=f"A stream begins with an error of 503 in the dress {dress!r}: nothing was handed out, so it is repeated.",
            ways=("chunks", "events"),
            server=(Reply("One two.", faults=[ErrorEvent(dress, after_events=after, status=503)]), Reply("Three.")),
            expect=Expect(text="Three.", attempts=2),
            injected=True,
        )
        for dress in DRESSES
        for after in (0 if dress in ("top_level", "named_event") else 1,)
    ),
    *(
        Scenario(
            name=f"error-event-{dress.replace('_', '-')}-amid",
            topic="streams",
            about=f"An error in the dress {dress!r} comes after text: it is typed, not repeated, and what had arrived is kept.",
            ways=("chunks", "events"),
            server=(
                Reply("One two three.", faults=[ErrorEvent(dress, after_events=3, status=503, message="It failed.")]),
            ),
            expect=Expect(
                error=InternalServerError if dress == "text" else OverloadedError,
                says=("failed",),
                partial="One two",
                billed=True,
            ),
            injected=True,
        )
        for dress in DRESSES
    ),
    Scenario(
        name="error-event-after-the-finish",
        topic="streams",
        about="An error after the finish reason is an error: a server that says both is not believed.",
        ways=("chunks", "events"),
        server=(stream(says("One."), ends(), _alone({"code": 502, "message": "Gone."})),),
        expect=Expect(error=InternalServerError, partial="One."),
        injected=True,
    ),
    Scenario(
        name="error-event-for-good",
        topic="streams",
        about="Each attempt's stream begins with an overload: the error is that, after all attempts.",
        ways=("chunks", "events"),
        server=(stream(_alone({"code": 503, "message": "Busy."})),) * 3,
        expect=Expect(error=OverloadedError, attempts=3, partial="", billed=False),
    ),
    Scenario(
        name="error-event-with-a-wait",
        topic="streams",
        about="A rate limit at a stream's beginning says in its metadata when it ends: that is waited for.",
        ways=("chunks", "events"),
        dialect="openrouter",
        server=(
            stream(_alone({"code": 429, "message": "Slow.", "metadata": {"headers": {"Retry-After": "0.2"}}})),
            Reply("Here."),
        ),
        expect=Expect(text="Here.", attempts=2, waits=((0.2, 0.3),)),
        injected=True,
    ),
    Scenario(
        name="error-event-null",
        topic="streams",
        about="`error: null` on every chunk is no error.",
        ways=("chunks", "events"),
        server=(stream(says("One", error=None), says(" two.", error=None), ends(error=None)),),
        expect=Expect(text="One two."),
        injected=True,
    ),
    Scenario(
        name="error-event-echoes-the-key",
        topic="trust",
        about="An error event that quotes the key of the call is masked.",
        ways=("chunks", "events"),
        server=(
            lambda request: stream(
                says("One"),
                _alone({"code": 401, "message": f"Incorrect API key provided: {request.headers['authorization'][7:]}"}),
            ),
        ),
        expect=Expect(error=AuthenticationError, says=("Incorrect API key provided",), partial="One"),
        injected=True,
    ),
    Scenario(
        name="error-event-usage-beside",
        topic="streams",
        about="Usage beside an error belongs to the partial answer.",
        ways=("chunks", "events"),
        server=(
            stream(
                says("One"),
                _alone(
                    {"code": 502, "message": "x"},
                    choices=[choice()],
                    usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
                ),
            ),
        ),
        expect=Expect(
            error=InternalServerError,
            partial="One",
            checks=(_keeps_usage,),
        ),
    ),
)
