"""Tool calls in every dialect: which call a delta belongs to, and where nobody can tell."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from tests.chat.chunks import Folded, chunk, deltas, fold, tool
from twinwire.chat.events import ToolCallEvent
from twinwire.errors import ToolCallAssemblyError

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

Calls = list[tuple[str, str, str]]

A = '{"a": 1}'
B = '{"b": 2}'

# What is sent, one list per chunk, and the id, name and arguments of each call that comes of it.
DECIDED: dict[str, tuple[list[list[Json]], Calls]] = {
    "the documented way": (
        [
            [tool(index=0, id="x", type="function", name="f", args="")],
            [tool(index=0, args='{"a"')],
            [tool(index=0, args=": 1}")],
        ],
        [("x", "f", A)],
    ),
    "parallel calls, interleaved": (
        [
            [tool(index=0, id="x", name="f", args="")],
            [tool(index=1, id="y", name="g", args="")],
            [tool(index=0, args='{"a"'), tool(index=1, args='{"b"')],
            [tool(index=1, args=": 2}")],
            [tool(index=0, args=": 1}")],
        ],
        [("x", "f", A), ("y", "g", B)],
    ),
    "whole calls, no index": (
        [[tool(id="x", name="f", args=A), tool(id="y", name="g", args=B)]],
        [("x", "f", A), ("y", "g", B)],
    ),
    "no index, no id, two tools": (
        [[tool(id="", name="f", args=A)], [tool(id="", name="g", args=B)]],
        [("", "f", A), ("", "g", B)],
    ),
    "no index, no id, one tool twice": (
        [[tool(name="f", args=A)], [tool(name="f", args=B)]],
        [("", "f", A), ("", "f", B)],
    ),
    "no index, no id, two tools without arguments": (
        [[tool(name="f", args="")], [tool(name="g", args="")]],
        [("", "f", ""), ("", "g", "")],
    ),
    "no index and fragments without anything else": (
        [[tool(id="x", name="f")], [tool(args='{"a"')], [tool(args=": 1}")], [tool(id="y", name="g")], [tool(args=B)]],
        [("x", "f", A), ("y", "g", B)],
    ),
    "no index, no id, the name on every fragment": (
        [[tool(name="f", args='{"a"')], [tool(name="f", args=": 1}")]],
        [("", "f", A)],
    ),
    "index -1": (
        [[tool(index=-1, id="x", name="f", args=A)], [tool(index=-1, id="y", name="g", args=B)]],
        [("x", "f", A), ("y", "g", B)],
    ),
    "one index, told apart by id": (
        [[tool(index=0, id="x", name="f", args=A)], [tool(index=0, id="y", name="f", args=B)]],
        [("x", "f", A), ("y", "f", B)],
    ),
    "one index, told apart by id, in fragments": (
        [
            [tool(index=0, id="x", name="f", args="")],
            [tool(index=0, id="y", name="g", args="")],
            [tool(index=0, id="x", args=A)],
            [tool(index=0, id="y", args=B)],
        ],
        [("x", "f", A), ("y", "g", B)],
    ),
    "one index, told apart by id, last fragment without": (
        [
            [tool(index=0, id="x", name="f", args="")],
            [tool(index=0, id="y", name="g", args="")],
            [tool(index=0, id="x", args='{"a"')],
            [tool(index=0, args=": 1}")],
        ],
        [("x", "f", A), ("y", "g", "")],
    ),
    "one index, no ids, two tools, each whole": (
        [[tool(index=0, id="", name="f", args=A)], [tool(index=0, id="", name="g", args=B)]],
        [("", "f", A), ("", "g", B)],
    ),
    "one index, no ids, one tool, each whole": (
        [[tool(index=0, name="f", args=A)], [tool(index=0, name="f", args=B)]],
        [("", "f", A), ("", "f", B)],
    ),
    "index counted per chunk, ids on every fragment": (
        [
            [tool(index=0, id="x", name="f", args='{"a"')],
            [tool(index=0, id="y", name="g", args=""), tool(index=1, id="x", name="f", args=": 1}")],
            [tool(index=0, id="y", args=B)],
        ],
        [("x", "f", A), ("y", "g", B)],
    ),
    "id and name on every fragment": (
        [[tool(index=0, id="x", name="f", args='{"a"')], [tool(index=0, id="x", name="f", args=": 1}")]],
        [("x", "f", A)],
    ),
    "the name on every fragment": (
        [
            [tool(index=0, id="x", name="f", args="")],
            [tool(index=0, name="f", args='{"a"')],
            [tool(index=0, name="f", args=": 1}")],
        ],
        [("x", "f", A)],
    ),
    "a name again before a nested object": (
        [
            [tool(index=0, id="x", name="f", args='{"a": ')],
            [tool(index=0, name="f", args='{"b": 2}')],
            [tool(index=0, args="}")],
        ],
        [("x", "f", '{"a": {"b": 2}}')],
    ),
    "ids and names null or empty later": (
        [
            [tool(index=0, id="x", type="function", name="f", args="")],
            [tool(index=0, id=None, type="function", name=None, args='{"a"')],
            [tool(index=0, id="", type="function", name="", args=": 1}")],
        ],
        [("x", "f", A)],
    ),
    "a late id": ([[tool(index=0, name="f", args="")], [tool(index=0, id="x", args=A)]], [("x", "f", A)]),
    "a late id without index": ([[tool(name="f")], [tool(id="x", args=A)]], [("x", "f", A)]),
    "a late name": ([[tool(index=0, id="x", args="")], [tool(index=0, name="f", args=A)]], [("x", "f", A)]),
    "a late name, after an empty one": (
        [[tool(index=0, id="x", name="", args="")], [tool(index=0, id="x", name="f", args=A)]],
        [("x", "f", A)],
    ),
    "a late name without index": ([[tool(id="x")], [tool(name="f", args=A)]], [("x", "f", A)]),
    "a late name after the arguments": ([[tool(index=0, id="x", args=A)], [tool(index=0, name="f")]], [("x", "f", A)]),
    "no mark on later deltas of a call with an index": (
        [
            [tool(index=0, id="x", name="f", args=A)],
            [tool(index=1, id="y", name="g", args='{"b"')],
            [tool(args=": 2}")],
        ],
        [("x", "f", A), ("y", "g", B)],
    ),
    "a late index": (
        [[tool(id="x", name="f")], [tool(index=3, id="x", args='{"a"')], [tool(index=3, args=": 1}")]],
        [("x", "f", A)],
    ),
    "clashing ids, two tools": (
        [
            [tool(index=0, id="x", name="f", args="")],
            [tool(index=1, id="x", name="g", args="")],
            [tool(index=0, id="x", args=A)],
            [tool(index=1, id="x", args=B)],
        ],
        [("x", "f", A), ("x", "g", B)],
    ),
    "clashing ids, one tool, each whole": (
        [[tool(index=0, id="x", name="f", args=A)], [tool(index=1, id="x", name="f", args=B)]],
        [("x", "f", A), ("x", "f", B)],
    ),
    "clashing ids without index, two tools": (
        [[tool(id="x", name="f", args=A)], [tool(id="x", name="g", args=B)]],
        [("x", "f", A), ("x", "g", B)],
    ),
    "arguments null, missing, empty": (
        [
            [tool(index=0, id="x", name="f", args=None)],
            [tool(index=0)],
            [{"index": 0, "function": None}],
            [{"index": 0}],
            [tool(index=0, args="")],
        ],
        [("x", "f", "")],
    ),
    "arguments that are an object already": ([[tool(id="x", name="f", args={"a": 1})]], [("x", "f", A)]),
    "arguments that are no JSON": (
        [[tool(index=0, id="x", name="f", args="{}")], [tool(index=0, args='{"a": 1')]],
        [("x", "f", '{}{"a": 1')],
    ),
    "entries that say nothing": ([[None, {}, tool(args="")], [tool(id="x", name="f", args=A)]], [("x", "f", A)]),
    "indexes out of order": (
        [[tool(index=1, id="y", name="g", args=B)], [tool(index=0, id="x", name="f", args=A)]],
        [("y", "g", B), ("x", "f", A)],
    ),
}

# What is sent, and a word of the reason why it is not decided.
UNDECIDED: dict[str, tuple[list[list[Json]], str]] = {
    "arguments of no call": ([[tool(args=A)]], "before any call"),
    "a name in pieces, by index": (
        [[tool(index=0, id="x", name="get_")], [tool(index=0, name="weather")]],
        "second name",
    ),
    "a name in pieces, by id": (
        [[tool(index=0, id="x", name="get_")], [tool(index=0, id="x", name="weather")]],
        "second name",
    ),
    "another name in the middle of arguments": (
        [[tool(index=0, id="x", name="f", args='{"a"')], [tool(index=0, name="g", args=": 1}")]],
        "second name",
    ),
    "another name after broken arguments": (
        [[tool(index=0, name="f", args='{"a" 1}')], [tool(index=0, name="g", args=B)]],
        "second name",
    ),
    "one id for two objects": (
        [[tool(id="x", name="f", args=A)], [tool(id="x", name="f", args=B)]],
        "second object",
    ),
    "one id, two indexes, one tool": (
        [[tool(index=0, id="x", name="f")], [tool(index=1, id="x", name="f", args=B)]],
        "second index",
    ),
    "clashing ids and then neither index": (
        [[tool(index=0, id="x", name="f", args=A)], [tool(index=1, id="x", name="g")], [tool(id="x", args=B)]],
        "two calls have one id",
    ),
    "the id of one call and the index of another": (
        [[tool(index=0, id="x", name="f")], [tool(index=1, name="g")], [tool(index=1, id="x", args=B)]],
        "the id of call 0 and the index of call 1",
    ),
    "the name again, nothing else to tell": ([[tool(name="f", args="")], [tool(name="f", args=A)]], "comes again"),
    "a name for arguments that came without": ([[tool(id="x", args=A)], [tool(name="f", args=B)]], "a name came after"),
    "a call without a name": ([[tool(index=0, id="x", args=A)]], "call 0 has no name"),
    "a new id on every fragment": (
        [[tool(index=0, id="x", name="f", args="")], [tool(index=0, id="y", args=A)]],
        "call 1 has no name",
    ),
    "a delta without any mark, while two calls may go on": (
        [
            [tool(index=0, id="x", name="f", args='{"a"')],
            [tool(index=1, id="y", name="g", args='{"b"')],
            [tool(args=": 1}")],
        ],
        "more than one call may go on",
    ),
    "index 0 left out as if it were nothing": (
        [[tool(id="x", name="f", args="")], [tool(index=1, id="y", name="g", args="")], [tool(args=A)]],
        "more than one call may go on",
    ),
    "a delta without any mark, after whole arguments": (
        [[tool(index=0, name="f", args=A)], [tool(args=B)]],
        "after the whole arguments",
    ),
    "more after whole arguments, with the id and another index": (
        [[tool(index=0, id="x", name="f", args=A)], [tool(index=1, id="x", args=B)]],
        "after the whole arguments",
    ),
    "a late id that another call has": (
        [[tool(name="f", args=A)], [tool(id="x")], [tool(name="g", args='{"b"')], [tool(id="x", args=": 2}")]],
        "the id of call 0 while call 1 has none",
    ),
    "a late id that another call has, with the name": (
        [[tool(name="f", args=A), tool(id="x", name="f")], [tool(name="g", args=B)], [tool(id="x", name="g")]],
        "the id of call 0 while call 1 has none",
    ),
    "two kinds in one call": (
        [[tool(index=0, id="x", name="f")], [{"index": 0, "custom": {"input": "a"}}]],
        "of kind function, and a delta of it of kind custom",
    ),
}


def sent(chunks: list[list[Json]]) -> Folded:
    values: list[JsonObject] = [{"tool_calls": entries} for entries in chunks]
    return deltas(*values)


def calls(folded: Folded) -> Calls:
    found: Calls = []
    entries = folded.message().get("tool_calls", [])
    assert isinstance(entries, list)
    for call in entries:
        assert isinstance(call, dict)
        function = call["function"]
        assert isinstance(function, dict)
        found.append((str(call["id"]), str(function["name"]), str(function["arguments"])))
    return found


def calls_of_events(folded: Folded) -> Calls:
    found: dict[int, tuple[str, str, str]] = {}
    for event in folded.events:
        assert isinstance(event, ToolCallEvent)
        arguments = found.get(event.call_index, ("", "", ""))[2] + event.arguments_delta
        found[event.call_index] = (event.id or "", event.name or "", arguments)
    return [found[place] for place in sorted(found)]


@pytest.mark.parametrize(("chunks", "expected"), DECIDED.values(), ids=DECIDED)
def test_dialects(chunks: list[list[Json]], expected: Calls) -> None:
    """Every dialect comes to the calls that were meant, in the reply and in the events."""
    folded = sent(chunks)
    folded.accumulator.check()

    assert calls(folded) == expected
    assert calls_of_events(folded) == expected


@pytest.mark.parametrize(("chunks", "why"), UNDECIDED.values(), ids=UNDECIDED)
def test_undecided(chunks: list[list[Json]], why: str) -> None:
    """What cannot be decided is an error with the raw deltas, at the end of the stream."""
    folded = sent(chunks)

    with pytest.raises(ToolCallAssemblyError, match=why) as caught:
        folded.accumulator.check()
    assert list(caught.value.deltas) == [delta for entries in chunks for delta in entries]


def test_text_goes_on_after_an_undecided_delta() -> None:
    """An undecided call ends the calls' events, but not the stream, and every delta is kept for the error."""
    folded = deltas(
        {"tool_calls": [tool(index=0, id="x", name="get_")]},
        {"tool_calls": [tool(index=0, name="weather")]},
        {"content": "And text."},
        {"tool_calls": [tool(index=0, args=A)]},
    )

    assert folded.accumulator.text == "And text."
    assert [event.type for event in folded.events] == ["tool_call", "text"]
    with pytest.raises(ToolCallAssemblyError) as caught:
        folded.accumulator.check()
    assert len(caught.value.deltas) == 3


