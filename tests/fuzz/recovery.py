"""Streams that break off and go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.fuzz import flows, folds, pipeline, sound, true_streams
from tests.fuzz.flows import Answer, Exchanges
from twinwire.errors import StreamError

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance
    from tests.fuzz.flows import Result
    from tests.fuzz.true_streams import Raw
    from twinwire._core.effects import WireRequest

HEADERS = (("content-type", "text/event-stream"),)
MAX_BREAKS = 3
CONTINUING = ("deepseek", "mistral")
"""The second one sends the text again."""
WORDS = (
    "Hello",
    " world",
    " ",
    "\n\n",
    "a",
    "Hello, I am",
    "é\n",
    "🦊",
    "the same and the same and ",
    "x" * 20,
    "  ",
    "}",
)


def check_restart(chance: Chance) -> None:
    """After the last restart the events are the reply, which is the one that the last attempt sent."""
    breaks = chance.between(0, MAX_BREAKS)
    made = [true_streams.stream(chance) for _ in range(breaks + 1)]
    answers = [
        _answer(chance, [("", chunk) for chunk in each.chunks], is_last=number == breaks)
        for number, each in enumerate(made)
    ]
    chance.note("truths", made)
    chance.note("answers", answers)
    waiting = iter(answers)
    exchanges = Exchanges(lambda _: next(waiting))
    result = flows.streamed(flows.prepared("openai", "chat.completions", "stream", None, "restart"), exchanges)
    assert result.error is None, repr(result.error)
    kept = _after_restart(result)
    reply = result.reply.to_dict()
    folds.check_events(reply, kept)
    true = made[len(exchanges.answers) - 1]
    if len(exchanges.answers) == len(answers):
        folds.check_body(true, reply)
    restarts = sum(event.type == "restarted" for event in result.events)
    assert restarts <= len(exchanges.answers) - 1
    assert len(result.reply.choices) <= len(true.choices)


def check_continue(chance: Chance) -> None:
    """The text of all events joined is the answer, and the result has the same: no character twice, and none lost."""
    provider = chance.pick(CONTINUING)
    breaks = chance.between(0, MAX_BREAKS)
    text = "".join(chance.pick(WORDS) for _ in range(chance.between(1, 8)))
    chance.note("provider", provider)
    chance.note("text", text)

    def serve(request: WireRequest) -> Answer:
        body: Any = json.loads(request.body or b"")
        last = body["messages"][-1]
        begun = last["content"] if last["role"] == "assistant" else ""
        assert text.startswith(begun)
        rest = text if provider == "mistral" else text[len(begun) :]
        entries: list[Raw] = [{"index": 0, "delta": {"content": piece}} for piece in chance.cut_text(rest, 6)]
        entries.append({"index": 0, "delta": {}, "finish_reason": "stop"})
        if chance.hit(3) and len(entries) > 1:  # with the last words
            del entries[-1]
            entries[-1]["finish_reason"] = "stop"
        answer = _answer(
            chance, [("", {"choices": [entry]}) for entry in entries], is_last=len(exchanges.answers) >= breaks
        )
        chance.note("answer", answer)
        return answer

    exchanges = Exchanges(serve)
    result = flows.streamed(flows.prepared(provider, "chat.completions", "stream", None, "continue"), exchanges)
    told = "".join(event.text for event in _after_restart(result))
    if result.error is not None:
        sound.check_error(result.error)
        assert isinstance(result.error, StreamError)
        assert "cannot be continued" in str(result.error)
        assert text.startswith(told)
        return
    assert result.reply.text == told
    assert told == text
    sound.check_reply(result.reply, result.reply.to_dict())


def _after_restart(result: Result) -> list[Any]:
    """The events that a user interface still shows at the end."""
    begins = [
        place for place, event in enumerate(result.events) if event.type == "restarted" and event.mode == "restart"
    ]
    return [event for event in result.events[max(begins, default=-1) + 1 :] if event.type != "restarted"]


def _answer(chance: Chance, rows: list[tuple[str, Raw]], *, is_last: bool) -> Answer:
    """A stream of these chunks; all but the last one breaks off somewhere."""
    body = pipeline.written(chance, rows, has_done=not chance.hit(4))
    if not is_last:
        body = body[: chance.below(len(body))]
    return Answer(status=200, headers=HEADERS, pieces=chance.cut(body, 3), is_broken=not is_last and not chance.hit(3))
