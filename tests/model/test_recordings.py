"""Every recorded reply decodes and encodes back to the same JSON."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from twinwire._model.convert import structure
from twinwire.types import ChatCompletion, ChatCompletionChunk, CreateEmbeddingResponse, Model, ModelList

if TYPE_CHECKING:
    from twinwire._model.base import Model as Base
    from twinwire._model.json import Json, JsonObject

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"


@cache
def recorded(endpoint: str, *, is_stream: bool) -> list[tuple[str, Json]]:
    """The parsed bodies, or events, of all replies with status 200, each with the id of its exchange."""
    if not RECORDINGS.exists():
        pytest.skip("the recordings are reference data beside the project, and are not here")
    found: list[tuple[str, Json]] = []
    for line in (RECORDINGS / "index.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if (entry["endpoint"], entry["status"], entry["is_stream"]) == (endpoint, 200, is_stream):
            body = json.loads((RECORDINGS / entry["file"]).read_text())["response"]["body"]
            found += [(entry["id"], json.loads(text)) for text in (events(body) if is_stream else [body])]
    return found


def events(body: str) -> list[str]:
    data = [line.removeprefix("data:").strip() for line in body.splitlines() if line.startswith("data:")]
    return [text for text in data if text != "[DONE]"]


def class_of(data: JsonObject, cls: type[Base]) -> type[Base] | None:
    """The class to expect; None for an error inside a 200, which is raised and not decoded."""
    if "error" in data and not {"choices", "data"} & data.keys():
        return None
    return Model if cls is ModelList and "data" not in data else cls


@pytest.mark.parametrize(
    ("endpoint", "is_stream", "cls"),
    [
        ("chat.completions", False, ChatCompletion),
        ("chat.completions", True, ChatCompletionChunk),
        ("embeddings", False, CreateEmbeddingResponse),
        ("models", False, ModelList),
    ],
)
def test_recorded_replies_round_trip(endpoint: str, is_stream: bool, cls: type[Base]) -> None:
    """Value for value: numbers keep their class, nulls stay, and nothing is lost or added."""
    bodies = recorded(endpoint, is_stream=is_stream)
    same = 0
    expected = 0
    for name, data in bodies:
        assert isinstance(data, dict)
        wanted = class_of(data, cls)
        if wanted is None:
            continue
        expected += 1
        written = structure(data, wanted).to_dict()
        # Sorted text tells 1 from 1.0 and from true, which == does not.
        assert json.dumps(written, sort_keys=True) == json.dumps(data, sort_keys=True), name
        same += 1
    print(f"{endpoint}: {same} of {expected} decode and encode back ({len(bodies) - expected} are errors inside a 200)")

    assert same == expected > 0
