from __future__ import annotations

import base64
import copy
import math
import struct
from typing import TYPE_CHECKING

import pytest

from tests.model.repickle import repickled
from twinwire._model.convert import structure
from twinwire._model.embedding import Vector, check_count, decode_base64_vectors
from twinwire.errors import DecodeError
from twinwire.types import CreateEmbeddingResponse

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

NUMBERS = [0.25, -0.5, 0.0]
TEXT = base64.b64encode(struct.pack("<3f", *NUMBERS)).decode()


def body(*embeddings: list[float] | str) -> JsonObject:
    return {
        "data": [{"embedding": list(e) if isinstance(e, list) else e, "index": i} for i, e in enumerate(embeddings)]
    }


def test_numbers_stay_as_they_are() -> None:
    """Integers among floats stay integers."""
    reply = structure(body([0, 1.5], [2, 3]), CreateEmbeddingResponse)

    assert repr(reply.vectors) == "[[0, 1.5], [2, 3]]"
    assert repr(reply[1].vector) == "[2, 3]"
    assert reply.to_dict() == body([0, 1.5], [2, 3])


@pytest.mark.parametrize(
    ("indexes", "expected"),
    [
        ([2, 0, 1], [[1], [2], [0]]),
        ([0, 0, 1], [[0], [1], [2]]),
        ([1, 2, 3], [[0], [1], [2]]),
        ([None, 0, 1], [[0], [1], [2]]),
    ],
)
def test_vectors_are_in_the_order_of_the_input(indexes: list[int | None], expected: list[list[float]]) -> None:
    """As their indexes say, where those say it of every one."""
    data: list[Json] = [{"embedding": [place], "index": index} for place, index in enumerate(indexes)]
    reply = structure({"data": data}, CreateEmbeddingResponse)

    assert reply.vectors == expected
    assert [item.index for item in reply] == indexes


def test_base64_that_was_asked_for_is_decoded() -> None:
    """The vector reads as numbers and is written back as the very text."""
    reply = structure(body(TEXT, [1.0]), CreateEmbeddingResponse)
    decode_base64_vectors(reply)

    assert reply.vectors == [NUMBERS, [1.0]]
    assert reply[0].embedding == NUMBERS
    assert reply.to_dict() == body(TEXT, [1.0])


def test_base64_that_was_not_asked_for_is_not_guessed() -> None:
    """Its bytes may be 8-bit integers as well, so there is an error, and the text is at hand."""
    reply = structure(body(TEXT), CreateEmbeddingResponse)

    with pytest.raises(DecodeError, match="text of unknown coding") as caught:
        _ = reply.vectors

    assert caught.value.path == "$.data[0].embedding"
    assert reply[0].embedding == TEXT
    assert reply.to_dict() == body(TEXT)


@pytest.mark.parametrize("text", ["not base64!", "AAA", "AAAAAAA=", "grüße"])
def test_base64_that_cannot_be_read(text: str) -> None:
    """Broken text, or bytes that are no whole number of floats, name the item."""
    reply = structure(body(TEXT, text), CreateEmbeddingResponse)

    with pytest.raises(DecodeError, match=r"the vector (is not base64|has 5 bytes)") as caught:
        decode_base64_vectors(reply)

    assert caught.value.path == "$.data[1].embedding"


def test_a_changed_vector_is_written_as_numbers() -> None:
    """The encoding follows the list; the old text would say something else."""
    vector = Vector.decode(TEXT)
    vector[0] = 0.1
    reply = structure(body(TEXT), CreateEmbeddingResponse)
    reply[0].embedding = vector

    assert reply.to_dict() == body([0.1, -0.5, 0.0])


def test_a_vector_with_nan_is_unchanged() -> None:
    """NaN differs from itself, and still the text is the same."""
    text = base64.b64encode(struct.pack("<2f", math.nan, 1.0)).decode()

    assert Vector.decode(text)._encode() == text


def test_a_vector_survives_pickle_and_copies() -> None:
    """It stays a vector, with its text."""
    vector = Vector.decode(TEXT)
    for twin in (repickled(vector), copy.copy(vector), copy.deepcopy(vector)):
        assert twin == NUMBERS
        assert twin._encode() == TEXT


@pytest.mark.parametrize(
    ("given", "count"),
    [("a", 1), ([1, 2, 3], 1), (["a"], 1), (["a", "b"], 2), (("a", "b"), 2), ([[1, 2], [3]], 2), ([], 1)],
    ids=str,
)
def test_count_of_vectors(given: object, count: int) -> None:
    """There is a vector for each text or list of tokens; any other number is an error, for nobody knows whose they are."""
    vectors = [[0.5]] * (count + 1)
    check_count(structure(body(*vectors[:count]), CreateEmbeddingResponse), given)

    for wrong in (vectors, vectors[: count - 1]):
        with pytest.raises(DecodeError, match=f"^{len(wrong)} vectors for {count} inputs$"):
            check_count(structure(body(*wrong), CreateEmbeddingResponse), given)
