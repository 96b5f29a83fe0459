from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import assert_type

import pytest

from tests.model.repickle import repickled
from twinwire._model.unset import UNSET, Unset


def test_unset_is_one() -> None:
    """There is one instance, however it is made."""
    assert Unset() is UNSET


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_unset_survives_pickle(protocol: int) -> None:
    """A pickle of it is it, in every protocol."""
    assert repickled(UNSET, protocol) is UNSET


def test_unset_survives_copies() -> None:
    """Copies of it, alone or inside of something, are it."""
    assert copy.copy(UNSET) is UNSET
    assert copy.deepcopy([UNSET])[0] is UNSET


def test_unset_reads_as_its_name() -> None:
    """A repr shows the name that a user would write."""
    assert repr(UNSET) == "UNSET"


def test_unset_has_no_surprising_attributes() -> None:
    """`call.function.name` on an absent function is an error, not a text."""
    assert not hasattr(UNSET, "name")
    assert not hasattr(UNSET, "value")


def narrowed(value: str | Unset | None) -> str:
    if isinstance(value, Unset):
        assert_type(value, Unset)
        return "absent"
    assert_type(value, str | None)
    return value or "null"


def chosen(value: str | Unset | None) -> str:
    if value:
        assert_type(value, str)
        return value
    return "nothing"


@pytest.mark.parametrize(("value", "told"), [(UNSET, "absent"), (None, "null"), ("text", "text")])
def test_checkers_and_code_tell_absent_from_null(value: str | Unset | None, told: str) -> None:
    """`isinstance` narrows for type checkers (`assert_type` above) and at run time."""
    assert narrowed(value) == told


@pytest.mark.parametrize(("value", "told"), [(UNSET, "nothing"), (None, "nothing"), ("text", "text")])
def test_checkers_and_code_take_absent_for_false(value: str | Unset | None, told: str) -> None:
    """Truth narrows away both null and absent."""
    assert chosen(value) == told


def test_unset_loads_nothing_heavy() -> None:
    """Clients import it before a first call, so it must not bring attrs or cattrs."""
    code = "import sys, twinwire._model.unset; print(sorted({'attr', 'attrs', 'cattrs', 'decimal', 'json'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
