"""
The published encodings: where their files are, what they must hash to, and how text is split before merging.

Source: tiktoken_ext/openai_public.py of openai/tiktoken 0.14.0 (MIT), checked 2026-11-21. Special tokens are left out: text of users
never turns into one, and a count needs none.
"""

from __future__ import annotations

from typing import NamedTuple


class Encoding(NamedTuple):
    """What is published of one encoding."""

    url: str
    sha256: str
    """Of the `.tiktoken` file."""
    pattern: str
    """The regular expression that splits text into the pieces within which tokens are merged."""


def _url(name: str) -> str:
    return f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"


ENCODINGS = {
    "o200k_base": Encoding(
        _url("o200k_base"),
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        "|".join(  # noqa: FLY002  # in the lines of its source
            (
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"\p{N}{1,3}",
                r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
                r"\s*[\r\n]+",
                r"\s+(?!\S)",
                r"\s+",
            )
        ),
    ),
    "cl100k_base": Encoding(
        _url("cl100k_base"),
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    ),
}
