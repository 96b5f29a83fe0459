"""
Vocabularies: loaded once, when first asked for, and never by a call to a model.

o200k_base lies in the package. Any other encoding is a file of the folder that `TIKTOKEN_CACHE_DIR` names (tiktoken's own names for
them), or is downloaded, which happens only when asked for and has a timeout. Every file is checked against its published sha256.
tiktoken does the encoding; its own loading is not used, as that downloads unasked and without a timeout.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from twinwire._io import environment, fork
from twinwire._io.encodings import ENCODINGS
from twinwire._io.ranks import published_form, read_published, unpack
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    import tiktoken

PACKED = "o200k_base"
MAX_PIECE_CHARACTERS = 65_536
"""Longer text is cut: 1,000,000 white spaces at once end the process's regex engine with a panic that is no Exception (tiktoken 0.14.0)."""
_CUT_WITHIN_CHARACTERS = 8_192
_SAFE_CUT = re.compile(
    r"(?<=\S) (?=[^\W\d_])|(?<=[\r\n])(?=[^\W\d_])|(?<=[^\W\d_])[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f](?=[^\W\d_])"
)
"""
Where text can be cut without changing its count: both encodings begin a piece there in any case. A space, or one sign of
Chinese punctuation, goes with the letters after it, and a line's end never does.
"""
MAX_DOWNLOAD_BYTES = 16_000_000


class Vocabulary:
    """One loaded encoding."""

    def __init__(self, name: str, encoding: tiktoken.Encoding) -> None:
        self.name = name
        self._encode = encoding.encode_ordinary

    def count(self, text: str) -> int:
        """Return the number of tokens of *text*: of any length and kind; names of special tokens count as plain text."""
        if len(text) <= MAX_PIECE_CHARACTERS:
            return len(self._encode(text))
        encode = self._encode
        return sum(len(encode(piece)) for piece in cut(text))


def cut(text: str, most: int = MAX_PIECE_CHARACTERS, within: int = _CUT_WITHIN_CHARACTERS) -> list[str]:
    """Cut long text into pieces of at most *most* characters, at safe places if any is in the last *within* of a piece."""
    pieces: list[str] = []
    start = 0
    while len(text) - start > most:
        end = start + most
        # One character more, for the letter that a safe cut looks at.
        places = [match.start() for match in _SAFE_CUT.finditer(text, end - min(within, most - 1), end + 1)]
        end = places[-1] if places else end
        pieces.append(text[start:end])
        start = end
    pieces.append(text[start:])
    return pieces


class Vocabularies:
    """The loaded ones. Whoever comes while one is being loaded waits for it."""

    def __init__(self) -> None:
        self._loaded: dict[str, Vocabulary] = {}
        self._lock = threading.Lock()
        fork.watch(self)

    def loaded(self, name: str) -> Vocabulary | None:
        """Return an encoding if it is loaded already."""
        return self._loaded.get(name)

    def load(self, name: str, *, download: bool = False, timeout: float = 30.0) -> Vocabulary | None:
        """
        Return an encoding, or None if it is not on this machine and must not be downloaded. Takes 0.4 s the first time.

        *timeout* is in seconds, for the whole download. What is downloaded is put into the folder `TIKTOKEN_CACHE_DIR`, if there is one.

        Raises:
            ConfigError: a file is not the published one, or the download failed.
        """
        found = self._loaded.get(name)
        if found is not None:
            return found
        with self._lock:
            if name not in self._loaded:
                ranks = _ranks(name, download=download, timeout=timeout)
                if ranks is None:
                    return None
                import tiktoken

                encoding = tiktoken.Encoding(
                    name, pat_str=ENCODINGS[name].pattern, mergeable_ranks=ranks, special_tokens={}
                )
                self._loaded[name] = Vocabulary(name, encoding)
            return self._loaded[name]

    def after_fork(self) -> None:
        """The lock may have been held by a thread that is not here. What is loaded stays."""
        self._lock = threading.Lock()


def _ranks(name: str, *, download: bool, timeout: float) -> dict[bytes, int] | None:
    if name == PACKED:
        return _packed()
    published = _cached(name)
    if published is None and download:
        published = _downloaded(name, timeout)
        _keep(name, published)
    return None if published is None else read_published(published)


def _packed() -> dict[bytes, int]:
    try:
        tokens = unpack(files("twinwire").joinpath("_data", f"{PACKED}.ranks").read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the packaged vocabulary {PACKED} cannot be read, install twinwire again: {error}"
        ) from error
    _check(PACKED, published_form(tokens), "the packaged vocabulary")
    return {token: rank for rank, token in enumerate(tokens)}


def _cache_place(name: str) -> Path | None:
    folder = environment.get("TIKTOKEN_CACHE_DIR")
    # The name that tiktoken gives it; no security hangs on this hash.
    return (
        Path(folder) / hashlib.sha1(ENCODINGS[name].url.encode(), usedforsecurity=False).hexdigest() if folder else None
    )


def _cached(name: str) -> bytes | None:
    place = _cache_place(name)
    if place is None:
        return None
    try:
        published = place.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"the vocabulary {place} cannot be read: {error.strerror}") from error
    _check(name, published, str(place))
    return published


def _check(name: str, published: bytes, where: str) -> None:
    found = hashlib.sha256(published).hexdigest()
    if found != ENCODINGS[name].sha256:
        raise ConfigError(
            f"{where} is not the published {name}: its sha256 is {found}, expected {ENCODINGS[name].sha256}"
        )


def _downloaded(name: str, timeout: float) -> bytes:
    import httpx

    from twinwire._io import clock

    url = ENCODINGS[name].url
    give_up = clock.monotonic() + timeout
    data = bytearray()
    try:
        with httpx.stream("GET", url, timeout=timeout) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > MAX_DOWNLOAD_BYTES:
                    raise ConfigError(f"{url} sends more than {MAX_DOWNLOAD_BYTES} bytes")
                if clock.monotonic() > give_up:
                    raise ConfigError(f"{url} was not downloaded within {timeout} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConfigError(f"{url} cannot be downloaded: {str(error) or type(error).__name__}") from error
    _check(name, bytes(data), url)
    return bytes(data)


def _keep(name: str, published: bytes) -> None:
    """Put a download where the next process finds it. A folder that cannot be written to is no reason to fail."""
    place = _cache_place(name)
    if place is None:
        return
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(published)
        part.replace(place)  # whole or not at all
    except OSError:
        with suppress(OSError):
            part.unlink()


VOCABULARIES = Vocabularies()
"""One for the process."""

loaded: Callable[[str], Vocabulary | None] = VOCABULARIES.loaded
load = VOCABULARIES.load
