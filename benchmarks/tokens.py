"""Counting tokens: the first count beside tiktoken's own loading, each later one, and the bound that reservations take."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.turns import ratio, show
from twinwire import count_tokens
from twinwire.tokens.bound import upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable

PROMPT = [
    {"role": "system", "content": "You are helpful."},
    {"role": "user", "content": "Say hello to the people over there, please."},
]
TIMES = 5000
OURS = "from twinwire import count_tokens; count_tokens('gpt-4o', [])"
THEIRS = "import tiktoken; tiktoken.get_encoding('o200k_base')"


def main() -> None:
    """Print microseconds a count, and the load time where tiktoken's own file is at hand."""
    count_tokens("gpt-4o", PROMPT)
    _print("count of a short prompt, loaded (bar: 20 us)", lambda: count_tokens("gpt-4o", PROMPT))
    _print("count of a short prompt, estimated", lambda: count_tokens("claude", PROMPT))
    _print("upper bound of a short prompt", lambda: upper_bound({"model": "gpt-4o", "messages": PROMPT}))
    if not os.environ.get("TIKTOKEN_CACHE_DIR"):
        print("set TIKTOKEN_CACHE_DIR to compare loading with tiktoken's: it would download")
        return
    show("load o200k_base in a fresh process, beside tiktoken's", "ms", 1000, ratio(_run(OURS), _run(THEIRS), rounds=5))


def _print(what: str, once: Callable[[], object]) -> None:
    rounds: list[float] = []
    for _ in range(7):
        begin = time.perf_counter()
        for _ in range(TIMES):
            once()
        rounds.append((time.perf_counter() - begin) / TIMES)
    print(f"{what:58} {statistics.median(rounds) * 1e6:10.1f} us")


def _run(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)
