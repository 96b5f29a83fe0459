"""What the reader of a chat stream keeps when an error ends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from twinwire._core.sse import Event
from twinwire.errors import InternalServerError
from twinwire.providers.chat_reader import ChatReader
from twinwire.providers.dialect import ProviderDialect
from twinwire.providers.openai import OpenAIProvider

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject

ERROR: JsonObject = {"message": "gone", "code": 502}


def failing(delta: JsonObject) -> Event:
    """An error in the finish reason of a choice."""
    choice: JsonObject = {"index": 0, "delta": delta, "finish_reason": "error", "error": ERROR}
    return Event(json.dumps({"choices": [choice]}))


def reader() -> ChatReader[JsonObject]:
    """One that hands on chunks, and builds nothing."""
    dialect = ProviderDialect(OpenAIProvider(), lambda text: text, lambda data: data, lambda: 0.0)
    return ChatReader(dialect, lambda chunk, _: (chunk,), lambda data: data)


def test_an_error_that_comes_with_nothing_has_no_partial_answer() -> None:
    """A choice that says only that it failed is no answer, and takes the place of none that an earlier attempt had."""
    with pytest.raises(InternalServerError) as caught:
        reader().feed(failing({"role": "assistant", "content": ""}))

    assert caught.value.partial is None
    assert not caught.value.possibly_billed


def test_an_error_that_comes_with_text_keeps_it() -> None:
    """What came beside the error belongs to the partial answer."""
    with pytest.raises(InternalServerError) as caught:
        reader().feed(failing({"content": "the last words"}))

    assert "the last words" in json.dumps(caught.value.partial)
    assert caught.value.possibly_billed
