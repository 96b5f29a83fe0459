from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal

import pytest

from tests.model.repickle import repickled
from tests.model.sample.messages import CustomCall, FunctionCall, Message, TextPart, ThoughtPart
from tests.model.sample.replies import Chat, Parts, Usage
from twinwire._model.base import Model, define
from twinwire._model.convert import structure
from twinwire._model.unknown import UnknownMember
from twinwire._model.unset import UNSET
from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject


def exactly(left: object, right: object) -> bool:
    """Whether both are the same JSON, numbers of the same class included."""
    return repr(left) == repr(right)


@pytest.mark.parametrize(
    "field",
    [
        {"content": "Hi"},
        {"content": None},
        {"content": {"parsed": [1, None]}},
        {"content": []},
        {"content": [{"type": "text", "text": "a"}, {"type": "output_text", "text": "b"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "thinking", "thinking": [{"type": "new"}]}]}]},
        {
            "content": [
                {"type": "video", "x": 1},
                {"text": "no tag"},
                {"type": 3},
                {"type": ["text"]},
                {},
                None,
                "bare",
                3,
                [1],
            ]
        },
        {"tool_calls": None},
        {"tool_calls": [{"name": "f"}, {"type": None, "name": "f"}, {"type": "custom"}, {"type": "mcp", "x": 1}]},
        {"from": "me"},
        {"logprobs": {"prompt_tokens": 0}},
        {"logprobs": 0},
        {"logprobs": -0.5},
        {"scores": {"a": [1, 2.0, -0.0], "b": []}},
        {"is_final": False},
        {"count": 10**30},
        {"level": 1},
        {"level": "high"},
        {"metadata": {"a": {"b": [None]}}},
        {"anything": [{"a": None}, 1.0, "x", True]},
        {"whatever": {"a": 1}},
        {"strict_part": {"type": "thinking"}},
        {"lone_part": {"type": "new", "text": 3}},
        {"unheard_of": {"deep": [1, 2.5, None]}, "also new": None},
    ],
)
def test_a_message_is_written_back_as_it_came(field: JsonObject) -> None:
    """Whatever a server sends within the spec or beyond it, decoding and encoding give the same values."""
    data: JsonObject = {"role": "assistant", **field}

    assert exactly(structure(data, Message).to_dict(), data)


def test_absent_and_null_differ() -> None:
    """What is not there is UNSET, what is null is None."""
    made = structure({"role": "assistant", "content": None}, Message)

    assert made.content is None
    assert made.tool_calls is UNSET


def test_open_enumerations_take_new_values() -> None:
    """A role that the spec does not know is kept."""
    assert structure({"role": "narrator"}, Message).role == "narrator"


def test_tags_choose_classes() -> None:
    """Each part is of the class of its tag, at any depth; what has an unknown tag or none is kept raw."""
    data: Json = [
        {"type": "text", "text": "a"},
        {"type": "thinking", "thinking": [{"type": "text", "text": "b"}]},
        {"type": "new"},
    ]
    made = structure({"data": data}, Parts)

    assert list(made) == [
        TextPart(type="text", text="a"),
        ThoughtPart(type="thinking", thinking=[TextPart(type="text", text="b")]),
        UnknownMember({"type": "new"}),
    ]


@pytest.mark.parametrize("tag", [{}, {"type": None}])
def test_a_missing_tag_means_the_class_that_may_lack_it(tag: JsonObject) -> None:
    """A tool call without a type is a function call."""
    calls = structure({"role": "x", "tool_calls": [{**tag, "name": "f"}, {"type": "custom"}]}, Message).tool_calls

    assert isinstance(calls, list)
    assert isinstance(calls[0], FunctionCall)
    assert isinstance(calls[1], CustomCall)


def test_a_class_alone_with_the_unknown_member_is_chosen_by_its_tag() -> None:
    """Another tag is not forced into the only class there is."""
    known = structure({"role": "x", "lone_part": {"type": "text", "text": "a"}}, Message)
    unknown = structure({"role": "x", "lone_part": {"type": "audio"}}, Message)

    assert known.lone_part == TextPart(type="text", text="a")
    assert unknown.lone_part == UnknownMember({"type": "audio"})


