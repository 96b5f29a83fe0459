from __future__ import annotations

import copy

import pytest

from tests.model.repickle import repickled
from twinwire._model.unknown import UnknownMember


def test_reads_like_a_mapping() -> None:
    """The fields of the raw object are at hand."""
    member = UnknownMember({"type": "new", "value": 1})

    assert (member.type, member.tag) == ("unknown", "new")
    assert member["value"] == 1
    assert dict(member) == member.raw
    assert len(member) == 2
    assert member.get("gone") is None
    with pytest.raises(KeyError):
        member["gone"]


@pytest.mark.parametrize("raw", [None, 3, "text", [1], {"type": 3}, {}])
def test_raw_that_is_no_object_or_has_no_type(raw: int | str | list[int] | dict[str, int] | None) -> None:
    """It has no tag, keeps what came, and is there (true) all the same."""
    member = UnknownMember(raw)  # type: ignore[arg-type]  # each of these is JSON, which a union of them does not say

    assert (member.type, member.tag) == ("unknown", None)
    assert member.raw == raw
    assert bool(member)
    assert len(member) == (len(raw) if isinstance(raw, dict) else 0)


def test_is_compared_copied_and_shown_by_its_raw_value() -> None:
    """Equal when the raw values are; pickle and copy work; the repr is short."""
    member = UnknownMember({"type": "x", "text": "y" * 500})

    assert repickled(member) == member == copy.deepcopy(member)
    assert member != UnknownMember({"type": "x"})
    assert repr(member) == "UnknownMember({'type': 'x', 'text': '" + "y" * 100 + "…'})"
