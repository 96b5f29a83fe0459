"""How calls end: each once, with what the server meant, or with the error of its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.checks.reading import (
    attempts_of,
    cause_of,
    delta_of,
    is_final,
    needs_its_body,
    pairs,
    segments_of,
    text_of,
)
from twinwire.errors import APIError, TwinwireError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.caller import Record
    from tests.simulation.exchange import Exchange
    from tests.simulation.schedule import History


def one_outcome(history: History, record: Record) -> Iterator[str]:
    """Every call ends, once, and nothing else than a typed error leaves it."""
    if len(record.outcomes) != 1:
        yield f"{len(record.outcomes)} outcomes: {record.outcomes}"
    if record.error is not None and not isinstance(record.error, TwinwireError):
        yield f"an error of no type of ours: {record.error!r}"
    yield from record.complaints


def right_answer(history: History, record: Record) -> Iterator[str]:
    """What a call returns is what the server meant, whole."""
    if record.reply is not None:
        script = record.exchanges[-1].script
        text = text_of(record.reply.data)
        if script is None or script.text is None or text != script.text:
            yield f"it returned {text!r}, the server meant {script!r}"
        return
    if record.stream is None:
        return
    segments = list(segments_of(record))
    for items, exchange in segments:
        script = exchange.script
        assert script is not None
        if "corrupt" not in script.kind and items != list(script.chunks[: len(items)]):
            yield f"the stream has items that the server did not send: {items}"
    if not segments:
        return
    items, exchange = segments[-1]
    script = exchange.script
    if record.outcomes == ["stream"] and (
        script is None or "".join(map(delta_of, items)) != script.text or not any(map(is_final, items))
    ):
        yield f"a stream that was not whole ended well, with {items}; the server meant {script!r}"


def partial_answer(history: History, record: Record) -> Iterator[str]:
    """An error of a stream keeps what had arrived: no less than was handed over, and nothing that the server did not say."""
    if record.stream is None or not isinstance(record.error, APIError):
        return
    segments = list(segments_of(record))
    if not segments:
        return
    items, exchange = segments[-1]
    handed = "".join(map(delta_of, items))
    text = text_of(record.error.partial) or ""
    # A later attempt may have failed with an answer of its own, which it keeps.
    if not text.startswith(handed) and (not text or exchange is record.exchanges[-1]):
        yield f"handed over was {handed!r}, the error keeps {text!r}"


def typed_by_cause(history: History, record: Record) -> Iterator[str]:
    """Each attempt has the error that its cause makes, and one with no fault in it has none."""
    for attempt, exchange in pairs(record):
        allowed = _causes(record, exchange)
        if attempt.error is not None and attempt.error not in allowed:
            yield f"attempt {attempt.number} ended in {attempt.error}, which {cause_of(exchange)} does not make"
        if attempt.error is None and record.outcomes in (["reply"], ["stream"], ["error"]):
            is_last = attempt.number == len(attempts_of(record) or ())
            if not is_last or record.outcomes == ["error"]:
                yield f"attempt {attempt.number} has no error, but it was not the one that answered"


def _causes(record: Record, exchange: Exchange) -> set[str]:
    script, failure = exchange.script, exchange.failure
    causes = (
        {error.__name__ for error in script.errors}
        if script is not None and exchange.head_at is not None
        else set[str]()
    )
    if record.deadline is not None and (record.ended is None or record.ended >= record.deadline):
        causes.add("DeadlineExceededError")
    if script is not None and failure is not None and needs_its_body(script):
        causes.add("RateLimitError")
    if failure is not None:
        if failure.kind == "timeout":
            causes.add("APITimeoutError")
        elif failure.kind == "pool_timeout":
            causes.add("PoolTimeoutError")
        elif failure.kind == "too_large":
            causes.add("DecodeError")
        else:
            causes |= (
                {"APIConnectionError"} if failure.phase != "body" else {"APIConnectionError", "StreamTruncatedError"}
            )
        if failure.phase == "write" and failure.reused:
            causes.add("StaleConnection")
    return causes
