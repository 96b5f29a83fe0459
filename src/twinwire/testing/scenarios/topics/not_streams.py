"""Something else than a stream, where one was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import (
    AuthenticationError,
    DecodeError,
    InternalServerError,
    OverloadedError,
    RateLimitError,
    StreamError,
    StreamTruncatedError,
)
from twinwire.testing.answers import Exchange, Reply, Status
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import EVENTS, JSON, events, reply, says, told, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire.testing.answers import Answer

HTML = {"content-type": "text/html; charset=UTF-8"}

_PAGE = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"

_FAILED = {"error": {"code": 502, "message": "Upstream failed."}}

# name, what came, the answer, the error, facts of it, the text of its partial, whether it was repeated
_DOCUMENTS: list[tuple[str, str, Answer, type[Exception], Mapping[str, Any], str, bool]] = [
    ("json", "a whole JSON reply came: it is kept", whole(reply()), StreamError, {}, "Here.", False),
    (
        "json-labelled-a-stream",
        "a whole JSON reply came, labelled as a stream: it is kept",
        whole(reply(), headers=EVENTS),
        StreamError,
        {},
        "Here.",
        False,
    ),
    (
        "json-after-blanks",
        "white space and a whole JSON reply came, labelled as a stream",
        whole("\n         \n" * 9 + '{"choices": [{"message": {"content": "Here."}}]}', headers=EVENTS),
        StreamError,
        {},
        "Here.",
        False,
    ),
    (
        "json-of-many-lines",
        "a whole JSON reply in many lines came, without a label",
        whole('{\n"choices": [\n{\n"message": {\n"content": "Here."\n}\n}\n]\n}\n', headers={}),
        StreamError,
        {},
        "Here.",
        False,
    ),
    (
        "json-without-choices",
        "a whole JSON reply without choices came",
        whole({**reply(), "choices": []}),
        DecodeError,
        {"path": "$.choices"},
        "",
        False,
    ),
    (
        "json-error",
        "a JSON error came with status 200",
        whole(_FAILED),
        InternalServerError,
        {"status_code": 502},
        "",
        True,
    ),
    (
        "json-error-labelled-a-stream",
        "a JSON error came with status 200, labelled as a stream",
        whole(_FAILED, headers=EVENTS),
        InternalServerError,
        {"status_code": 502},
        "",
        True,
    ),
    ("html", "an HTML page came with status 200", whole(_PAGE, headers=HTML), DecodeError, {}, "", True),
    (
        "html-labelled-a-stream",
        "an HTML page came, labelled as a stream",
        whole(_PAGE, headers=EVENTS),
        DecodeError,
        {},
        "",
        True,
    ),
    (
        "words",
        "words came, labelled as a stream",
        whole("upstream connect error\n", headers=EVENTS),
        StreamTruncatedError,
        {},
        "",
        True,
    ),
    (
        "words-labelled-json",
        "words came, labelled as JSON",
        whole("upstream connect error", headers=JSON),
        DecodeError,
        {},
        "",
        True,
    ),
    (
        "stream-labelled-json",
        "a stream came, labelled as JSON",
        whole(events(says("Here.", "stop")), headers=JSON),
        DecodeError,
        {},
        "",
        True,
    ),
    ("nothing", "nothing came, labelled as a stream", whole("", headers=EVENTS), StreamTruncatedError, {}, "", True),
    ("nothing-labelled-json", "nothing came, labelled as JSON", whole("", headers=JSON), DecodeError, {}, "", True),
    ("no-content", "a 204 came", Exchange(204), StreamTruncatedError, {}, "", True),
    (
        "blanks",
        "white space alone came, labelled as a stream",
        whole("\n     \n" * 20, headers=EVENTS),
        StreamTruncatedError,
        {},
        "",
        True,
    ),
    (
        "comments",
        "comments alone came",
        whole(": OPENROUTER PROCESSING\n\n" * 20, headers=EVENTS),
        StreamTruncatedError,
        {},
        "",
        True,
    ),
    ("null-event", "an event with null came", whole("data: null\n\n", headers=EVENTS), DecodeError, {}, "", True),
    ("list-event", "an event with a list came", whole("data: []\n\n", headers=EVENTS), DecodeError, {}, "", True),
    (
        "words-event",
        "an event with words came",
        whole("data: Hello there\n\n", headers=EVENTS),
        DecodeError,
        {},
        "",
        True,
    ),
    (
        "deep-event",
        "an event nested 100,000 levels deep came",
        whole(b"data: " + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n\n", headers=EVENTS),
        DecodeError,
        {},
        "",
        True,
    ),
    (
        "long-integer-event",
        "an event with an integer of 10,000 digits came",
        whole(
            b'data: {"choices":[{"index":0,"delta":{"content":"x"}}],"n":' + b"9" * 10_000 + b"}\n\n", headers=EVENTS
        ),
        DecodeError,
        {},
        "",
        True,
    ),
    ("status", "a 429 came as plain JSON", Status(429), RateLimitError, {"status_code": 429}, "", True),
    (
        "status-labelled-a-stream",
        "a 503 came, labelled as a stream",
        Exchange(503, EVENTS, b'data: {"error":{"message":"Busy."}}\n\n'),
        OverloadedError,
        {"status_code": 503},
        "",
        True,
    ),
    (
        "status-401-labelled-a-stream",
        "a 401 came as JSON, labelled as a stream",
        Exchange(401, EVENTS, {"error": {"message": "No."}}),
        AuthenticationError,
        {"status_code": 401},
        "",
        False,
    ),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"no-stream-{name}",
            topic="streams",
            about=f"A stream was asked for, and {about}.",
            ways=("chunks", "events"),
            server=(answer,) * 3,
            expect=Expect(error=error, facts=facts, partial=partial, attempts=3 if is_repeated else 1),
            injected=True,
        )
        for name, about, answer, error, facts, partial, is_repeated in _DOCUMENTS
    ),
    *(
        Scenario(
            name=f"no-stream-{name}-then-one",
            topic="streams",
            about=f"A stream was asked for, and {about}; the next attempt brings one.",
            ways=("chunks", "events"),
            server=(answer, Reply("Here.")),
            expect=Expect(text="Here.", attempts=2),
        )
        for name, about, answer, *_ in _DOCUMENTS
        if name in ("json-error", "html", "nothing", "comments", "no-content", "words-event")
    ),
    Scenario(
        name="no-stream-reply-of-choices-in-vain",
        topic="streams",
        about="A whole reply came in place of a stream, and its choice holds an error: it has the class of its cause.",
        ways=("chunks", "events"),
        server=(whole(reply(told(content="One", finish=None, fields={"error": {"code": 401, "message": "No."}}))),),
        expect=Expect(error=AuthenticationError, partial="One"),
        injected=True,
    ),
)
