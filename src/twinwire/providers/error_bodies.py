"""
Error bodies in every dress that servers give them, undressed to one shape.

Seen: `{"error": {message, type, code, param}}` (OpenAI and most), `{"error": {message, code: int, metadata}}` (OpenRouter), the
same nested once more, `{"error": "text", "code": ...}` (xAI, Venice), flat objects (Mistral, Doubleword), `{"detail": ...}`
(Mistral's 401, FastAPI), and text that is no JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

MAX_MESSAGE_CHARACTERS = 1000


@frozen(kw_only=True)
class ErrorFacts:
    """What an error body says; None where it does not."""

    message: str | None = None
    code: str | int | None = None
    type: str | None = None
    param: str | None = None
    named_status: int | None = None
    """The HTTP status that the body names, which inside a 200 is the true one."""
    words: frozenset[str] = frozenset()
    """Codes and types in every place where they stand, lower case: what classes are chosen by."""
    limit_headers: tuple[tuple[str, str], ...] = field(default=())
    """Rate-limit headers that stand in the body (OpenRouter)."""


def read_error(body: Json) -> ErrorFacts:
    """Undress *body*, parsed JSON or text."""
    if isinstance(body, str):
        return ErrorFacts(message=_shortened(body))
    if not isinstance(body, dict):
        return ErrorFacts()
    inner = body.get("error", body)
    if isinstance(inner, dict) and isinstance(inner.get("error"), dict):
        inner = {**inner, **_object(inner["error"])}
    if isinstance(inner, str):
        return _facts({**body, "message": inner})
    return _facts(inner if isinstance(inner, dict) else body)


def _facts(error: JsonObject) -> ErrorFacts:
    metadata = _object(error.get("metadata"))
    code = error.get("code")
    kind = error.get("type")
    param = error.get("param")
    innermost = _object(error.get("innererror"))
    words = {
        word.lower()
        for word in (code, kind, metadata.get("error_type"), metadata.get("provider_code"), innermost.get("code"))
        if isinstance(word, str)
    }
    return ErrorFacts(
        message=_message(error, metadata),
        code=code if isinstance(code, str | int) and not isinstance(code, bool) else None,
        type=kind if isinstance(kind, str) else None,
        param=param if isinstance(param, str) else None,
        named_status=_status(error.get("status_code")) or _status(code) or _status(error.get("status")),
        words=frozenset(words),
        limit_headers=tuple(
            (name.lower(), str(value)) for name, value in _object(metadata.get("headers")).items() if value is not None
        ),
    )


def _message(error: JsonObject, metadata: JsonObject) -> str | None:
    """The provider's sentence, and what stands behind it where it is only "Provider returned error"."""
    message = next((_text(error[name]) for name in ("message", "detail", "title") if error.get(name)), None)
    raw = metadata.get("raw")
    if not isinstance(raw, str) or not raw.strip():
        return None if message is None else _shortened(message)
    upstream = metadata.get("provider_name")
    behind = read_error(_parsed(raw)).message or raw
    return _shortened(f"{message or 'Provider returned error'} ({upstream or 'upstream'}: {behind})")


def _parsed(text: str) -> Json:
    try:
        parsed: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return parsed


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _status(value: Json) -> int | None:
    """An HTTP error status, also as text (Azure's `"401"`)."""
    if isinstance(value, str) and value.isdecimal() and len(value) == 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 400 <= value < 600:
        return None
    return value


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_MESSAGE_CHARACTERS else line[: MAX_MESSAGE_CHARACTERS - 1] + "…"
