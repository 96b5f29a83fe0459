"""What was not sent reads as something plain, and is not sent back."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Literal, assert_type

import pytest
from attrs import field

from tests.model.repickle import repickled
from twinwire._model.base import Model, define
from twinwire._model.convert import structure
from twinwire._model.unset import UNSET, Unset
from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._model.json import JsonObject


@define
class Delta(Model):
    """An object that may be left out."""

    content: str | None = None
    names: list[str] = field(factory=list[str])


@define
class Choice(Model):
    """One field for each way in which absence reads."""

    index: int = 0
    type: Literal["a"] = "a"
    reason: str | None = None
    rest: str | Unset | None = UNSET
    text: str = field(default="", metadata={"wire": "the text"})
    delta: Delta = field(factory=Delta)
    counts: dict[str, int] = field(factory=dict[str, int])
    items: list[int] = field(factory=list[int], metadata={"required": True})
    cost: float | None = field(default=None, metadata={"lenient": True})


def choice(**sent: object) -> Choice:
    data: JsonObject = {"items": [], **sent}  # type: ignore[dict-item]  # the tests give JSON
    return structure(data, Choice)


def test_absent_fields_read_as_their_defaults() -> None:
    """Reading is plain for people and type checkers (`assert_type`)."""
    made = choice()
    assert_type(made.text, str)
    assert_type(made.reason, str | None)
    assert_type(made.delta.content, str | None)

    assert (made.index, made.type, made.reason, made.text) == (0, "a", None, "")
    assert made.rest is UNSET
    assert (made.delta, made.delta.content, made.counts) == (Delta(), None, {})


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"reason": None, "rest": None},
        {"index": 0, "type": "a", "reason": "", "the text": "", "delta": {}, "counts": {}},
        {"index": None, "type": None, "the text": None, "delta": None, "counts": None},
        {"delta": {"names": None}, "items": None},
        {"delta": {"content": "x", "new": 1}, "new": None},
    ],
)
def test_the_wire_is_written_back(sent: JsonObject) -> None:
    """Absent stays absent, null stays null, and an empty value stays one, also after everything was read."""
    data: JsonObject = {"items": [], **sent}
    made = structure(data, Choice)
    assert (made.text, made.delta.names, made.items, made.counts) == ("", [], [], {})

    assert made.to_dict() == data


def test_null_reads_as_absent_where_the_type_has_no_none() -> None:
    """It counts as set and is shown, for it was sent."""
    made = choice(**{"the text": None, "delta": None})

    assert (made.text, made.delta) == ("", Delta())
    assert made.is_set("text")
    assert repr(made) == "Choice(text=None, delta=None, items=[])"
    assert made != choice()
    assert made == choice(**{"the text": None, "delta": None})


def test_a_lenient_field_keeps_what_does_not_fit_in_extra() -> None:
    """The field reads as absent, and the value is written back; one that fits is the field's."""
    odd = choice(cost={"total": 1})
    assert (odd.cost, odd.extra) == (None, {"cost": {"total": 1}})

    assert odd.to_dict() == {"cost": {"total": 1}, "items": []}
    assert choice(cost=1).cost == 1
    with pytest.raises(DecodeError, match=r"\$\.reason: expected a string or null"):
        choice(reason=1, cost=1)


def test_absent_fields_are_not_shown() -> None:
    """Reading one does not change that."""
    made = choice()
    assert made.delta.content is None

    assert repr(made) == "Choice(items=[])"
    assert not made.is_set("delta")
    assert made == choice()


def test_what_is_put_into_an_absent_value_is_written() -> None:
    """The list or object that reading gave is the field's own."""
    made = choice(delta=None)
    made.delta.names.append("x")
    made.counts["a"] = 1
    assert made.delta is made.delta

    assert made.to_dict() == {"delta": {"names": ["x"]}, "counts": {"a": 1}, "items": []}
    assert made.is_set("delta")


def test_assigning_the_empty_value_sets_it() -> None:
    """None is then null, and an empty text is one."""
    made = choice(index=None)
    made.reason, made.text, made.index, made.delta = None, "", 0, Delta()

    assert made.to_dict() == {"index": 0, "reason": None, "the text": "", "delta": {}, "items": []}


def test_deleting_makes_absent() -> None:
    """Assigning UNSET does too; what is absent already cannot be deleted."""
    made = choice(index=3, reason="x", delta={"content": "x"}, rest="x")
    made.rest = UNSET
    del made.index, made.reason, made.delta

    assert made.to_dict() == {"items": []}
    assert made.delta == Delta()
    with pytest.raises(AttributeError):
        del made.reason


def test_a_required_field_may_be_null_and_not_absent() -> None:
    """A list that is what was asked for reads as an empty one where it is null."""
    assert choice(items=None).items == []
    with pytest.raises(DecodeError, match=r"Choice at \$\.items: required, but missing"):
        structure({}, Choice)


@pytest.mark.parametrize("twin", [repickled, copy.copy, copy.deepcopy])
def test_copies_keep_what_was_sent(twin: Callable[[Choice], Choice]) -> None:
    """Absent, null, and values put into absent ones survive pickle and copy."""
    made = choice(**{"the text": None, "new": 1})
    made.delta.content = "x"
    assert made.counts == {}
    again = twin(made)

    assert again == made
    assert again.to_dict() == {"the text": None, "delta": {"content": "x"}, "items": [], "new": 1}
    assert (again.text, again.reason) == ("", None)


def test_a_copy_does_not_share_what_is_read_later() -> None:
    """Each lends its own values."""
    made = choice()
    twin = copy.copy(made)
    twin.counts["a"] = 1

    assert made.counts == {}


def test_the_constructor_takes_fields() -> None:
    """What is not given, or given as UNSET, is absent; unknown and missing ones are named."""
    assert Choice(items=[1], rest=UNSET).to_dict() == {"items": [1]}
    with pytest.raises(TypeError, match="Choice has no field 'nope'"):
        Choice(items=[], nope=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # it is wrong
    with pytest.raises(TypeError, match="Choice needs the field 'items'"):
        structure({"items": []}, Choice).__class__(index=1)


def test_other_attributes_do_not_exist() -> None:
    """A misspelled one is the usual error, and so is a property's own."""
    with pytest.raises(AttributeError, match="'Choice' object has no attribute 'nope'"):
        _ = choice().nope  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # it is wrong
    with pytest.raises(AttributeError):
        delattr(choice(), "to_dict")
