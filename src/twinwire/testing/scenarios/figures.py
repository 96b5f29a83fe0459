"""What a play came to, in one line: how its calls ended, after how many attempts and waits, and what the server saw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinwire.testing.scenarios.outcome import Outcome, Played

_LONGEST_SHOWN = 100


def figures(played: Played) -> str:
    """Such as `the answer 'Here.'; 2 attempts, waited 0.213 s; 2 requests on 1 connection`."""
    server = f"{_counted(len(played.requests), 'request')} on {_counted(played.connections, 'connection')}"
    return "; ".join([*_calls(played.outcomes), server])


def _calls(outcomes: list[Outcome]) -> list[str]:
    if len(outcomes) == 1:
        return [_end(outcomes[0]), _attempts(outcomes[0])]
    ends = Counter("an answer" if each.error is None else type(each.error).__name__ for each in outcomes)
    most = max((len(each.attempts) for each in outcomes), default=0)
    return [
        f"{len(outcomes)} calls: {', '.join(f'{count} times {end}' for end, count in ends.items())}",
        f"at most {_counted(most, 'attempt')} each",
    ]


def _end(outcome: Outcome) -> str:
    if outcome.error is not None:
        partial = getattr(getattr(outcome.error, "partial", None), "text", None)
        arrived = f", partial {_short(partial)}" if partial else ""
        return f"{type(outcome.error).__name__} {_short(str(outcome.error))}{arrived}"
    if outcome.reply is None and outcome.items:
        return f"{_counted(len(outcome.items), 'item')} with the text {_short(outcome.text)}"
    return f"the answer {_short(outcome.text)}" if outcome.text else "an answer without text"


def _attempts(outcome: Outcome) -> str:
    waits = [f"{entry.wait_seconds:.3f} s" for entry in outcome.attempts[1:]]
    return _counted(len(outcome.attempts), "attempt") + (f", waited {' and '.join(waits)}" if waits else "")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...")
