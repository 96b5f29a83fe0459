"""
Judges what came of a scenario: what it expects itself, and what every call owes.

Every error belongs to twinwire's tree, pickles, copies, and holds neither the key nor anything alive. Every attempt of a call
sends the same bytes under the same `Idempotency-Key`, and another call another one. Nothing goes to a server that was not asked.
No log line holds the key.
"""

from __future__ import annotations

import copy
import pickle
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twinwire.errors import APIError, TwinwireError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twinwire.testing.scenarios.outcome import Outcome, Played
    from twinwire.testing.scenarios.scenario import Expect

SLACK_SECONDS = 3.0
"""What is added to an upper bound of real time, because a machine may be busy with something else."""
EARLY_SECONDS = 0.005
"""Two readings of the clock."""
_LONGEST_SHOWN = 160
_HERE = str(Path(__file__).parent)


def judge(played: Played) -> list[str]:
    """Say what is wrong, in sentences; nothing where the scenario holds."""
    problems = list(played.problems)
    expect = played.scenario.expect
    for outcome in played.outcomes:
        problems += _of_outcome(outcome, expect, played)
    problems += _of_server(played, expect)
    problems += _of_whole(played, expect)
    return problems


def _of_outcome(outcome: Outcome, expect: Expect, played: Played) -> Iterator[str]:
    error = outcome.error
    if expect.is_mixed:
        if isinstance(error, TwinwireError):
            yield from _owed_by_errors(error, played.key)
        return
    if type(error) is not (expect.error or type(None)):
        wanted = "an answer" if expect.error is None else expect.error.__name__
        yield f"expected {wanted}, got {_shown(outcome)}"
        return
    if error is None:
        yield from _of_answer(outcome, expect)
    else:
        yield from _of_error(error, expect, played)
    yield from _of_attempts(outcome, expect)


def _of_answer(outcome: Outcome, expect: Expect) -> Iterator[str]:
    reply = outcome.reply
    for name in ("text", "reasoning", "refusal", "finish_reason"):
        wanted = getattr(expect, name)
        got = outcome.text if name == "text" and reply is None else getattr(reply, name, None)
        if wanted is not None and (reply is not None or name == "text") and got != wanted:
            yield f"{name} is {_cut(got)}, expected {_cut(wanted)}"
    if expect.text is not None and outcome.items and outcome.text != expect.text:
        yield f"the pieces make {_cut(outcome.text)}, expected {_cut(expect.text)}"
    if expect.calls is not None and reply is not None and _calls(reply) != expect.calls:
        yield f"tool calls are {_calls(reply)}, expected {expect.calls}"
    if expect.billed is not None and outcome.trace is not None and outcome.trace.possibly_billed is not expect.billed:
        yield f"the trace says possibly_billed={outcome.trace.possibly_billed}"
    if reply is not None:
        yield from _facts(reply, expect)
        if expect.usage is not None:
            sent: dict[str, object] = reply.usage.to_dict() if reply.usage is not None else {}
            yield from (
                f"usage.{name} is {sent.get(name)!r}, expected {value!r}"
                for name, value in expect.usage.items()
                if sent.get(name) != value
            )


def _of_error(error: BaseException, expect: Expect, played: Played) -> Iterator[str]:
    yield from _facts(error, expect)
    yield from (
        f"the message {str(error)!r:.300} does not say {text!r}" for text in expect.says if text not in str(error)
    )
    partial = getattr(error, "partial", None)
    if expect.partial is not None and (getattr(partial, "text", None) or "") != expect.partial:
        yield f"partial is {_cut(partial)}, expected the text {_cut(expect.partial)}"
    if expect.calls is not None and _calls(partial) != expect.calls:
        yield f"tool calls of the partial are {_calls(partial)}, expected {expect.calls}"
    billed = getattr(error, "possibly_billed", None)
    if expect.billed is not None and billed is not expect.billed:
        yield f"possibly_billed is {billed}, expected {expect.billed}"
    if isinstance(error, TwinwireError):
        yield from _owed_by_errors(error, played.key)
    else:
        yield f"{type(error).__name__} is no error of twinwire's"


def _owed_by_errors(error: TwinwireError, key: str) -> Iterator[str]:
    try:
        pickled = pickle.dumps(error)
        twins = (pickle.loads(pickled), copy.copy(error), copy.deepcopy(error))  # noqa: S301  # of our own making
    except Exception as failure:  # noqa: BLE001  # whatever keeps it from being pickled
        yield f"it cannot be pickled and copied: {type(failure).__name__}: {failure}"
        return
    yield from ("a copy is another error" for twin in twins if type(twin) is not type(error) or str(twin) != str(error))
    try:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    except Exception:  # noqa: BLE001  # an argument of the user's that Python cannot show, such as a number of 5000 digits
        shown = traceback.TracebackException.from_exception(error)
    places = {
        "pickle": pickled.decode("latin-1"),
        "repr": repr(error) + str(error),
        "attributes": repr(vars(error)),
        "traceback with locals": "".join(_frames(shown)),
    }
    yield from (f"the key stands in its {place}" for place, text in places.items() if key in text)
    if isinstance(error, APIError) and [entry.number for entry in error.attempts] != list(
        range(1, len(error.attempts) + 1)
    ):
        yield "its attempts are not numbered from 1 on"


