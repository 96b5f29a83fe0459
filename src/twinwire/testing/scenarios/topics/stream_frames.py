"""Streams whose chunks have every legal and illegal frame: usage, ids, finish reasons and choices, wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import StreamTruncatedError
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import choice, chunk, ends, says, stream
from twinwire.testing.scenarios.topics.findings import finds

if TYPE_CHECKING:
    from twinwire.testing.answers import Exchange

USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}

LESS = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}

_ROLE = chunk(choice(role="assistant", content=""))

_AZURE = {
    "id": "",
    "object": "",
    "created": 0,
    "model": "",
    "choices": [],
    "prompt_filter_results": [{"prompt_index": 0}],
}

# name, what comes, the stream, what must come of it
_SHAPES: list[tuple[str, str, Exchange, Expect]] = [
    (
        "usage-with-the-finish",
        "Usage comes in the chunk that says why it ends.",
        stream(says("Here."), ends(usage=USAGE)),
        Expect(text="Here.", usage=USAGE),
    ),
    (
        "usage-after-the-finish",
        "Usage comes in a chunk with an empty choice, the finish reason null (OpenRouter).",
        stream(says("Here."), ends(), chunk(choice(content="", role="assistant"), usage=USAGE)),
        Expect(text="Here.", usage=USAGE, finish_reason="stop"),
    ),
    (
        "usage-first",
        "Usage comes in the first chunk.",
        stream(chunk(usage=USAGE), says("Here."), ends()),
        Expect(text="Here.", usage=USAGE),
    ),
    (
        "usage-often",
        "Usage comes in every chunk, cumulative: the last holds.",
        stream(says("He", usage={**LESS, "completion_tokens": 0}), says("re.", usage=LESS), ends(usage=USAGE)),
        Expect(text="Here.", usage=USAGE),
    ),
    (
        "usage-null",
        "Usage is null in every chunk but the last.",
        stream(says("Here.", usage=None), ends(usage=None), chunk(usage=USAGE)),
        Expect(text="Here.", usage=USAGE),
    ),
    (
        "usage-then-null",
        "Usage is null after the count: the count holds.",
        stream(says("Here."), ends(usage=USAGE), chunk(choice(), usage=None)),
        Expect(text="Here.", usage=USAGE),
    ),
    (
        "usage-missing",
        "No usage ever comes: none is made up.",
        stream(says("Here."), ends()),
        Expect(text="Here.", facts={"usage": None}),
    ),
    (
        "usage-groq",
        "Usage comes in `x_groq` alone.",
        stream(says("Here."), ends(x_groq={"id": "req_1", "usage": {**USAGE, "queue_time": 0.5}})),
        Expect(text="Here.", usage={**USAGE, "queue_time": 0.5}),
    ),
    (
        "chunk-after-usage",
        "A chunk follows the usage.",
        stream(says("Here."), ends(), chunk(usage=USAGE), chunk(moderation={"flagged": False})),
        Expect(text="Here.", usage=USAGE),
    ),
    (
        "azure-first-chunk",
        "The first chunk has no choices, and empty id, model and object (Azure): they do not hold.",
        stream(_AZURE, _ROLE, says("Here."), ends()),
        Expect(text="Here.", facts={"id": "chatcmpl-1", "model": "gpt-4o-mini", "created": 1_700_000_000}),
    ),
    (
        "ids-change",
        "Id and created change from chunk to chunk: the first hold.",
        stream(says("He", id="a", created=1), says("re.", id="b", created=2), ends(id="c", created=3)),
        Expect(text="Here.", facts={"id": "a", "created": 1}),
    ),
    (
        "ids-missing",
        "Id, object, created and model are missing everywhere.",
        stream(*({"choices": [part]} for part in (choice(content="Here."), choice(finish="stop")))),
        Expect(text="Here.", facts={"id": "", "model": ""}),
    ),
    (
        "object-wrong",
        "`object` is `chat.completion`, then `chat.completion.done`.",
        stream(says("Here.", object="chat.completion"), ends(object="chat.completion.done")),
        Expect(text="Here."),
    ),
    (
        "role-alone",
        "Chunks with the role alone come again and again.",
        stream(_ROLE, _ROLE, says("He"), _ROLE, says("re."), _ROLE, ends()),
        Expect(text="Here."),
    ),
    (
        "role-never",
        "No role is ever sent, or it is null.",
        stream(says("He"), chunk(choice(role=None, content="re.")), ends()),
        Expect(text="Here.", checks=(finds("role", lambda reply: reply.message.role, "assistant"),)),
    ),
    (
        "content-null-first",
        "The first content is null.",
        stream(chunk(choice(role="assistant", content=None)), says("Here."), ends()),
        Expect(text="Here."),
    ),
    (
        "index-missing",
        "Choices have no index, or null.",
        stream({"choices": [{"delta": {"content": "He"}}]}, chunk(choice(index=None, content="re.", finish="stop"))),
        Expect(text="Here."),
    ),
    (
        "delta-missing",
        "Choices have no delta, or null (Azure).",
        stream(
            says("Here."),
            {"choices": [{"index": 0, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": None, "finish_reason": "stop"}]},
        ),
        Expect(text="Here.", finish_reason="stop"),
    ),
    (
        "finish-missing",
        "The key `finish_reason` is missing but in the last chunk.",
        stream(*({"choices": [{"index": 0, "delta": {"content": text}}]} for text in ("He", "re.")), ends()),
        Expect(text="Here."),
    ),
    (
        "finish-null-and-done",
        "The finish reason is null to the end, and [DONE] comes (Ollama).",
        stream(says("Here.")),
        Expect(text="Here.", facts={"finish_reason": None}),
    ),
    (
        "finish-with-text",
        "The finish reason comes with the last text.",
        stream(says("He"), says("re.", "stop")),
        Expect(text="Here.", finish_reason="stop"),
    ),
    (
        "finish-twice",
        "The finish reason comes twice, as in OpenRouter's streams.",
        stream(says("Here."), ends("length"), ends("length", usage=USAGE)),
        Expect(text="Here.", finish_reason="length", usage=USAGE),
    ),
    (
        "finish-differs",
        "Two finish reasons come, `tool_calls` and then `stop`: the one that says more holds.",
        stream(says("Here."), ends("tool_calls"), ends("stop")),
        Expect(text="Here.", finish_reason="tool_calls"),
    ),
    (
        "finish-unknown",
        "The finish reason is one that nobody knows.",
        stream(says("Here."), ends("end_turn")),
        Expect(text="Here.", finish_reason="end_turn"),
    ),
    (
        "text-after-the-finish",
        "Text comes after the finish reason: it belongs to the answer.",
        stream(says("He"), ends(), says("re.")),
        Expect(text="Here.", finish_reason="stop"),
    ),
    (
        "empty-deltas",
        "Empty deltas, empty texts and chunks without choices come between.",
        stream(says(""), chunk(choice()), says("He"), chunk(), says(""), chunk(choice()), says("re."), ends()),
        Expect(text="Here."),
    ),
    (
        "whole-message",
        "A choice has a whole message in place of a delta.",
        stream(
            {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Here."}, "finish_reason": "stop"}]}
        ),
        Expect(checks=(finds("text", lambda reply: reply.text, "Here."),)),
    ),
    (
        "two-choices",
        "Two choices take turns.",
        stream(
            chunk(choice(content="He"), choice(index=1, content="The")),
            chunk(choice(index=1, content="re.")),
            says("re."),
            chunk(choice(index=1, finish="stop")),
            ends(),
        ),
        Expect(
            facts={"text": "Here."},
            checks=(finds("the second text", lambda reply: reply.choices[1].message.content, "There."),),
        ),
    ),
    (
        "choices-from-behind",
        "The second choice comes before the first.",
        stream(chunk(choice(index=1, content="There.", finish="stop")), says("Here.", "stop")),
        Expect(
            facts={"text": "Here."},
            checks=(finds("the second text", lambda reply: reply.choices[1].message.content, "There."),),
        ),
    ),
    (
        "a-choice-without-end",
        "One of two choices never says why it ends, and [DONE] comes.",
        stream(chunk(choice(content="Here.", finish="stop"), choice(index=1, content="There."))),
        Expect(
            facts={"text": "Here."},
            checks=(finds("the second finish", lambda reply: reply.choices[1].finish_reason, None),),
        ),
    ),
]

SCENARIOS = (
    Scenario(
        name="stream-choice-that-never-began",
        topic="streams",
        about="Two choices were asked for, and one never begins before the stream stops: that is no whole answer.",
        ways=("chunks", "events"),
        server=(stream(says("Here.", "stop"), done=False),),
        ask=Ask(arguments={"n": 2}),
        expect=Expect(error=StreamTruncatedError, partial="Here.", billed=True),
    ),
    *(
        Scenario(
            name=f"stream-{name}",
            topic="streams",
            about=about,
            ways=("chunks", "events"),
            server=(answer,),
            expect=expect,
        )
        for name, about, answer, expect in _SHAPES
    ),
)
