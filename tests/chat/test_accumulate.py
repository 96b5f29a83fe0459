"""What the chunks of a stream come to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.chat.chunks import chunk, deltas, fold
from twinwire.chat.accumulate import ChatAccumulator
from twinwire.chat.events import ReasoningEvent, RefusalEvent, TextEvent, UsageEvent

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

USAGE: JsonObject = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def test_a_plain_stream() -> None:
    """The documented stream comes to the body that would have been sent whole."""
    head: JsonObject = {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "created": 5,
        "model": "m",
        "service_tier": "default",
    }
    folded = fold(
        {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "", "refusal": None}, "logprobs": None, "finish_reason": None}], "usage": None, "obfuscation": "xx"},
        {**head, "choices": [{"index": 0, "delta": {"content": "Hel"}, "logprobs": None, "finish_reason": None}], "usage": None, "p": "abc"},
        {**head, "choices": [{"index": 0, "delta": {"content": "lo"}, "logprobs": None, "finish_reason": None}], "usage": None},
        {**head, "choices": [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}], "usage": None},
        {**head, "choices": [], "usage": USAGE},
    )  # fmt: skip

    assert folded.body == {
        "id": "c-1",
        "object": "chat.completion",
        "created": 5,
        "model": "m",
        "service_tier": "default",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }
    assert folded.events == [TextEvent("Hel"), TextEvent("lo"), UsageEvent(USAGE)]
    assert folded.accumulator.usage == USAGE


def test_nothing_yet() -> None:
    """Before the first chunk there is a body without choices, and no text, usage, content or end."""
    accumulator = ChatAccumulator()
    accumulator.check()

    assert accumulator.snapshot() == {"object": "chat.completion", "choices": []}
    assert accumulator.text == ""
    assert accumulator.usage is None
    assert not accumulator.has_content
    assert not accumulator.is_complete


CHUNK_FIELDS: list[tuple[list[Json], JsonObject]] = [
    ([{"id": "", "model": "", "created": 0}, {"id": "a", "model": "m", "created": 7}], {"id": "a", "model": "m", "created": 7}),
    ([{"id": "a", "model": "m", "created": 7}, {"id": "b", "model": "n", "created": 8}], {"id": "a", "model": "m", "created": 7}),
    ([{"id": None, "model": None, "created": None}], {}),
    ([{"id": "", "created": 0}], {"id": "", "created": 0}),
    ([{"system_fingerprint": "s"}, {"system_fingerprint": None}], {"system_fingerprint": "s"}),
    ([{"system_fingerprint": None}, {"system_fingerprint": ""}], {"system_fingerprint": None}),
    ([{"x_groq": {"id": "r", "seed": 1}}, {"x_groq": {"id": "r", "n": 2}}], {"x_groq": {"id": "r", "seed": 1, "n": 2}}),
    ([{"citations": ["a"]}, {"citations": ["a", "b"]}, {"citations": []}], {"citations": ["a", "b"]}),
    ([{"seed": 1}, {"seed": 0}], {"seed": 0}),
    ([{"ok": True}, {"ok": False}], {"ok": False}),
    ([{"object": "chat.completion.done"}, {"object": ""}], {}),
]  # fmt: skip


@pytest.mark.parametrize(("chunks", "head"), CHUNK_FIELDS)
def test_fields_of_the_chunk(chunks: list[Json], head: JsonObject) -> None:
    """Ids, time and model hold from their first real value, other fields take their last, objects are merged."""
    assert fold(*chunks).body == {"object": "chat.completion", "choices": [], **head}


@pytest.mark.parametrize(
    ("usages", "held", "events"),
    [
        ([None, USAGE], USAGE, 1),
        ([USAGE, None], USAGE, 1),
        ([USAGE, {}], USAGE, 1),
        ([USAGE, USAGE], USAGE, 1),
        ([{"total_tokens": 1}, {"total_tokens": 2}], {"total_tokens": 2}, 2),
        ([None], None, 0),
    ],
    ids=["last", "then null", "then empty", "repeated", "cumulative", "never"],
)
def test_usage(usages: list[Json], held: Json, events: int) -> None:
    """The last usage holds, and makes an event where it is new."""
    folded = fold(*({"choices": [], "usage": usage} for usage in usages))

    assert folded.body.get("usage") == held
    assert len(folded.events) == events


def test_groq_counts_in_its_own_field() -> None:
    """Where a stream has no `usage` but Groq's own, that is the usage."""
    folded = fold({"choices": [], "x_groq": {"id": "r", "usage": USAGE}})

    assert folded.body["usage"] == USAGE
    assert folded.body["x_groq"] == {"id": "r", "usage": USAGE}
    assert folded.events == [UsageEvent(USAGE)]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("stop", None)], ("stop", None)),
        ([("stop", "end"), (None, None)], ("stop", "end")),
        ([(None, None), ("length", "max"), ("length", "max")], ("length", "max")),
        ([("tool_calls", "tool_use"), ("stop", "stop")], ("tool_calls", "tool_use")),
        ([("stop", "stop"), ("length", "max")], ("length", "max")),
        ([("", None)], (None, None)),
        ([(None, "early"), ("stop", None)], ("stop", None)),
    ],
)
def test_finish_reasons(entries: list[tuple[Json, Json]], expected: tuple[Json, Json]) -> None:
    """The last finish reason holds, but `stop` does not cover another; the native one stays with it."""
    folded = fold(*(chunk({}, finish_reason=reason, native_finish_reason=native) for reason, native in entries))

    assert (folded.choice()["finish_reason"], folded.choice()["native_finish_reason"]) == expected


