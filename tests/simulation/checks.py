"""
What must hold in every schedule, judged by what the server and the network know to be true.

A check takes the history and yields sentences about what is wrong; `CHECKS` is the list of them. A check of one call takes its record.
A new piece of the flow (a limit, a budget) adds its checks here and its truth to `Exchange` or `Record`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tests.simulation.subject import Restarted
from twinwire._core.effects import Ask, Close, OpenResponse, Read, Send, Sleep
from twinwire.chat.reply import ChatReply
from twinwire.errors import APIError, ConfigError, DeadlineExceededError, QuotaExceededError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.answers import Script
    from tests.simulation.caller import Record
    from tests.simulation.delays import Delay
    from tests.simulation.exchange import Exchange
    from tests.simulation.schedule import History
    from twinwire._core.trace import Attempt

Check: TypeAlias = "Callable[[History], Iterator[str]]"

MAX_STALE = 5
DRAIN_SECONDS = 0.05
TINY = 1e-6
"""What rounding may do to a sum of seconds."""


def violations(history: History) -> list[str]:
    """Everything that is wrong in a schedule."""
    return [f"{check.__name__}: {sentence}" for check in CHECKS for sentence in check(history)]


def _each(check: Callable[[History, Record], Iterator[str]]) -> Check:
    def of_all(history: History) -> Iterator[str]:
        for record in (*history.calls, *history.fair):
            for sentence in check(history, record):
                yield f"{record.name}: {sentence}"

    of_all.__name__ = check.__name__
    return of_all


def _attempts(record: Record) -> tuple[Attempt, ...] | None:
    """What the call says of its attempts, where it says anything."""
    if record.reply is not None:
        return tuple(record.reply.trace.attempts)
    if isinstance(record.error, APIError):
        return record.error.attempts
    return None if record.stream is None else tuple(record.stream.trace.attempts)


# Outcomes


def one_outcome(history: History, record: Record) -> Iterator[str]:
    """Every call ends, once, and nothing else than a typed error leaves it."""
    if len(record.outcomes) != 1:
        yield f"{len(record.outcomes)} outcomes: {record.outcomes}"
    if record.error is not None and not isinstance(record.error, APIError | ConfigError):
        yield f"an error of no type of ours: {record.error!r}"
    yield from record.complaints


def right_answer(history: History, record: Record) -> Iterator[str]:
    """What a call returns is what the server meant, whole."""
    if record.reply is not None:
        script = record.exchanges[-1].script
        text = _text_of(record.reply.data)
        if script is None or script.text is None or text != script.text:
            yield f"it returned {text!r}, the server meant {script!r}"
        return
    if record.stream is None:
        return
    segments = list(_segments(record))
    for items, exchange in segments:
        script = exchange.script
        assert script is not None
        if "corrupt" not in script.kind and items != list(script.chunks[: len(items)]):
            yield f"the stream has items that the server did not send: {items}"
    items, exchange = segments[-1]
    script = exchange.script
    if record.outcomes == ["stream"] and (
        script is None or "".join(map(_delta, items)) != script.text or not any(map(_is_final, items))
    ):
        yield f"a stream that was not whole ended well, with {items}; the server meant {script!r}"


def partial_answer(history: History, record: Record) -> Iterator[str]:
    """An error of a stream keeps what had arrived: no less than was handed over, and nothing that the server did not say."""
    if record.stream is None or not isinstance(record.error, APIError):
        return
    items, exchange = list(_segments(record))[-1]
    handed = "".join(map(_delta, items))
    text = _text_of(record.error.partial) or ""
    # A later attempt may have failed with an answer of its own, which it keeps.
    if not text.startswith(handed) and (not text or exchange is record.exchanges[-1]):
        yield f"handed over was {handed!r}, the error keeps {text!r}"


def typed_by_cause(history: History, record: Record) -> Iterator[str]:
    """Each attempt has the error that its cause makes, and one with no fault in it has none."""
    for attempt, exchange in _pairs(record):
        allowed = _causes(record, exchange)
        if attempt.error is not None and attempt.error not in allowed:
            yield f"attempt {attempt.number} ended in {attempt.error}, which {_cause(exchange)} does not make"
        if attempt.error is None and record.outcomes in (["reply"], ["stream"], ["error"]):
            is_last = attempt.number == len(_attempts(record) or ())
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
    if script is not None and failure is not None and _needs_its_body(script):
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


def _needs_its_body(script: Script) -> bool:
    """Whether the status alone does not tell what the error is: without its body it is a rate limit."""
    return QuotaExceededError in script.errors


def _cause(exchange: Exchange) -> str:
    script = "nothing" if exchange.script is None else exchange.script.kind
    failure = exchange.failure
    return f"{script} with {'no failure' if failure is None else f'{failure.kind} in {failure.phase}'}"


# Attempts


def attempts_within_the_maximum(history: History, record: Record) -> Iterator[str]:
    """The retries are those that were allowed, and so are connections that were only replaced."""
    stale = sum(1 for exchange in record.exchanges if _is_stale(exchange))
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
            deposits = sum(1 for began in calls if since - 11.0 <= began <= until)
            most = retry.quota_ratio * deposits + retry.quota_per_second * (10.0 + until - since)
            if last - first + 1 > most + TINY:
                yield f"{last - first + 1} retries from {since:.3f} to {until:.3f}, the quota allows {most:.3f}"
                return


def _withdrawals(record: Record) -> list[float]:
    return [step.began for step in record.steps if isinstance(step.effect, Sleep)]


def attempts_as_the_server_saw_them(history: History, record: Record) -> Iterator[str]:
    """The trace has one attempt for each request, with the status and the id that the server gave it."""
    attempts = _attempts(record)
    if attempts is None or record.outcomes == [
        "stopped"
    ]:  # perhaps between the beginning of an attempt and its request
        return
    sent = [attempt for attempt in attempts if not _was_never_asked(record, attempt)]
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


def _was_never_asked(record: Record, attempt: Attempt) -> bool:
    """Whether the attempt ended before its request was made, in the function for the key."""
    asks = [step for step in record.steps if isinstance(step.effect, Ask)]
    return any(isinstance(step.outcome, BaseException) and abs(step.began - attempt.started) < TINY for step in asks)


def same_request(history: History) -> Iterator[str]:
    """Every try of a call sends the same bytes and the same key of idempotence, and another call another one."""
    seen: dict[str, str] = {}
    for record in (*history.calls, *history.fair):
        requests = {exchange.effect.request for exchange in record.exchanges}
        if len(requests) > 1:
            yield f"{record.name}: its attempts sent {len(requests)} different requests"
        for request in requests:
            key = dict(request.headers).get("idempotency-key", "")
            if seen.setdefault(key, record.name) != record.name:
                yield f"{record.name}: has the idempotency key {key!r} of {seen[key]}"


def billed_when_lost(history: History, record: Record) -> Iterator[str]:
    """Work that the server did and whose answer was lost is marked, on the attempt and on the error."""
    attempts = _attempts(record)
    if attempts is None:
        return
    lost = False
    for attempt, exchange in _pairs(record):
        is_last = exchange is record.exchanges[-1]
        if not exchange.is_worked_on or (is_last and record.outcomes != ["error"]):
            continue
        lost = True
        if not attempt.possibly_billed:
            yield f"attempt {attempt.number} was worked on ({_cause(exchange)}, {attempt.error}) and is not marked as possibly billed"
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
    for attempt, exchange in _pairs(record):
        is_last = exchange is record.exchanges[-1]
        is_retried = _is_to_be_repeated(record, exchange)
        if attempt.error is None or is_retried is None:
            continue
        if not is_retried and not is_last:
            yield f"attempt {attempt.number} was repeated after {_cause(exchange)}"
        if is_retried and is_last and record.outcomes == ["error"] and not _may_give_up(history, record, exchange):
            yield f"it gave up after {_cause(exchange)}: {record.error!r}"


def _is_to_be_repeated(record: Record, exchange: Exchange) -> bool | None:
    """Whether an attempt that failed so is to be repeated; None where that depends on what had been handed over."""
    script, failure = exchange.script, exchange.failure
    if failure is None or (exchange.head_at is not None and script is not None and script.status != 200):
        is_in_doubt = script is None or exchange.head_at is None or (failure is not None and _needs_its_body(script))
        return None if script is None or is_in_doubt else script.is_retried
    if exchange.head_at is not None and record.stream is not None:
        return None
    return failure.kind not in {"tls", "pool_timeout", "too_large", "closed"}


def _may_give_up(history: History, record: Record, exchange: Exchange) -> bool:
    error = record.error
    if isinstance(error, DeadlineExceededError):
        return True
    delay = _delay(exchange)
    asked = None if delay is None else delay.seconds
    if asked is not None and asked > history.retry.max_wait_seconds:
        return error is not None and getattr(error, "retry_after", None) is not None
    if any("quota" in note for note in getattr(error, "__notes__", [])):
        return True
    stale = sum(1 for each in record.exchanges if _is_stale(each))
    return len(record.exchanges) - 1 - min(stale, MAX_STALE) >= history.retry.max_retries


# Time


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
        delay = _delay(exchange)
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
        delay = _delay(exchange)
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
    for step in record.steps:
        effect = step.effect
        if isinstance(effect, Send | Read | Ask) and effect.deadline != deadline:
            yield f"{type(effect).__name__} carries the deadline {effect.deadline}, the call has {deadline}"
        if deadline is None:
            continue
        if isinstance(effect, Sleep) and step.began + effect.seconds >= deadline:
            yield f"a wait of {effect.seconds} s was begun {deadline - step.began} s before the deadline"
        if isinstance(effect, Read) and step.began >= deadline:
            yield "it read on after the deadline"
        if isinstance(effect, Send) and step.began >= deadline + slack:
            yield "it sent after the deadline"
        most = DRAIN_SECONDS if isinstance(effect, Close) else 0.0
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
        if step.effect.idle_seconds not in allowed:
            yield f"a read allows {step.effect.idle_seconds} s of silence, which is none of {allowed}"


# What is held


def released_once(history: History, record: Record) -> Iterator[str]:
    """Every response that was opened is closed, exactly once (again where that was interrupted), and gives its slot back."""
    for step in record.steps:
        if not isinstance(step.effect, Send) or not isinstance(step.outcome, OpenResponse):
            continue
        exchange = step.exchange
        assert exchange is not None
        closes = [each for each in record.steps if isinstance(each.effect, Close) and each.exchange is exchange]
        whole = [each for each in closes if not isinstance(each.outcome, BaseException)]
        is_interrupted = len(whole) < len(closes)
        if not whole or (len(whole) > 1 and not is_interrupted):
            yield f"response {exchange.number} was closed {len(whole)} times"
        if exchange.holds_slot:
            yield f"response {exchange.number} still holds its slot"


def only_clean_up_after_a_stop(history: History, record: Record) -> Iterator[str]:
    """An interrupted flow asks for nothing but to close."""
    for step in record.steps:
        if step.is_after_stop and not isinstance(step.effect, Close):
            yield f"after it was stopped it asked for {step.effect!r}"


def pool_is_whole(history: History) -> Iterator[str]:
    """At the end nobody holds a slot or waits for one, and every process has ended."""
    slots = history.network.slots
    if slots._held or slots.waiting():
        yield f"{len(slots._held)} slots are held, and {slots.waiting()} calls wait"
    for task in history.timeline.tasks:
        if not task.is_done:
            yield f"{task.name} hangs"


# The whole


def fair_weather(history: History) -> Iterator[str]:
    """When the faults end, calls succeed, with the first attempt."""
    for record in history.fair:
        real = [exchange for exchange in record.exchanges if exchange.script is not None]
        if record.outcomes not in (["reply"], ["stream"]) or len(real) != 1:
            yield f"{record.name}: {record.outcomes} after {len(record.exchanges)} requests: {record.error!r}"


def outage_is_not_amplified(history: History) -> Iterator[str]:
    """With every attempt failing, retries add a fifth to the load, and the reserve."""
    if history.kind != "outage":
        return
    requests = sum(len(record.exchanges) for record in history.calls)
    seconds = max(record.ended or 0.0 for record in history.calls) - min(record.began for record in history.calls)
    most = len(history.calls) * 1.2 + history.retry.quota_per_second * (10.0 + seconds)
    if requests > most:
        yield f"{len(history.calls)} calls made {requests} requests, at most {most:.0f} are right"


def a_herd_spreads(history: History) -> Iterator[str]:
    """Callers who were told the same delay do not come back all at once."""
    if history.kind != "herd":
        return
    returns = sorted(record.exchanges[1].began for record in history.calls if len(record.exchanges) > 1)
    if len(returns) != len(history.calls):
        yield f"{len(returns)} of {len(history.calls)} callers came back"
        return
    delay = next(exchange.script.delay for exchange in history.network.exchanges if exchange.script is not None)
    assert delay is not None
    assert delay.seconds is not None
    spread = 0.05 + 0.1 * delay.seconds
    if returns[-1] - returns[0] < 0.5 * spread:
        yield f"{len(returns)} callers came back within {returns[-1] - returns[0]:.3f} s, told {delay.seconds} s"
    window = spread / 10
    most = max(sum(1 for moment in returns if since <= moment < since + window) for since in returns)
    if most > len(returns) // 2:
        yield f"{most} of {len(returns)} callers came back within {window:.3f} s"


CHECKS: tuple[Check, ...] = (
    _each(one_outcome),
    _each(right_answer),
    _each(partial_answer),
    _each(typed_by_cause),
    _each(attempts_within_the_maximum),
    retries_within_the_quota,
    _each(attempts_as_the_server_saw_them),
    same_request,
    _each(billed_when_lost),
    _each(sent_when_sent),
    _each(given_up_for_a_reason),
    _each(waits_as_asked),
    _each(absurd_delays_end_the_call),
    _each(nothing_past_the_deadline),
    _each(limits_of_silence),
    _each(released_once),
    _each(only_clean_up_after_a_stop),
    pool_is_whole,
    fair_weather,
    outage_is_not_amplified,
    a_herd_spreads,
)


# Reading answers


def _pairs(record: Record) -> Iterator[tuple[Attempt, Exchange]]:
    attempts = _attempts(record) or ()
    sent = [attempt for attempt in attempts if not _was_never_asked(record, attempt)]
    yield from zip(sent, record.exchanges, strict=False)


def _delay(exchange: Exchange) -> Delay | None:
    """What the server asked for, where what says so arrived."""
    delay = exchange.script.delay if exchange.script is not None and exchange.head_at is not None else None
    is_lost = delay is not None and delay.body_headers and exchange.failure is not None
    return None if is_lost else delay


def _is_stale(exchange: Exchange) -> bool:
    failure = exchange.failure
    return failure is not None and failure.kind == "write" and failure.reused and failure.written is False


def _segments(record: Record) -> Iterator[tuple[list[object], Exchange]]:
    """The items that each attempt handed over, with its exchange: a restart divides them."""
    attempts = _attempts(record) or ()
    exchanges = {attempt.number: exchange for attempt, exchange in _pairs(record)}
    broken = [attempt.number - 1 for attempt in attempts if attempt.wait_reason == "interrupted"]
    number = broken[0] if broken else max(n for n, exchange in exchanges.items() if exchange.head_at is not None)
    items: list[object] = []
    for item in record.items:
        if isinstance(item, Restarted):
            yield items, exchanges[number]
            items, number = [], item.number
        else:
            items.append(item)
    yield items, exchanges[number]


def _text_of(data: Any) -> str | None:
    """The text of a chat completion, as JSON or as a reply."""
    if isinstance(data, ChatReply):
        return data.text
    choices = _choices(data)
    message: Any = choices[0].get("message") if choices else None
    content: Any = message.get("content") if message else None
    return None if content is None else str(content)


def _delta(chunk: Any) -> str:
    return "".join(choice["delta"].get("content") or "" for choice in _choices(chunk))


def _is_final(chunk: Any) -> bool:
    return any(choice.get("finish_reason") for choice in _choices(chunk))


def _choices(data: Any) -> list[Any]:
    found: Any = data.get("choices") if hasattr(data, "get") else None
    return found or []
