# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/embeddings.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

from attrs import field

from twinwire._model import base
from twinwire._model.embedding import EmbeddingItem, EmbeddingReply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.types.usage import CostDetails, PromptTokensDetails


@base.define
class CreateEmbeddingResponse(EmbeddingReply):
    """The vectors of what was embedded."""

    id: str | None = None
    """
    The provider's name for this reply.

    Providers: openrouter.
    """
    object: Literal["list"] | str = "list"
    """The kind of this object."""
    data: list[Embedding]
    """One item for each thing that was embedded."""
    model: str = ""
    """The model that embedded."""
    usage: EmbeddingUsage | None = None
    """Tokens and cost. Some servers leave it out."""
    provider: str | None = None
    """
    The company whose endpoint served the request.

    Providers: openrouter.
    """


@base.define
class Embedding(EmbeddingItem):
    """The vector of one thing that was embedded."""

    object: Literal["embedding"] | str = "embedding"
    """The kind of this object."""
    index: int | None = None
    """The place of the thing in the input."""
    embedding: list[float] | str
    """
    The vector as it was sent: numbers, or base64 of little-endian 32-bit floats (Perplexity: of 8-bit integers,
    unasked). `vector` has it as numbers.
    """


class EmbeddingAudioPartParam(TypedDict):
    """
    Sound.

    Providers: openrouter.
    """

    type: Literal["input_audio"]
    input_audio: EmbeddingMediaParam
    """The sound."""


class EmbeddingFilePartParam(TypedDict):
    """
    A file.

    Providers: openrouter.
    """

    type: Literal["input_file"]
    input_file: EmbeddingMediaParam
    """The file."""


class EmbeddingImagePartParam(TypedDict):
    """
    An image.

    Providers: openrouter.
    """

    type: Literal["image_url"]
    image_url: EmbeddingImageURLParam
    """Where the image is."""


class EmbeddingImageURLParam(TypedDict):
    """
    Where an image is.

    Providers: openrouter.
    """

    url: str
    """Its address, or the image itself as a data URL."""


class EmbeddingInputParam(TypedDict):
    """
    One thing to embed, made of parts.

    Providers: openrouter.
    """

    content: Sequence[EmbeddingInputPartParam]
    """The parts."""


class EmbeddingMediaParam(TypedDict):
    """
    Sound, video or a file.

    Providers: openrouter.
    """

    data: str
    """Its content, in base64."""
    format: NotRequired[str]
    """How it is encoded, such as `mp3` or `pdf`."""


class EmbeddingTextPartParam(TypedDict):
    """
    Text.

    Providers: openrouter.
    """

    type: Literal["text"]
    text: str
    """The text."""


@base.define
class EmbeddingUsage(base.Model):
    """Tokens and cost of embedding."""

    prompt_tokens: int | None = None
    """Tokens of the input."""
    total_tokens: int | None = None
    """All tokens."""
    completion_tokens: int | None = None
    """Always 0, where a server sends it."""
    prompt_tokens_details: PromptTokensDetails | None = None
    """
    What the tokens consist of, where the input mixes kinds.

    Providers: openrouter.
    """
    cost: float | None = field(default=None, metadata={"lenient": True})
    """
    What the call cost; with OpenRouter the credits charged (US dollars), with Perplexity an object of parts, which
    is then in `extra`.

    Providers: openrouter.
    """
    cost_details: CostDetails | None = None
    """
    What the company that ran the model asked.

    Providers: openrouter.
    """
    is_byok: bool | None = None
    """
    Whether your own key with the company was used.

    Providers: openrouter.
    """


class EmbeddingVideoPartParam(TypedDict):
    """
    A video.

    Providers: openrouter.
    """

    type: Literal["input_video"]
    input_video: EmbeddingMediaParam
    """The video."""


EmbeddingInputPartParam: TypeAlias = "EmbeddingTextPartParam | EmbeddingImagePartParam | EmbeddingAudioPartParam | EmbeddingVideoPartParam | EmbeddingFilePartParam"
"""
A part of a thing to embed.

Providers: openrouter.
"""
