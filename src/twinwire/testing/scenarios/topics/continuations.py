"""Streams that break off after text was shown, with `on_interrupt="continue"`: nothing twice, nothing lost, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import (
    InvalidRequestError,
    OverloadedError,
    StreamError,
    StreamTruncatedError,
)
from twinwire.testing.answers import Exchange, Reply, Status
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import JSON, choice, chunk, event, reply, says, stream, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.answers import Answer
    from twinwire.testing.dialect import DialectName
    from twinwire.testing.scenarios.outcome import Played

_CONTINUE = {"on_interrupt": "continue"}

_CLAUDE = "anthropic/claude-sonnet-4"

_WHOLE = Reply("Five six.")

_LONG = "The quick brown fox jumps over"


def _told(*modes: str) -> Callable[[Played], str | None]:
    """The consumer was told of these restarts, in order."""

    def check(played: Played) -> str | None:
        got = tuple(item.mode for item in played.outcome.items if item.type == "restarted")
        return None if got == modes else f"restarts are {got}, expected {modes}"

    return check


def _asked_to_go_on(text: str) -> Callable[[Played], str | None]:
    """The last request ended in the text that had arrived, and the first did not."""

    def check(played: Played) -> str | None:
        first, *_, last = (request.json["messages"] for request in played.requests)
        assert isinstance(first, list)
        assert isinstance(last, list)
        wanted = {"role": "assistant", "content": text}
        return None if last == [*first, wanted] else f"the last request ended in {last[-1]}"

    return check


def _shown(text: str) -> Answer:
    """A stream that is cut after *text*."""
    return stream(says(text), done=False)


# name, what is asked, of whom, with which arguments
_IMPOSSIBLE: list[tuple[str, str, DialectName, dict[str, Any]]] = [
    ("at-openai", "is asked of OpenAI, which begins a new answer", "openai", {}),
    (
        "for-the-model",
        "is asked of a model for which it does not work",
        "openrouter",
        {"model": "openai/gpt-4o-mini"},
    ),
    (
        "for-json",
        "is asked beside a JSON schema",
        "openrouter",
        {"model": _CLAUDE, "response_format": {"type": "json_object"}},
    ),
    ("for-several", "is asked for several choices", "openrouter", {"model": _CLAUDE, "extra_body": {"n": 2}}),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"continue-{name}",
            topic="streams",
            about="The continuation brings the whole text again, which this server is not known for: it may as well be an answer that "
            "repeats itself, so it is an error with what had arrived.",
            ways=("events",),
            dialect="openrouter",
            server=(_shown(_LONG), answer),
            ask=Ask(arguments={"model": _CLAUDE}, options=_CONTINUE),
            expect=Expect(error=StreamError, says=("sent its", "again"), partial=_LONG, attempts=2, billed=True),
        )
        for name, answer in (
            ("echoed", Reply(f"{_LONG} the lazy dog.")),
            ("echoed-in-pieces", Reply(deltas=[*f"{_LONG} the lazy dog."])),
        )
    ),
    *(
        Scenario(
            name=f"continue-{name}",
            topic="streams",
            about=f"{about}: no character is lost, and none comes twice.",
            ways=("events",),
            dialect="openrouter",
            server=answers,
            ask=Ask(arguments={"model": _CLAUDE}, options=_CONTINUE),
            expect=Expect(
                text=text,
                attempts=len(answers),
                billed=True,
                checks=(_told(*["continue"] * (len(answers) - 1)), _asked_to_go_on(asked)),
            ),
            injected=True,
        )
        for name, about, answers, text, asked in (
            (
                "new",
                "The continuation brings the rest alone",
                (_shown(_LONG), Reply(" the lazy dog.")),
                f"{_LONG} the lazy dog.",
                _LONG,
            ),
            (
                "after-a-space",
                "The text ends in a space, which is not sent, and the continuation begins with one",
                (_shown(f"{_LONG} "), Reply(" the lazy dog.")),
                f"{_LONG} the lazy dog.",
                _LONG,
            ),
            (
                "after-a-space-without-one",
                "The text ends in a space, and the continuation begins without one",
                (_shown(f"{_LONG} "), Reply("the lazy dog.")),
                f"{_LONG} the lazy dog.",
                _LONG,
            ),
            (
                "alike",
                "The continuation begins as the text did, by chance",
                (_shown("No. "), Reply("No way.")),
                "No. No way.",
                "No.",
            ),
            (
                "in-a-character",
                "The stream is cut within a character",
                (stream(says("Gr\u00fc"), event(says("\u00df"))[:-9], done=False), Reply("\u00dfe.")),
                "Gr\u00fc\u00dfe.",
                "Gr\u00fc",
            ),
            (
                "twice",
                "The continuation is cut, too",
                (_shown("One"), _shown(" two"), Reply(" three.")),
                "One two three.",
                "One two",
            ),
        )
    ),
    Scenario(
        name="continue-reasoning-alone",
        topic="streams",
        about="Nothing but reasoning had arrived: the answer begins anew, and the event says so.",
        ways=("events",),
        dialect="openrouter",
        server=(stream(chunk(choice(reasoning="Hm.")), done=False), _WHOLE),
        ask=Ask(arguments={"model": _CLAUDE}, options=_CONTINUE),
        expect=Expect(text="Five six.", attempts=2, checks=(_told("restart"),)),
        injected=True,
    ),
    Scenario(
        name="continue-begun-anew",
        topic="streams",
        about="The server begins the answer anew and goes another way: that cannot be joined, and is an error.",
        ways=("events",),
        dialect="openrouter",
        server=(_shown(_LONG), Reply(f"{_LONG[:20]} lazily.")),
        ask=Ask(arguments={"model": _CLAUDE}, options=_CONTINUE),
        expect=Expect(error=StreamError, attempts=2, says=("cannot be continued",), billed=True),
        injected=True,
    ),
    Scenario(
        name="continue-whole",
        topic="streams",
        about="The continuation comes whole, in JSON: an error that keeps what had arrived, of which the rest alone is no answer.",
        ways=("events",),
        dialect="openrouter",
        server=(_shown(_LONG), Exchange(200, JSON, reply(told(content=" the lazy dog.")))),
        ask=Ask(arguments={"model": _CLAUDE}, options=_CONTINUE),
        expect=Expect(error=StreamError, attempts=2, says=("whole reply came",), partial=_LONG, billed=True),
        injected=True,
    ),
    *(
        Scenario(
            name=f"continue-not-{name}",
            topic="streams",
            about=f"{about} had arrived: that cannot be continued, and the interruption is the error.",
            ways=("events",),
            dialect="openrouter",
            server=(stream(*arrived, done=False),),
            ask=Ask(arguments={"model": _CLAUDE}, options=_CONTINUE),
            expect=Expect(error=StreamTruncatedError, partial=partial, checks=(_told(),)),
            injected=True,
        )
        for name, about, arrived, partial in (
            (
                "a-tool-call",
                "Half a tool call",
                (
                    says("Wait."),
                    chunk(choice(tool_calls=[{"index": 0, "id": "x", "function": {"name": "f", "arguments": '{"a'}}])),
                ),
                "Wait.",
            ),
            ("a-refusal", "Half a refusal", (chunk(choice(refusal="I can")),), ""),
            ("two-choices", "Two choices", (chunk(choice(content="One"), choice(index=1, content="Uno")),), "One"),
        )
    ),
    Scenario(
        name="continue-refused",
        topic="streams",
        about="The continuation meets a 503 each time: that is the error, with the text that had arrived.",
        ways=("events",),
        dialect="openrouter",
        server=(_shown(_LONG), Status(503), Status(503)),
        ask=Ask(arguments={"model": _CLAUDE}, options=_CONTINUE),
        expect=Expect(error=OverloadedError, partial=_LONG, attempts=3, billed=True),
        injected=True,
    ),
    *(
        Scenario(
            name=f"continue-impossible-{name}",
            topic="streams",
            about=f"`continue` {about}: it is refused before anything is sent.",
            ways=("events",),
            dialect=dialect,
            ask=Ask(arguments={**_CONTINUE, **arguments}),
            expect=Expect(error=InvalidRequestError, attempts=0, requests=0, facts={"param": "on_interrupt"}),
            injected=True,
        )
        for name, about, dialect, arguments in _IMPOSSIBLE
    ),
)
