"""Where in a reply its JSON departs from its type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from twinwire._model.kinds import Mismatch


def decode_error(error: Mismatch | RecursionError, cls: object) -> DecodeError:
    """The `DecodeError` for what went wrong while *cls* was made."""
    if isinstance(error, RecursionError):
        path, problem = "$", "nested too deeply"
    else:
        path, problem = "$" + "".join(map(_step, reversed(error.steps))), str(error)
    return DecodeError(f"{getattr(cls, '__name__', cls)} at {path}: {problem}", path=path)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{json.dumps(step)}]"
