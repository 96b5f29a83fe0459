from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import TYPE_CHECKING, assert_type

import pytest

from twinwire._core.headers import Headers
from twinwire._core.trace import Trace
from twinwire._model.convert import structure
from twinwire._model.cost import Cost
from twinwire._model.reply import Costing, Meta, Reply
from twinwire._model.unknown import UnknownMember
from twinwire.errors import DecodeError
from twinwire.types import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

SCRIPT = "<script>alert('`hi`')</script> & ![x](http://evil.example/?q)"


def reply(message: JsonObject, **fields: Json) -> ChatCompletion:
    return structure({"choices": [{"message": message, "finish_reason": "stop"}], **fields}, ChatCompletion)


def chunk(*choices: JsonObject) -> ChatCompletionChunk:
    return structure({"choices": list(choices)}, ChatCompletionChunk)


CONTENT: list[tuple[JsonObject, str]] = [
    ({}, ""),
    ({"content": None}, ""),
    ({"content": ""}, ""),
    ({"content": "Hi"}, "Hi"),
    ({"content": []}, ""),
    ({"content": [{"type": "text", "text": "a"}, {"type": "thinking", "thinking": "x"}, {"type": "text", "text": "b"}]}, "ab"),
    ({"content": [{"type": "text", "text": None}, {"type": "new", "text": "?"}, "bare"]}, "bare"),
    ({"content": {"grüße": [1]}}, '{"grüße": [1]}'),
]  # fmt: skip


@pytest.mark.parametrize(("message", "text"), CONTENT)
def test_text(message: JsonObject, text: str) -> None:
    """The text is what a person would read, whatever form the content has."""
    assert reply(message).text == text


REASONING: list[tuple[JsonObject, str | None]] = [
    ({}, None),
    ({"reasoning": None, "reasoning_content": ""}, None),
    ({"reasoning": "a", "reasoning_details": [{"type": "reasoning.text", "text": "a"}]}, "a"),
    ({"reasoning_content": "b"}, "b"),
    (
        {
            "reasoning_details": [
                {"type": "reasoning.summary", "summary": "c"},
                {"type": "reasoning.text", "text": "d", "signature": "s"},
                {"type": "reasoning.text", "text": None},
                {"type": "reasoning.summary"},
                {"type": "reasoning.encrypted", "data": "e"},
                {"type": "reasoning.new", "text": "f"},
            ]
        },
        "cd",
    ),
    ({"reasoning_details": [{"type": "reasoning.encrypted", "data": "e"}]}, None),
    ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "g"}]}, {"type": "new"}]}, "g"),
    ({"content": [{"type": "thinking", "thinking": "h"}, {"type": "text", "text": "i"}]}, "h"),
]


@pytest.mark.parametrize(("message", "told"), REASONING)
def test_reasoning(message: JsonObject, told: str | None) -> None:
    """It is read from the one place where it stands, and never twice."""
    assert reply(message).reasoning == told


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ({}, None),
        ({"refusal": None}, None),
        ({"refusal": ""}, None),
        ({"refusal": "No."}, "No."),
        ({"content": [{"type": "refusal", "refusal": "Nor."}, {"type": "refusal"}, {"type": "text", "text": "x"}]}, "Nor."),
    ],
)  # fmt: skip
def test_refusal(message: JsonObject, refusal: str | None) -> None:
    """An empty refusal, which some servers send, is none."""
    assert reply(message).refusal == refusal


def test_tool_calls() -> None:
    """They are those of the first choice, typed; none is an empty list."""
    calls = reply(
        {"tool_calls": [{"function": {"name": "f"}}, {"type": "custom", "custom": {"name": "g"}}, {"type": "new"}]}
    ).tool_calls

    assert [call.type for call in calls] == ["function", "custom", "unknown"]
    assert isinstance(calls[2], UnknownMember)
    assert reply({"tool_calls": None}).tool_calls == []
    assert reply({}).tool_calls == []


@pytest.mark.parametrize(
    ("choice", "reason"),
    [({}, None), ({"finish_reason": None}, None), ({"finish_reason": ""}, None), ({"finish_reason": "eos"}, "eos")],
)
def test_finish_reason(choice: JsonObject, reason: str | None) -> None:
    """An absent, null or empty one is None; an unknown one is kept."""
    made = structure({"choices": [{"message": {}, **choice}]}, ChatCompletion)

    assert made.finish_reason == reason


