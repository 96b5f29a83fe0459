"""What a server can make long costs time in proportion: the bounds are a hundred times what it takes, and less than a square would."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from twinwire._core.sse import SSEDecoder
from twinwire.chat.accumulate import ChatAccumulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._model.json import JsonObject

PIECES = 20_000
MAX_SECONDS = 10.0


def one_line() -> None:
    """Feed an event of four megabytes on one line."""
    decoder = SSEDecoder()
    decoder.feed(b"data: ")
    for _ in range(PIECES):
        decoder.feed(b"x" * 64)
    (event,) = decoder.feed(b"\n\n")
    assert len(event.data) == 64 * PIECES


def many_lines() -> None:
    """Feed an event of as many lines, with comments between."""
    decoder = SSEDecoder()
    for _ in range(PIECES):
        decoder.feed(b"data: " + b"x" * 64 + b"\r\n: c\r\n")
    (event,) = decoder.feed(b"\r\n")
    assert len(event.data) == 65 * PIECES - 1


def split_line_ends() -> None:
    """Feed bytes one by one, of lines that end in CRLF."""
    decoder = SSEDecoder()
    body = b"data: a\r\n\r\n" * (PIECES // 10)
    assert sum(len(decoder.feed(body[at : at + 1])) for at in range(len(body))) == PIECES // 10


def folded(delta: JsonObject) -> ChatAccumulator:
    """Fold the same delta again and again, asking for the text on the way."""
    accumulator = ChatAccumulator()
    for _ in range(PIECES):
        accumulator.add({"choices": [{"index": 0, "delta": delta}]})
    assert accumulator.snapshot()["choices"]
    return accumulator


DELTAS: dict[str, JsonObject] = {
    "text": {"content": "x" * 64},
    "parts": {"content": [{"type": "text", "text": "x" * 64}]},
    "thinking": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "x" * 64}]}]},
    "reasoning": {
        "reasoning": "x" * 64,
        "reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "x" * 64}],
    },
    "arguments": {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "x" * 64}}]},
    "arguments without a mark": {"tool_calls": [{"index": 0, "function": {"arguments": "x" * 64}}]},
    "unknown": {"unknown": ["x" * 64]},
    "audio": {"audio": {"id": "a", "data": "AAAA" * 16}},
}

CASES: dict[str, Callable[[], object]] = {
    "one line": one_line,
    "many lines": many_lines,
    "split line ends": split_line_ends,
    **{name: partial(folded, delta) for name, delta in DELTAS.items()},
}


@pytest.mark.parametrize("work", CASES.values(), ids=CASES)
def test_time_is_linear(work: Callable[[], object]) -> None:
    """Twenty thousand pieces take a fraction of a second."""
    begun = time.process_time()
    work()

    assert time.process_time() - begun < MAX_SECONDS
