"""
Error bodies in every dress that servers give them, undressed to one shape.

Seen: `{"error": {message, type, code, param}}` (OpenAI and most), `{"error": {message, code: int, metadata}}` (OpenRouter), the
same nested once more, `{"error": "text", "code": ...}` (xAI, Venice), flat objects (Mistral, Doubleword), `{"detail": ...}`
(Mistral's 401, FastAPI), `{"errors": [...]}` (Cloudflare), the whole in a list (Google), and text that is no JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

MAX_MESSAGE_CHARACTERS = 1000
MAX_COMPLAINTS = 10
MAX_LAYERS = 3


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
    """Undress *body*, parsed JSON or text. Nothing of the request that it quotes (FastAPI's `input`) gets into the message."""
    if isinstance(body, list):  # Google's compatible server wraps its errors in one
        body = next((item for item in body if isinstance(item, dict | str)), None)
    if isinstance(body, str):
        return ErrorFacts(message=shortened(body))
    return _facts(_undressed(body)) if isinstance(body, dict) else ErrorFacts()


def shortened(text: str) -> str:
    """One printable line, of a length that a log can bear."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= MAX_MESSAGE_CHARACTERS else line[: MAX_MESSAGE_CHARACTERS - 1] + "…"


def _undressed(body: JsonObject) -> JsonObject:
    """The error itself; what stands around it fills in what it does not say."""
    for _ in range(MAX_LAYERS):
        inner = body.get("error") or body.get("errors")
        if isinstance(inner, list):
            inner = inner[0] if inner else None
        if isinstance(inner, str):
            inner = {"message": inner}
        if not isinstance(inner, dict):
            break
        outer = {name: value for name, value in body.items() if name not in {"error", "errors"}}
        body = {**outer, **{name: value for name, value in inner.items() if value is not None}}
    return body


def _facts(error: JsonObject) -> ErrorFacts:
    metadata = _object(error.get("metadata"))
    upstream = _upstream(metadata.get("raw"))
    code = error.get("code")
    kind = error.get("type")
    param = error.get("param")
    innermost = _object(error.get("innererror"))
    words = (code, kind, metadata.get("error_type"), metadata.get("provider_code"), innermost.get("code"))
    return ErrorFacts(
        message=_message(error, metadata, upstream),
        code=code if isinstance(code, str | int) and not isinstance(code, bool) else None,
        type=kind if isinstance(kind, str) else None,
        param=param if isinstance(param, str) else None,
        named_status=_status(error.get("status_code")) or _status(code) or _status(error.get("status")),
        words=frozenset(word.lower() for word in words if isinstance(word, str)) | upstream.words,
        limit_headers=tuple(
            (name.lower(), str(value))
            for name, value in _object(metadata.get("headers")).items()
            if isinstance(value, str | int | float)
        ),
    )


def _upstream(raw: Json) -> ErrorFacts:
    """What the server behind OpenRouter said: an error body, most often as text."""
    if isinstance(raw, str) and raw.strip():
        raw = _parsed(raw)
    if isinstance(raw, dict):
        raw = {**_undressed(raw), "metadata": None}  # one server behind another is enough
    return read_error(raw)


def _message(error: JsonObject, metadata: JsonObject, upstream: ErrorFacts) -> str | None:
    """The provider's sentence, and what stands behind it where it is only "Provider returned error"."""
    names = ("message", "detail", "title", "msg")
    message = next((sentence for name in names if (sentence := _sentence(error.get(name)))), None)
    if not upstream.message:
        return None if message is None else shortened(message)
    behind = metadata.get("provider_name") or "upstream"
    return shortened(f"{message or 'Provider returned error'} ({behind}: {upstream.message})")


def _sentence(value: Json) -> str:
    """The words in a message that may be a list of complaints: `{"loc": ["body", "n"], "msg": "..."}` (FastAPI, Mistral)."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(
            filter(None, (_sentence(item) for item in value[:MAX_COMPLAINTS] if not isinstance(item, list)))
        )
    if not isinstance(value, dict):
        return ""
    said = value.get("msg") or value.get("message") or value.get("detail")
    sentence = said if isinstance(said, str) else _sentence(said) if isinstance(said, list) else ""
    place = value.get("loc")
    steps = [str(step) for step in place if isinstance(step, str | int)] if isinstance(place, list) else []
    return f"{'.'.join(steps)}: {sentence}" if steps and sentence else sentence


def _parsed(text: str) -> Json:
    try:
        parsed: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return parsed


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _status(value: Json) -> int | None:
    """An HTTP error status, also as text (Azure's `"401"`)."""
    if isinstance(value, str) and value.isdecimal() and len(value) == 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 400 <= value < 600:
        return None
    return value
