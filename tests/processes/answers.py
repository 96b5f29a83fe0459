"""What the server of the checks answers: the model's name says it, so that checks need no script of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.testing import AfterEvents, Insert, Reply, Stall, Status

if TYPE_CHECKING:
    from twinwire.testing import RecordedRequest
    from twinwire.testing.answers import FixedAnswer

_CHUNK = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}\n\n'
)

ANSWERS: dict[str, FixedAnswer] = {
    "echo": Reply(),
    "slow": Reply(faults=[Stall(0.3, at="before_head")]),
    "stall-head": Reply(faults=[Stall(at="before_head")]),
    "stall-body": Reply(faults=[Stall(at="before_body")]),
    "stall-stream": Reply("one two three four", faults=[Stall(at=AfterEvents(3))]),
    "paced": Reply(delay_seconds=0.1),
    "drip": Reply("word " * 100, delay_seconds=0.02),
    "endless": Reply("one two", faults=[Insert(_CHUNK % b"word ", at=AfterEvents(3), times=None, every_seconds=0.01)]),
    "flood": Reply("one two", faults=[Insert(_CHUNK % (b"w" * 8000), at=AfterEvents(3), times=None)]),
    "large": Reply("w" * 2_000_000),
    "503": Status(503, retry_after=30),
    "refuse": Status(401),
}


def answer(request: RecordedRequest) -> FixedAnswer:
    """Answer as the model's name says."""
    return ANSWERS.get(str(request.json.get("model")), ANSWERS["echo"])
