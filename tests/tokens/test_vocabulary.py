"""Vocabularies: the packaged one is the published one, others are found or refused, and any text is counted."""

from __future__ import annotations

import hashlib
import http.server
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.ranks import pack
from codegen.tools import ToolError
from twinwire._io import encodings, vocabulary
from twinwire._io.ranks import published_form, read_published, unpack
from twinwire._io.vocabulary import Vocabularies, Vocabulary, cut
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Generator

BYTES = [bytes([value]) for value in range(256)]
SMALL = [*BYTES, b"th", b"the", b" the", b"\xff\xfe"]
SMALL_FILE = published_form(SMALL)


@pytest.fixture(scope="module")
def loaded() -> Vocabulary:
    """The packaged vocabulary."""
    found = vocabulary.load("o200k_base")
    assert found is not None
    return found


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoding of 260 tokens, published at a place where nothing listens."""
    small = encodings.Encoding("http://127.0.0.1:9/small.tiktoken", hashlib.sha256(SMALL_FILE).hexdigest(), r"\S+|\s+")
    monkeypatch.setitem(encodings.ENCODINGS, "small", small)
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)


def _cache_name() -> str:
    return hashlib.sha1(encodings.ENCODINGS["small"].url.encode(), usedforsecurity=False).hexdigest()


def test_packed_tokens_come_back() -> None:
    """Packing loses nothing."""
    assert unpack(pack(SMALL)) == SMALL


def test_published_form_is_read() -> None:
    """What is written as a `.tiktoken` file is read from one."""
    assert list(read_published(SMALL_FILE)) == SMALL


def test_token_of_no_earlier_ones_cannot_be_packed() -> None:
    """A list that no byte-pair encoding has learned is refused."""
    with pytest.raises(ToolError, match="token 256 is not made of two earlier ones"):
        pack([*BYTES, b"abc"])


def test_bytes_come_first() -> None:
    """The packed form counts on it."""
    with pytest.raises(ToolError, match="single bytes"):
        pack([b"ab", *BYTES])


@pytest.mark.parametrize("damaged", [b"", b"no LZMA", pack(SMALL)[:-20]])
def test_damaged_pack_is_refused(damaged: bytes) -> None:
    """Damage is an error, and no shorter vocabulary."""
    with pytest.raises(ValueError, match="packed vocabulary"):
        unpack(damaged)


def test_damaged_package_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packaged file that unpacks to something else is refused by its hash."""

    def other(packed: bytes) -> list[bytes]:
        return SMALL

    monkeypatch.setattr(vocabulary, "unpack", other)

    with pytest.raises(ConfigError, match="not the published o200k_base"):
        Vocabularies().load("o200k_base")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("hello world", 2),
        ("tiktoken is great!", 6),
        ("antidisestablishmentarianism", 6),
        ("2 + 2 = 4", 7),
        ("お誕生日おめでとう", 8),
    ],
)
def test_known_counts(loaded: Vocabulary, text: str, tokens: int) -> None:
    """Source: OpenAI cookbook, "How to count tokens with tiktoken", its output for o200k_base."""
    assert loaded.count(text) == tokens


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("<|endoftext|>", 3, 13),
        ("\ud800 alone", 2, 6),
        (" " * 1_200_000, 1, 20_000),
        ("a" * 1_000_000, 100_000, 130_000),
        ("\n" * 300_000, 1, 300_000),
        ("\x00" * 1000, 1, 1000),
    ],
    ids=["special token", "lone surrogate", "white space", "one letter", "empty lines", "null characters"],
)
def test_any_text_is_counted(loaded: Vocabulary, text: str, least: int, most: int) -> None:
    """No text ends in an error, or the process in a panic."""
    assert least <= loaded.count(text) <= most


def test_safe_cuts_change_no_count(loaded: Vocabulary) -> None:
    """A long text, cut where it may be cut, is as many tokens as in one piece."""
    sources = "".join(
        path.read_text(encoding="utf-8") for path in sorted(Path(vocabulary.__file__).parent.glob("*.py"))[:8]
    )
    text = (sources[:30_000] + "我们明天早上见面\uff0c讨论新的项目。你好\uff01it's 5 o'clock\r\n\r\n  x = 1") * 2
    pieces = cut(text, most=400, within=400)

    assert len(text) <= vocabulary.MAX_PIECE_CHARACTERS
    assert len(pieces) > 100
    assert "".join(pieces) == text
    assert sum(map(loaded.count, pieces)) == loaded.count(text)


def test_text_without_a_safe_place_is_cut_anyway() -> None:
    """Pieces are never longer than they may be."""
    pieces = cut("x" * 1001, most=100, within=50)

    assert [len(piece) for piece in pieces] == [100] * 10 + [1]


