"""What a record says, read for the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation.subject import Restarted
from twinwire._core.effects import Ask
from twinwire.chat.reply import ChatReply
from twinwire.errors import APIError, QuotaExceededError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.answers import Script
    from tests.simulation.caller import Record
    from tests.simulation.delays import Delay
    from tests.simulation.exchange import Exchange
    from twinwire._core.trace import Attempt


MAX_STALE = 5
"""Dead connections that one call replaces without counting a retry."""
CUT_SHORT = (["stopped"], ["dropped"], ["killed"])
"""Outcomes that may come at any moment."""
TINY = 1e-6
"""What rounding may do to a sum of seconds."""


def attempts_of(record: Record) -> tuple[Attempt, ...] | None:
    """What the call says of its attempts, where it says anything."""
    if record.reply is not None:
        return tuple(record.reply.trace.attempts)
    if isinstance(record.error, APIError):
        return record.error.attempts
    return None if record.stream is None else tuple(record.stream.trace.attempts)


def was_never_asked(record: Record, attempt: Attempt) -> bool:
    """Whether the attempt ended before its request was made, in the function for the key."""
    asks = [step for step in record.steps if isinstance(step.effect, Ask)]
    return any(isinstance(step.outcome, BaseException) and abs(step.began - attempt.started) < TINY for step in asks)


def pairs(record: Record) -> Iterator[tuple[Attempt, Exchange]]:
    """Each attempt that sent a request, beside what became of it."""
    attempts = attempts_of(record) or ()
    sent = [attempt for attempt in attempts if not was_never_asked(record, attempt)]
    yield from zip(sent, record.exchanges, strict=False)


def delay_of(exchange: Exchange) -> Delay | None:
    """What the server asked for, where what says so arrived."""
    delay = exchange.script.delay if exchange.script is not None and exchange.head_at is not None else None
    is_lost = delay is not None and delay.body_headers and exchange.failure is not None
    return None if is_lost else delay


def is_stale(exchange: Exchange) -> bool:
    """Whether the connection had died before the request was written on it."""
    failure = exchange.failure
    return failure is not None and failure.kind == "write" and failure.reused and failure.written is False


def segments_of(record: Record) -> Iterator[tuple[list[object], Exchange]]:
    """The items that each attempt handed over, with its exchange: a restart divides them."""
    attempts = attempts_of(record) or ()
    exchanges = {attempt.number: exchange for attempt, exchange in pairs(record)}
    broken = [attempt.number - 1 for attempt in attempts if attempt.wait_reason == "interrupted"]
    begun = [number for number, exchange in exchanges.items() if exchange.head_at is not None]
    if not broken and not begun:  # its attempts are not those of the network, which another check finds
        return
    number = broken[0] if broken else begun[-1]
    items: list[object] = []
    for item in record.items:
        if isinstance(item, Restarted):
            yield items, exchanges[number]
            items, number = [], item.number
        else:
            items.append(item)
    yield items, exchanges[number]


def text_of(data: Any) -> str | None:
    """The text of a chat completion, as JSON or as a reply."""
    if isinstance(data, ChatReply):
        return data.text
    choices = _choices(data)
    message: Any = choices[0].get("message") if choices else None
    content: Any = message.get("content") if message else None
    return None if content is None else str(content)


def delta_of(chunk: Any) -> str:
    """The text that a chunk adds."""
    return "".join(choice["delta"].get("content") or "" for choice in _choices(chunk))


def is_final(chunk: Any) -> bool:
    """Whether a chunk says that the answer is finished."""
    return any(choice.get("finish_reason") for choice in _choices(chunk))


def _choices(data: Any) -> list[Any]:
    found: Any = data.get("choices") if hasattr(data, "get") else None
    return found or []


def cause_of(exchange: Exchange) -> str:
    """What the server and the network did, in words."""
    script = "nothing" if exchange.script is None else exchange.script.kind
    failure = exchange.failure
    return f"{script} with {'no failure' if failure is None else f'{failure.kind} in {failure.phase}'}"


def needs_its_body(script: Script) -> bool:
    """Whether the status alone does not tell what the error is: without its body it is a rate limit."""
    return QuotaExceededError in script.errors