def test_assembly_error_is_picklable() -> None:
    """The error keeps its deltas when pickled and copied."""
    folded = sent([[tool(args=A)]])

    with pytest.raises(ToolCallAssemblyError) as caught:
        folded.accumulator.check()
    assert pickle.loads(pickle.dumps(caught.value)).deltas == caught.value.deltas  # noqa: S301  # our own bytes
    assert copy.copy(caught.value).deltas == caught.value.deltas


def test_events_tell_what_is_new() -> None:
    """A call makes an event when it begins, learns its id or name, or gets arguments; a delta with nothing new makes none."""
    folded = sent(
        [
            [tool(index=0, name="f", args="")],
            [tool(index=0, name="f", args=None)],
            [tool(index=0, id="x")],
            [tool(index=0, args=A)],
        ]
    )

    assert folded.events == [
        ToolCallEvent(call_index=0, id=None, name="f", arguments_delta=""),
        ToolCallEvent(call_index=0, id="x", name="f", arguments_delta=""),
        ToolCallEvent(call_index=0, id="x", name="f", arguments_delta=A),
    ]


def test_custom_tool() -> None:
    """A custom tool's input comes in pieces like arguments."""
    folded = sent(
        [
            [{"index": 0, "id": "x", "type": "custom", "custom": {"name": "sql", "input": ""}}],
            [{"index": 0, "custom": {"input": "SELECT"}}],
            [{"index": 0, "custom": {"input": " 1"}}],
        ]
    )
    folded.accumulator.check()

    assert folded.message()["tool_calls"] == [
        {"id": "x", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
    ]
    assert folded.events[1] == ToolCallEvent(call_index=0, id="x", name="sql", arguments_delta="SELECT", kind="custom")


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        (tool(id="x", name="f", args=A), {"id": "x", "type": "function", "function": {"name": "f", "arguments": A}}),
        ({"id": "x", "type": "function"}, {"id": "x", "type": "function", "function": {"name": "", "arguments": ""}}),
        ({"id": "x", "type": "custom"}, {"id": "x", "type": "custom", "custom": {"name": "", "input": ""}}),
        ({"id": "x"}, {"id": "x", "type": "function", "function": {"name": "", "arguments": ""}}),
        ({"id": "x", "type": "web", "web": {"q": 1}}, {"id": "x", "type": "web", "web": {"q": 1}}),
    ],
    ids=["function", "function unnamed", "custom unnamed", "no kind", "unknown kind"],
)
def test_call_in_the_reply(delta: JsonObject, expected: JsonObject) -> None:
    """A call of any kind is well formed at any time."""
    assert sent([[delta]]).message()["tool_calls"] == [expected]


