"""Replies of status 200 that are no answer, and cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import DecodeError
from twinwire.testing.answers import Exchange, Reply
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import reply, told, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

_BODY = dump(reply(told(content="Gr\u00fc\u00dfe.")))
_BEGIN = _BODY[:-1]
"""Without its last brace."""

_HTML = "<!DOCTYPE html><html><body>One moment, please...</body></html>"

# Bodies that cannot be an answer: name, what came, the exchange, whether it is repeated, facts
_UNREADABLE: list[tuple[str, str, Exchange, bool, Mapping[str, Any]]] = [
    ("choices-empty", "`choices: []`", whole({**reply(), "choices": []}), False, {"path": "$.choices"}),
    ("choices-null", "`choices: null`", whole({**reply(), "choices": None}), False, {"path": "$.choices"}),
    ("choices-missing", "no `choices`", whole({"id": "x", "object": "chat.completion"}), False, {"path": "$.choices"}),
    (
        "choices-object",
        "`choices` that are an object",
        whole({**reply(), "choices": {"0": told(content="x")}}),
        False,
        {"path": "$.choices"},
    ),
    ("choice-null", "a choice that is null", whole({**reply(), "choices": [None]}), False, {}),
    ("choice-text", "a choice that is a text", whole({**reply(), "choices": ["Here."]}), False, {}),
    (
        "choice-without-message",
        "a choice without a message",
        whole({"choices": [{"index": 0, "finish_reason": "stop"}]}),
        False,
        {},
    ),
    ("message-null", "a message that is null", whole({"choices": [{"index": 0, "message": None}]}), False, {}),
    ("message-text", "a message that is a text", whole({"choices": [{"index": 0, "message": "Here."}]}), False, {}),
    ("content-number", "content that is a number", whole({"choices": [{"message": {"content": 5}}]}), False, {}),
    ("empty-object", "an empty object", whole({}), False, {}),
    ("list", "an empty list", whole("[]"), False, {}),
    ("null", "null", whole("null"), True, {}),
    ("number", "a number", whole("42"), True, {}),
    ("text", "a JSON text", whole('"Here."'), True, {}),
    ("true", "true", whole("true"), True, {}),
    ("words", "words", whole("upstream connect error"), True, {}),
    ("html", "an HTML page", whole(_HTML, headers={"content-type": "text/html"}), True, {}),
    ("html-labelled-json", "an HTML page, labelled as JSON", whole(_HTML), True, {}),
    ("empty", "nothing", whole(""), True, {}),
    ("no-content", "a 204", Exchange(204), True, {}),
    ("blanks", "white space alone", whole("\n         \n" * 30), True, {}),
    ("blanks-and-a-dot", "white space and a `.` (OpenRouter)", whole("\n         \n" * 30 + "."), True, {}),
    (
        "comments",
        "keep-alive comments where JSON was expected (OpenRouter)",
        whole(": OPENROUTER PROCESSING\n\n" * 5),
        True,
        {},
    ),
    (
        "stream",
        "a stream that nobody asked for",
        whole('data: {"choices":[]}\n\ndata: [DONE]\n\n', headers={"content-type": "text/event-stream"}),
        True,
        {},
    ),
    ("half", "half of the JSON, in good order", whole(_BODY[: len(_BODY) // 2]), True, {}),
    ("two-objects", "two JSON objects", whole(_BODY + _BODY), True, {}),
    ("trailing-comma", "JSON with a comma too many", whole(_BEGIN + b",}"), True, {}),
    ("single-quotes", "JSON in single quotes", whole("{'choices': []}"), True, {}),
    (
        "deep",
        "JSON nested 100,000 levels deep",
        whole(_BEGIN + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        True,
        {},
    ),
    ("deep-objects", "objects nested 100,000 levels deep, and nothing else", whole(b'{"a":' * 100_000), True, {}),
    ("200-levels", "JSON nested 200 levels deep", whole(_BEGIN + b',"x":' + b"[" * 200 + b"]" * 200 + b"}"), False, {}),
    ("long-integer", "an integer of 10,000 digits", whole(_BEGIN + b',"x":' + b"9" * 10_000 + b"}"), True, {}),
    ("latin-1", "text in latin-1", whole(_BODY.decode().encode("latin-1")), True, {}),
    (
        "half-a-character",
        "text that ends within a character",
        whole(b'{"choices":[{"message":{"content":"Gr\xc3"}}]}'),
        True,
        {},
    ),
    ("nul-bytes", "a million NUL bytes", whole(b"\0" * 1_000_000), True, {}),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"200-{name}",
            topic="replies",
            about=f"The answer of status 200 is {about}: that cannot be read, and the error holds it.",
            server=(answer,) * 3,
            expect=Expect(error=DecodeError, facts=facts, attempts=3 if is_repeated else 1, billed=True),
        )
        for name, about, answer, is_repeated, facts in _UNREADABLE
    ),
    *(
        Scenario(
            name=f"200-{name}-then-an-answer",
            topic="replies",
            about=f"The answer of status 200 is {about}; the next attempt brings one.",
            server=(answer, Reply("Here.")),
            expect=Expect(text="Here.", attempts=2),
        )
        for name, about, answer, *_ in _UNREADABLE
        if name in ("empty", "html", "blanks-and-a-dot", "half", "no-content")
    ),
)