def test_stop_after_more_content_holds() -> None:
    """A `stop` that ends content which came after another finish reason is the answer's own."""
    folded = fold(chunk({}, finish_reason="tool_calls"), chunk({"content": "a"}), chunk({}, finish_reason="stop"))

    assert folded.choice()["finish_reason"] == "stop"
    assert folded.accumulator.text == "a"


def test_complete_when_every_choice_is() -> None:
    """A stream is complete when each choice that began has a finish reason."""
    accumulator = ChatAccumulator()
    accumulator.add(chunk({"content": "a"}))
    accumulator.add(chunk({"content": "b"}, index=1, finish_reason="stop"))
    before = accumulator.is_complete
    accumulator.add(chunk({}, finish_reason="stop"))

    assert not before
    assert accumulator.is_complete


def test_not_complete_with_a_gap() -> None:
    """A choice with an index shows that there are the ones before it, too."""
    accumulator = ChatAccumulator()
    accumulator.add(chunk({"content": "b"}, index=1, finish_reason="stop"))
    before = accumulator.is_complete
    accumulator.add(chunk({"content": "a"}, finish_reason="stop"))

    assert not before
    assert accumulator.is_complete


CONTENT: list[tuple[JsonObject, bool]] = [
    (chunk({"role": "assistant", "content": ""}), False),
    (chunk({"role": "assistant", "content": None, "refusal": None, "tool_calls": None}), False),
    (chunk({"reasoning": "", "reasoning_details": [], "tool_calls": [], "content": []}), False),
    ({"choices": [], "usage": USAGE}, False),
    ({"choices": [{"index": 0, "content_filter_results": {"hate": {}}}]}, False),
    (chunk({"content": " "}), True),
    (chunk({"content": [{"type": "image_url", "image_url": {"url": "u"}}]}), True),
    (chunk({"content": {"a": 1}}), True),
    (chunk({"reasoning": "a"}), True),
    (chunk({"reasoning_content": "a"}), True),
    (chunk({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}), True),
    (chunk({"refusal": "a"}), True),
    (chunk({"tool_calls": [{"index": 0, "id": "x"}]}), True),
    (chunk({"function_call": {"name": "f"}}), True),
    (chunk({"audio": {"id": "a"}}), True),
    (chunk({"images": [{"type": "image_url"}]}), True),
    (chunk({}, finish_reason="stop"), True),
    (chunk({}, finish_reason=""), False),
]


@pytest.mark.parametrize(("sent", "expected"), CONTENT)
def test_has_content(sent: JsonObject, expected: bool) -> None:
    """Content of any kind and a finish reason commit a call; roles, empty text, filters and usage do not."""
    assert fold(sent).accumulator.has_content is expected


def test_several_choices() -> None:
    """Choices come interleaved and in any order, and stand in the order of their indexes."""
    folded = fold(
        chunk({"content": "x"}, index=1),
        chunk({"content": "a"}),
        {"choices": [{"index": 1, "delta": {"content": "y"}}, {"index": 0, "delta": {"content": "b"}}]},
    )

    assert [folded.message(place)["content"] for place in (0, 1)] == ["ab", "xy"]
    assert folded.events == [TextEvent("x", 1), TextEvent("a"), TextEvent("y", 1), TextEvent("b")]
    assert folded.accumulator.text == "ab"


@pytest.mark.parametrize("entry", [{}, {"index": None}, {"index": -1}])
def test_choice_without_index(entry: JsonObject) -> None:
    """A choice without an index has its place in the chunk as one."""
    folded = fold({"choices": [{**entry, "delta": {"content": "a"}}, {**entry, "delta": {"content": "b"}}]})

    assert [folded.message(place)["content"] for place in (0, 1)] == ["a", "b"]


