"""CPU per streamed chunk, beside the official SDK."""

from __future__ import annotations

import time

import openai

import twinwire
from benchmarks.turns import ratio, show
from twinwire.testing import LoopbackProvider, Reply

MESSAGES = [{"role": "user", "content": "Count."}]
CHUNKS = 2000


def main() -> None:
    """Read a stream of 2,000 chunks as chunks, and as events."""
    text = " ".join(f"w{number}" for number in range(CHUNKS))
    with LoopbackProvider(process=True, default=Reply(text)) as server:
        ours = twinwire.OpenAI(base_url=server.base_url, api_key="k")
        theirs = openai.OpenAI(base_url=server.base_url, api_key="k")

        def chunks() -> None:
            for chunk in ours.chat.completions.create(model="m", messages=MESSAGES, stream=True):
                assert chunk is not None

        def events() -> None:
            with ours.chat.completions.stream(model="m", messages=MESSAGES) as stream:
                for event in stream:
                    assert event.text is not None
                assert stream.result().usage

        def their_chunks() -> None:
            for chunk in theirs.chat.completions.create(model="m", messages=MESSAGES, stream=True):  # type: ignore[call-overload]  # plain dicts
                assert chunk is not None

        for what, mine in (
            ("chunk of create(stream=True), CPU", chunks),
            ("event of .stream() with its result, CPU", events),
        ):
            show(what, "us", 1e6 / CHUNKS, ratio(mine, their_chunks, rounds=5, clock=time.process_time))
