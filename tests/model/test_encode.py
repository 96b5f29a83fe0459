from __future__ import annotations

from collections import OrderedDict, UserList
from enum import StrEnum

import pytest

from tests.model.sample.messages import TextPart
from twinwire._model.convert import unstructure
from twinwire._model.encode import Encodable
from twinwire._model.unknown import UnknownMember
from twinwire._model.unset import UNSET


class Role(StrEnum):
    USER = "user"


PART = TextPart(type="text", text="Hi")
RAW = {"type": "text", "text": "Hi"}

CASES: list[tuple[object, object]] = [
    (None, None),
    (True, True),
    (0, 0),
    (0.0, 0.0),
    ("x", "x"),
    (Role.USER, "user"),
    (PART, RAW),
    ([PART, {"a": PART}], [RAW, {"a": RAW}]),
    ((1, (2,)), [1, [2]]),
    (UserList([PART]), [RAW]),
    (OrderedDict(a=UNSET, b=None), {"b": None}),
    (UnknownMember({"type": "x"}), {"type": "x"}),
    (UnknownMember([1]), [1]),
]


@pytest.mark.parametrize(("value", "written"), CASES)
def test_values_become_plain_json(value: object, written: object) -> None:
    """Replies, mappings and sequences of any class become dicts and lists; absent members are left out."""
    encoded = unstructure(value)

    assert encoded == written
    assert type(encoded) is type(written) or isinstance(value, Role)


@pytest.mark.parametrize("value", [b"x", bytearray(), memoryview(b""), {1: 2}, object(), {1}, [UNSET], UNSET, 1j])
def test_what_has_no_json_form_is_refused(value: object) -> None:
    """Nothing is written as its repr or dropped."""
    with pytest.raises(TypeError, match=r"has no JSON form|the keys of a JSON object are text"):
        unstructure(value)


def test_a_refusal_does_not_show_the_value() -> None:
    """The value may be a prompt."""
    with pytest.raises(TypeError) as caught:
        unstructure(["fine", b"secret"])

    assert str(caught.value) == "bytes has no JSON form"


def test_an_encodable_says_how() -> None:
    """The base class itself writes nothing."""
    with pytest.raises(NotImplementedError):
        unstructure(Encodable())
