"""Errors inside a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twinwire.chat.chunk_errors import chunk_error, unwrapped

if TYPE_CHECKING:
    from twinwire._model.json import Json

CHOICE: dict[str, Json] = {"index": 0, "delta": {"content": "a"}, "finish_reason": None}

BODIES: dict[str, Json] = {
    "an object without choices": {"error": {"message": "m", "code": "c", "status_code": 400}},
    "an object beside choices and usage": {"error": {"message": "m", "code": 502}, "choices": [CHOICE], "usage": {}},
    "an object beside empty choices": {"error": {"message": "m"}, "choices": []},
    "a string": {"error": "m", "code": "c"},
    "nested": {"error": {"error": {"message": "m"}, "code": 402}},
    "flat, with object": {"object": "error", "message": "m", "type": "t", "code": "1500"},
    "flat": {"message": "m", "code": "c"},
    "detail": {"detail": "m"},
}

NONE: dict[str, Json] = {
    "an ordinary chunk": {"choices": [CHOICE]},
    "error null": {"choices": [{**CHOICE, "error": None}], "error": None},
    "no choices": {"choices": [], "usage": {"total_tokens": 1}},
    "empty": {},
    "a filter's words beside choices": {"choices": [CHOICE], "detail": "d", "message": "m"},
    "not an object": ["error"],
    "choices of another shape": {"choices": ["error", 1]},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_errors_of_the_chunk(body: Json) -> None:
    """An error in any dress of a body is found, and handed over as it came."""
    assert chunk_error(body) == body


@pytest.mark.parametrize("chunk", NONE.values(), ids=NONE)
def test_no_error(chunk: Json) -> None:
    """What reports no error is none."""
    assert chunk_error(chunk) is None


@pytest.mark.parametrize("error", [{"message": "m", "code": 502}, "m"])
def test_error_of_a_choice(error: Json) -> None:
    """An error inside a choice is made into a body, and keeps its choice."""
    choice: Json = {**CHOICE, "error": error}

    assert chunk_error({"choices": [CHOICE, choice]}) == {"error": error, "choices": [choice]}


def test_finish_reason_error() -> None:
    """A choice that ended in an error without saying which is an error."""
    choice: Json = {**CHOICE, "finish_reason": "error", "native_finish_reason": "boom"}
    error = chunk_error({"choices": [choice]})

    assert error == {"error": {"message": "a choice ended with finish_reason error"}, "choices": [choice]}


@pytest.mark.parametrize("error", [{"message": "m", "code": 429}, "m"])
def test_error_in_a_list(error: Json) -> None:
    """An error that stands alone in a list is taken out."""
    assert unwrapped([{"error": error}]) == {"error": error}


@pytest.mark.parametrize(
    "data", [{"error": "m"}, [], [1], [{"error": None}], [{"error": "m"}, {}], [[{"error": "m"}]], None, "m"]
)
def test_what_is_no_error_in_a_list(data: Json) -> None:
    """Everything else stays as it is."""
    assert unwrapped(data) is data
