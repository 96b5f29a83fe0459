"""Texts that came in another form read as text and are written back as they came."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, assert_type

import pytest

from tests.model.repickle import repickled
from twinwire._model.convert import structure, unstructure
from twinwire._model.text import JsonText, PartsText
from twinwire.errors import DecodeError
from twinwire.types import ChatCompletionMessage, Function, MessageTextPart, MessageThinkingPart

if TYPE_CHECKING:
    from twinwire._model.json import Json

PARTS: list[Json] = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
    {"type": "text", "text": "Hello"},
    {"type": "text", "text": 7},
    "!",
    {"type": "new", "text": "?"},
    {"type": "text", "text": None},
]


def message(content: Json) -> ChatCompletionMessage:
    return structure({"content": content}, ChatCompletionMessage)


def test_parts_read_as_their_text() -> None:
    """Only what is text of the answer; all of them are at hand, typed."""
    content = message(PARTS).content
    assert_type(content, str | None)
    assert isinstance(content, PartsText)

    assert content == "Hello!"
    assert isinstance(content.parts[0], MessageThinkingPart)
    assert isinstance(content.parts[1], MessageTextPart)


@pytest.mark.parametrize("value", [{"grüße": [1, None]}, {}])
def test_an_object_reads_as_its_json(value: dict[str, Json]) -> None:
    """So what a server parsed unasked can be parsed as from any other."""
    content = message(value).content
    arguments = structure({"name": "f", "arguments": value}, Function).arguments
    assert isinstance(content, JsonText)
    assert_type(arguments, str)

    assert json.loads(content) == json.loads(arguments) == content.value == value


@pytest.mark.parametrize("content", ["Hi", "", None, PARTS, [], {"a": 1.0}, {}])
def test_the_form_is_written_back(content: Json) -> None:
    """The field of the reply keeps what came."""
    assert message(content).to_dict() == {"content": content}
    assert repickled(message(content)).to_dict() == {"content": content}
    assert copy.deepcopy(message(content)).to_dict() == {"content": content}


def test_changed_parts_are_written() -> None:
    """The encoding follows; the text is what came."""
    changed = message(PARTS)
    assert isinstance(changed.content, PartsText)
    changed.content.parts = changed.content.parts[1:2]

    assert changed.to_dict() == {"content": [{"type": "text", "text": "Hello"}]}
    assert changed.content == "Hello!"


def test_elsewhere_it_is_text() -> None:
    """Put into a message of one's own, the content is the text that its type says."""
    content = message(PARTS).content

    assert unstructure({"role": "assistant", "content": content}) == {"role": "assistant", "content": "Hello!"}
    assert json.dumps([content]) == '["Hello!"]'


def test_arguments_in_a_list_read_as_json_too() -> None:
    """Arguments are never parts."""
    call = structure({"name": "f", "arguments": [1]}, Function)

    assert call.arguments == "[1]"
    assert call.to_dict() == {"name": "f", "arguments": [1]}


def test_a_number_is_no_text() -> None:
    """What is neither text nor a known form of one is an error."""
    with pytest.raises(DecodeError, match="expected a string or an array or an object or null, got an integer"):
        message(7)