def _frames(shown: traceback.TracebackException) -> Iterator[str]:
    """Messages, and the local variables of all frames but the player's own, which knows the key."""
    yield from shown.format_exception_only()
    yield from (
        f"{frame.filename}:{frame.lineno} {frame.locals}" for frame in shown.stack if _HERE not in frame.filename
    )
    for behind in (shown.__cause__, shown.__context__):
        if behind is not None:
            yield from _frames(behind)


def _of_attempts(outcome: Outcome, expect: Expect) -> Iterator[str]:
    entries = list(outcome.attempts)
    if outcome.trace is None and not entries and (expect.attempts or 0) <= 1:
        return  # refused before anything was sent
    replaced = [entry for entry in entries if entry.wait_reason == "stale_connection"]
    if len(replaced) != expect.replaced:
        yield f"{len(replaced)} stale connections were replaced, expected {expect.replaced}"
    if expect.attempts is not None and len(entries) - len(replaced) != expect.attempts:
        yield f"{len(entries) - len(replaced)} attempts, expected {expect.attempts}"
    waits = [entry.wait_seconds for entry in entries[1:] if entry not in replaced]
    if expect.waits is not None:
        if len(waits) != len(expect.waits):
            yield f"{len(waits)} waits, expected {len(expect.waits)}"
        yield from (
            f"waited {wait:.4f} s, expected {least:g} to {most:g}"
            for wait, (least, most) in zip(waits, expect.waits, strict=False)
            if not least <= wait <= most
        )
    if outcome.seconds + EARLY_SECONDS < sum(waits):
        yield f"the waits add up to {sum(waits):.3f} s, but the call took {outcome.seconds:.3f} s"


def _of_server(played: Played, expect: Expect) -> Iterator[str]:
    calls = len(played.outcomes)
    wanted = expect.requests
    if wanted is None and expect.attempts is not None:
        wanted = expect.attempts * calls
    if wanted is not None and len(played.requests) != wanted:
        yield f"the server read {len(played.requests)} requests, expected {wanted}"
    if expect.connections is not None and played.connections != expect.connections:
        yield f"the server accepted {played.connections} connections, expected {expect.connections}"
    if expect.open_connections is not None and played.open_connections != expect.open_connections:
        yield f"{played.open_connections} connections stay open, expected {expect.open_connections}"
    if played.requests_elsewhere:
        yield "a request went to a server that nobody asked"
    bodies: dict[str, set[bytes]] = {}
    for request in played.requests:
        identity = request.headers.get("idempotency-key")
        if identity is not None and request.body:  # empty: the server answered without reading it
            bodies.setdefault(identity, set()).add(request.body)
    if len(bodies) > calls and not played.scenario.ask.options:
        yield f"{len(bodies)} Idempotency-Keys for {calls} calls"
    if any(len(sent) > 1 for sent in bodies.values()):
        yield "the attempts of a call sent different bytes under one Idempotency-Key"


def _of_whole(played: Played, expect: Expect) -> Iterator[str]:
    least, most = expect.seconds
    if played.seconds + EARLY_SECONDS < least:
        yield f"took {played.seconds:.3f} s, expected at least {least:g}"
    if most is not None and played.seconds > most + SLACK_SECONDS:
        yield f"took {played.seconds:.3f} s, expected at most {most:g}"
    if expect.peak_bytes is not None and (played.peak_bytes or 0) > expect.peak_bytes:
        yield f"allocated {played.peak_bytes} bytes, expected at most {expect.peak_bytes}"
    if played.key and played.key in played.logged:
        yield "the key stands in the log"


def _facts(holder: object, expect: Expect) -> Iterator[str]:
    for name, value in expect.facts.items():
        got = getattr(holder, name, "nothing of that name")
        if got != value or (value is None) != (got is None):
            yield f"{name} is {_cut(got)}, expected {_cut(value)}"


def _calls(reply: Any) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for call in getattr(reply, "tool_calls", None) or ():
        inner = getattr(call, "function", None) or getattr(call, "custom", None)
        if inner is not None:
            found.append((inner.name, getattr(inner, "arguments", None) or getattr(inner, "input", "") or ""))
    return tuple(found)


def _shown(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f"{type(outcome.error).__name__}: {outcome.error}"
    return f"the answer {_cut(outcome.text)}"


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}... ({len(text)} characters)"
