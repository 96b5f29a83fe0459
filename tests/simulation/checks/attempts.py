"""What calls try: as often as they may, the same each time, and told as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from tests.simulation.checks.reading import (
    CUT_SHORT,
    MAX_STALE,
    TINY,
    attempts_of,
    cause_of,
    delay_of,
    is_stale,
    needs_its_body,
    pairs,
    was_never_asked,
)
from twinwire._core.effects import Access, Sleep
from twinwire.errors import APIError, DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.caller import Record
    from tests.simulation.exchange import Exchange
    from tests.simulation.schedule import History
    from twinwire._core.effects import WireRequest


def attempts_within_the_maximum(history: History, record: Record) -> Iterator[str]:
    """The retries are those that were allowed, and so are connections that were only replaced."""
    stale = sum(1 for exchange in record.exchanges if is_stale(exchange))
    retries = len(record.exchanges) - 1 - min(stale, MAX_STALE)
    if retries > history.retry.max_retries:
        yield f"{retries} retries, {history.retry.max_retries} were allowed"


def retries_within_the_quota(history: History) -> Iterator[str]:
    """In any stretch of time, retries are at most a share of the calls, and the reserve."""
    retry = history.retry
    calls = sorted(record.began for record in (*history.calls, *history.fair) if record.began)
    retries = sorted(began for record in (*history.calls, *history.fair) for began in _withdrawals(record))
    for first, since in enumerate(retries):
        for last in range(first, len(retries)):
            until = retries[last]
            deposits = sum(1 for began in calls if since - 10.0 <= began <= until)
            most = retry.quota_ratio * deposits + retry.quota_per_second * (10.0 + until - since)
            if last - first + 1 > most + TINY:
                yield f"{last - first + 1} retries from {since:.3f} to {until:.3f}, the quota allows {most:.3f}"
                return


def _withdrawals(record: Record) -> Iterator[float]:
    """When each retry was decided: before the stores heard of the attempt that failed."""
    decided = record.began
    is_told = False
    for step in record.steps:
        if not is_told:
            decided = step.began
        is_told = isinstance(step.effect, Access)
        if isinstance(step.effect, Sleep):
            yield decided


def attempts_as_the_server_saw_them(history: History, record: Record) -> Iterator[str]:
    """The trace has one attempt for each request, with the status and the id that the server gave it."""
    attempts = attempts_of(record)
    if attempts is None or record.outcomes in CUT_SHORT:  # perhaps between the beginning of an attempt and its request
        return
    sent = [attempt for attempt in attempts if not was_never_asked(record, attempt)]
    if len(sent) != len(record.exchanges):
        yield f"{len(sent)} attempts in its trace, {len(record.exchanges)} requests on the network"
        return
    for attempt, exchange in zip(sent, record.exchanges, strict=True):
        status = exchange.script.status if exchange.script is not None and exchange.head_at is not None else None
        if attempt.status != status:
            yield f"attempt {attempt.number} has the status {attempt.status}, the server gave {status}"
        wanted = None if status is None else f"req_{exchange.number}"
        if attempt.request_id != wanted:
            yield f"attempt {attempt.number} has the request id {attempt.request_id}, the server gave {wanted}"
    if [attempt.number for attempt in attempts] != list(range(1, len(attempts) + 1)):
        yield f"attempts are numbered {[attempt.number for attempt in attempts]}"


def same_request(history: History) -> Iterator[str]:
    """Every try of a call sends the same bytes and the same key of idempotence, and another call another one."""
    seen: dict[str, str] = {}
    for record in (*history.calls, *history.fair):
        requests = {_without_key(exchange.effect.request) for exchange in record.exchanges}
        if len(requests) > 1:
            yield f"{record.name}: its attempts sent {len(requests)} different requests"
        for request in requests:
            key = dict(request.headers).get("idempotency-key", "")
            if seen.setdefault(key, record.name) != record.name:
                yield f"{record.name}: has the idempotency key {key!r} of {seen[key]}"


def _without_key(request: WireRequest) -> WireRequest:
    return evolve(request, headers=tuple(pair for pair in request.headers if pair[0] != "authorization"))


def billed_when_lost(history: History, record: Record) -> Iterator[str]:
    """Work that the server did and whose answer was lost is marked, on the attempt and on the error."""
    attempts = attempts_of(record)
    if attempts is None:
        return
    lost = False
    for attempt, exchange in pairs(record):
        is_last = exchange is record.exchanges[-1]
        if not exchange.is_worked_on or (is_last and record.outcomes != ["error"]):
            continue
        lost = True
        if not attempt.possibly_billed:
            yield f"attempt {attempt.number} was worked on ({cause_of(exchange)}, {attempt.error}) and is not marked as possibly billed"
    if lost and isinstance(record.error, APIError) and not record.error.possibly_billed:
        yield "the error does not say that it is possibly billed"


def sent_when_sent(history: History, record: Record) -> Iterator[str]:
    """An error whose request reached the server never says that nothing was sent."""
    if isinstance(record.error, APIError) and record.error.sent is False:
        for exchange in record.exchanges:
            if exchange.script is not None:
                yield "the error says that nothing was sent, and the server was asked"
                return


def given_up_for_a_reason(history: History, record: Record) -> Iterator[str]:
    """What may be repeated is repeated, and what may not is not."""
    for attempt, exchange in pairs(record):
        is_last = exchange is record.exchanges[-1]
        is_retried = _is_to_be_repeated(record, exchange)
        if attempt.error is None or is_retried is None:
            continue
        if not is_retried and not is_last:
            yield f"attempt {attempt.number} was repeated after {cause_of(exchange)}"
        if is_retried and is_last and record.outcomes == ["error"] and not _may_give_up(history, record, exchange):
            yield f"it gave up after {cause_of(exchange)}: {record.error!r}"


def _is_to_be_repeated(record: Record, exchange: Exchange) -> bool | None:
    """Whether an attempt that failed so is to be repeated; None where that depends on what had been handed over."""
    script, failure = exchange.script, exchange.failure
    if failure is None or (exchange.head_at is not None and script is not None and script.status != 200):
        is_in_doubt = script is None or exchange.head_at is None or (failure is not None and needs_its_body(script))
        return None if script is None or is_in_doubt else script.is_retried
    if exchange.head_at is not None and record.stream is not None:
        return None
    return failure.kind not in {"tls", "pool_timeout", "too_large", "closed"}


def _may_give_up(history: History, record: Record, exchange: Exchange) -> bool:
    error = record.error
    if isinstance(error, DeadlineExceededError):
        return True
    delay = delay_of(exchange)
    asked = None if delay is None else delay.seconds
    if asked is not None and asked > history.retry.max_wait_seconds:
        return error is not None and getattr(error, "retry_after", None) is not None
    notes: list[str] = getattr(error, "__notes__", [])
    if any("quota" in note for note in notes):
        return True
    refusals = [] if record.testimony is None else record.testimony.refusals
    if refusals and any(type(refusals[-1]).__name__ in note for note in notes):
        return True
    stale = sum(1 for each in record.exchanges if is_stale(each))
    return len(record.exchanges) - 1 - min(stale, MAX_STALE) >= history.retry.max_retries
