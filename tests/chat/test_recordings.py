"""Recorded streams, where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.chat import reference
from tests.chat.chunks import Folded, fold
from twinwire.chat.chunk_errors import chunk_error

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"


def index() -> list[dict[str, Any]]:
    listing = RECORDINGS / "index.jsonl"
    if not listing.exists():
        return []
    entries: list[dict[str, Any]] = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    return [entry for entry in entries if entry["is_stream"] and entry["endpoint"] == "chat.completions"]


STREAMS = {entry["id"]: entry for entry in index()}

needs_recordings = pytest.mark.skipif(not STREAMS, reason="the recordings are not beside the project")


def chunks_of(name: str) -> list[dict[str, Any]]:
    body: str = json.loads((RECORDINGS / STREAMS[name]["file"]).read_text(encoding="utf-8"))["response"]["body"]
    data = [line[len("data:") :].strip() for line in body.splitlines() if line.startswith("data:")]
    return [json.loads(item) for item in data if item != "[DONE]"]


def fold_recorded(name: str) -> Folded:
    return fold(*chunks_of(name))


# Seen to be right by eye: id, name and arguments of each call of choice 0.
CALLS: dict[str, list[tuple[str, str, str]]] = {
    "mistral-chat-stream-e31f500b": [
        ("nqjf8Hqe1", "plus", '{"a": 1, "b": 2}'),
        ("ATcpCKul3", "minus", '{"a": 2, "b": 1}'),
    ],
    "zai-chat-stream-0263b7bd": [
        (
            "call_sD00cGowS7-g9zVI3121Og",
            "structured_output",
            '{"name": "Alex Johnson", "age": 28, "occupation": "Software Engineer"}',
        )
    ],
    "gemini-openai-chat-stream-4147216f": [("", "return_bool", '{"value":true}')],
    "venice-chat-stream-e2558340": [("call_REDACTED_1", "subtract", '{"x": 2, "y": 5}')],
    "openrouter-chat-stream-cbcc53a3": [
        (
            "call_d0f63d592562486198088773",
            "structured_output",
            '{"name": "Alex Johnson", "age": 28, "occupation": "Software Engineer"}',
        )
    ],
    "openai-chat-stream-529acaf2": [
        ("call_NS4iQj14cDFwc0BnrKqDHavt", "get_weather", '{"city": "Mexico City"}'),
        ("call_SkGkkGDvHQEEk0CGbnAh2AQw", "get_product_name", "{}"),
    ],
    "databricks-chat-stream-0ef3e2a8": [("toolu_bdrk_01LsZuAsoHG21xsp4WAXYGAb", "get_date", "")],
    "openai-chat-stream-43b9a203": [
        ("call_ZLW6rwgBZAlsBPJv2F9O3zhz", "get_current_weather", '{"location":"San Francisco, CA"}')
    ],
}

NO_INDEX = {name for name, entry in STREAMS.items() if {"tool_delta_no_index", "content_is_list"} & set(entry["tags"])}
REPORT_ERRORS = {name for name, entry in STREAMS.items() if "mid_stream_error" in entry["tags"]}
NO_FINISH = {name for name, entry in STREAMS.items() if "no_finish_reason" in entry["tags"]}


@needs_recordings
@pytest.mark.parametrize("name", sorted(set(STREAMS) - NO_INDEX))
def test_same_as_the_reference(name: str) -> None:
    """A recorded stream comes to what the reference makes of it; its events' text is its text."""
    folded = fold_recorded(name)
    folded.accumulator.check()
    expected = reference.fold(chunks_of(name))
    if "x_groq" in STREAMS[name]["tags"]:
        expected["usage"] = expected["usage"] or folded.accumulator.usage

    assert reference.facts(folded.body) == expected
    text = "".join(event.text for event in folded.events if event.type == "text" and event.choice_index == 0)
    assert text == folded.accumulator.text


@needs_recordings
@pytest.mark.parametrize("name", sorted(NO_INDEX))
def test_streams_beyond_the_reference(name: str) -> None:
    """Recorded streams without indexes, or with content in parts, are put together without a doubt."""
    folded = fold_recorded(name)
    folded.accumulator.check()

    assert folded.accumulator.is_complete


@needs_recordings
@pytest.mark.parametrize("name", CALLS)
def test_calls(name: str) -> None:
    """Recorded calls in odd dialects are the calls that the model made."""
    calls = reference.facts(fold_recorded(name).body)["choices"][0]["tool_calls"]
    found = [(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in calls]

    assert found == CALLS[name]


@needs_recordings
@pytest.mark.parametrize("name", STREAMS)
def test_errors_and_ends(name: str) -> None:
    """The streams that report an error, and those without a finish reason, are those that are known to."""
    chunks = chunks_of(name)

    assert any(chunk_error(chunk) for chunk in chunks) == (name in REPORT_ERRORS)
    assert fold(*chunks).accumulator.is_complete == (name not in NO_FINISH)


def reasoning_of(message: dict[str, Any]) -> str:
    """What the first field of a message says that holds any reasoning."""
    details: list[dict[str, str]] = message.get("reasoning_details", [])
    content: str | list[dict[str, list[dict[str, str]]]] = message["content"] or []
    parts = [] if isinstance(content, str) else content
    words: list[str | None] = [
        message.get("reasoning"),
        message.get("reasoning_content"),
        "".join(item.get("text") or item.get("summary") or "" for item in details),
        "".join(thought["text"] for part in parts for thought in part.get("thinking", [])),
    ]
    return next((text for text in words if text), "")


@needs_recordings
@pytest.mark.parametrize("name", STREAMS)
def test_reasoning_is_told_once(name: str) -> None:
    """The reasoning events of a stream are its reasoning, once, wherever it was sent."""
    folded = fold_recorded(name)
    body: dict[str, Any] = folded.accumulator.snapshot()
    told = "".join(event.reasoning for event in folded.events if event.type == "reasoning")

    assert told == "".join(reasoning_of(choice["message"]) for choice in body["choices"])


@needs_recordings
def test_mistral_thinks_in_parts() -> None:
    """A recorded thought comes to one part, and the answer to another."""
    content = reference.facts(fold_recorded("mistral-chat-stream-331cb87f").body)["choices"][0]["content"]

    assert [part["type"] for part in content] == ["thinking", "text"]
    assert len(content[0]["thinking"]) == 1
    assert content[0]["thinking"][0]["text"].startswith("The question is")
