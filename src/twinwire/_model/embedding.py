"""
Vectors of embeddings, which come as numbers or as base64.

The field stays as it was sent. Base64 is decoded only where it was asked for, since then it is known to be little-endian 32-bit floats;
sent unasked it may be anything (Perplexity: 8-bit integers), and guessing would give wrong numbers.
"""

from __future__ import annotations

import base64
import binascii
import struct
from array import array
from contextlib import contextmanager
from typing import TYPE_CHECKING

from twinwire._model.base import Model
from twinwire._model.encode import Encodable, unstructure
from twinwire._model.reply import ListReply
from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Generator

    from twinwire._model.json import Json
    from twinwire.types.embeddings import Embedding


class Vector(list[float], Encodable):
    """The numbers of a vector that was sent as base64 of little-endian 32-bit floats; written back as that text unless changed."""

    __slots__ = ("_base64",)
    _base64: str

    @classmethod
    def decode(cls, text: str) -> Vector:
        """
        Read *text*.

        Raises:
            DecodeError: it is not base64 of whole 32-bit floats.
        """
        vector = cls(_floats(text))
        vector._base64 = text
        return vector

    def _encode(self) -> Json:
        # Compared as bytes: a list with NaN in it is not equal to its like.
        if array("d", self).tobytes() == array("d", _floats(self._base64)).tobytes():
            return self._base64
        return [unstructure(number) for number in self]


def _floats(text: str) -> tuple[float, ...]:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DecodeError("the vector is not base64") from error
    if len(content) % 4:
        raise DecodeError(f"the vector has {len(content)} bytes, which are no whole number of 32-bit floats")
    return struct.unpack(f"<{len(content) // 4}f", content)


class EmbeddingItem(Model):
    """One vector of an embeddings reply."""

    __slots__ = ()

    if TYPE_CHECKING:
        embedding: list[float] | str

    @property
    def vector(self) -> list[float]:
        """
        The vector as numbers.

        Raises:
            DecodeError: it was sent as text though `encoding_format="base64"` was not asked for, so its coding is not known.
        """
        if isinstance(self.embedding, str):
            raise DecodeError("the vector was sent as text of unknown coding; see `embedding`", path="$.embedding")
        return self.embedding


class EmbeddingReply(ListReply):
    """The reply of embeddings: iterate over its items, or take all `vectors`."""

    __slots__ = ()

    if TYPE_CHECKING:
        data: list[Embedding]

    @property
    def vectors(self) -> list[list[float]]:
        """
        All vectors as numbers, in the order of the input: by their `index`, where there is each from 0 on once, else as in `data`.

        Raises:
            DecodeError: as for the `vector` of an item.
        """
        found: list[list[float]] = []
        for place, item in enumerate(self.data):
            with _located(place):
                found.append(item.vector)
        places = {item.index: place for place, item in enumerate(self.data)}
        if all(index in places for index in range(len(found))):
            return [found[places[index]] for index in range(len(found))]
        return found


def check_count(reply: EmbeddingReply, given: object) -> None:
    """
    Hold the number of vectors to that of the inputs: one too few, and others would stand in its place.

    *given* is the `input` of the request: a text or the tokens of one, or a list of either.

    Raises:
        DecodeError: the numbers differ.
    """
    items: list[object] = list(given) if isinstance(given, list | tuple) else []  # pyright: ignore[reportUnknownArgumentType]  # of anything
    count = 1 if all(isinstance(item, int) for item in items) else len(items)
    if len(reply.data) != count:
        raise DecodeError(f"{len(reply.data)} vectors for {count} inputs", path="$.data", possibly_billed=True)


def decode_base64_vectors(reply: EmbeddingReply) -> None:
    """
    Replace each vector that is text by a `Vector`. For replies to requests that asked for `encoding_format="base64"`.

    Raises:
        DecodeError: a text is not base64 of 32-bit floats; `path` says which.
    """
    for place, item in enumerate(reply.data):
        if isinstance(item.embedding, str):
            with _located(place):
                item.embedding = Vector.decode(item.embedding)


@contextmanager
def _located(place: int) -> Generator[None]:
    """Complete the path of an error about one item."""
    try:
        yield
    except DecodeError as error:
        error.path = f"$.data[{place}].embedding"
        raise
