"""When calls do what they do: never sooner than asked, never later than the deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.checks.reading import (
    TINY,
    delay_of,
)
from twinwire._core.effects import Access, Ask, Close, Read, Send, Sleep
from twinwire.errors import APIError, DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.caller import Record, Step
    from tests.simulation.exchange import Exchange
    from tests.simulation.schedule import History


DRAIN_SECONDS = 0.05
CHECKSUM_SECONDS = 1.0


def waits_as_asked(history: History, record: Record) -> Iterator[str]:
    """Never sooner than the server asked, and jitter only on top; without its word the own wait, with its bounds."""
    retry = history.retry
    retries = 0
    exchange: Exchange | None = None
    for step in record.steps:
        if isinstance(step.effect, Send):
            exchange = step.exchange
        if not isinstance(step.effect, Sleep) or exchange is None:
            continue
        seconds = step.effect.seconds
        delay = delay_of(exchange)
        if delay is not None and delay.seconds is not None:
            asked = delay.seconds
            if seconds < asked - delay.slack_seconds - TINY:
                yield f"it waited {seconds} s, the server asked for {asked} s by {delay.headers}"
            if seconds > asked * 1.1 + 0.05 + TINY:
                yield f"it waited {seconds} s where the server asked for {asked} s by {delay.headers}"
        else:
            base = max(retry.base_seconds, retry.throttled_base_seconds)
            most = min(retry.cap_seconds, base * 2.0**retries)
            if seconds > most + TINY:
                yield f"its own wait number {retries + 1} is {seconds} s, at most {most} s"
        if step.ended is not None and step.outcome is None and step.ended < step.began + seconds - TINY:
            yield "a wait ended before its time"
        retries += 1


def absurd_delays_end_the_call(history: History, record: Record) -> Iterator[str]:
    """What nobody can obey, or nobody would wait for, is told at once with its value."""
    for exchange in record.exchanges:
        delay = delay_of(exchange)
        if delay is None:
            continue
        is_too_long = (
            delay.seconds is None or delay.seconds - delay.slack_seconds > history.retry.max_wait_seconds + TINY
        )
        if is_too_long and exchange is not record.exchanges[-1]:
            yield f"it went on after {delay.headers}"
        error = record.error
        if delay.seconds is not None or not isinstance(error, APIError) or isinstance(error, DeadlineExceededError):
            continue
        if not any(value.strip()[:80] in str(error) for _, value in delay.headers):
            yield f"the error does not show {delay.headers}: {error}"


def nothing_past_the_deadline(history: History, record: Record) -> Iterator[str]:
    """No wait is begun that crosses the deadline, and nothing is performed after it beyond its own clamp."""
    deadline = record.deadline
    slack = history.weather.lateness_seconds + TINY
    before: Step | None = None
    """The first of the operations on stores just before: a wait is decided before them."""
    decided = record.began
    for step in record.steps:
        effect = step.effect
        if isinstance(effect, Send | Read | Ask) and effect.deadline != deadline:
            yield f"{type(effect).__name__} carries the deadline {effect.deadline}, the call has {deadline}"
        if deadline is None:
            continue
        if not isinstance(effect, Access):
            decided = step.began if before is None else before.began
            before = None
        elif before is None:
            before = step
        if isinstance(effect, Sleep) and decided + effect.seconds >= deadline:
            yield f"a wait of {effect.seconds} s was begun {deadline - step.began} s before the deadline"
        if isinstance(effect, Read) and step.began >= deadline:
            yield "it read on after the deadline"
        is_sent = step.exchange is not None and (step.exchange.script is not None or step.ended != step.began)
        if isinstance(effect, Send) and step.began >= deadline + slack and is_sent:
            yield "it sent after the deadline"
        if isinstance(effect, Access):  # a store has limits of its own, and what was used is settled whatever the time
            continue
        most = DRAIN_SECONDS if isinstance(effect, Close) else 0.0
        most += step.began - decided
        if step.ended is not None and step.ended > max(deadline, step.began) + most + slack:
            yield f"{type(effect).__name__} ended {step.ended - deadline} s after the deadline"


def limits_of_silence(history: History, record: Record) -> Iterator[str]:
    """The first event has its own limit; after it, what counts is the silence between two pieces."""
    timeout = record.plan.timeout
    handed = len(record.items) > 0
    seen: set[int] = set()
    for step in record.steps:
        if not isinstance(step.effect, Read) or step.exchange is None:
            continue
        allowed = {timeout.first_event, timeout.between_events} if handed else {timeout.first_event}
        if step.exchange.number in seen:
            allowed = {timeout.first_event, timeout.between_events}
        seen.add(step.exchange.number)
        # After the last event of a compressed stream, its checksum is waited for.
        if step.effect.idle_seconds not in allowed | {CHECKSUM_SECONDS}:
            yield f"a read allows {step.effect.idle_seconds} s of silence, which is none of {allowed}"