WRONG: list[tuple[Json, str, str]] = [
    ([], "$", "expected an object, got an array"),
    (None, "$", "expected an object, got null"),
    ({}, "$.id", "required, but missing"),
    ({"id": 1, "choices": []}, "$.id", "expected a string, got an integer"),
    ({"id": None, "choices": []}, "$.id", "expected a string, got null"),
    ({"id": "x", "choices": {}}, "$.choices", "expected an array, got an object"),
    ({"id": "x", "choices": [{"role": "a"}, {}]}, "$.choices[1].role", "required, but missing"),
    ({"id": "x", "choices": [], "usage": []}, "$.usage", "expected an object or null, got an array"),
    ({"id": "x", "choices": [], "usage": {"prompt_tokens": 1.5}}, "$.usage.prompt_tokens", "expected an integer, got a number"),
    ({"id": "x", "choices": [], "usage": {"prompt_tokens": 1e30}}, "$.usage.prompt_tokens", "expected an integer, got a number"),
    ({"id": "x", "choices": [], "usage": {"prompt_tokens": float("inf")}}, "$.usage.prompt_tokens", "expected an integer, got a number"),
    ({"id": "x", "choices": [], "usage": {"prompt_tokens": True}}, "$.usage.prompt_tokens", "expected an integer, got a boolean"),
    ({"id": "x", "choices": [], "usage": {"prompt_tokens": 1, "cost": "1"}}, "$.usage.cost", "expected a number or null, got a string"),
    ({"id": "x", "choices": [{"role": "a", "from": 1}]}, "$.choices[0].from", "expected a string or null, got an integer"),
    ({"id": "x", "choices": [{"role": "a", "is_final": 0}]}, "$.choices[0].is_final", "expected a boolean, got an integer"),
    ({"id": "x", "choices": [{"role": "a", "level": True}]}, "$.choices[0].level", "expected one of 'high', 1, got a boolean"),
    ({"id": "x", "choices": [{"role": "a", "level": "low"}]}, "$.choices[0].level", "expected one of 'high', 1, got a string"),
    ({"id": "x", "choices": [{"role": "a", "content": 1}]}, "$.choices[0].content", "expected a string or an array or an object or null, got an integer"),
    ({"id": "x", "choices": [{"role": "a", "strict_part": {"type": "text"}}]}, "$.choices[0].strict_part.text", "required, but missing"),
    ({"id": "x", "choices": [{"role": "a", "strict_part": {"type": "thinking", "thinking": [1, {"type": "text"}], "x": 1}}, 7]}, "$.choices[1]", "expected an object, got an integer"),
    ({"id": "x", "choices": [{"role": "a", "scores": {"a": [1, "b"]}}]}, "$.choices[0].scores.a[1]", "expected a number, got a string"),
    ({"id": "x", "choices": [{"role": "a", "scores": {"a b": 1}}]}, '$.choices[0].scores["a b"]', "expected an array, got an integer"),
    ({"id": "x", "choices": [{"role": "a", "scores": []}]}, "$.choices[0].scores", "expected an object, got an array"),
    ({"id": "x", "choices": [{"role": "a", "strict_part": {"type": "new"}}]}, "$.choices[0].strict_part", "expected one of 'output_text', 'text', 'thinking' as its 'type'"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "path", "problem"), WRONG, ids=[path for _, path, _ in WRONG])
def test_a_wrong_value_is_an_error_with_its_path(data: Json, path: str, problem: str) -> None:
    """Nothing is converted or guessed; the error says where and what, in names of the wire."""
    with pytest.raises(DecodeError) as caught:
        structure(data, Chat)

    assert caught.value.path == path
    assert caught.value.message == f"Chat at {path}: {problem}"