def test_message_is_the_first() -> None:
    """The message is the object itself, so that it can be changed and handed back."""
    made = structure({"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}]}, ChatCompletion)

    assert made.message is made.choices[0].message
    assert_type(made.message, ChatCompletionMessage)
    assert made.text == "a"


def test_without_choices() -> None:
    """There is no message, which is an error to ask for; the shortcuts have nothing to show."""
    made = structure({"choices": []}, ChatCompletion)

    assert (made.text, made.tool_calls, made.finish_reason, made.reasoning, made.refusal) == ("", [], None, None, None)
    with pytest.raises(DecodeError, match="no choices"):
        _ = made.message


CHUNKS: list[tuple[list[JsonObject], str]] = [
    ([], ""),
    ([{}], ""),
    ([{"delta": None}], ""),
    ([{"delta": {"content": None}}], ""),
    ([{"index": 0, "delta": {"content": "a"}}], "a"),
    ([{"index": None, "delta": {"content": "a"}}], "a"),
    ([{"index": 1, "delta": {"content": "b"}}], ""),
    ([{"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}], "a"),
    ([{"delta": {"content": [{"type": "text", "text": "c"}]}}], "c"),
]


@pytest.mark.parametrize(("choices", "text"), CHUNKS)
def test_chunk_text(choices: list[JsonObject], text: str) -> None:
    """It is the new text of the first answer, so that printing chunks does not mix answers."""
    assert chunk(*choices).text == text


def full() -> ChatCompletion:
    made = reply(
        {
            "content": SCRIPT,
            "reasoning": "<i>hm</i>",
            "refusal": "<u>no</u>",
            "tool_calls": [
                {"function": {"name": "get", "arguments": '{"a": "<b>"}'}},
                {"function": {"name": "bare"}},
                {"type": "custom", "custom": {"name": "calc", "input": "1<2"}},
                {"type": "custom", "custom": {"name": "empty"}},
                {"type": "<mcp>"},
                {"type": 3},
            ],
        },
        model="m<x>`",
        usage={"prompt_tokens": 9, "completion_tokens": 2},
    )
    marked: Reply = made
    marked._meta = Meta(
        provider="openai",
        status_code=200,
        headers=Headers(),
        content=b"",
        request_id=None,
        trace=Trace(),
        costing=Costing(Cost(usd=Decimal("0.0000125"), provenance="reported")),
    )
    return made


def test_html_shows_everything_escaped() -> None:
    """Nothing that a model wrote is markup, and nothing of it is lost."""
    shown = full()._repr_html_()
    text = html.unescape(re.sub("<[^>]*>", "\n", shown))

    assert set(re.findall(r"</?(\w+)", shown)) == {"div", "details", "summary", "pre", "em", "code"}
    assert [line for line in text.split("\n") if line.strip()] == [
        "Reasoning",
        "<i>hm</i>",
        SCRIPT,
        "Refused:",
        " <u>no</u>",
        'get({"a": "<b>"})',
        "bare()",
        "calc(1<2)",
        "empty()",
        "<mcp>",
        "unknown tool call",
        "m<x>` · stop · 9 + 2 tokens · $0.0000125 (reported)",
    ]


def test_markdown_shows_everything_in_fences() -> None:
    """Outside of fences and code spans there is nothing that a model wrote."""
    shown = full()._repr_markdown_()

    assert shown.startswith("**Reasoning**\n\n```\n<i>hm</i>\n```\n\n```markdown\n" + SCRIPT + "\n```\n\n**Refused**")
    assert shown.endswith("\n\n`` m<x>` · stop · 9 + 2 tokens · $0.0000125 (reported) ``")


def test_markdown_fences_are_longer_than_those_inside() -> None:
    """A fence in the text does not end ours."""
    assert "`````markdown\n````\nx\n````\n`````" in reply({"content": "````\nx\n````"})._repr_markdown_()


def test_markdown_facts_stay_in_one_line() -> None:
    """A model's name with empty lines in it cannot break out of its code span."""
    assert reply({}, model="m\n\n<b>x</b>")._repr_markdown_() == "`m <b>x</b> · stop`"


def test_a_bare_reply_is_shown_too() -> None:
    """What is not known is said or left out."""
    bare = structure({"choices": []}, ChatCompletion)

    assert re.sub("<[^>]*>", "", bare._repr_html_()) == "model unknown · no finish reason"
    assert bare._repr_markdown_() == "`model unknown · no finish reason`"
    assert reply({}, usage={"prompt_tokens": 3})._repr_markdown_() == "`model unknown · stop · 3 + 0 tokens`"
    assert reply({}, usage={})._repr_markdown_() == "`model unknown · stop`"