@pytest.mark.parametrize("choices", [None, [], [None]])
def test_no_choices(choices: Json) -> None:
    """Chunks without choices are nothing special."""
    assert fold({"choices": choices}, {}).body["choices"] == []


def test_events_of_one_delta_come_in_order() -> None:
    """Reasoning comes before text, text before a refusal, usage last."""
    folded = fold({**chunk({"refusal": "r", "content": "c", "reasoning": "t"}), "usage": USAGE})

    assert folded.events == [ReasoningEvent("t"), TextEvent("c"), RefusalEvent("r"), UsageEvent(USAGE)]


MESSAGE_FIELDS: list[tuple[list[JsonObject], JsonObject]] = [
    ([{"role": "assistant"}, {"role": "assistant"}], {"role": "assistant", "content": None}),
    ([{"role": None}, {"content": "a"}], {"role": "assistant", "content": "a"}),
    ([{"role": "tool"}], {"role": "tool", "content": None}),
    ([{"content": None}], {"role": "assistant", "content": None}),
    ([{"content": None}, {"content": ""}], {"role": "assistant", "content": ""}),
    ([{"refusal": None}, {"refusal": "a"}, {"refusal": "b"}], {"role": "assistant", "content": None, "refusal": "ab"}),
    ([{"refusal": ""}], {"role": "assistant", "content": None, "refusal": ""}),
    ([{"name": "n"}, {"name": "n"}, {"name": None}], {"role": "assistant", "content": None, "name": "n"}),
    ([{"annotations": [1]}, {"annotations": None}, {"annotations": [2]}], {"role": "assistant", "content": None, "annotations": [1, 2]}),
    ([{"images": [{"a": 1}]}, {"images": []}], {"role": "assistant", "content": None, "images": [{"a": 1}]}),
    ([{"channel": "a"}, {"channel": "a"}, {}], {"role": "assistant", "content": None, "channel": "a"}),
    ([{"channel": None}, {"channel": ""}], {"role": "assistant", "content": None, "channel": None}),
    ([{"token_id": 1}, {"token_id": 2}], {"role": "assistant", "content": None, "token_id": [1, 2]}),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "expected"), MESSAGE_FIELDS)
def test_fields_of_the_message(sent: list[JsonObject], expected: JsonObject) -> None:
    """Roles hold, texts grow, lists are appended, unknown fields lose nothing."""
    assert deltas(*sent).message() == expected


LOGPROBS: list[tuple[list[Json], Json]] = [
    ([None, None], None),
    ([{"content": [1], "refusal": None}, None, {"content": [2, 3], "refusal": None}], {"content": [1, 2, 3], "refusal": None}),
    ([{"content": None, "refusal": []}, {"content": None, "refusal": [1]}], {"content": None, "refusal": [1]}),
    ([{"content": None}, {"content": [1]}], {"content": [1]}),
    ([-0.5, -0.25], -0.25),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "expected"), LOGPROBS)
def test_logprobs(sent: list[Json], expected: Json) -> None:
    """The lists of logprobs are appended; null stays null."""
    folded = fold(*(chunk({}, logprobs=logprobs) for logprobs in sent))

    assert folded.choice()["logprobs"] == expected


def test_other_fields_of_a_choice() -> None:
    """Filter results are merged, token ids appended, and seeds kept."""
    folded = fold(
        chunk({}, content_filter_results={}, token_ids=[1], seed=None),
        chunk({}, content_filter_results={"hate": {"filtered": False}}, token_ids=[2], seed=9),
        chunk({}, content_filter_results={"violence": {"filtered": True}}, token_ids=None, seed=None),
    )

    assert folded.choice() == {
        "index": 0,
        "message": {"role": "assistant", "content": None},
        "finish_reason": None,
        "content_filter_results": {"hate": {"filtered": False}, "violence": {"filtered": True}},
        "seed": 9,
        "token_ids": [1, 2],
    }


@pytest.mark.parametrize(
    "copies",
    [
        [{"message": {"role": "assistant", "content": "a"}, "text": "a"}, {"message": {"content": "ab"}, "text": "b"}],
        [{"text": "a"}, {"text": "b"}],
    ],
)
def test_copies_beside_deltas_are_dropped(copies: list[JsonObject]) -> None:
    """What a server sends a second time beside its deltas is not counted twice."""
    folded = fold(chunk({"content": "a"}, **copies[0]), chunk({"content": "b"}, **copies[1]))

    assert folded.choice() == {"index": 0, "message": {"role": "assistant", "content": "ab"}, "finish_reason": None}
    assert folded.events == [TextEvent("a"), TextEvent("b")]


