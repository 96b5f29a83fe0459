"""Headers as a mapping."""

from __future__ import annotations

import pickle

import pytest

from twinwire._core.headers import Headers

HEADERS = Headers([("Content-Type", "a"), ("Set-Cookie", "x=1"), ("set-cookie", "y=2")])


def test_looking_up() -> None:
    """Names have no case; repeated ones are joined, or kept apart on demand."""
    assert HEADERS["content-TYPE"] == "a"
    assert HEADERS["set-cookie"] == "x=1, y=2"
    assert HEADERS.get_all("SET-COOKIE") == ["x=1", "y=2"]
    assert HEADERS.get("missing") is None
    assert list(HEADERS) == ["content-type", "set-cookie"]
    assert len(HEADERS) == 2


def test_missing() -> None:
    """A missing header is a KeyError."""
    with pytest.raises(KeyError):
        HEADERS["missing"]


def test_cookies_are_not_shown() -> None:
    """A repr holds nothing that lets anybody in."""
    assert "x=1" not in repr(HEADERS)


def test_pickling() -> None:
    """Errors and replies that hold headers travel between processes."""
    assert pickle.loads(pickle.dumps(HEADERS)) == HEADERS  # noqa: S301  # our own bytes
