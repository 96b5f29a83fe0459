"""Where a continuation joins the text before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twinwire.chat.seam import LEAST_REPEATED, Seam
from twinwire.errors import StreamError

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

SHOWN = "Rain, and later on some sun. \n"
SENT = SHOWN.rstrip()


def joined(shown: str, *pieces: str, repeats: bool = False) -> str:
    """What the answer comes to."""
    seam = Seam(shown, repeats=repeats)
    return shown + "".join(seam.take(piece) for piece in pieces) + seam.finish()


def halves(text: str) -> list[tuple[str, str]]:
    """Every way to split a text in two."""
    return [(text[:at], text[at:]) for at in range(len(text) + 1)]


@pytest.mark.parametrize("pieces", [*halves(SENT + " \nThen wind."), tuple(SENT + " \nThen wind.")])
def test_a_repeated_text_at_every_split(pieces: tuple[str, ...]) -> None:
    """However it is split, the text that comes again is dropped, with the white space that was shown."""
    assert joined(SHOWN, *pieces, repeats=True) == SHOWN + "Then wind."


@pytest.mark.parametrize("pieces", [*halves(SENT + " \nThen wind."), tuple(SENT + " \nThen wind."), (SENT,)])
def test_a_text_repeated_unexpectedly(pieces: tuple[str, ...]) -> None:
    """From a server that is not known to repeat, it may as well be an answer that repeats itself, and nobody can tell."""
    with pytest.raises(StreamError, match=f"the server sent its {len(SENT)} characters again, or it repeats itself"):
        joined(SHOWN, *pieces, repeats=False)


@pytest.mark.parametrize("pieces", halves(" \nThen wind."))
def test_a_continuation_at_every_split(pieces: tuple[str, str]) -> None:
    """White space that was taken off the end of the text comes again, and is not doubled."""
    assert joined(SHOWN, *pieces) == SHOWN + "Then wind."


ROWS: list[tuple[str, list[str], bool, str]] = [
    ("Hello", [" world"], False, "Hello world"),
    ("Hello ", [" world"], False, "Hello world"),
    ("Hello ", ["world"], False, "Hello world"),
    ("Hello ", ["", " ", "", " world"], False, "Hello  world"),
    ("Hello\n", ["\n\nworld"], False, "Hello\n\nworld"),
    ("Hello\n\n", ["\nworld"], False, "Hello\n\nworld"),
    ("Hello ", ["\nworld"], False, "Hello \nworld"),
    ("Hel", ["lo"], False, "Hello"),
    ("Hello ", [], False, "Hello "),
    ("Hello ", [" "], False, "Hello "),
    # Few characters may be the same by chance: ha, ha.
    ("ha", ["ha"], False, "haha"),
    ("ha", ["haha"], True, "haha"),
    ("ha", ["ha"], True, "ha"),
    # So they are held back, and come when something else follows, or nothing.
    ("The end is near, they say.", ["The ", "end of it."], False, "The end is near, they say.The end of it."),
    ("The end is near, they say. ", ["The ", "end"], False, "The end is near, they say. The end"),
    # A server that is known to repeat the text, and does not.
    ("The end is near, they say.", [" So what?"], True, "The end is near, they say. So what?"),
    ("The end is near, they say.", ["The rest."], True, "The end is near, they say.The rest."),
    # It had no room for more than half of the repetition.
    ("The end is near, they say.", ["The end is near, t"], True, "The end is near, they say."),
    (
        "👋🏽 Grüße an alle, die es lesen",
        ["👋🏽 Grüße an alle", ", die es lesen", "!"],
        True,
        "👋🏽 Grüße an alle, die es lesen!",
    ),
]


@pytest.mark.parametrize(("shown", "pieces", "repeats", "expected"), ROWS)
def test_joining(shown: str, pieces: list[str], repeats: bool, expected: str) -> None:
    """No character twice, and none lost."""
    assert joined(shown, *pieces, repeats=repeats) == expected


@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("at", [LEAST_REPEATED, len(SENT) - 1])
def test_an_answer_begun_anew(at: int, repeats: bool) -> None:
    """A long repetition that goes another way cannot be joined."""
    seam = Seam(SHOWN, repeats=repeats)
    assert seam.take(SENT[:at]) == ""
    with pytest.raises(StreamError, match=f"after {at} characters, went another way"):
        seam.take("#")


def test_an_answer_begun_anew_and_cut() -> None:
    """Nor can one that ends within the repetition, where the server is not known to repeat."""
    seam = Seam(SHOWN, repeats=False)
    seam.take(SENT[:-1])
    with pytest.raises(StreamError):
        seam.finish()


def test_nothing_is_held_back_after_the_seam() -> None:
    """Later pieces pass, also those that the text began with."""
    seam = Seam(SHOWN, repeats=False)

    assert [seam.take(piece) for piece in ("So", SENT, " \n", "")] == ["So", SENT, " \n", ""]
    assert seam.finish() == ""


def trimmed(choice: JsonObject, *, shown: str = SHOWN, repeats: bool = True) -> Json:
    """A choice after the seam saw it."""
    chunk: JsonObject = {"choices": [choice]}
    Seam(shown, repeats=repeats).trim(chunk)
    assert isinstance(chunk["choices"], list)
    return chunk["choices"][0]


SHAPES: list[tuple[JsonObject, JsonObject]] = [
    ({"index": 0, "delta": {"content": SENT + "!"}}, {"index": 0, "delta": {"content": "!"}}),
    ({"delta": {"content": SENT + "!"}}, {"delta": {"content": "!"}}),
    ({"message": {"content": SENT + "!"}}, {"message": {"content": "!"}}),
    ({"text": SENT + "!"}, {"text": "!"}),
    (
        {"delta": {"content": [{"type": "text", "text": SENT + "!"}, {"type": "image_url"}]}},
        {"delta": {"content": [{"type": "text", "text": "!"}, {"type": "image_url"}]}},
    ),
    ({"index": 1, "delta": {"content": SENT + "!"}}, {"index": 1, "delta": {"content": SENT + "!"}}),
    ({"delta": {"content": None}}, {"delta": {"content": None}}),
    ({"delta": {"content": 1}}, {"delta": {"content": 1}}),
    ({"delta": None}, {"delta": {}}),
    ({"delta": {}, "finish_reason": "stop"}, {"delta": {}, "finish_reason": "stop"}),
]


@pytest.mark.parametrize(("choice", "expected"), SHAPES)
def test_where_the_text_stands(choice: JsonObject, expected: JsonObject) -> None:
    """In all places in which a choice may have its text, and nowhere else."""
    assert trimmed(choice) == expected


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        ({"delta": {"content": "Rain"}}, {"delta": {"content": "Rain"}}),
        (
            {"delta": {"content": [{"type": "text", "text": "Rain"}]}},
            {"delta": {"content": [{"type": "text", "text": ""}, {"type": "text", "text": "Rain"}]}},
        ),
    ],
)
def test_what_was_held_back_comes_with_the_finish_reason(holder: JsonObject, expected: JsonObject) -> None:
    """So that it is part of the answer."""
    choice: JsonObject = {**holder, "finish_reason": "stop"}

    assert trimmed(choice, repeats=False) == {**expected, "finish_reason": "stop"}


@pytest.mark.parametrize("chunk", [{}, {"choices": None}, {"choices": 1}, {"choices": [None, 1]}])
def test_odd_chunks(chunk: JsonObject) -> None:
    """What has no choices is left for others to judge."""
    before = repr(chunk)
    Seam(SHOWN, repeats=True).trim(chunk)

    assert repr(chunk) == before
