"""The texts of a request, and the words that the server takes for tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from twinwire.testing.jsons import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator


def words(text: str) -> list[str]:
    """Split into tokens: a word with the white space before it. Joined again they are the text."""
    return re.findall(r"\s*\S+|\s+$", text)


def texts_of(messages: list[object]) -> Iterator[str]:
    """The texts of messages, in order."""
    for message in messages:
        content = message.get("content") if is_object(message) else None
        if isinstance(content, str):
            yield content
        elif is_array(content):
            for part in content:
                text = part.get("text") if is_object(part) else None
                if isinstance(text, str):
                    yield text