def test_a_choice_sent_whole() -> None:
    """A `message` without deltas is the choice's one delta, and the same again is nothing new."""
    entry: JsonObject = {"index": 0, "message": {"role": "assistant", "content": "ab"}, "finish_reason": "stop"}
    folded = fold({"choices": [entry]}, {"choices": [entry]}, {"choices": [{"index": 0, "message": None}]})

    assert folded.body["choices"] == [entry]
    assert folded.events == [TextEvent("ab")]


def test_text_without_deltas() -> None:
    """Text in the manner of the old completions is content where there is no delta."""
    folded = fold({"choices": [{"index": 0, "text": "a"}]}, {"choices": [{"index": 0, "text": "b"}]})

    assert folded.message()["content"] == "ab"


def test_snapshots_share_nothing() -> None:
    """Changing a snapshot, or a chunk after it was added, changes no other snapshot."""
    sent = chunk({"annotations": [{"a": [1]}], "x": {"y": [2]}}, logprobs={"content": [{"t": 1}]})
    folded = fold(sent)
    before = json.dumps(folded.body)
    snapshot = folded.body
    snapshot["choices"] = folded.choice()["message"] = None
    message = folded.message()
    annotations = message["annotations"]
    assert isinstance(annotations, list)
    annotations.append({"b": 1})
    first = annotations[0]
    assert isinstance(first, dict)
    first["a"] = None

    assert json.dumps(folded.body) == before


def test_the_text_of_all_events_is_the_answer() -> None:
    """Printing every event's text prints the answer and nothing else."""
    folded = deltas(
        {"role": "assistant", "reasoning": "hm"},
        {"content": "Hel"},
        {"content": "lo", "tool_calls": [{"index": 0, "id": "x", "function": {"name": "f", "arguments": "{}"}}]},
        {"refusal": "no"},
    )

    assert "".join(event.text for event in folded.events) == folded.accumulator.text == "Hello"
    assert [event.type for event in folded.events] == ["reasoning", "text", "text", "tool_call", "refusal"]


def test_text_asked_for_after_each_chunk() -> None:
    """The text so far is right however often it is asked for."""
    accumulator = ChatAccumulator()
    seen: list[str] = []
    for piece in ("a", "", "b", "c"):
        accumulator.add(chunk({"content": piece}))
        seen += [accumulator.text, accumulator.text]

    assert seen == ["a", "a", "a", "a", "ab", "ab", "abc", "abc"]


KINDS: list[tuple[Json, set[str]]] = [
    ({"choices": []}, set()),
    (chunk({"role": "assistant", "content": "", "refusal": None, "tool_calls": []}), set()),
    (chunk({"content": " \n"}), set()),
    (chunk({"content": "a", "name": "n"}), {"text"}),
    (chunk({"content": "a"}, finish_reason="stop"), {"text", "finish_reason"}),
    (chunk({"content": "a"}, finish_reason="error"), {"text"}),
    (chunk({"reasoning": "r", "reasoning_content": "r"}), {"reasoning", "reasoning_content"}),
    (chunk({"reasoning_details": [{"type": "reasoning.text", "text": "r"}]}), {"reasoning_details"}),
    (chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}]}), {"thinking"}),
    (chunk({"content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}), {"text", "image_url"}),
    (chunk({"content": {"a": 1}}), {"content"}),
    (chunk({"refusal": "no"}), {"refusal"}),
    (chunk({"tool_calls": [{"index": 0, "function": {"name": "f"}}]}), {"tool_calls"}),
    (chunk({"content": "b"}, index=1), {"choices", "text"}),
]


@pytest.mark.parametrize(("value", "expected"), KINDS)
def test_kinds(value: Json, expected: set[str]) -> None:
    """What an answer is made of, so that it can be said whether it can be continued."""
    assert fold(value).accumulator.kinds() == expected


def test_continued() -> None:
    """A continuation has the text, id, created and model of what it continues, no content of its own yet, and none of its errors."""
    broken = fold(
        {"id": "a", "created": 1, "model": "m", **chunk({"content": "one "})},
        {"error": {"message": "gone"}, **chunk({"content": ""}, finish_reason="error")},
    )
    successor = broken.accumulator.continued()
    before = (successor.text, successor.has_content, successor.is_complete, successor.usage)
    successor.add(
        {"id": "b", "created": 2, "model": "x", **chunk({"content": "two"}, finish_reason="stop"), "usage": USAGE}
    )

    assert before == ("one ", False, False, None)
    assert successor.has_content
    assert successor.snapshot() == {
        "object": "chat.completion",
        "id": "a",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "one two"}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
    assert broken.accumulator.text == "one "
