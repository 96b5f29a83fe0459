"""Tool calls in whole replies, in every dialect: handed over as they are, and never to the wrong tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import DecodeError
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import reply, told, whole
from twinwire.testing.scenarios.topics.findings import finds, first_message

if TYPE_CHECKING:
    from twinwire.testing.answers import Exchange

A = '{"city": "Aachen"}'
_F = {"name": "f", "arguments": A}
_CALL = {"id": "x", "type": "function", "function": _F}
_WEATHER = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]


def _answer(calls: Any, finish: str = "tool_calls", content: str | None = None, **parts: Any) -> Exchange:
    return whole(reply(told(content=content, finish=finish, tool_calls=calls, **parts)))


# name, what is strange, the exchange, the calls, text and finish reason
_READ: list[tuple[str, str, Exchange, tuple[tuple[str, str], ...], str, str]] = [
    (
        "type-missing",
        "The type is missing (Mistral).",
        _answer([{"id": "x", "function": _F}]),
        (("f", A),),
        "",
        "tool_calls",
    ),
    (
        "type-null",
        "The type is null.",
        _answer([{"id": "x", "type": None, "function": _F}]),
        (("f", A),),
        "",
        "tool_calls",
    ),
    (
        "index",
        "Calls have an index.",
        _answer([{**_CALL, "index": 7}, {**_CALL, "id": "y", "index": 0}]),
        (("f", A), ("f", A)),
        "",
        "tool_calls",
    ),
    (
        "id-missing",
        "The id is missing, null or empty.",
        _answer([{"type": "function", "function": _F}, {**_CALL, "id": None}, {**_CALL, "id": ""}]),
        (("f", A),) * 3,
        "",
        "tool_calls",
    ),
    (
        "same-id",
        "Two calls have one id: both are kept.",
        _answer([_CALL, {**_CALL, "function": {"name": "g", "arguments": "{}"}}]),
        (("f", A), ("g", "{}")),
        "",
        "tool_calls",
    ),
    (
        "arguments-null",
        "Arguments are null.",
        _answer([{**_CALL, "function": {"name": "f", "arguments": None}}]),
        (("f", ""),),
        "",
        "tool_calls",
    ),
    (
        "arguments-missing",
        "Arguments are missing.",
        _answer([{**_CALL, "function": {"name": "f"}}]),
        (("f", ""),),
        "",
        "tool_calls",
    ),
    (
        "arguments-empty",
        "Arguments are the empty text.",
        _answer([{**_CALL, "function": {"name": "f", "arguments": ""}}]),
        (("f", ""),),
        "",
        "tool_calls",
    ),
    (
        "arguments-object",
        "Arguments are an object: they read as its JSON.",
        _answer([{**_CALL, "function": {"name": "f", "arguments": {"city": "Aachen"}}}]),
        (("f", A),),
        "",
        "tool_calls",
    ),
    (
        "arguments-no-json",
        "Arguments are not JSON, though the finish reason is `tool_calls`.",
        _answer([{**_CALL, "function": {"name": "f", "arguments": "{'city': Aachen"}}]),
        (("f", "{'city': Aachen"),),
        "",
        "tool_calls",
    ),
    (
        "arguments-no-object",
        "Arguments are JSON, and no object (Groq).",
        _answer([{**_CALL, "function": {"name": "f", "arguments": '"Aachen"'}}]),
        (("f", '"Aachen"'),),
        "",
        "tool_calls",
    ),
    ("finish-stop", "The finish reason of calls is `stop`.", _answer([_CALL], "stop"), (("f", A),), "", "stop"),
    (
        "finish-length",
        "A call is cut by the token limit.",
        _answer([{**_CALL, "function": {"name": "f", "arguments": A[:9]}}], "length"),
        (("f", A[:9]),),
        "",
        "length",
    ),
    (
        "with-text",
        "Text and a call stand in one message.",
        _answer([_CALL], content="Let me see."),
        (("f", A),),
        "Let me see.",
        "tool_calls",
    ),
    ("null", "`tool_calls` is null.", _answer(None, "stop", "Here."), (), "Here.", "stop"),
    ("empty", "`tool_calls` is empty.", _answer([], "stop", "Here."), (), "Here.", "stop"),
    (
        "custom",
        "A custom tool is called.",
        _answer([{"id": "x", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}]),
        (("sql", "SELECT 1"),),
        "",
        "tool_calls",
    ),
    (
        "extra",
        "Calls have unknown fields, such as a thought signature (Gemini).",
        _answer([{**_CALL, "extra_content": {"google": {"thought_signature": "c2ln"}}}]),
        (("f", A),),
        "",
        "tool_calls",
    ),
    (
        "hundred",
        "There are 100 calls.",
        _answer(
            [{"id": f"i{n}", "type": "function", "function": {"name": f"f{n}", "arguments": "{}"}} for n in range(100)]
        ),
        tuple((f"f{n}", "{}") for n in range(100)),
        "",
        "tool_calls",
    ),
    (
        "names",
        "Names hold dots, spaces and letters of every kind.",
        _answer([{**_CALL, "function": {"name": "a.b c/\u00df\U0001f30d", "arguments": A}}]),
        (("a.b c/\u00df\U0001f30d", A),),
        "",
        "tool_calls",
    ),
]

# name, what is wrong, the call
_UNKNOWN: list[tuple[str, str, Any]] = [
    ("name-missing", "a call without a name", {**_CALL, "function": {"arguments": A}}),
    ("name-null", "a call whose name is null", {**_CALL, "function": {"name": None, "arguments": A}}),
    ("name-number", "a call whose name is a number", {**_CALL, "function": {"name": 5, "arguments": A}}),
    ("arguments-number", "a call whose arguments are a number", {**_CALL, "function": {"name": "f", "arguments": 5}}),
    ("function-missing", "a function call without its function", {"id": "x", "type": "function"}),
    ("function-text", "a function that is a text", {**_CALL, "function": "f"}),
    ("call-text", "a call that is a text", "f"),
    ("call-null", "a call that is null", None),
    ("unknown-type", "a call of a type that nobody knows", {"id": "s", "type": "shell", "shell": {"command": "ls"}}),
]


SCENARIOS = (
    *(
        Scenario(
            name=f"call-reply-{name}",
            topic="tool_calls",
            about=about,
            server=(answer,),
            ask=Ask(arguments={"tools": _WEATHER}),
            expect=Expect(calls=calls, text=text, finish_reason=finish),
        )
        for name, about, answer, calls, text, finish in _READ
    ),
    *(
        Scenario(
            name=f"call-reply-{name}",
            topic="tool_calls",
            about=f"A reply has {about}: it is no call of a tool, but of type `unknown`, kept as it came beside text and other calls.",
            server=(_answer([call, _CALL], content="Let me see."),),
            expect=Expect(
                text="Let me see.",
                calls=(("f", A),),
                checks=(
                    finds("the types", lambda got: [call.type for call in got.tool_calls], ["unknown", "function"]),
                    finds(
                        "what is written back",
                        lambda got: first_message(got)["tool_calls"],
                        [call, _CALL],
                    ),
                ),
            ),
        )
        for name, about, call in _UNKNOWN
    ),
    Scenario(
        name="call-reply-object",
        topic="tool_calls",
        about="`tool_calls` is an object: the reply cannot be read, and the error holds all of it.",
        server=(_answer(_CALL, content="Let me see."),),
        expect=Expect(
            error=DecodeError,
            facts={"path": "$.choices[0].message.tool_calls"},
            billed=True,
            checks=(
                lambda played: (
                    None
                    if "Let me see." in (getattr(played.outcome.error, "body", None) or "")
                    else "the error has no body"
                ),
            ),
        ),
    ),
    Scenario(
        name="call-reply-legacy",
        topic="tool_calls",
        about="A legacy function call stands in the message.",
        server=(whole(reply(told(finish="function_call", function_call=_F))),),
        expect=Expect(checks=(finds("the call", lambda got: got.message.function_call.to_dict(), _F),)),
    ),
    Scenario(
        name="call-reply-handed-back",
        topic="tool_calls",
        about="A call in the dialect of another server is handed back in a form that every server takes.",
        server=(lambda request: whole(reply(told(content=dump(request.json["messages"]).decode()))),),
        ask=Ask(
            arguments={
                "messages": [
                    {"role": "user", "content": "Weather?"},
                    {"role": "assistant", "content": None, "tool_calls": [_CALL]},
                    {"role": "tool", "tool_call_id": "x", "content": "Sun."},
                ]
            }
        ),
        expect=Expect(
            checks=(
                finds("what was sent", lambda got: '"tool_call_id":"x"' in got.text and '"name":"f"' in got.text, True),
            )
        ),
    ),
)
