"""What a chat call is answered with."""

from __future__ import annotations

import pytest

from twinwire.testing import Reply, ToolCall
from twinwire.testing.chat import Chat, Refused, answer_chat, with_usage
from twinwire.testing.texts import words


def answered(reply: Reply, **request: object) -> Chat:
    """The answer to a call that says `One two three`."""
    body: dict[str, object] = {"model": "m", "messages": [{"role": "user", "content": "One two three"}]}
    return answer_chat({**body, **request}, reply, 7)


@pytest.mark.parametrize("text", ["", " ", "One", "One two", " One\n\ntwo  ", "\n", "äöü \u2028 x"])
def test_words_keep_the_text(text: str) -> None:
    """Splitting into words loses nothing."""
    assert "".join(words(text)) == text


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "a"),
        ([{"role": "user", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "b"}, {}, 3]}], "b"),
        ([{"role": "system", "content": "a"}], ""),
        (["not a message"], ""),
        ([{"role": "user", "content": None}], ""),
    ],
)
def test_echo(messages: list[object], text: str) -> None:
    """Without a script, the last user message comes back."""
    assert answered(Reply(), messages=messages).text == text


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply("Hi"), "Hi"),
        (Reply(""), ""),
        (Reply(deltas=["a", "b c"]), "ab c"),
        (Reply(tool_calls=[ToolCall("f")]), None),
        (Reply(refusal="No."), None),
        (Reply("Hi", tool_calls=[ToolCall("f")]), "Hi"),
    ],
    ids=repr,
)
def test_text(reply: Reply, text: str | None) -> None:
    """A scripted text is said; beside tool calls and refusals there is none unless it is scripted."""
    assert answered(reply).text == text


@pytest.mark.parametrize(
    ("request_fields", "reply", "text", "finish_reason"),
    [
        ({}, Reply(), "One two three", "stop"),
        ({"max_tokens": 2}, Reply(), "One two", "length"),
        ({"max_completion_tokens": 1, "max_tokens": 2}, Reply(), "One", "length"),
        ({"max_tokens": 3}, Reply(), "One two three", "stop"),
        ({"max_tokens": None}, Reply(), "One two three", "stop"),
        ({"stop": "two"}, Reply(), "One ", "stop"),
        ({"stop": ["three", "two", ""]}, Reply(), "One ", "stop"),
        ({"stop": "four"}, Reply(), "One two three", "stop"),
        ({"max_tokens": 1}, Reply(tool_calls=[ToolCall("f")]), None, "tool_calls"),
        ({}, Reply("x", finish_reason="content_filter"), "x", "content_filter"),
    ],
)
def test_limits(request_fields: dict[str, object], reply: Reply, text: str | None, finish_reason: str) -> None:
    """Token limits and stop words shorten the text and give the finish reason."""
    chat = answered(reply, **request_fields)

    assert (chat.text, chat.finish_reason) == (text, finish_reason)


def test_tokens_are_words() -> None:
    """The counts add up over text, reasoning, refusal, tool calls and choices."""
    reply = Reply("One two", reasoning="Let me see", refusal="No.", tool_calls=[ToolCall("f", {"a": 1})])

    chat = answered(reply, n=2)

    assert (chat.prompt_tokens, chat.completion_tokens, chat.reasoning_tokens) == (3, 2 * (2 + 3 + 1 + 2), 6)


def test_cost_follows_the_usage() -> None:
    """Scripted tokens are charged, and a scripted cost stands."""
    usage = {"prompt_tokens": 1000, "completion_tokens": 10}

    assert answered(Reply("x", usage=usage)).cost == 0.00102
    assert answered(Reply("x", usage={**usage, "completion_tokens": None})).cost == 0.001
    assert answered(Reply("x", usage=usage, cost=0.5)).cost == 0.5


def test_tool_call_ids() -> None:
    """Ids are counters unless they are scripted; arguments may be text that is not JSON."""
    chat = answered(Reply(tool_calls=[ToolCall("f", '{"a":'), ToolCall("g", {"b": "ü"}, id="mine")]))

    assert [(call.id, call.arguments) for call in chat.tool_calls] == [
        ("call_000007_0", '{"a":'),
        ("mine", '{"b":"ü"}'),
    ]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "Hello"}, "messages"),
        ({"n": 0}, "n"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
    ],
)
def test_refused(fields: dict[str, object], param: str) -> None:
    """A request that no provider would take is refused, by the name of the parameter."""
    with pytest.raises(Refused) as refused:
        answered(Reply(), **fields)

    assert refused.value.param == param


def test_total_follows_its_parts() -> None:
    """A total that was not scripted is the sum."""
    assert with_usage({"prompt_tokens": 1, "completion_tokens": 2}, {"prompt_tokens": 5})["total_tokens"] == 7
    assert with_usage({"prompt_tokens": 1, "completion_tokens": 2}, {"total_tokens": 99})["total_tokens"] == 99
    assert "total_tokens" not in with_usage({}, {"prompt_tokens": None})
