"""Which attempt meets which fault. The server's process asks with each request, and the counts ask again afterwards."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from twinwire.testing import AfterBytes, AfterEvents, Close, Reply, Reset, Stall, Status, Truncate

if TYPE_CHECKING:
    from twinwire.testing import Fault, Place, RecordedRequest

Kind = Literal["reset", "stall", "5xx", "cut"]

RATE = 0.005
"""Of each kind."""
KINDS: tuple[Kind, ...] = ("reset", "stall", "5xx", "cut")
STATUSES = (500, 502, 503, 504, 529)
WORDS = ("So", "it", "goes", "on", "and", "on,", "слово", "за", "словом", "until", "🙂", "ends.")
NAMED = re.compile(r"^mix (\d+), call (\d+), rate ([\d.]+):")

_attempts: dict[str, int] = {}
"""In the server's process: how often each call was tried."""


def prompt(seed: int, call: int, rate: float = RATE) -> str:
    """What a call says, and is answered."""
    words = Random(f"{seed} {call}").choices(WORDS, k=8)
    return f"mix {seed}, call {call}, rate {rate}: {' '.join(words)}"


def fault_of(seed: int, call: int, attempt: int, rate: float = RATE) -> Kind | None:
    """What strikes an attempt, counted from 1."""
    drawn = Random(f"{seed} {call} {attempt}").random()
    return KINDS[int(drawn / rate)] if drawn < rate * len(KINDS) else None


def answer(request: RecordedRequest) -> Reply | Status:
    """Answer with the prompt, or not so well."""
    body: Any = request.json
    text = str(body["messages"][-1]["content"])
    named = NAMED.match(text)
    assert named is not None
    key = request.headers["idempotency-key"]
    attempt = _attempts[key] = _attempts.get(key, 0) + 1
    seed, call, rate = int(named[1]), int(named[2]), float(named[3])
    kind = fault_of(seed, call, attempt, rate)
    random = Random(f"{seed} {call} {attempt} place")
    if kind == "5xx":
        return Status(random.choice(STATUSES))
    is_stream = body.get("stream") is True
    return Reply(text, faults=() if kind is None else (_fault(kind, random, is_stream=is_stream),))


def _fault(kind: Kind, random: Random, *, is_stream: bool) -> Fault:
    body = AfterEvents(random.randrange(12)) if is_stream else AfterBytes(random.randrange(400))
    place: Place = random.choice(("before_head", body, body))
    if kind == "reset":
        return Reset(place)
    if kind == "stall":
        return Stall(at=place)
    return random.choice((Close(place), Truncate(body)))
