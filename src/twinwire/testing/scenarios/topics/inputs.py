"""What a user hands over: sent right, to the last character."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from twinwire import UNSET
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Options, Way

_CHAT: tuple[Way, ...] = ("create", "events")


class _Temperature(IntEnum):
    LOW = 1


class _Model(str, Enum):  # noqa: UP042  # StrEnum says its text by itself; this one does not
    MINI = "gpt-4o-mini"


class _Index:
    """A whole number of another library."""

    def __index__(self) -> int:
        return 7


def _says(text: str) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": text}]}


def _exact(name: str, about: str, text: str, *, ways: tuple[Way, ...] = ("create", "chunks", "events")) -> Scenario:
    """The server reads the text as it was written, and its echo arrives as it was sent."""
    return Scenario(
        name=f"text-{name}",
        topic="input",
        about=about,
        ways=ways,
        ask=Ask(arguments=_says(text)),
        expect=Expect(text=text, attempts=1, checks=(_read(lambda body: body["messages"][0]["content"], text),)),
        injected=True,
    )


def _read(find: Callable[[Any], object], wanted: object) -> Callable[[Played], str | None]:
    """What the server found in the body."""

    def check(played: Played) -> str | None:
        got = find(played.requests[0].json)
        return (
            None
            if got == wanted and type(got) is type(wanted)
            else f"the server read {got!r:.200}, expected {wanted!r:.200}"
        )

    return check


def _sent(
    name: str, about: str, arguments: Options | Callable[[], Options], find: Callable[[Any], object], wanted: object
) -> Scenario:
    return Scenario(
        name=f"sent-{name}",
        topic="input",
        about=about,
        ways=_CHAT,
        ask=Ask(arguments=arguments),
        expect=Expect(attempts=1, checks=(_read(find, wanted),)),
        injected=True,
    )


def _nested(depth: int) -> dict[str, object]:
    schema: dict[str, object] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _tool(schema: object) -> Options:
    return {"tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}]}


def _parameters(body: Any) -> object:
    return body["tools"][0]["function"]["parameters"]


def _large_text() -> Options:
    return _says("0123456789abcdé☃" * 700_000)


def _large_arrived(played: Played) -> str | None:
    [request] = played.requests
    got = request.json["messages"]
    if got != _large_text()["messages"]:
        return f"the server read another prompt, in {len(request.body)} bytes"
    return None if request.headers["content-length"] == str(len(request.body)) else "Content-Length is not the body's"


def _many() -> Options:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[n % 2], "content": f"message {n}"} for n in range(20_000)]}


def _image() -> Options:
    url = "data:image/png;base64," + "A" * 4_000_000
    return {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}


def _query_is(wanted: dict[str, str]) -> Callable[[Played], str | None]:
    def check(played: Played) -> str | None:
        [request] = played.requests
        return (
            None
            if request.query == wanted and request.path.endswith("/chat/completions")
            else f"the target was {request.target!r}"
        )

    return check


def _header_is(name: str, wanted: str | None) -> Callable[[Played], str | None]:
    def check(played: Played) -> str | None:
        got = played.requests[0].headers.get(name)
        return None if got == wanted else f"{name} was {got!r}"

    return check


_CONTROLS = "".join(chr(code) for code in range(32)) + "\x7f\x80\x9f"

SCENARIOS = (
    Scenario(
        name="prompt-of-10-MB",
        topic="input",
        about="Ten megabytes of prompt arrive whole and unchanged.",
        ask=Ask(arguments=_large_text),
        expect=Expect(attempts=1, checks=(_large_arrived,)),
        injected=True,
    ),
    Scenario(
        name="messages-by-the-thousand",
        topic="input",
        about="Twenty thousand messages arrive in their order.",
        ask=Ask(arguments=_many),
        expect=Expect(attempts=1, checks=(_read(lambda body: body["messages"], _many()["messages"]),)),
    ),
    Scenario(
        name="image-of-4-MB",
        topic="input",
        about="An image in the text of a part arrives whole.",
        ask=Ask(arguments=_image),
        expect=Expect(attempts=1, checks=(_read(lambda body: body["messages"], _image()["messages"]),)),
    ),
    _exact("empty", "An empty prompt is a prompt.", "", ways=("create",)),
    _exact("with-nul", "NUL is a character.", "a\x00b"),
    _exact("of-control-characters", "So are all other control characters, line ends among them.", f"a{_CONTROLS}b"),
    _exact("of-other-lines", "U+2028, U+2029 and U+0085 end no line of a stream.", "a\u2028b\u2029c\u0085d"),
    _exact(
        "beyond-the-first-plane",
        "Characters of two code units, joined ones and directions.",
        "😀👩‍👩‍👧‍👦 \u202eabc\u202c e\u0301 \U0010ffff",
    ),
    _exact(
        "that-looks-like-an-event",
        "A text that looks like the end of a stream is none.",
        "data: [DONE]\n\nevent: error\ndata: {}\n\n",
    ),
    _exact("that-looks-like-json", "Quotes, backslashes and brackets.", '"}]}\\" \\u0000 </script> {{'),
    _exact("with-a-bom", "A byte order mark inside of a text stays.", "\ufeffa\ufeff"),
    Scenario(
        name="text-with-a-lone-surrogate",
        topic="input",
        about="Half a character has no UTF-8, but an escape in JSON: it arrives.",
        ways=_CHAT,
        ask=Ask(arguments=_says("a\ud83d b")),
        expect=Expect(attempts=1, checks=(_read(lambda body: body["messages"][0]["content"], "a\ud83d b"),)),
        injected=True,
    ),
    _sent("a-tuple", "A tuple is a list.", {"stop": ("a", "b")}, lambda body: body["stop"], ["a", "b"]),
    _sent(
        "a-mapping-of-another-kind",
        "Every mapping is an object.",
        {"messages": [MappingProxyType({"role": "user", "content": "x"})]},
        lambda body: body["messages"],
        [{"role": "user", "content": "x"}],
    ),
    _sent(
        "an-ordered-mapping",
        "Fields keep their order.",
        {"metadata": OrderedDict([("z", "1"), ("a", "2")])},
        lambda body: list(body["metadata"]),
        ["z", "a"],
    ),
    _sent(
        "a-member-of-an-enumeration",
        "A number's member of an enumeration is its number.",
        {"max_tokens": _Temperature.LOW},
        lambda body: body["max_tokens"],
        1,
    ),
    _sent(
        "a-text-of-an-enumeration",
        "A text's member is its text.",
        {"model": _Model.MINI},
        lambda body: body["model"],
        "gpt-4o-mini",
    ),
    _sent(
        "a-whole-number-of-another-library",
        "What is a whole number by its own word is one.",
        {"extra_body": {"a": _Index()}},
        lambda body: body["a"],
        7,
    ),
    _sent(
        "a-large-whole-number",
        "Whole numbers have no limit of 64 bits.",
        {"extra_body": {"a": 10**30}},
        lambda body: body["a"],
        10**30,
    ),
    _sent(
        "a-fraction-exactly",
        "A float arrives as the same float.",
        {"temperature": 0.1 + 0.2},
        lambda body: body["temperature"],
        0.1 + 0.2,
    ),
    _sent(
        "null",
        "None is null, and not the same as leaving out.",
        {"extra_body": {"a": None}},
        lambda body: body["a"] is None and "a" in body,
        True,
    ),
    _sent(
        "nothing-for-unset",
        "UNSET is leaving out, also deep inside.",
        {"temperature": UNSET, "metadata": {"a": "1"}, "extra_body": {"b": {"c": UNSET}}},
        lambda body: ("temperature" in body, body["b"]),
        (False, dict[str, object]()),
    ),
    _sent(
        "a-nested-schema", "A schema of sixty levels arrives as it is.", _tool(_nested(60)), _parameters, _nested(60)
    ),
    _sent(
        "a-thousand-tools",
        "A thousand tools arrive.",
        {"tools": [{"type": "function", "function": {"name": f"f{n}"}} for n in range(1000)]},
        lambda body: len(body["tools"]),
        1000,
    ),
    _sent(
        "a-field-over-an-argument",
        "extra_body is over the arguments.",
        {"temperature": 1, "extra_body": {"temperature": 0.5}},
        lambda body: body["temperature"],
        0.5,
    ),
    Scenario(
        name="query-that-would-be-two",
        topic="input",
        about="What separates in a query is escaped: a value stays one value, on its path.",
        ways=_CHAT,
        ask=Ask(arguments={"extra_query": {"a": "1&b=2#c?d/../e", "x y": "é\r\nX-Evil: 1"}}),
        expect=Expect(
            attempts=1, checks=(_query_is({"a": "1&b=2#c?d/../e", "x y": "é\r\nX-Evil: 1"}), _header_is("x-evil", None))
        ),
        injected=True,
    ),
    Scenario(
        name="header-of-latin-1",
        topic="input",
        about="A header of Latin-1 arrives byte for byte.",
        ask=Ask(arguments={"extra_headers": {"X-Name": "Zoë\tö"}}),
        expect=Expect(attempts=1, checks=(_header_is("x-name", "Zoë\tö"),)),
        injected=True,
    ),
    Scenario(
        name="embeddings-of-2000-texts",
        topic="input",
        about="Two thousand inputs arrive in their order.",
        ways=("embeddings",),
        ask=Ask(arguments={"input": [f"text {n}" for n in range(2000)]}),
        expect=Expect(attempts=1, checks=(_read(lambda body: body["input"], [f"text {n}" for n in range(2000)]),)),
    ),
)
