"""From arguments to bytes."""

from __future__ import annotations

import json

import pytest

from twinwire import UNSET, InvalidRequestError
from twinwire._client.body import make_body
from twinwire.providers import COMPATIBLE


def encoded(arguments: dict[str, object]) -> object:
    """Encode for a server that nobody knows, and parse again."""
    return json.loads(make_body(arguments, provider=COMPATIBLE, is_streaming=False, extra_body=None))


def test_unset_inside_is_absent() -> None:
    """Parts of a reply may be put into a mapping one by one: what the reply did not have stays absent."""
    message = {"role": "assistant", "content": "Hi", "tool_calls": UNSET}

    assert encoded({"messages": [message, {"role": "user", "content": [UNSET_PART]}]}) == {
        "messages": [{"role": "assistant", "content": "Hi"}, {"role": "user", "content": [{"type": "text"}]}]
    }


UNSET_PART = {"type": "text", "text": UNSET}


def test_unset_in_a_list_is_no_value() -> None:
    """A list has no absent members, so nothing is guessed."""
    with pytest.raises(InvalidRequestError, match="UNSET"):
        encoded({"stop": ["a", UNSET]})
