"""Chunks against what they were made of, and against the reference fold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.chat import reference
from tests.fuzz import calls, mutate, seeds, true_calls, true_streams
from twinwire.chat.accumulate import ChatAccumulator
from twinwire.chat.chunk_errors import chunk_error
from twinwire.errors import DecodeError, ToolCallAssemblyError

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance
    from tests.fuzz.true_streams import Raw, TrueStream


def check_dressed(chance: Chance) -> None:
    """A reply comes out as it was made, in whatever dress its chunks are; its events tell it, too."""
    made = true_streams.stream(chance)
    chance.note("truth", made)
    accumulator = ChatAccumulator()
    events: list[Any] = []
    for chunk in made.chunks:
        assert chunk_error(chunk) is None
        events += accumulator.add(json.loads(json.dumps(chunk)))
    accumulator.check()
    assert accumulator.is_complete
    body: Any = accumulator.snapshot()
    check_body(made, body)
    check_events(body, events)
    if reference.is_documented(made.chunks):
        assert reference.facts(body) == reference.fold(made.chunks)


def check_body(made: TrueStream, body: Raw) -> None:
    """The body of the whole reply says what was to be said."""
    assert [choice["index"] for choice in body["choices"]] == [choice.index for choice in made.choices]
    assert body.get("usage") == made.usage
    for true, choice in zip(made.choices, body["choices"], strict=True):
        message = choice["message"]
        assert choice["finish_reason"] == true.finish
        assert visible(message["content"]) == (true.content or "")
        assert (message.get("refusal") or "") == true.refusal
        assert thought(message) == true.reasoning
        assert len(message.get("reasoning_details") or ()) == (
            1 if true.reasoning and "details" in made.reasoning_in else 0
        )
        assert calls.normal(true_calls.found(message)) == calls.normal(true_calls.expected(made.dress, true.calls))


def check_events(body: Raw, events: list[Any]) -> None:
    """The events, put together, are the reply."""
    for choice in body["choices"]:
        own = [event for event in events if getattr(event, "choice_index", None) == choice["index"]]
        message = choice["message"]
        assert "".join(event.text for event in own) == visible(message["content"])
        assert "".join(event.reasoning for event in own if event.type == "reasoning") == thought(message)
        assert "".join(event.refusal for event in own if event.type == "refusal") == (message.get("refusal") or "")
        assert calls.told_by(own) == true_calls.found(message)
    usages = [event.raw for event in events if event.type == "usage"]
    assert (usages[-1] if usages else None) == body.get("usage")


def visible(content: Any) -> str:
    """The text of a content in any form."""
    if reference.is_list(content):
        return "".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def thought(message: Raw) -> str:
    """The reasoning of a message, from the first place that has any."""
    details = "".join(detail["text"] for detail in message.get("reasoning_details") or ())
    content: object = message["content"]
    parts = content if reference.is_list(content) else []
    inner = "".join(piece["text"] for part in parts if part["type"] == "thinking" for piece in part["thinking"])
    return message.get("reasoning") or message.get("reasoning_content") or details or inner


def check_mutated(chance: Chance) -> None:
    """Damaged chunks are folded as the reference says, or refused typed; there is a well-formed snapshot all the time."""
    chunks: list[Any] = [json.loads(json.dumps(chunk)) for chunk in _source(chance)]
    for _ in range(chance.between(0, 2)):
        if chunks:
            place = chance.below(len(chunks))
            text = mutate.written(chance, mutate.tree(chance, chunks[place], 2))
            try:
                chunks[place] = json.loads(text)
            except (ValueError, RecursionError):
                del chunks[place]
    chance.note("chunks", chunks)
    accumulator = ChatAccumulator()
    is_refused = False
    for chunk in chunks:
        chunk_error(chunk)
        try:
            accumulator.add(chunk)
        except DecodeError:
            is_refused = True
        if chance.hit(4):
            check_shape(accumulator)
    body = check_shape(accumulator)
    try:
        accumulator.check()
    except ToolCallAssemblyError:
        is_refused = True
    if is_refused:
        return
    if reference.is_documented(chunks):
        found, expected = reference.facts(body), reference.fold(chunks)
        chance.note("found", found)
        chance.note("expected", expected)
        assert found == expected


def _source(chance: Chance) -> list[Raw]:
    if chance.hit(2):
        return chance.pick(seeds.chunk_lists())
    return true_streams.stream(chance).chunks


def check_shape(accumulator: ChatAccumulator) -> Raw:
    """What holds of every snapshot."""
    body: Raw = accumulator.snapshot()
    assert body["object"] == "chat.completion"
    for choice in body["choices"]:
        assert isinstance(choice["index"], int)
        assert isinstance(choice["message"]["role"], str)
        assert choice["finish_reason"] is None or isinstance(choice["finish_reason"], str)
        for call in choice["message"].get("tool_calls", ()):
            assert isinstance(call["id"], str)
    assert isinstance(accumulator.text, str)
    return body
