"""JSON in and out: narrowing what a request holds, and writing bodies."""

from __future__ import annotations

import json
from typing import TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether *value* came from a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    """Whether *value* came from a JSON array."""
    return isinstance(value, list)


def dump(value: object) -> bytes:
    """Write JSON without white space, as UTF-8; text with a lone surrogate, which UTF-8 cannot hold, is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
