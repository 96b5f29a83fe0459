"""Reasoning in its several fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.chunks import deltas
from twinwire.chat.events import ReasoningEvent

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject


def words(text: str, **fields: Json) -> JsonObject:
    return {"type": "reasoning.text", "text": text, **fields}


DETAILS: dict[str, tuple[list[list[Json]], list[Json]]] = {
    "fragments of one block": ([[words("a", index=0)], [words("b", index=0)]], [words("ab", index=0)]),
    "two blocks, interleaved": (
        [[words("a", index=0)], [words("x", index=1)], [words("b", index=0), words("y", index=1)]],
        [words("ab", index=0), words("xy", index=1)],
    ),
    "a signature alone": (
        [[words("a", index=0, format="f")], [{"type": "reasoning.text", "signature": "S", "index": 0}]],
        [words("a", index=0, format="f", signature="S")],
    ),
    "a signature without type": ([[words("a", index=0)], [{"signature": "S", "index": 0}]], [words("a", index=0, signature="S")]),
    "a signature without anything": ([[words("a", index=0)], [{"signature": "S"}]], [words("a", index=0, signature="S")]),
    "empty signatures before": (
        [[words("a", signature="", index=0)], [words("", signature="S", index=0)]],
        [words("a", signature="S", index=0)],
    ),
    "a signature on every fragment": (
        [[words("a", signature="S", index=0)], [words("b", signature="S", index=0)]],
        [words("ab", signature="S", index=0)],
    ),
    "text after a signature": (
        [[words("a", signature="S", index=0)], [words("b", index=0)]],
        [words("a", signature="S", index=0), words("b", index=0)],
    ),
    "no index": ([[words("a")], [words("b")]], [words("ab")]),
    "index missing later": ([[words("a", index=0)], [words("b")]], [words("ab", index=0)]),
    "index missing first": ([[words("a")], [words("b", index=0)]], [words("ab", index=0)]),
    "types share an index": (
        [
            [{"type": "reasoning.summary", "summary": "a", "index": 0}],
            [{"type": "reasoning.encrypted", "data": "D", "id": "r", "index": 0}],
            [{"type": "reasoning.summary", "summary": "b", "index": 0}],
        ],
        [
            {"type": "reasoning.summary", "summary": "ab", "index": 0},
            {"type": "reasoning.encrypted", "data": "D", "id": "r", "index": 0},
        ],
    ),
    "encrypted data is whole": (
        [[{"type": "reasoning.encrypted", "data": "D", "index": 0}], [{"type": "reasoning.encrypted", "data": "E", "index": 0}]],
        [{"type": "reasoning.encrypted", "data": "D", "index": 0}, {"type": "reasoning.encrypted", "data": "E", "index": 0}],
    ),
    "ids tell blocks apart": (
        [[words("a", id="1", index=0)], [words("b", id="2", index=0)]],
        [words("a", id="1", index=0), words("b", id="2", index=0)],
    ),
    "a late id, a null text": (
        [[{"type": "reasoning.text", "text": None, "index": 0}], [words("a", id="1", index=0)]],
        [words("a", id="1", index=0)],
    ),
    "nothing": ([[None, {}], []], []),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "expected"), DETAILS.values(), ids=DETAILS)
def test_details(sent: list[list[Json]], expected: list[Json]) -> None:
    """Fragments find their block by type and index, and nothing is added to what is whole."""
    values: list[JsonObject] = [{"reasoning_details": details} for details in sent]

    assert deltas(*values).message().get("reasoning_details", []) == expected


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        ({"reasoning": "a"}, ["a"]),
        ({"reasoning_content": "a"}, ["a"]),
        ({"reasoning": "a", "reasoning_details": [words("a", index=0)]}, ["a"]),
        ({"reasoning": "a", "reasoning_content": "a"}, ["a"]),
        ({"reasoning": None, "reasoning_details": [words("a", index=0), words("b", index=0)]}, ["ab"]),
        ({"reasoning": "", "reasoning_content": None}, []),
        ({"reasoning_details": [{"type": "reasoning.encrypted", "data": "D"}]}, []),
        ({"reasoning_details": [{"type": "reasoning.summary", "summary": "s"}]}, ["s"]),
    ],
)
def test_events(delta: JsonObject, expected: list[str]) -> None:
    """The same reasoning in several fields of a delta is one event."""
    assert deltas(delta).events == [ReasoningEvent(piece) for piece in expected]


def test_fields_stay_as_sent() -> None:
    """Each field of reasoning is put together under its own name; only null stays null."""
    folded = deltas(
        {"reasoning": "a", "reasoning_content": None, "reasoning_details": [words("a", index=0)]},
        {"reasoning": "b", "reasoning_details": [words("b", index=0)]},
    )

    assert folded.message() == {
        "role": "assistant",
        "content": None,
        "reasoning": "ab",
        "reasoning_content": None,
        "reasoning_details": [words("ab", index=0)],
    }
