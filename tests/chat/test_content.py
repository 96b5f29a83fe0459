"""Content that is no plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.chunks import deltas
from twinwire.chat.events import ReasoningEvent, TextEvent
from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from twinwire._model.json import Json


def thinking(*parts: Json, **fields: Json) -> Json:
    return {"type": "thinking", "thinking": list(parts), **fields}


def text(words: str, **fields: Json) -> Json:
    return {"type": "text", "text": words, **fields}


CASES: dict[str, tuple[list[Json], Json]] = {
    "Mistral: thinking, then strings": (
        ["", [thinking(text("Let "))], [thinking(text("me"))], [thinking(text(" see."))], "4", "2"],
        [thinking(text("Let me see.")), text("42")],
    ),
    "text before and after": (["a", [thinking(text("b"))], "c"], [text("a"), thinking(text("b")), text("c")]),
    "text parts": ([[text("a"), text("b")], [text("c")]], [text("abc")]),
    "a part that says more than its text": (
        [[text("a")], [text("b", cited=1)], [text("c")]],
        [text("a"), text("b", cited=1), text("c")],
    ),
    "other parts": ([[{"type": "image_url", "image_url": "u"}], "a"], [{"type": "image_url", "image_url": "u"}, text("a")]),
    "a reference among thoughts": (
        [[thinking(text("a"), {"type": "reference", "ids": [1]})], [thinking(text("b"))]],
        [thinking(text("a"), {"type": "reference", "ids": [1]}, text("b"))],
    ),
    "a thought within a thought": ([[thinking(thinking(text("a")))]], [thinking(thinking(text("a")))]),
    "fields of a thought": ([[thinking(text("a"), closed=False)], [thinking(closed=True)]], [thinking(text("a"), closed=True)]),
    "thinking as a string": (
        [[{"type": "thinking", "thinking": "a"}], [{"type": "thinking", "thinking": "b"}]],
        [{"type": "thinking", "thinking": "ab"}],
    ),
    "empty lists and nulls": ([[], [None], "a", None], [text("a")]),
    "an empty list": ([[]], None),
    "an object": ([{"a": 1}], {"a": 1}),
    "an object again, and empty text": (["", {"a": 1}, {"a": 1}, ""], {"a": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "expected"), CASES.values(), ids=CASES)
def test_parts(sent: list[Json], expected: Json) -> None:
    """Fragments of one kind are joined, strings among parts become parts, and all else is kept."""
    assert deltas(*({"content": content} for content in sent)).message()["content"] == expected


def test_events_of_parts() -> None:
    """Thoughts among the content are reasoning, and text is text."""
    folded = deltas({"content": [thinking(text("hm")), text("a")]}, {"content": "b"})

    assert folded.events == [ReasoningEvent("hm"), TextEvent("a"), TextEvent("b")]
    assert folded.accumulator.text == "ab"


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ([1], "$.choices[0].delta.content"),
        ([True], "$.choices[0].delta.content"),
        ([["a"]], "$.choices[0].delta.content[0]"),
        ([[{"type": "thinking", "thinking": 1}]], "$.choices[0].delta.content[0].thinking"),
        ([[{"type": "thinking", "thinking": ["a"]}]], "$.choices[0].delta.content[0].thinking[0]"),
        ([{"a": 1}, {"a": 2}], "$.choices[0].delta.content"),
        (["a", {"a": 1}], "$.choices[0].delta.content"),
        ([{"a": 1}, "a"], "$.choices[0].delta.content"),
        ([{"a": 1}, [text("a")]], "$.choices[0].delta.content"),
    ],
)
def test_content_that_cannot_be_joined(sent: list[Json], path: str) -> None:
    """Content of which nobody can say what it comes to is an error that says where."""
    with pytest.raises(DecodeError) as caught:
        deltas(*({"content": content} for content in sent))
    assert caught.value.path == path
