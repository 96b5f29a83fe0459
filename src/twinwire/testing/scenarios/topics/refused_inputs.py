"""What cannot be sent: refused before anything is, with the name of the argument."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from twinwire.errors import InvalidRequestError
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.scenarios.scenario import Options, Way

_CHAT: tuple[Way, ...] = ("create", "events")


def _nested(depth: int) -> dict[str, object]:
    schema: dict[str, object] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _tool(schema: object) -> Options:
    return {"tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}]}


def _refused(
    name: str,
    about: str,
    param: str,
    arguments: Options | Callable[[], Options],
    *,
    says: tuple[str, ...] = (),
    ways: tuple[Way, ...] = ("create", "events"),
) -> Scenario:
    """Nothing is sent, no connection is opened, and the error names the argument."""
    return Scenario(
        name=f"refused-{name}",
        topic="input",
        about=about,
        ways=ways,
        ask=Ask(arguments=arguments),
        expect=Expect(
            error=InvalidRequestError,
            facts={"param": param, "retry_safe": False},
            says=says,
            requests=0,
            connections=0,
            attempts=None,
        ),
        injected=True,
    )


def _cycle() -> Options:
    loop: dict[str, object] = {"type": "object"}
    loop["properties"] = {"again": loop}
    return {"tools": [{"type": "function", "function": {"name": "f", "parameters": loop}}]}


def _own_list() -> list[object]:
    own: list[object] = []
    own.append(own)
    return own


SCENARIOS = (
    _refused("not-a-number", "NaN is no JSON.", "temperature", {"temperature": math.nan}),
    _refused(
        "infinite",
        "Infinity is no JSON, however deep it stands.",
        "extra_body.a[0].b",
        {"extra_body": {"a": [{"b": math.inf}]}},
    ),
    _refused(
        "not-a-number-in-a-schema",
        "NaN in a schema is found too.",
        "tools[0].function.parameters.default",
        _tool({"type": "number", "default": math.nan}),
    ),
    _refused(
        "a-cycle", "A schema that holds itself has no end.", "tools[0].function.parameters.properties.again", _cycle
    ),
    _refused(
        "a-cycle-in-a-list",
        "So has a list that holds itself.",
        "extra_body.a[0]",
        lambda: {"extra_body": {"a": _own_list()}},
    ),
    _refused(
        "nesting-without-reason",
        "A schema of five thousand levels is refused, and is no RecursionError.",
        "tools",
        lambda: _tool(_nested(5000)),
    ),
    _refused(
        "a-number-of-5000-digits",
        "A whole number that Python itself will not write.",
        "extra_body.a",
        lambda: {"extra_body": {"a": 10**5000}},
    ),
    _refused(
        "a-generator-of-messages",
        "A generator could be sent once only, and not again by a retry.",
        "messages",
        lambda: {"messages": ({"role": "user", "content": t} for t in "ab")},
    ),
    _refused(
        "a-generator-inside",
        "The same deep inside.",
        "extra_body.a",
        lambda: {"extra_body": {"a": (n for n in range(3))}},
    ),
    _refused("an-iterator", "map() is as much of a generator.", "stop", lambda: {"stop": map(str, range(3))}),
    _refused("a-set", "A set has no order.", "extra_body.a", {"extra_body": {"a": {1, 2}}}),
    _refused(
        "bytes",
        "Bytes are no text: nobody knows in which encoding.",
        "messages[0].content",
        {"messages": [{"role": "user", "content": b"hello"}]},
    ),
    _refused("a-decimal", "A Decimal would be rounded.", "temperature", {"temperature": Decimal("0.1")}),
    _refused("a-fraction", "A Fraction has no JSON.", "extra_body.a", {"extra_body": {"a": Fraction(1, 3)}}),
    _refused("a-complex-number", "Nor has a complex number.", "extra_body.a", {"extra_body": {"a": 1j}}),
    _refused("a-date", "A date has many spellings.", "extra_body.a", {"extra_body": {"a": datetime(2026, 1, 1)}}),  # noqa: DTZ001  # any date
    _refused("a-class", "A class is no value.", "extra_body.a", {"extra_body": {"a": int}}),
    _refused("a-truth-value-for-a-number", "True is no temperature.", "temperature", {"temperature": True}),
    _refused(
        "a-key-that-is-no-text",
        "A name in JSON is text; a tuple has none.",
        "extra_body.a",
        {"extra_body": {"a": {(1, 2): 3}}},
    ),
    _refused("no-messages", "A call without messages.", "messages", {"messages": []}),
    _refused("messages-as-text", "A text in place of messages.", "messages", {"messages": "hello"}),
    _refused(
        "a-message-alone", "A message without its list.", "messages", {"messages": {"role": "user", "content": "x"}}
    ),
    _refused(
        "a-message-of-nothing",
        "None among the messages.",
        "messages[1]",
        {"messages": [{"role": "user", "content": "x"}, None]},
    ),
    _refused("a-message-without-role", "A message of nobody's.", "messages[0].role", {"messages": [{"content": "x"}]}),
    _refused(
        "a-role-that-nobody-has",
        "A role that OpenAI does not know.",
        "messages[0].role",
        {"messages": [{"role": "robot", "content": "x"}]},
    ),
    _refused(
        "a-message-without-content", "A user who says nothing.", "messages[0].content", {"messages": [{"role": "user"}]}
    ),
    _refused(
        "an-answer-to-no-call",
        "A tool's answer without the id of its call.",
        "messages[0].tool_call_id",
        {"messages": [{"role": "tool", "content": "x"}]},
    ),
    _refused("an-empty-model", "A model without a name.", "model", {"model": ""}),
    _refused("a-temperature-out-of-range", "A number out of its range.", "temperature", {"temperature": 9}),
    _refused(
        "a-stream-in-the-extra-body",
        "`stream` decides how the reply is read, and is no extra.",
        "extra_body",
        {"extra_body": {"stream": True}},
    ),
    _refused("a-timeout-of-nothing", "No time at all.", "timeout", {"timeout": 0}),
    _refused("a-deadline-that-is-no-number", "NaN is no deadline.", "deadline", {"deadline": math.nan}),
    _refused("a-deadline-in-the-past", "A deadline is not negative.", "deadline", {"deadline": -1}),
    _refused("retries-below-none", "Nobody retries less than never.", "max_retries", {"max_retries": -1}),
    _refused(
        "a-header-with-another-in-it",
        "CR and LF would make two headers of one.",
        "extra_headers",
        {"extra_headers": {"X-A": "b\r\nX-Evil: 1"}},
    ),
    _refused(
        "a-header-with-a-lone-lf",
        "LF alone is a line end to many servers.",
        "extra_headers",
        {"extra_headers": {"X-A": "b\nX-Evil: 1"}},
    ),
    _refused(
        "a-header-with-a-lone-cr",
        "CR alone is one to some.",
        "extra_headers",
        {"extra_headers": {"X-A": "b\rX-Evil: 1"}},
    ),
    _refused("a-header-with-nul", "NUL ends a text in C.", "extra_headers", {"extra_headers": {"X-A": "b\x00"}}),
    _refused(
        "a-header-beyond-latin-1",
        "A header has bytes, and a snowman none of them.",
        "extra_headers",
        {"extra_headers": {"X-A": "☃"}},
    ),
    _refused(
        "a-header-name-with-a-colon",
        "A name with a colon is a name and a value.",
        "extra_headers",
        {"extra_headers": {"X-A: b": "c"}},
    ),
    _refused("a-header-name-of-nothing", "A header has a name.", "extra_headers", {"extra_headers": {"": "c"}}),
    _refused(
        "a-length-of-ones-own",
        "Content-Length is the body's.",
        "extra_headers",
        {"extra_headers": {"Content-Length": "5"}},
    ),
    _refused(
        "a-framing-of-ones-own",
        "Transfer-Encoding too: two framings are a smuggled request.",
        "extra_headers",
        {"extra_headers": {"transfer-encoding": "chunked"}},
    ),
    _refused(
        "an-idempotency-key-with-a-line-break",
        "Ids that travel in headers are headers.",
        "extra_headers",
        {"extra_headers": {"Idempotency-Key": "a\r\nb"}},
    ),
    _refused("a-query-of-objects", "A query has no objects.", "a", {"extra_query": {"a": {"b": 1}}}),
    _refused(
        "a-query-with-a-lone-surrogate",
        "A URL has bytes, and half a character none.",
        "a",
        {"extra_query": {"a": "\ud83d"}},
    ),
    Scenario(
        name="refused-embeddings-of-not-a-number",
        topic="input",
        about="Embeddings are checked as chat is.",
        ways=("embeddings",),
        ask=Ask(arguments={"input": [math.nan]}),
        expect=Expect(error=InvalidRequestError, requests=0, connections=0, attempts=None),
        injected=True,
    ),
    Scenario(
        name="refused-among-good-calls",
        topic="input",
        about="A call that is refused disturbs no other: nothing of it is on the wire, not even half.",
        ask=Ask(earlier=1, arguments={"extra_body": {"a": math.nan}}),
        expect=Expect(error=InvalidRequestError, requests=0, connections=0, open_connections=1, attempts=None),
        injected=True,
    ),
)