def test_errors_do_not_quote_what_was_sent() -> None:
    """The value may be what somebody wrote."""
    with pytest.raises(DecodeError) as caught:
        structure({"id": "x", "choices": "something private"}, Chat)

    assert "private" not in caught.value.message


def test_a_decode_error_can_be_pickled() -> None:
    """Its path goes with it, its cause need not."""
    with pytest.raises(DecodeError) as caught:
        structure({"id": "x"}, Chat)

    assert repickled(caught.value).path == "$.choices"


def test_deep_nesting_is_an_error_of_ours() -> None:
    """A reply made to exhaust the stack ends in a DecodeError."""
    part: JsonObject = {"type": "text", "text": "deep"}
    for _ in range(5000):
        part = {"type": "thinking", "thinking": [part]}

    with pytest.raises(DecodeError, match="nested too deeply"):
        structure(part, ThoughtPart)


def test_containers_can_be_asked_for() -> None:
    """Not only classes have a conversion."""
    assert structure([{"prompt_tokens": 1}], list[Usage]) == [Usage(prompt_tokens=1)]
    assert structure({"a": 1}, dict[str, float]) == {"a": 1}
    with pytest.raises(DecodeError, match="expected an object, got an array"):
        structure([], dict[str, float])
    with pytest.raises(DecodeError, match=r"at \$\[1\]: expected an object, got null"):
        structure([{"prompt_tokens": 1}, None], list[Usage])


def test_a_class_is_compiled_by_several_threads_at_once() -> None:
    """The first conversion of a class needs no lock."""

    @define
    class Fresh(Model):
        usage: Usage
        count: int

    def make(number: int) -> Fresh:
        return structure({"usage": {"prompt_tokens": number}, "count": 1}, Fresh)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(64)))

    assert [fresh.usage.prompt_tokens for fresh in made] == list(range(64))


@define
class Numbered(Model):
    """A closed field that is no tag, since its values are not text."""

    type: Literal[1]


@define
class Half(Model):
    """A class with a tag beside one without."""

    either: TextPart | Numbered


@define
class Untold(Model):
    """Two classes, and nothing to tell them apart."""

    either: Usage | Chat


@define
class Doubled(Model):
    """Two lists, which a kind cannot tell apart."""

    either: list[int] | list[str]


@pytest.mark.parametrize(
    ("cls", "reason"),
    [(Untold, "no field tells Usage, Chat apart"), (Half, "no field tells"), (Doubled, "a union cannot have")],
)
def test_an_undecidable_union_is_a_bug_that_shows(cls: type[Model], reason: str) -> None:
    """Classes that the spec's lint would refuse are refused here too, at their first use."""
    with pytest.raises(TypeError, match=reason):
        structure({"either": []}, cls)


@pytest.mark.parametrize(
    "call",
    [
        {"type": "custom", "input": 7},
        {"type": "function"},
        {"name": None},
        {"type": "function", "name": "f", "kind": "b"},
    ],
)
def test_a_member_that_is_not_what_its_tag_says_is_kept_raw(call: JsonObject) -> None:
    """One broken tool call does not lose the reply that was paid for."""
    data: JsonObject = {"role": "x", "tool_calls": [{"name": "f"}, call]}
    made = structure(data, Message)
    assert isinstance(made.tool_calls, list)

    assert made.tool_calls == [FunctionCall(name="f"), UnknownMember(call)]
    assert made.to_dict() == data


@pytest.mark.parametrize(("sent", "read"), [(12.0, 12), (-0.0, 0), (2.0**53, 2**53)])
def test_a_whole_number_with_a_fraction_is_an_integer(sent: float, read: int) -> None:
    """JSON has one kind of number, and schemas count 12.0 among the integers; code indexes with it, so it becomes one."""
    count = structure({"role": "x", "count": sent}, Message).count

    assert (count, type(count)) == (read, int)


def test_the_first_of_equal_kinds_of_numbers_is_kept() -> None:
    """Where fractions are allowed, nothing is changed."""
    assert repr(structure({"prompt_tokens": 1, "cost": 2.0}, Usage).cost) == "2.0"
