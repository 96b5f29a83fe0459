"""How long a client takes to import, in a fresh process, with a first client made; less an empty interpreter's start."""

from __future__ import annotations

import statistics
import subprocess
import sys

from benchmarks.turns import ratio, show

OURS = "from twinwire import OpenAI; OpenAI(api_key='x')"
OURS_READY = "from twinwire import OpenAI; from twinwire._client.async_session import AsyncSession; import twinwire._core.flow, twinwire._io.transport, twinwire.types.reply, twinwire._model.convert"
THEIRS = "from openai import OpenAI; OpenAI(api_key='x')"


def main() -> None:
    """Compare with the official SDK."""
    empty = statistics.median(ratio(lambda: _run("pass"), lambda: _run("pass"), rounds=5)[:2])
    for what, code in (("import and make a client", OURS), ("... and load all that a first call needs", OURS_READY)):
        mine, other, _ = ratio(lambda code=code: _run(code), lambda: _run(THEIRS), rounds=7)  # type: ignore[misc]  # a default argument binds the loop's value
        show(what, "ms", 1000, (mine - empty, other - empty, (mine - empty) / (other - empty)))


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)
