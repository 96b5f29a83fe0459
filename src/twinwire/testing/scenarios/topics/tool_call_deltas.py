"""Streamed tool calls in every dialect: each delta finds its call."""

from __future__ import annotations

from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.calling import A, B, Deltas, F, G, call, calls

# name, what is strange, the deltas of each chunk, the calls that come of them
_DECIDED: list[tuple[str, str, Deltas, tuple[tuple[str, str], ...]]] = [
    (
        "as-documented",
        "id and name come first, the arguments in pieces",
        [[call(0, "x", "f", "", type="function")], [call(0, arguments=A[:4])], [call(0, arguments=A[4:])]],
        (F,),
    ),
    (
        "interleaved",
        "two calls take turns",
        [
            [call(0, "x", "f", "")],
            [call(1, "y", "g", "")],
            [call(0, arguments=A[:4]), call(1, arguments=B[:4])],
            [call(1, arguments=B[4:])],
            [call(0, arguments=A[4:])],
        ],
        (F, G),
    ),
    (
        "whole",
        "each call comes whole in one delta, both in one chunk",
        [[call(0, "x", "f", A), call(1, "y", "g", B)]],
        (F, G),
    ),
    (
        "index-missing",
        "no delta has an index (Mistral, Gemini, Ollama)",
        [[call(id="x", name="f", arguments=A)], [call(id="y", name="g", arguments=B)]],
        (F, G),
    ),
    (
        "index-null",
        "the index is null",
        [[call(None, "x", "f", A[:4])], [call(None, None, None, A[4:])], [call(None, "y", "g", B)]],
        (F, G),
    ),
    (
        "index-missing-in-pieces",
        "no delta has an index, and arguments come in pieces",
        [
            [call(id="x", name="f", arguments="")],
            [call(arguments=A[:4])],
            [call(arguments=A[4:])],
            [call(id="y", name="g", arguments=B[:4])],
            [call(arguments=B[4:])],
        ],
        (F, G),
    ),
    ("index-negative", "the index is -1 for all (zai)", [[call(-1, "x", "f", A)], [call(-1, "y", "g", B)]], (F, G)),
    (
        "index-repeated",
        "all calls have the index 0, told apart by their ids (Mistral)",
        [[call(0, "x", "f", A)], [call(0, "y", "g", B)]],
        (F, G),
    ),
    (
        "index-repeated-in-pieces",
        "all calls have the index 0, and every delta has its id",
        [
            [call(0, "x", "f", "")],
            [call(0, "y", "g", "")],
            [call(0, "x", arguments=A[:4])],
            [call(0, "y", arguments=B)],
            [call(0, "x", arguments=A[4:])],
        ],
        (F, G),
    ),
    (
        "index-repeated-without-ids",
        "all calls have the index 0 and no id, each whole (Gemini)",
        [[call(0, "", "f", A)], [call(0, "", "g", B)]],
        (F, G),
    ),
    ("index-from-one", "indexes begin at 1", [[call(1, "x", "f", A)], [call(2, "y", "g", B)]], (F, G)),
    ("index-with-gaps", "indexes have gaps", [[call(3, "x", "f", A)], [call(70, "y", "g", B)]], (F, G)),
    ("index-from-behind", "the second index comes first", [[call(1, "y", "g", B)], [call(0, "x", "f", A)]], (G, F)),
    (
        "same-tool-twice",
        "one tool is called twice, whole, without index and id",
        [[call(name="f", arguments=A)], [call(name="f", arguments=B)]],
        (F, ("f", B)),
    ),
    (
        "same-tool-same-arguments",
        "one tool is called twice with the same arguments",
        [[call(0, "x", "f", A)], [call(1, "y", "f", A)]],
        (F, F),
    ),
    (
        "same-id-two-indexes",
        "two calls have one id, and indexes of their own",
        [[call(0, "x", "f", A)], [call(1, "x", "g", B)]],
        (F, G),
    ),
    (
        "id-repeated",
        "the id comes with every delta",
        [[call(0, "x", "f", A[:4])], [call(0, "x", arguments=A[4:])]],
        (F,),
    ),
    (
        "id-and-name-repeated",
        "id and name come with every delta: names are not joined",
        [[call(0, "x", "f", A[:4], type="function")], [call(0, "x", "f", A[4:], type="function")]],
        (F,),
    ),
    (
        "id-missing",
        "no id ever comes, or an empty one",
        [[call(0, "", "f", A[:4])], [call(0, arguments=A[4:])], [call(1, None, "g", B)]],
        (F, G),
    ),
    (
        "id-null-later",
        "id and name are null or empty on later deltas (Venice)",
        [[call(0, "x", "f", "")], [call(0, None, None, A[:4])], [call(0, "", "", A[4:])]],
        (F,),
    ),
    ("id-late", "the id comes after the name", [[call(0, name="f", arguments="")], [call(0, "x", arguments=A)]], (F,)),
    (
        "name-late",
        "the name comes after the id",
        [[call(0, "x", arguments="")], [call(0, name="f", arguments=A)]],
        (F,),
    ),
    (
        "name-last",
        "the name comes after the arguments",
        [[call(0, "x", arguments=A[:4])], [call(0, arguments=A[4:])], [call(0, name="f")]],
        (F,),
    ),
    ("arguments-null", "arguments are null at first", [[call(0, "x", "f", None)], [call(0, arguments=A)]], (F,)),
    ("arguments-missing", "arguments are missing, in all deltas", [[call(0, "x", "f")]], (("f", ""),)),
    (
        "arguments-null-for-good",
        "arguments are null, in all deltas",
        [[call(0, "x", "f", None)], [call(0, arguments=None)]],
        (("f", ""),),
    ),
    (
        "arguments-object",
        "arguments are an object (Ollama's own API)",
        [[call(0, "x", "f", {"city": "Aachen"})]],
        (F,),
    ),
    (
        "arguments-no-json",
        "arguments are not JSON: they are handed over as they are",
        [[call(0, "x", "f", "city=")], [call(0, arguments="Aachen")]],
        (("f", "city=Aachen"),),
    ),
    (
        "arguments-no-object",
        "arguments are JSON, and no object (Groq)",
        [[call(0, "x", "f", "[1, 2]")]],
        (("f", "[1, 2]"),),
    ),
    (
        "arguments-doubled",
        "arguments are an object and then text: nothing is taken away",
        [[call(0, "x", "f", "{}")], [call(0, arguments=A)]],
        (("f", "{}" + A),),
    ),
    (
        "arguments-byte-by-byte",
        "arguments come in pieces of one character",
        [[call(0, "x", "f", "")], *([call(0, arguments=character)] for character in A)],
        (F,),
    ),
    (
        "arguments-characters",
        "arguments hold every kind of character, split within an escape",
        [[call(0, "x", "f", '{"x": "\\u00')], [call(0, arguments='e9\u00df\U0001f30d\u2028\x00"}')]],
        (("f", '{"x": "\\u00e9\u00df\U0001f30d\u2028\x00"}'),),
    ),
    ("type-missing", "the type is missing (Mistral)", [[call(0, "x", "f", A)]], (F,)),
    (
        "type-repeated",
        "the type comes with every delta",
        [[call(0, "x", "f", "", type="function")], [call(0, arguments=A, type="function")]],
        (F,),
    ),
    (
        "custom",
        "a custom tool has input in place of arguments",
        [
            [{"index": 0, "id": "x", "type": "custom", "custom": {"name": "sql", "input": ""}}],
            [{"index": 0, "custom": {"input": "SELECT "}}],
            [{"index": 0, "custom": {"input": "1"}}],
        ],
        (("sql", "SELECT 1"),),
    ),
    (
        "custom-beside-function",
        "a custom tool and a function are called",
        [
            [
                call(0, "x", "f", A),
                {"index": 1, "id": "y", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}},
            ]
        ],
        (F, ("sql", "SELECT 1")),
    ),
    (
        "null-and-empty",
        "`tool_calls` is null, empty, or holds an empty object, between the others",
        [None, [], [call(0, "x", "f", A)], None, [{}]],
        (F,),
    ),
    (
        "hundred",
        "100 calls take turns",
        [
            [call(number, f"id{number}", f"f{number}", "") for number in range(100)],
            *([call(number, arguments=part)] for part in ('{"n":', " 1}") for number in reversed(range(100))),
        ],
        tuple((f"f{number}", '{"n": 1}') for number in range(100)),
    ),
    (
        "long-ids",
        "ids are UUIDs, `functions.f:0`, and a thousand characters long",
        [[call(0, "functions.f:0", "f", A)], [call(1, "x" * 1000, "g", B)]],
        (F, G),
    ),
    (
        "unknown-fields",
        "calls have unknown fields: they are no matter",
        [[call(0, "x", "f", A, extra_content={"google": {"thought_signature": "c2ln"}}, channel="commentary")]],
        (F,),
    ),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"calls-{name}",
            topic="tool_calls",
            about=f"In a stream, {about}.",
            ways=("chunks", "events"),
            server=(calls(deltas),),
            expect=Expect(text="", calls=expected, finish_reason="tool_calls"),
        )
        for name, about, deltas, expected in _DECIDED
    ),
)
