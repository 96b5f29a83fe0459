"""The accumulator against a simpler fold, on streams that nobody wrote by hand."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chat import reference
from tests.chat.chunks import chunk, fold
from twinwire.chat.accumulate import ChatAccumulator

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

WORDS = st.text('a{}": é', max_size=4)
MAYBE = st.none() | WORDS


@st.composite
def streams(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Chunks in the documented way: calls by index, id and name in the first fragment, choices interleaved."""
    begun: set[tuple[int, int]] = set()
    chunks: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 12))):
        entries: list[dict[str, Any]] = []
        for index in draw(st.lists(st.integers(0, 2), unique=True, max_size=3)):
            delta: dict[str, Any] = draw(
                st.fixed_dictionaries(
                    {}, optional={"role": st.just("assistant"), "content": MAYBE, "refusal": MAYBE, "reasoning": MAYBE,
                                  "reasoning_content": MAYBE}
                )
            )  # fmt: skip
            fragments: list[dict[str, Any]] = []
            for place in draw(st.lists(st.integers(0, 2), max_size=3)):
                fragment: dict[str, Any] = {"index": place, "function": {"arguments": draw(MAYBE)}}
                if (index, place) not in begun:
                    begun.add((index, place))
                    fragment |= {"id": f"call-{place}", "type": "function"}
                    fragment["function"]["name"] = f"tool-{place}"
                fragments.append(fragment)
            if fragments:
                delta["tool_calls"] = fragments
            entries.append({"index": index, "delta": delta, "finish_reason": draw(st.sampled_from([None, "length"]))})
        usage = draw(st.none() | st.fixed_dictionaries({"total_tokens": st.integers(0, 9)}))
        chunks.append({"choices": entries, "usage": usage})
    return chunks


@settings(deadline=None)
@given(streams())
def test_same_as_the_reference(chunks: list[dict[str, Any]]) -> None:
    """On documented streams the accumulator and the reference come to the same."""
    folded = fold(*chunks)
    folded.accumulator.check()

    assert reference.facts(folded.body) == reference.fold(chunks)


@settings(deadline=None)
@given(streams())
def test_events_are_the_reply(chunks: list[dict[str, Any]]) -> None:
    """The events of a choice, put together, are its text and its arguments, and the last usage event is the usage."""
    folded = fold(*chunks)
    text = dict.fromkeys(range(3), "")
    arguments: dict[tuple[int, int], str] = {}
    usage: JsonObject | None = None
    for event in folded.events:
        if event.type == "text":
            text[event.choice_index] += event.text
        elif event.type == "tool_call":
            key = event.choice_index, event.call_index
            arguments[key] = arguments.get(key, "") + event.arguments_delta
        elif event.type == "usage":
            usage = event.raw
    choices = reference.facts(folded.body)["choices"]

    assert {index: choice["content"] or "" for index, choice in choices.items()} == {
        index: text[index] for index in choices
    }
    assert arguments == {
        (index, place): call["function"]["arguments"]
        for index, choice in choices.items()
        for place, call in enumerate(choice["tool_calls"])
    }
    assert usage == folded.accumulator.usage


@settings(deadline=None)
@given(streams(), st.integers(0, 20))
def test_a_snapshot_changes_nothing(chunks: list[dict[str, Any]], place: int) -> None:
    """Asking for a snapshot, the text or the state on the way does not change what comes of the stream."""
    watched = ChatAccumulator()
    for sent in chunks:
        watched.add(sent)
        assert watched.snapshot() == watched.snapshot()
        assert watched.text is watched.text

    assert watched.snapshot() == fold(*chunks).body


@settings(deadline=None)
@given(
    st.sampled_from(["content", "refusal", "reasoning", "reasoning_content"]),
    st.text('a{}": é', min_size=1, max_size=12),
    st.lists(st.integers(0, 12), max_size=4),
)
def test_splitting_text_changes_nothing(field: str, text: str, cuts: list[int]) -> None:
    """A text in one delta and in several comes to the same reply."""
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[begin:end] for begin, end in itertools.pairwise(places)]

    assert fold(*(chunk({field: piece}) for piece in pieces)).body == fold(chunk({field: text})).body


@settings(deadline=None)
@given(st.text('a{}": é', min_size=1, max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_splitting_arguments_changes_nothing(arguments: str, cuts: list[int]) -> None:
    """Arguments of any text, in one delta and in several, come to the same call."""
    places = sorted({0, len(arguments), *(cut for cut in cuts if cut < len(arguments))})
    pieces = [arguments[begin:end] for begin, end in itertools.pairwise(places)]
    head: Json = {"index": 0, "id": "x", "type": "function", "function": {"name": "f", "arguments": ""}}
    tails: list[Json] = [{"index": 0, "function": {"arguments": piece}} for piece in pieces]
    whole: Json = {"index": 0, "id": "x", "type": "function", "function": {"name": "f", "arguments": arguments}}

    assert (
        fold(*(chunk({"tool_calls": [part]}) for part in (head, *tails))).body
        == fold(chunk({"tool_calls": [whole]})).body
    )
