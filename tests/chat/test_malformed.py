"""Chunks that are not shaped like chunks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chat.chunks import chunk, fold
from twinwire.chat.accumulate import ChatAccumulator
from twinwire.chat.chunk_errors import chunk_error
from twinwire.errors import DecodeError, ToolCallAssemblyError

if TYPE_CHECKING:
    from twinwire._model.json import Json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "a", "{", "{}", "stop"])
)
KEYS = st.sampled_from(
    [
        "id", "object", "created", "model", "choices", "usage", "error", "index", "delta", "message", "text", "finish_reason",
        "logprobs", "role", "content", "refusal", "reasoning", "reasoning_details", "tool_calls", "function_call", "audio", "type",
        "function", "custom", "name", "arguments", "input", "thinking", "data", "transcript", "signature", "summary", "token_ids",
        "x_groq", "unknown",
    ]
)  # fmt: skip
ANY: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)


def objects(**fields: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=dict(fields))


# Nearly right at every level, so that what is wrong is reached.
FUNCTION = objects(name=SCALARS, arguments=SCALARS, input=SCALARS) | ANY
CALL = objects(index=SCALARS, id=SCALARS, type=SCALARS, function=FUNCTION, custom=st.none() | FUNCTION) | ANY
DETAIL = objects(type=SCALARS, index=SCALARS, id=SCALARS, text=SCALARS, data=SCALARS, signature=SCALARS) | ANY
PART = objects(type=st.sampled_from(["text", "thinking", "x"]), text=SCALARS, thinking=ANY) | ANY
DELTA = (
    objects(
        role=SCALARS,
        content=SCALARS | st.lists(PART, max_size=3),
        refusal=SCALARS,
        reasoning=SCALARS,
        reasoning_details=st.lists(DETAIL, max_size=3),
        tool_calls=st.lists(CALL, max_size=3),
        function_call=FUNCTION,
        audio=ANY,
        unknown=ANY,
    )
    | ANY
)
CHOICE = (
    objects(index=SCALARS, delta=DELTA, message=DELTA, text=SCALARS, finish_reason=SCALARS, logprobs=ANY, error=ANY)
    | ANY
)
CHUNK = objects(id=SCALARS, choices=st.lists(CHOICE, max_size=3), usage=ANY, x_groq=ANY, error=ANY) | ANY


@settings(deadline=None)
@given(st.lists(CHUNK, max_size=5))
def test_any_json_is_folded_or_refused(chunks: list[Json]) -> None:
    """Whatever arrives is folded or is a typed error, and there is a well-formed snapshot after it."""
    accumulator = ChatAccumulator()
    for sent in chunks:
        chunk_error(sent)
        with contextlib.suppress(DecodeError):
            accumulator.add(sent)
        body = accumulator.snapshot()
        assert isinstance(body["choices"], list)
        assert body["object"] == "chat.completion"
    with contextlib.suppress(ToolCallAssemblyError):
        accumulator.check()

    assert isinstance(accumulator.text, str)
    assert isinstance(accumulator.is_complete, bool)
    assert isinstance(accumulator.has_content, bool)


DELTAS: dict[str, tuple[Json, str]] = {
    "delta": ("a", ""),
    "role": ({"role": 1}, ".role"),
    "content": ({"content": 1}, ".content"),
    "reasoning": ({"reasoning": {}}, ".reasoning"),
    "refusal": ({"refusal": []}, ".refusal"),
    "reasoning_details": ({"reasoning_details": "a"}, ".reasoning_details"),
    "a detail": ({"reasoning_details": [{}, "a"]}, ".reasoning_details[1]"),
    "a detail's index": ({"reasoning_details": [{"index": "0"}]}, ".reasoning_details[0].index"),
    "a detail's type": ({"reasoning_details": [{"type": 1}]}, ".reasoning_details[0].type"),
    "audio": ({"audio": "a"}, ".audio"),
    "audio data": ({"audio": {"data": 1}}, ".audio.data"),
    "function_call": ({"function_call": "f"}, ".function_call"),
    "tool_calls": ({"tool_calls": {}}, ".tool_calls"),
    "a call": ({"tool_calls": ["a"]}, ".tool_calls[0]"),
    "a call's index": ({"tool_calls": [{"index": "0"}]}, ".tool_calls[0].index"),
    "a call's index as a boolean": ({"tool_calls": [{"index": True}]}, ".tool_calls[0].index"),
    "a call's id": ({"tool_calls": [{"id": 1}]}, ".tool_calls[0].id"),
    "a call's type": ({"tool_calls": [{"type": 1}]}, ".tool_calls[0].type"),
    "a call's function": ({"tool_calls": [{"function": "f"}]}, ".tool_calls[0].function"),
    "a call's name": ({"tool_calls": [{"function": {"name": 1}}]}, ".tool_calls[0].function.name"),
    "a call's arguments": ({"tool_calls": [{"function": {"arguments": 1}}]}, ".tool_calls[0].function.arguments"),
    "a call's input": ({"tool_calls": [{"custom": {"input": []}}]}, ".tool_calls[0].custom.input"),
    "two kinds": ({"tool_calls": [{"custom": {}, "function": {}}]}, ".tool_calls[0].custom"),
}

CHUNKS: dict[str, tuple[Json, str]] = {
    "chunk": (["a"], "$"),
    "null": (None, "$"),
    "choices": ({"choices": {}}, "$.choices"),
    "choices as text": ({"choices": "a"}, "$.choices"),
    "a choice": ({"choices": [{}, "a"]}, "$.choices[1]"),
    "a choice's index": ({"choices": [{"index": "0"}]}, "$.choices[0].index"),
    "a choice's text": ({"choices": [{"text": 1}]}, "$.choices[0].text"),
    "a message": ({"choices": [{"message": "a"}]}, "$.choices[0].message"),
    "a message's content": ({"choices": [{"message": {"content": 1}}]}, "$.choices[0].message.content"),
    "a finish reason": ({"choices": [{"finish_reason": 1}]}, "$.choices[0].finish_reason"),
    "token ids": ({"choices": [{"token_ids": 1}]}, "$.choices[0].token_ids"),
    "usage": ({"usage": 1}, "$.usage"),
    "usage of Groq": ({"x_groq": {"usage": 1}}, "$.x_groq.usage"),
    **{name: ({"choices": [{"delta": delta}]}, f"$.choices[0].delta{path}") for name, (delta, path) in DELTAS.items()},
}


@pytest.mark.parametrize(("sent", "path"), CHUNKS.values(), ids=CHUNKS)
def test_path(sent: Json, path: str) -> None:
    """A shape that cannot be folded is an error that says where it stands."""
    with pytest.raises(DecodeError) as caught:
        fold(sent)
    assert caught.value.path == path


def test_message_of_the_error() -> None:
    """The error says what was expected and the kind of what came, and not the content itself."""
    with pytest.raises(DecodeError) as caught:
        fold({"choices": "secret words"})
    assert str(caught.value) == "a chunk cannot be read: $.choices is a string, expected a list"


def test_another_message_after_deltas() -> None:
    """A whole message that contradicts the deltas before it is refused, not chosen."""
    with pytest.raises(DecodeError) as caught:
        fold(chunk({"content": "a"}), {"choices": [{"index": 0, "message": {"content": "b"}}]})
    assert caught.value.path == "$.choices[0].message.content"


def test_what_came_before_stays() -> None:
    """After a chunk that cannot be read there is still the reply so far."""
    accumulator = ChatAccumulator()
    accumulator.add(chunk({"content": "a"}))
    with contextlib.suppress(DecodeError):
        accumulator.add(chunk({"content": 1}))

    assert accumulator.text == "a"


def test_deep_nesting() -> None:
    """JSON as deep as a parser takes it costs no stack."""
    deep: Json = []
    for _ in range(5000):
        deep = [deep, {"a": deep}] if deep == [] else [deep]
    accumulator = ChatAccumulator()
    accumulator.add({"choices": [], "x": deep})

    assert "x" in accumulator.snapshot()
