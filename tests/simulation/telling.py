"""Events as a reader of the log wants them: short, and the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.caller import Record
from tests.simulation.exchange import Exchange
from twinwire._core.effects import Access, Ask, Close, Doze, OpenResponse, Read, Send, Sleep, TransportFailure
from twinwire._core.store import Transact
from twinwire.errors import APIError

if TYPE_CHECKING:
    from twinwire._core.store import Operation
    from twinwire._core.trace import Attempt

MOST = 160


def told(detail: object) -> str:
    """Say what an event was about."""
    match detail:
        case Record():
            return _call(detail)
        case Send():
            return f"Send, deadline {_moment(detail.deadline)}"
        case Read():
            return f"Read of {_number(detail.response)}, silence {detail.idle_seconds}, deadline {_moment(detail.deadline)}"
        case Close():
            return f"Close of {_number(detail.response)}, drain {detail.drain_seconds:g}"
        case Sleep():
            return f"Sleep for {detail.seconds:.6f}"
        case Ask():
            return "Ask for the key"
        case Doze():
            return f"Doze for {'ever' if detail.seconds is None else f'{detail.seconds:.6f}'}"
        case Access():
            return _operation(detail.operation)
        case OpenResponse():
            return _head(detail)
        case TransportFailure():
            return f"{detail.kind} in {detail.phase}: {detail} (written: {detail.written}, reused: {detail.reused})"
        case APIError():
            return _error(detail)
        case bytes():
            return f"{len(detail)} bytes: {_short(repr(detail))}"
        case _ if type(detail).__name__ == "WireRequest":
            return "a request"
        case _:
            return _short(repr(detail))


def _operation(operation: Operation) -> str:
    if not isinstance(operation, Transact):
        return f"Access: {operation}"
    # Their ids are other ones each time.
    shown = [{name: value for name, value in entry.items() if name != "id"} for entry in operation.entries]
    entries = f", entries {shown}" if shown else ""
    return f"Access: {operation.script.name} of {list(operation.keys)} with {dict(operation.arguments)}{entries}"


def _call(record: Record) -> str:
    plan, manners = record.plan, record.manners
    mode = "a whole reply" if plan.reader is None else "a stream with restarts" if record.restarts else "a stream"
    own = {name: value for name, value in _fields(manners).items() if value}
    return f"{mode}; deadline {plan.deadline_seconds}, {plan.timeout}, {plan.retry}, {own}"


def _head(response: OpenResponse) -> str:
    exchange = response.handle
    assert isinstance(exchange, Exchange)
    kind = "" if exchange.script is None else exchange.script.kind
    return f"{_number(response)}: {response.status} {dict(response.headers)} ({kind}{', reused' * exchange.is_reused})"


def _error(error: APIError) -> str:
    facts = f"retry_safe {error.retry_safe}, retry_after {error.retry_after}, sent {error.sent}, billed {error.possibly_billed}"
    attempts = ", ".join(_attempt(attempt) for attempt in error.attempts)
    return (
        f"{type(error).__name__}: {_short(str(error))} ({facts}; attempts {attempts}){getattr(error, '__notes__', '')}"
    )


def _attempt(attempt: Attempt) -> str:
    return f"{attempt.number}: {attempt.status} {attempt.error}{' billed' * attempt.possibly_billed}"


def _number(response: OpenResponse) -> str:
    exchange = response.handle
    assert isinstance(exchange, Exchange)
    return f"response {exchange.number}"


def _moment(deadline: float | None) -> str:
    return "none" if deadline is None else f"{deadline - 1000.0:.6f}"


def _fields(value: object) -> dict[str, object]:
    from attrs import asdict

    fields: dict[str, object] = asdict(value)  # type: ignore[arg-type]  # an attrs class, whose type says nothing
    return fields


def _short(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}…"
