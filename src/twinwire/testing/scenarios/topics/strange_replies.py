"""Answers in a strange form, which are read right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import reply, told, whole
from twinwire.testing.scenarios.topics.findings import finds, first_message

if TYPE_CHECKING:
    from twinwire.testing.answers import Exchange

_BODY = dump(reply(told(content="Gr\u00fc\u00dfe.")))
_BEGIN = _BODY[:-1]
"""Without its last brace."""

# Answers in a strange form, which are read right: name, what is strange, the exchange, the text
_READ: list[tuple[str, str, Exchange, str]] = [
    (
        "white-space-before",
        "White space stands before the JSON, as OpenRouter sends it.",
        whole(b"\n         \n" * 60 + _BODY),
        "Gr\u00fc\u00dfe.",
    ),
    ("white-space-behind", "White space stands behind the JSON.", whole(_BODY + b"\r\n\r\n  "), "Gr\u00fc\u00dfe."),
    (
        "octet-stream",
        "The content type is application/octet-stream.",
        whole(_BODY, headers={"content-type": "application/octet-stream"}),
        "Gr\u00fc\u00dfe.",
    ),
    (
        "text-plain",
        "The content type is text/plain.",
        whole(_BODY, headers={"content-type": "text/plain"}),
        "Gr\u00fc\u00dfe.",
    ),
    (
        "text-html",
        "The content type is text/html, and JSON stands inside.",
        whole(_BODY, headers={"content-type": "text/html; charset=utf-8"}),
        "Gr\u00fc\u00dfe.",
    ),
    (
        "event-stream",
        "The content type is text/event-stream, and JSON stands inside.",
        whole(_BODY, headers={"content-type": "text/event-stream"}),
        "Gr\u00fc\u00dfe.",
    ),
    ("no-content-type", "There is no content type.", whole(_BODY, headers={}), "Gr\u00fc\u00dfe."),
    (
        "charset-wrong",
        "The label says latin-1, and the text is UTF-8.",
        whole(_BODY, headers={"content-type": "application/json; charset=iso-8859-1"}),
        "Gr\u00fc\u00dfe.",
    ),
    (
        "charset-unknown",
        "The label names a charset that nobody knows.",
        whole(_BODY, headers={"content-type": "application/json; charset=klingon"}),
        "Gr\u00fc\u00dfe.",
    ),
    ("bom", "A byte order mark stands before the JSON.", whole(b"\xef\xbb\xbf" + _BODY), "Gr\u00fc\u00dfe."),
    (
        "utf-16",
        "The JSON is UTF-16 with a byte order mark.",
        whole(_BODY.decode().encode("utf-16")),
        "Gr\u00fc\u00dfe.",
    ),
    (
        "utf-16-le",
        "The JSON is UTF-16 without a byte order mark.",
        whole(_BODY.decode().encode("utf-16-le")),
        "Gr\u00fc\u00dfe.",
    ),
    ("utf-32", "The JSON is UTF-32.", whole(_BODY.decode().encode("utf-32")), "Gr\u00fc\u00dfe."),
    (
        "escaped",
        "Every character is escaped.",
        whole('{"choices":[{"message":{"content":"\\u0047\\ud83c\\udf0d"}}]}'),
        "G\U0001f30d",
    ),
    (
        "lone-surrogate",
        "Half of a surrogate pair is escaped.",
        whole('{"choices":[{"message":{"content":"a\\ud83d"}}]}'),
        "a\ud83d",
    ),
    ("nan", "Numbers are NaN and Infinity.", whole(_BEGIN + b',"score":NaN,"rate":-Infinity}'), "Gr\u00fc\u00dfe."),
    (
        "duplicate-keys",
        "A key stands twice: the last holds, as in every common parser.",
        whole('{"choices":[],"choices":[{"message":{"content":"a","content":"b"}}]}'),
        "b",
    ),
    ("content-null", "The content is null.", whole(reply(told(content=None))), ""),
    ("content-missing", "The content is missing.", whole({"choices": [{"message": {"role": "assistant"}}]}), ""),
    (
        "content-parts",
        "The content is a list of parts (Mistral).",
        whole(
            reply(
                told(
                    content=[
                        {"type": "text", "text": "He"},
                        {"type": "reference", "ids": [1]},
                        {"type": "text", "text": "re."},
                    ]
                )
            )
        ),
        "Here.",
    ),
    (
        "content-object",
        "The content is an object (Cloudflare's JSON mode).",
        whole(reply(told(content={"city": "Berlin"}))),
        '{"city": "Berlin"}',
    ),
    (
        "nothing-but-text",
        "Everything that can be missing is missing.",
        whole('{"choices":[{"message":{"content":"Here."}}]}'),
        "Here.",
    ),
    ("error-null", "`error: null` stands beside the answer.", whole(reply(error=None)), "Here."),
    (
        "nulls",
        "Everything else is null.",
        whole(
            {
                "id": None,
                "object": None,
                "created": None,
                "model": None,
                "usage": None,
                "system_fingerprint": None,
                "choices": [
                    {
                        "index": None,
                        "finish_reason": None,
                        "logprobs": None,
                        "message": {
                            "role": None,
                            "content": "Here.",
                            "refusal": None,
                            "tool_calls": None,
                            "audio": None,
                            "annotations": None,
                        },
                    }
                ],
            }
        ),
        "Here.",
    ),
    (
        "logprobs-number",
        "`logprobs` is a number (OpenRouter).",
        whole(reply(told(content="Here.", fields={"logprobs": -0.5}))),
        "Here.",
    ),
    (
        "unknown-everything",
        "Fields, enumerations and members are unknown.",
        whole(
            reply(
                told(content="Here.", finish="eos", mood="calm", annotations=[{"type": "sticker", "n": 1}]),
                service_tier="turbo",
                warmth=1,
                usage={
                    "prompt_tokens": 1,
                    "completion_tokens": 1,
                    "total_tokens": 2,
                    "cost": {"total_cost": 0.1},
                    "queue_time": 0.25,
                },
            )
        ),
        "Here.",
    ),
    (
        "90-levels",
        "JSON is nested 90 levels deep.",
        whole(_BEGIN + b',"x":' + b"[" * 90 + b"]" * 90 + b"}"),
        "Gr\u00fc\u00dfe.",
    ),
    (
        "1000-choices",
        "There are 1,000 choices, from behind.",
        whole(reply(*(told(content=f"{number}", fields={"index": number}) for number in range(1000)))),
        "0",
    ),
]

_UNKNOWN_KEPT = finds(
    "what is unknown",
    lambda got: (
        got.extra.get("warmth"),
        got.finish_reason,
        first_message(got)["mood"],
        first_message(got)["annotations"],
        got.to_dict()["usage"]["cost"],
    ),
    (1, "eos", "calm", [{"type": "sticker", "n": 1}], {"total_cost": 0.1}),
)

SCENARIOS = (
    Scenario(
        name="reply-cost-absurd",
        topic="replies",
        about="A cost of 400 digits is no money: the answer stands, and its cost is unknown.",
        dialect="openrouter",
        server=(whole(reply(usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 10**400})),),
        expect=Expect(text="Here.", facts={"cost": None}),
    ),
    *(
        Scenario(
            name=f"reply-{name}",
            topic="replies",
            about=f"{about} The answer is read right.",
            server=(answer,),
            expect=Expect(text=text, checks=(_UNKNOWN_KEPT,) if name == "unknown-everything" else ()),
        )
        for name, about, answer, text in _READ
    ),
)