def test_unknown_kind_needs_no_name() -> None:
    """A kind of call that we do not know is not refused for the lack of a name."""
    folded = sent([[{"id": "x", "type": "web", "web": {"q": 1}}]])

    folded.accumulator.check()


def test_unknown_fields_of_a_call_are_kept() -> None:
    """Gemini's thought signatures, and whatever else stands in a call or in its function, are in the reply."""
    folded = sent(
        [
            [
                {
                    "index": 0,
                    "id": "x",
                    "extra_content": {"s": 1},
                    "function": {"name": "f", "arguments": A, "strict": True},
                }
            ]
        ]
    )

    assert folded.message()["tool_calls"] == [
        {
            "id": "x",
            "type": "function",
            "function": {"name": "f", "arguments": A, "strict": True},
            "extra_content": {"s": 1},
        }
    ]


@pytest.mark.parametrize("nothing", [None, []])
def test_no_calls(nothing: Json) -> None:
    """`tool_calls` null or empty leaves no trace."""
    folded = deltas({"content": "a", "tool_calls": nothing})

    assert "tool_calls" not in folded.message()


def test_choices_have_their_own_calls() -> None:
    """With several choices the same id and index stand for different calls."""
    folded = fold(
        chunk({"tool_calls": [tool(index=0, id="x", name="f", args="")]}),
        chunk({"tool_calls": [tool(index=0, id="x", name="f", args="")]}, index=1),
        chunk({"tool_calls": [tool(index=0, args=A)]}),
        chunk({"tool_calls": [tool(index=0, args=B)]}, index=1),
    )

    assert folded.message(0)["tool_calls"] == [
        {"id": "x", "type": "function", "function": {"name": "f", "arguments": A}}
    ]
    assert folded.message(1)["tool_calls"] == [
        {"id": "x", "type": "function", "function": {"name": "f", "arguments": B}}
    ]
    assert [event.choice_index for event in folded.events if isinstance(event, ToolCallEvent)] == [0, 1, 0, 1]


def test_legacy_function_call() -> None:
    """A `function_call` is put together under its own name, and its events are those of call 0."""
    folded = deltas(
        {"function_call": {"name": "f", "arguments": ""}},
        {"function_call": None},
        {"function_call": {"arguments": '{"a"'}},
        {"function_call": {"name": "f", "arguments": ": 1}"}},
    )
    folded.accumulator.check()

    assert folded.message()["function_call"] == {"name": "f", "arguments": A}
    assert "tool_calls" not in folded.message()
    assert calls_of_events(folded) == [("", "f", A)]


def test_two_legacy_function_calls() -> None:
    """A reply has room for one `function_call`: a second one is an error and not dropped."""
    folded = deltas({"function_call": {"name": "f", "arguments": A}}, {"function_call": {"name": "g", "arguments": B}})

    with pytest.raises(ToolCallAssemblyError, match="there are 2 where 1 can be"):
        folded.accumulator.check()
