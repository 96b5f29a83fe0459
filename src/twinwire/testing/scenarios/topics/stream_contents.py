"""What the chunks of a stream say beside plain text, and labels and bytes that are odd: nothing is lost, nothing doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.testing.scenarios.scenario import UNIT, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import choice, chunk, ends, event, says, stream
from twinwire.testing.scenarios.topics.findings import finds, first_message

if TYPE_CHECKING:
    from twinwire.testing.answers import Exchange

_ROLE = chunk(choice(role="assistant", content=""))


def _reasons(*parts: dict[str, Any]) -> Exchange:
    return stream(_ROLE, *(chunk(choice(**part)) for part in parts), says("Here."), ends())


def _signed() -> Exchange:
    def detail(**fields: Any) -> dict[str, Any]:
        return {
            "reasoning_details": [{"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1", **fields}]
        }

    return _reasons(
        {"reasoning": "Look ", **detail(text="Look ")},
        {"reasoning": "outside.", **detail(text="outside.")},
        detail(signature="c2ln"),
    )


# name, what comes, the stream, what must come of it
_SHAPES: list[tuple[str, str, Exchange, Expect]] = [
    (
        "reasoning",
        "Reasoning comes as `reasoning`.",
        _reasons({"reasoning": "Look "}, {"reasoning": "outside."}),
        Expect(text="Here.", reasoning="Look outside."),
    ),
    (
        "reasoning-content",
        "Reasoning comes as `reasoning_content`.",
        _reasons({"reasoning_content": "Look "}, {"reasoning_content": "outside.", "content": None}),
        Expect(text="Here.", reasoning="Look outside."),
    ),
    (
        "reasoning-details",
        "Reasoning comes as `reasoning_details` too: it is not doubled, and a signature that comes alone finds its text.",
        _signed(),
        Expect(
            text="Here.",
            reasoning="Look outside.",
            checks=(
                finds(
                    "the signed block",
                    lambda reply: first_message(reply)["reasoning_details"],
                    [
                        {
                            "type": "reasoning.text",
                            "index": 0,
                            "format": "anthropic-claude-v1",
                            "signature": "c2ln",
                            "text": "Look outside.",
                        }
                    ],
                ),
            ),
        ),
    ),
    (
        "reasoning-encrypted",
        "Reasoning comes encrypted alone: it is kept, and shown as none.",
        _reasons({"reasoning_details": [{"type": "reasoning.encrypted", "data": "c2VjcmV0", "index": 0}]}),
        Expect(
            text="Here.",
            facts={"reasoning": None},
            checks=(
                finds(
                    "the data",
                    lambda reply: first_message(reply)["reasoning_details"][0]["data"],
                    "c2VjcmV0",
                ),
            ),
        ),
    ),
    (
        "reasoning-parts",
        "Reasoning comes as `thinking` parts of the content, and then text (Mistral).",
        stream(
            _ROLE,
            *(
                chunk(choice(content=[{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]))
                for text in ("Look ", "outside.")
            ),
            says("Here."),
            ends(),
        ),
        Expect(text="Here.", reasoning="Look outside."),
    ),
    (
        "reasoning-spent-all",
        "All tokens went into reasoning: no text, finish reason `length`.",
        stream(chunk(choice(reasoning="Hm")), ends("length")),
        Expect(text="", reasoning="Hm", finish_reason="length"),
    ),
    (
        "refusal",
        "The model declines, in pieces.",
        stream(chunk(choice(role="assistant", content=None, refusal="I ")), chunk(choice(refusal="cannot.")), ends()),
        Expect(text="", refusal="I cannot."),
    ),
    (
        "audio",
        "Audio comes in pieces: id once, data and transcript joined.",
        stream(
            chunk(choice(audio={"id": "audio_1", "transcript": "He"})),
            chunk(choice(audio={"data": "AAEC"})),
            chunk(choice(audio={"data": "AwQF", "transcript": "re."})),
            chunk(choice(audio={"expires_at": 9})),
            ends(),
        ),
        Expect(
            checks=(
                finds(
                    "audio",
                    lambda reply: first_message(reply)["audio"],
                    {"id": "audio_1", "transcript": "Here.", "data": "AAECAwQF", "expires_at": 9},
                ),
            )
        ),
    ),
    (
        "unknown-fields",
        "Deltas, choices and chunks have unknown fields: they are kept.",
        stream(says("He", warmth=1), chunk(choice(content="re.", mood="calm", fields={"rank": 7})), ends()),
        Expect(
            text="Here.",
            checks=(
                finds(
                    "unknown fields",
                    lambda reply: (
                        reply.to_dict()["warmth"],
                        reply.to_dict()["choices"][0]["rank"],
                        first_message(reply)["mood"],
                    ),
                    (1, 7, "calm"),
                ),
            ),
        ),
    ),
    (
        "padding",
        "Chunks are padded with `obfuscation` and `p`: that is dropped.",
        stream(says("He", obfuscation="xxx"), says("re.", p="abc"), ends(obfuscation="x")),
        Expect(
            text="Here.",
            checks=(
                finds("padding", lambda reply: [key for key in reply.to_dict() if key in ("obfuscation", "p")], []),
            ),
        ),
    ),
    (
        "logprobs",
        "Logprobs come in pieces, one of them a bare number.",
        stream(
            chunk(choice(content="He", fields={"logprobs": {"content": [{"token": "He", "logprob": 0}]}})),
            chunk(choice(content="re.", fields={"logprobs": {"content": [{"token": "re.", "logprob": -0.5}]}})),
            ends(),
        ),
        Expect(
            text="Here.",
            checks=(
                finds(
                    "logprobs",
                    lambda reply: [part["token"] for part in reply.to_dict()["choices"][0]["logprobs"]["content"]],
                    ["He", "re."],
                ),
            ),
        ),
    ),
    (
        "lone-surrogates",
        "Half of a surrogate pair is escaped at the end of one chunk: it is kept as it is.",
        stream(event(b'{"choices":[{"index":0,"delta":{"content":"He\\ud83d"}}]}'), ends()),
        Expect(text="He\ud83d"),
    ),
    (
        "escapes",
        "Text holds NUL, line separators and escaped line ends.",
        stream(says("a\x00b\u2028c\x85d\ne\r\nf"), ends()),
        Expect(text="a\x00b\u2028c\x85d\ne\r\nf"),
    ),
    (
        "wrong-bytes",
        "Text holds bytes that are no UTF-8: they read as U+FFFD.",
        stream(event(b'{"choices":[{"index":0,"delta":{"content":"H\xff\xfe."}}]}'), ends()),
        Expect(text="H\ufffd\ufffd."),
    ),
    (
        "nan",
        "Numbers are NaN and Infinity, as Python servers write them: the answer is not lost.",
        stream(event(b'{"choices":[{"index":0,"delta":{"content":"Here."},"score":NaN}],"rate":Infinity}'), ends()),
        Expect(text="Here."),
    ),
    (
        "of-5000-chunks",
        "5,000 chunks arrive at once.",
        stream(*(says(f"{number} ") for number in range(5000)), ends()),
        Expect(text="".join(f"{number} " for number in range(5000)), seconds=(0, 40 * UNIT)),
    ),
]

# The ways of a body to be a stream by another name
_LABELS: list[tuple[str, str, dict[str, str | None]]] = [
    (
        "charset",
        "text/event-stream;charset=UTF-8, without a space (zai)",
        {"content-type": "text/event-stream;charset=UTF-8"},
    ),
    ("upper-case", "Text/Event-Stream", {"content-type": "Text/Event-Stream"}),
    ("missing", "missing", {}),
    ("text-plain", "text/plain", {"content-type": "text/plain; charset=utf-8"}),
    ("octet-stream", "application/octet-stream", {"content-type": "application/octet-stream"}),
    (
        "wrong-charset",
        "text/event-stream; charset=latin-1, and the text is UTF-8",
        {"content-type": "text/event-stream; charset=latin-1"},
    ),
    ("empty", "empty", {"content-type": ""}),
]

SCENARIOS = (
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
    *(
        Scenario(
            name=f"stream-type-{name}",
            topic="streams",
            about=f"A stream's content type is {about}: it is read as one.",
            ways=("chunks", "events"),
            server=(stream(says("Hier: "), says("\u00df."), ends(), headers=headers),),
            expect=Expect(text="Hier: \u00df."),
            injected=True,
        )
        for name, about, headers in _LABELS
    ),
)
