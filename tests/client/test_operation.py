"""What a generated method knows of its operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twinwire._client.operation import CallOptions, Operation
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE, MODELS_LIST
from twinwire.types.reply import ChatCompletion
from twinwire.types.stream import ChatCompletionChunk

if TYPE_CHECKING:
    from typing import Never


def test_types_are_found_by_their_names() -> None:
    """The classes of the reply and of an event are those of the spec, each time."""
    assert CHAT_COMPLETIONS_CREATE.reply_type() is ChatCompletion
    assert CHAT_COMPLETIONS_CREATE.reply_type() is ChatCompletion
    assert CHAT_COMPLETIONS_CREATE.event_type() is ChatCompletionChunk
    assert CHAT_COMPLETIONS_CREATE.event_type() is ChatCompletionChunk


def test_without_a_stream_there_is_no_event() -> None:
    """Asking for the class of an event says which operation has none."""
    with pytest.raises(LookupError, match=r"models\.list does not stream"):
        MODELS_LIST.event_type()


def test_nothing_is_loaded_before_it_is_needed() -> None:
    """References to what does not exist do no harm until somebody follows them."""
    operation: Operation[object, Never] = Operation(
        "x", method="GET", path="/x", reply="nowhere:Reply", checks="nowhere:CHECKS"
    )

    assert repr(operation) == "<Operation x: GET /x>"
    with pytest.raises(ModuleNotFoundError):
        operation.check({})


def test_options_are_kept_as_given() -> None:
    """Nothing is filled in: unset is what the client's own options decide."""
    options = CallOptions(
        timeout=None, deadline=UNSET, max_retries=0, extra_headers={"A": "b"}, extra_query=None, extra_body={}
    )

    assert {name: getattr(options, name) for name in CallOptions.__slots__} == {
        "timeout": None,
        "deadline": UNSET,
        "max_retries": 0,
        "extra_headers": {"A": "b"},
        "extra_query": None,
        "extra_body": {},
        "on_interrupt": UNSET,
        "budget": None,
        "tags": None,
        "priority": UNSET,
    }
