"""Where in a reply its JSON departs from its type: from the notes that cattrs leaves on its way out, to a `DecodeError`."""

from __future__ import annotations

import json

from cattrs import AttributeValidationNote, BaseValidationError, IterableValidationNote

from twinwire._model.base import Model, wire_names
from twinwire.errors import DecodeError


def decode_error(error: Exception, cls: object) -> DecodeError:
    """The `DecodeError` for what went wrong while *cls* was made: the first problem, and its path."""
    path = "$"
    owner: type = Model
    while True:
        for note in reversed(getattr(error, "__notes__", [])):
            path += _step(note, owner)
        if not isinstance(error, BaseValidationError):
            break
        owner = error.cl
        error = error.exceptions[0]
    return DecodeError(f"{getattr(cls, '__name__', cls)} at {path}: {_problem(error)}", path=path)


def _problem(error: Exception) -> str:
    if isinstance(error, KeyError):
        return "required, but missing"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return str(error)


def _step(note: AttributeValidationNote | IterableValidationNote, owner: type) -> str:
    if isinstance(note, AttributeValidationNote):
        return _member(wire_names(owner).get(note.name, note.name))
    return f"[{note.index}]" if isinstance(note.index, int) else _member(note.index)


def _member(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{json.dumps(name)}]"
