from __future__ import annotations

import copy
import json
import pickle
import weakref

import pytest

from tests.model.repickle import repickled
from tests.model.sample.messages import Message, TextPart, ThoughtPart
from tests.model.sample.replies import Usage
from twinwire._model.base import Model, _rebuild
from twinwire._model.convert import structure
from twinwire._model.fields import wire_names
from twinwire._model.unset import UNSET


def message() -> Message:
    return structure(
        {"role": "user", "from": "me", "content": [{"type": "text", "text": "Hi", "new": 1}], "p": {"q": [2]}}, Message
    )


def test_only_set_fields_are_written() -> None:
    """What was not sent is not written; what was null is."""
    assert Usage(prompt_tokens=1, cost=None).to_dict() == {"prompt_tokens": 1, "cost": None}
    assert Usage(prompt_tokens=1).to_dict() == {"prompt_tokens": 1}


def test_unknown_fields_are_kept_and_written_back() -> None:
    """A field that the spec does not know is in `extra`, on every level."""
    kept = message()

    assert kept.extra == {"p": {"q": [2]}}
    assert kept.to_dict() == {
        "role": "user",
        "from": "me",
        "content": [{"type": "text", "text": "Hi", "new": 1}],
        "p": {"q": [2]},
    }


def test_extra_is_made_on_first_use() -> None:
    """Reading `extra` of an object without any gives a dict that is then part of it."""
    usage = Usage(prompt_tokens=1)
    usage.extra["new"] = True

    assert usage.to_dict() == {"prompt_tokens": 1, "new": True}


def test_extra_cannot_shadow_a_field() -> None:
    """A field that is set is not silently replaced by an unknown one of its name."""
    usage = Usage(prompt_tokens=1)
    usage.extra["prompt_tokens"] = 2

    with pytest.raises(ValueError, match=r"Usage\.extra has 'prompt_tokens'"):
        usage.to_dict()


def test_assignments_are_encoded() -> None:
    """The encoding follows what was assigned, mutated, unset or deleted."""
    kept = message()
    kept.from_ = UNSET
    kept.content = [TextPart(type="text", text="Ho"), ThoughtPart(type="thinking", thinking=[])]
    del kept.extra["p"]
    del kept.role

    assert kept.to_dict() == {
        "content": [{"type": "text", "text": "Ho"}, {"type": "thinking", "thinking": []}],
    }


def test_the_dict_shares_nothing() -> None:
    """Changing what `to_dict()` gave does not change the object."""
    kept = message()
    written = kept.to_dict()
    written["p"] = kept.to_dict()["p"]
    inner = written["p"]
    assert isinstance(inner, dict)
    inner["q"] = None

    assert kept.to_dict()["p"] == {"q": [2]}


def test_a_misspelled_field_cannot_be_assigned() -> None:
    """Classes have slots, so a wrong name is an error and not a field that is never sent."""
    with pytest.raises(AttributeError):
        setattr(Usage(prompt_tokens=1), "promt_tokens", 2)  # noqa: B010  # checkers refuse the plain form


def test_is_set() -> None:
    """Null counts as set, and a name that is no field is an error."""
    usage = Usage(prompt_tokens=1, cost=None)

    assert usage.is_set("cost")
    assert not Usage(prompt_tokens=1).is_set("cost")
    with pytest.raises(AttributeError, match="Usage has no field 'costs'"):
        usage.is_set("costs")


def test_wire_names() -> None:
    """A field whose wire name is a Python keyword goes by another one."""
    assert wire_names(Message)["from_"] == "from"
    assert wire_names(Message)["role"] == "role"
    assert wire_names(Model) == {}


def test_json() -> None:
    """The text is compact or indented, and has characters as they are."""
    assert TextPart(type="text", text="Grüße").to_json() == '{"type":"text","text":"Grüße"}'
    assert TextPart(type="text", text="x").to_json(indent=1) == '{\n "type": "text",\n "text": "x"\n}'


def test_json_with_half_a_character() -> None:
    """Text that was cut inside of a surrogate pair can be written to a file all the same."""
    text = TextPart(type="text", text="\ud83d").to_json()

    assert text.encode() == b'{"type":"text","text":"\\ud83d"}'
    assert json.loads(text)["text"] == "\ud83d"


def test_equality_is_of_class_set_fields_and_extra() -> None:
    """Absent and null differ, unknown fields count, an empty extra does not."""
    usage = Usage(prompt_tokens=1)
    twin = Usage(prompt_tokens=1)
    assert usage.extra == {}

    assert usage == twin
    assert usage != Usage(prompt_tokens=1, cost=None)
    assert usage != structure({"prompt_tokens": 1, "new": 1}, Usage)
    assert usage != {"prompt_tokens": 1}
    assert structure({"type": "thinking"}, ThoughtPart) != usage


def test_objects_have_no_hash() -> None:
    """They can change, so they are no keys."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Usage(prompt_tokens=1))


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol: int) -> None:
    """Fields, absent ones and unknown ones survive a pickle."""
    kept = repickled(message(), protocol)

    assert kept == message()
    assert kept.tool_calls is UNSET
    assert kept.extra == {"p": {"q": [2]}}


def test_a_pickle_from_before_a_field_was_known() -> None:
    """A field that came later is unset on an object pickled before."""
    assert _rebuild(Message, {"role": "user"}).from_ is UNSET
    assert _rebuild(Message, {"role": "user"}) == Message(role="user")


def test_copy_is_shallow_but_has_its_own_extra() -> None:
    """A copy shares values, but adding to it does not add to the original."""
    original = message()
    twin = copy.copy(original)
    twin.extra["more"] = 1
    twin.role = "tool"

    assert original == message()
    assert twin.content is original.content


def test_deepcopy_shares_nothing() -> None:
    """A deep copy is equal and apart."""
    original = message()
    twin = copy.deepcopy(original)
    assert twin == original
    assert isinstance(twin.content, list)
    twin.content.clear()

    assert original == message()


def test_weak_reference() -> None:
    """Objects can be referred to weakly, as other Python objects can."""
    usage = Usage(prompt_tokens=1)

    assert weakref.ref(usage)() is usage
    assert not hasattr(usage, "__dict__")


def test_repr_shows_what_is_set() -> None:
    """Absent fields do not show, unknown ones do."""
    assert repr(message()) == (
        "Message(role='user', content=[TextPart(type='text', text='Hi', extra={'new': 1})], from_='me', extra={'p': {'q': [2]}})"
    )


def test_repr_is_short() -> None:
    """Long text, lists and mappings are shortened, and depth is bounded."""
    part = ThoughtPart(type="thinking", thinking="x" * 5000)
    scores = Message(role="user", scores={"a": [float(n) for n in range(1536)]})
    deep = Message(role="user", whatever=[[[[[["unseen"]]]]]], anything={str(n): [] for n in range(9)})

    assert repr(part) == f"ThoughtPart(type='thinking', thinking='{'x' * 100}…')"
    assert repr(scores) == "Message(role='user', scores={'a': [0.0, 1.0, 2.0, … 1533 more]})"
    assert repr(deep) == "Message(role='user', anything={'0': [], '1': [], '2': [], … 6 more}, whatever=[[[[[…]]]]])"
