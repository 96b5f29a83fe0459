"""Audio that comes in pieces."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.chat.chunks import deltas

if TYPE_CHECKING:
    from twinwire._model.json import Json


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([encoded(b"abc"), encoded(b"def")], encoded(b"abcdef")),
        ([encoded(b"abcdef")[:3], encoded(b"abcdef")[3:]], encoded(b"abcdef")),
        ([encoded(b"ab"), encoded(b"cd"), encoded(b"e")], encoded(b"abcde")),
        ([encoded(b"abcd")], encoded(b"abcd")),
        (["=no", "base64="], "=nobase64="),
        ([""], ""),
    ],
    ids=["encoded apart", "cut", "encoded apart with padding", "whole", "not base64", "empty"],
)
def test_data(pieces: list[str], expected: str) -> None:
    """The pieces come to one base64 string, whether they were cut or encoded one by one."""
    audios: list[Json] = [{"data": piece} for piece in pieces]
    folded = deltas(*({"audio": audio} for audio in audios))

    assert folded.message()["audio"] == {"data": expected}


def test_the_rest() -> None:
    """The id and the expiry hold, the transcript grows, and no event is made."""
    folded = deltas(
        {"audio": {"id": "a", "transcript": "Hel"}},
        {"audio": None},
        {"audio": {"id": "a", "transcript": "lo", "data": None}},
        {"audio": {"expires_at": 9, "transcript": None}},
    )

    assert folded.message()["audio"] == {"id": "a", "transcript": "Hello", "data": None, "expires_at": 9}
    assert folded.events == []
