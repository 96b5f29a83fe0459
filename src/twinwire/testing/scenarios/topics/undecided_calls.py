"""Streamed tool calls that nobody can tell apart, or read: the stream ends typed, and no tool gets another's call."""

from __future__ import annotations

from typing import Any

from twinwire.errors import DecodeError, ToolCallAssemblyError
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.calling import A, B, Deltas, call, calls

# name, what cannot be decided, the deltas
_UNDECIDED: list[tuple[str, str, Deltas]] = [
    ("name-in-pieces", "a name comes in pieces", [[call(0, "x", "get_")], [call(0, name="weather", arguments=A)]]),
    (
        "name-changes",
        "a call is given another name amid its arguments",
        [[call(0, "x", "f", A[:4])], [call(0, name="g", arguments=A[4:])]],
    ),
    ("name-never", "a call never gets a name", [[call(0, "x", arguments=A)]]),
    ("nothing-known", "arguments come before any call", [[call(arguments=A)], [call(id="x", name="f")]]),
    (
        "id-moves",
        "the id of one call comes with the index of another",
        [[call(0, "x", "f", "")], [call(1, name="g", arguments="")], [call(1, "x", arguments=A)]],
    ),
    (
        "id-of-two",
        "a delta has an id that two calls have, and no index",
        [[call(0, "x", "f", "")], [call(1, "x", "g", "")], [call(id="x", arguments=A)]],
    ),
    (
        "id-new-without-name",
        "an id that nobody knows brings arguments and no name",
        [[call(0, "x", "f", "")], [call(0, "y", arguments=A)]],
    ),
    (
        "second-object",
        "id and name come again with a second object of arguments",
        [[call(id="x", name="f", arguments=A)], [call(id="x", name="f", arguments=B)]],
    ),
    (
        "kind-changes",
        "a function call goes on as a custom one",
        [[call(0, "x", "f", "")], [{"index": 0, "custom": {"input": "SELECT"}}]],
    ),
    (
        "open-calls-and-no-index",
        "two calls are open, and arguments come without an index",
        [[call(0, "x", "f", "")], [call(1, "y", "g", "")], [call(arguments=A)]],
    ),
    (
        "one-undecided-of-many",
        "one of three calls cannot be decided",
        [
            [call(0, "x", "f", A)],
            [call(1, "y", "get_")],
            [call(1, name="weather", arguments=B)],
            [call(2, "z", "g", B)],
        ],
    ),
    (
        "index-0-left-out",
        "the first of two calls has no index, and a piece comes with no mark",
        [[call(id="x", name="f", arguments="")], [call(1, "y", "g", "")], [call(arguments=A)]],
    ),
    (
        "more-after-the-whole",
        "a call's arguments are whole, and more comes with no mark",
        [[call(0, "x", "f", A)], [call(arguments=B)]],
    ),
    (
        "more-after-the-whole-elsewhere",
        "a call's arguments are whole, and more comes with its id and another index",
        [[call(0, "x", "f", A)], [call(1, "x", arguments=B)]],
    ),
    (
        "late-id-of-another",
        "an id that an earlier call has comes late, while the open call has none",
        [[call(id="x", name="f", arguments=A)], [call(name="g", arguments="")], [call(id="x", arguments=B)]],
    ),
]

# name, what has a type that no dialect gives it, the delta
_MISSHAPEN: list[tuple[str, str, Any]] = [
    ("index-text", "an index that is a text", call("0", "x", "f", A)),
    ("id-number", "an id that is a number", call(0, 7, "f", A)),
    ("name-object", "a name that is an object", call(0, "x", {}, A)),
    ("arguments-number", "arguments that are a number", call(0, "x", "f", 5)),
    ("function-text", "a function that is a text", {"index": 0, "id": "x", "function": "f"}),
    ("delta-text", "a call that is a text", "f"),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"calls-{name}",
            topic="tool_calls",
            about=f"In a stream, {about}: nobody can tell what is meant, and nobody guesses.",
            ways=("chunks", "events"),
            server=(calls(deltas, text="Let me see."),),
            expect=Expect(error=ToolCallAssemblyError, partial="Let me see.", billed=True),
        )
        for name, about, deltas in _UNDECIDED
    ),
    *(
        Scenario(
            name=f"calls-{name}",
            topic="tool_calls",
            about=f"A stream has {about}: it ends typed, and what had arrived is kept.",
            ways=("chunks", "events"),
            server=(calls([[delta]], text="Let me see."),),
            expect=Expect(error=DecodeError, partial="Let me see.", billed=True),
        )
        for name, about, delta in _MISSHAPEN
    ),
)
