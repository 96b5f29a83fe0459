"""What holds of a schedule as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.schedule import History


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
