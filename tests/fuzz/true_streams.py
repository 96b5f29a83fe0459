"""
A reply of which it is known what it says, and the chunks in which some server sends it.

Every dress is one that FACTS of real servers show; tests/fuzz/true_calls.py has those of tool calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from tests.fuzz import true_calls

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance
    from tests.fuzz.true_calls import TrueCall

Raw = dict[str, Any]
TEXTS = ("", "Hello", "Hello, world", 'a}{"é\n 🦊 data: x\r\n\r\nend', "[DONE]", " ", "x" * 50)
REASONINGS = ("reasoning", "reasoning_content", "details", "reasoning+details", "parts", "reasoning+content")
FINISHES = ("stop", "length", "tool_calls", "content_filter", "eos")


@frozen(kw_only=True)
class TrueChoice:
    """What one choice says."""

    index: int
    content: str | None
    reasoning: str
    refusal: str
    calls: list[TrueCall]
    finish: str


@define(kw_only=True)
class TrueStream:
    """What is said, and how."""

    choices: list[TrueChoice]
    dress: true_calls.Dress
    reasoning_in: str
    usage: Raw | None
    chunks: list[Raw] = field(factory=list[Raw])


def stream(chance: Chance) -> TrueStream:
    """A reply in chunks."""
    dress = true_calls.dress(chance)
    if not true_calls.is_told_apart(dress):
        dress.pointer, dress.ids = "index", "own"
    reasoning_in = chance.pick(REASONINGS)
    choices = [_choice(chance, index, reasoning_in) for index in range(chance.pick((1, 1, 1, 2, 3)))]
    usage = chance.pick((None, {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}, {"total_tokens": 0}))
    made = TrueStream(choices=choices, dress=dress, reasoning_in=reasoning_in, usage=usage)
    made.chunks = _chunks(chance, made)
    return made


def _choice(chance: Chance, index: int, reasoning_in: str) -> TrueChoice:
    content = chance.pick((*TEXTS, None))
    if content is None and reasoning_in == "parts":
        content = ""
    return TrueChoice(
        index=index,
        content=content,
        reasoning=chance.pick(("", "", "I think", "hm\n\nso")),
        refusal=chance.pick(("", "", "", "I cannot")),
        calls=true_calls.true_calls(chance) if chance.hit(2) else [],
        finish=chance.pick(FINISHES),
    )


def _chunks(chance: Chance, made: TrueStream) -> list[Raw]:
    rows = [_entries(chance, made, choice) for choice in made.choices]
    bodies: list[list[Raw]] = []
    while any(rows):
        row = chance.pick([row for row in rows if row])
        entries = [row.pop(0)]
        if chance.hit(4):  # several choices in one chunk
            entries += [other.pop(0) for other in rows if other and other is not row]
        bodies.append(entries)
    if len(made.choices) == 1 and chance.hit(5):  # an index is not needed
        for entries in bodies:
            entries[0].pop("index")
    chunks = [_headed(chance, {"choices": entries}) for entries in bodies]
    _add_usage(chance, made, chunks)
    if chance.hit(6):  # Azure begins so
        chunks.insert(
            0, {"id": "", "model": "", "object": "", "created": 0, "choices": [], "prompt_filter_results": []}
        )
    if chance.hit(8):
        chunks.insert(chance.below(len(chunks) + 1), {"choices": chance.pick(([], None))})
    return chunks


def _headed(chance: Chance, chunk: Raw) -> Raw:
    head: Raw = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m-1"}
    match chance.below(8):
        case 5:
            head["id"], head["created"] = "c-2", 2  # some servers change them; the first ones hold
        case 6:
            head = {"object": "", "obfuscation": "xyz", "p": "abc"}
        case 7:
            head["usage"] = None
        case _:
            pass
    return {**head, **chunk}


def _add_usage(chance: Chance, made: TrueStream, chunks: list[Raw]) -> None:
    usage = made.usage
    if usage is None:
        return
    match chance.below(4):
        case 0:
            chunks.append({"choices": [], "usage": usage})
        case 1:
            chunks[-1]["usage"] = usage
        case 2:
            for count, chunk in enumerate(chunks):  # cumulative, the last one is the truth
                chunk["usage"] = {**usage, "total_tokens": count}
            chunks[-1]["usage"] = usage
        case _:
            chunks[-1]["x_groq"] = {"id": "req", "usage": usage}
            for chunk in chunks:
                chunk.pop("usage", None)


def _entries(chance: Chance, made: TrueStream, choice: TrueChoice) -> list[Raw]:
    """The entries of one choice, in order."""
    deltas = [*_thoughts(chance, made, choice), *_words(chance, made, choice)]
    if chance.hit(4):
        deltas.insert(
            0, {"role": "assistant", "content": chance.pick(("", None)) if choice.content is not None else None}
        )
    if choice.refusal:
        deltas += [{"refusal": piece} for piece in chance.cut_text(choice.refusal)]
    fragments = true_calls.fragments(chance, made.dress, choice.calls)
    while fragments:
        count = chance.pick((1, 1, 2))
        deltas.append({"tool_calls": fragments[:count]})
        del fragments[:count]
    if chance.hit(3):
        for delta in deltas:
            delta.setdefault("role", "assistant")
    entries: list[Raw] = []
    for delta in deltas:
        entry: Raw = {"index": choice.index, "delta": delta}
        if chance.hit(2):
            entry["finish_reason"] = None
        if chance.hit(8):
            delta.setdefault("tool_calls", None)
        entries.append(entry)
    _finish(chance, choice, entries)
    return entries


def _finish(chance: Chance, choice: TrueChoice, entries: list[Raw]) -> None:
    how = chance.below(4)
    if how == 1 and entries:
        entries[-1]["finish_reason"] = choice.finish
        return
    entries.append({"index": choice.index, "delta": {}, "finish_reason": choice.finish})
    if how == 2:  # it is said again
        entries.append({"index": choice.index, "delta": {"content": None}, "finish_reason": choice.finish})
    if how == 3:  # and after it a `stop` that only closes the stream
        entries.append({"index": choice.index, "delta": {"role": "assistant"}, "finish_reason": "stop"})


def _thoughts(chance: Chance, made: TrueStream, choice: TrueChoice) -> list[Raw]:
    pieces = chance.cut_text(choice.reasoning)
    details = [[{"type": "reasoning.text", "index": 0, "text": piece}] for piece in pieces]
    match made.reasoning_in:
        case "reasoning" | "reasoning_content":
            return [{made.reasoning_in: piece} for piece in pieces]
        case "details":
            return [{"reasoning_details": detail} for detail in details]
        case "reasoning+details":
            return [
                {"reasoning": piece, "reasoning_details": detail} for piece, detail in zip(pieces, details, strict=True)
            ]
        case "reasoning+content":
            return [{"reasoning": piece, "reasoning_content": piece} for piece in pieces]
        case _:
            return [
                {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": piece}]}]} for piece in pieces
            ]


def _words(chance: Chance, made: TrueStream, choice: TrueChoice) -> list[Raw]:
    if choice.content is None:
        return []
    pieces = chance.cut_text(choice.content, 4) or [""]
    if chance.hit(10) and made.reasoning_in != "parts":  # in parts, as its thoughts would be
        return [{"content": [{"type": "text", "text": piece}]} for piece in pieces]
    return [{"content": piece} for piece in pieces]