def test_only_one_thread_loads(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that ask at once get the same vocabulary, which was loaded once."""
    calls: list[str] = []
    gate = threading.Barrier(8)

    def ranks(name: str, **_: object) -> dict[bytes, int]:
        calls.append(name)
        return read_published(SMALL_FILE)

    monkeypatch.setattr(vocabulary, "_ranks", ranks)
    vocabularies = Vocabularies()

    def load(_: int) -> Vocabulary | None:
        gate.wait(10)
        return vocabularies.load("small")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(load, range(8)))

    assert calls == ["small"]
    assert len(set(map(id, found))) == 1


def test_encoding_that_is_not_here_is_none(small: None) -> None:
    """Without a folder and without leave to download there is no such vocabulary, and none is remembered."""
    vocabularies = Vocabularies()

    assert vocabularies.load("small") is None
    assert vocabularies.loaded("small") is None


def test_encoding_in_the_cache_folder_is_used(small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`TIKTOKEN_CACHE_DIR` names files as tiktoken does."""
    (tmp_path / _cache_name()).write_bytes(SMALL_FILE)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    vocabularies = Vocabularies()
    found = vocabularies.load("small")

    assert found is not None
    assert found.count("the the") == 3
    assert vocabularies.loaded("small") is found


def test_damaged_file_in_the_cache_folder_is_an_error(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not the published one is never used."""
    (tmp_path / _cache_name()).write_bytes(SMALL_FILE[:-5])
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))

    with pytest.raises(ConfigError, match="is not the published small"):
        Vocabularies().load("small")


def test_folder_in_place_of_the_file_is_an_error(small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read is said."""
    (tmp_path / _cache_name()).mkdir()
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))

    with pytest.raises(ConfigError, match="cannot be read"):
        Vocabularies().load("small")


class _Handler(http.server.BaseHTTPRequestHandler):
    answer: bytes = SMALL_FILE

    def do_GET(self) -> None:
        self.send_response(200 if self.answer else 503)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(small: None, monkeypatch: pytest.MonkeyPatch) -> Generator[type[_Handler]]:
    """A server that publishes the small encoding."""
    handler = type("Handler", (_Handler,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/small.tiktoken"
        monkeypatch.setitem(encodings.ENCODINGS, "small", encodings.ENCODINGS["small"]._replace(url=url))
        yield handler
        server.shutdown()
        thread.join()


def test_download_is_kept_in_the_cache_folder(
    served: type[_Handler], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked for is downloaded once, checked, and found by the next process."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "new"))
    found = Vocabularies().load("small", download=True, timeout=20)

    assert found is not None
    assert found.count("the the") == 3
    assert [path.name for path in (tmp_path / "new").iterdir()] == [_cache_name()]


def test_download_needs_no_folder(served: type[_Handler], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It then lives as long as the process; a folder that cannot be made is no reason to fail."""
    assert Vocabularies().load("small", download=True, timeout=20) is not None

    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert Vocabularies().load("small", download=True, timeout=20) is not None


@pytest.mark.parametrize(("answer", "said"), [(b"other", "is not the published small"), (b"", "cannot be downloaded")])
def test_bad_download_is_refused(served: type[_Handler], answer: bytes, said: str) -> None:
    """Another file, or a server's error, is an error here."""
    served.answer = answer

    with pytest.raises(ConfigError, match=said):
        Vocabularies().load("small", download=True, timeout=20)


def test_endless_download_is_refused(served: type[_Handler], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server cannot fill the memory."""
    monkeypatch.setattr(vocabulary, "MAX_DOWNLOAD_BYTES", 100)

    with pytest.raises(ConfigError, match="more than 100 bytes"):
        Vocabularies().load("small", download=True, timeout=20)


def test_slow_download_is_given_up(served: type[_Handler]) -> None:
    """The timeout is for the whole."""
    with pytest.raises(ConfigError, match=r"within|cannot be downloaded"):
        Vocabularies().load("small", download=True, timeout=1e-6)


def test_unreachable_place_is_a_config_error(small: None) -> None:
    """No error of the HTTP library escapes."""
    with pytest.raises(ConfigError, match="cannot be downloaded"):
        Vocabularies().load("small", download=True, timeout=20)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_child_of_a_fork_can_load() -> None:
    """A lock that another thread held at the fork is not waited for."""
    code = (
        "import os, threading\n"
        "from twinwire._io.vocabulary import VOCABULARIES as all\n"
        "all._lock.acquire()\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    os._exit(0 if all.load('o200k_base').count('hello world') == 2 else 1)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
