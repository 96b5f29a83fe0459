"""Errors that arrive inside a stream, after a status of 200."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject


def chunk_error(chunk: Json) -> JsonObject | None:
    """
    The error that a chunk reports, shaped like the body of an error reply; None if it reports none.

    Where the chunk itself has such a shape it is returned as it is: with `error` (an object or a string), and without choices also the
    flat objects of Mistral and others (`object: "error"`, a `message`, a `detail`). An error inside a choice becomes
    `{"error": ...}`, and so does `finish_reason: "error"` without one; both keep their choice beside it.
    """
    if not isinstance(chunk, dict):
        return None
    if chunk.get("error"):
        return chunk
    choices = chunk.get("choices")
    if isinstance(choices, list) and choices:
        return next((error for choice in choices if (error := _choice_error(choice)) is not None), None)
    says_why = isinstance(chunk.get("message"), str) or bool(chunk.get("detail"))
    return chunk if says_why or chunk.get("object") == "error" else None


def unwrapped(data: Json) -> Json:
    """*data*, but an error that stands alone in a list, as Google's servers send it, out of the list."""
    if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict) and data[0].get("error"):
        return data[0]
    return data


def _choice_error(choice: Json) -> JsonObject | None:
    if not isinstance(choice, dict):
        return None
    error: Json = choice.get("error")
    if not error:
        if choice.get("finish_reason") != "error":
            return None
        error = {"message": "a choice ended with finish_reason error"}
    return {"error": error, "choices": [choice]}
