"""`delta.audio`: an id, base64 data and a transcript in pieces."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

from twinwire.chat.fields import Text, set_state
from twinwire.chat.shapes import as_text

if TYPE_CHECKING:
    from twinwire._model.json import JsonObject

_SEALED = re.compile(r"[^=]*=+|[^=]+$")


class Audio:
    """Folds the objects of `delta.audio`."""

    __slots__ = ("_fields", "_texts")

    def __init__(self) -> None:
        self._fields: JsonObject = {}
        self._texts: dict[str, Text] = {}

    def add(self, audio: JsonObject, path: str) -> None:
        """Take the next object."""
        for key, value in audio.items():
            if key in ("data", "transcript"):
                piece = as_text(value, f"{path}.{key}")
                self._fields.setdefault(key, piece)
                if piece is not None:
                    self._texts.setdefault(key, Text()).append(piece)
            else:
                set_state(self._fields, key, value)

    def value(self) -> JsonObject:
        """What the whole message's `audio` would be."""
        texts = {key: str(text) for key, text in self._texts.items()}
        if "data" in texts:
            texts["data"] = join_base64(texts["data"])
        return {**self._fields, **texts}


def join_base64(data: str) -> str:
    """
    Make one base64 string of pieces that were put one after the other.

    A server may cut one string anywhere, or encode each piece by itself. The second kind shows by padding before the end, where
    decoders stop without a word; there the pieces are decoded and encoded again. What is not base64 is left as it came.
    """
    if "=" not in data.rstrip("="):
        return data
    try:
        audio = b"".join(binascii.a2b_base64(piece, strict_mode=True) for piece in _SEALED.findall(data))
    except binascii.Error:
        return data
    return binascii.b2a_base64(audio, newline=False).decode("ascii")
