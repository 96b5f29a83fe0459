"""Events amid a stream that are no chunks."""

from __future__ import annotations

from twinwire.errors import (
    DecodeError,
)
from twinwire.testing.answers import Exchange
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import EVENTS, events, says

# After the first text: name, what comes, the bytes of it, the path where it fails
_MISSHAPEN: list[tuple[str, str, bytes, str]] = [
    ("words", "words", b"oops", "$"),
    ("null", "null", b"null", "$"),
    ("a-list", "a list", b"[1]", "$"),
    ("a-text", "a JSON text", b'"oops"', "$"),
    ("choices-object", "choices that are an object", b'{"choices": {"0": 1}}', "$.choices"),
    ("choice-text", "a choice that is a text", b'{"choices": ["x"]}', "$.choices[0]"),
    ("delta-list", "a delta that is a list", b'{"choices": [{"delta": []}]}', "$.choices[0].delta"),
    (
        "content-number",
        "content that is a number",
        b'{"choices": [{"delta": {"content": 5}}]}',
        "$.choices[0].delta.content",
    ),
    (
        "index-text",
        "an index that is a text",
        b'{"choices": [{"index": "0", "delta": {"content": "x"}}]}',
        "$.choices[0].index",
    ),
    (
        "finish-object",
        "a finish reason that is an object",
        b'{"choices": [{"finish_reason": {}}]}',
        "$.choices[0].finish_reason",
    ),
    ("usage-list", "usage that is a list", b'{"choices": [], "usage": [1]}', "$.usage"),
    ("half-an-object", "half an object", b'{"choices": [', "$"),
    ("two-objects", "two objects in one event", b"{}{}", "$"),
    ("deep", "an object nested 100,000 levels deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "$"),
    ("200-levels", "an object nested 200 levels deep", b'{"a":' * 200 + b"1" + b"}" * 200, "$"),
    ("long-integer", "an integer of 10,000 digits", b'{"n": ' + b"9" * 10_000 + b"}", "$"),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"misshapen-event-{name}",
            topic="streams",
            about=f"After text, an event holds {about}: the error says where, and what had arrived is kept.",
            ways=("chunks", "events"),
            server=(Exchange(200, EVENTS, events(says("One"), b"data: " + body + b"\n\n", says(" two.", "stop"))),),
            expect=Expect(error=DecodeError, facts={"path": path}, partial="One", billed=True),
        )
        for name, about, body, path in _MISSHAPEN
    ),
)
