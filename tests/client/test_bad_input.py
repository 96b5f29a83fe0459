"""
Bad input of any kind is sent right, or refused with its path before anything is sent; never half sent.

`test_wrong_input.py` is about arguments of the wrong kind; here is what only JSON, HTTP or the machine cannot hold.
"""

from __future__ import annotations

import collections
import copy
import datetime as dt
import enum
import json
import math
import pickle
import types
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import attrs
import pytest

from tests.client.cases import USER, Case, create, done, drained, items, stream
from twinwire import UNSET, ConfigError, InvalidRequestError, Timeout
from twinwire.testing import Exchange, LoopbackProvider
from twinwire.types import ChatCompletion, ChatCompletionMessage


class Number:
    """A scalar of numpy, by all that is asked of one."""

    ndim = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def item(self) -> float:
        return self.value

    def __float__(self) -> float:
        return float(self.value)


class Index(Number):
    """An integer of numpy."""

    def __index__(self) -> int:
        return int(self.value)


class Array:
    """An array of numpy."""

    ndim = 1

    def __len__(self) -> int:
        return 1

    def item(self) -> float:
        return 1.0


for _class in (Number, Index, Array):
    _class.__module__ = "numpy"


class Word(enum.StrEnum):
    A = "a"


class Digit(enum.IntEnum):
    ONE = 1


class Colour(enum.Enum):
    RED = "red"


@dataclass
class Data:
    role: str = "user"


@attrs.define
class Record:
    role: str = "user"


class Pair(NamedTuple):
    a: int
    b: int


class Text(str):
    """A text that shows itself as another one."""

    __slots__ = ()

    def __str__(self) -> str:
        return "wrong"


def nested(levels: int) -> dict[str, Any]:
    """A schema of so many levels."""
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def tool(parameters: object) -> dict[str, Any]:
    """A tool with these parameters."""
    return {"tools": [{"type": "function", "function": {"name": "f", "parameters": parameters}}]}


CYCLE: list[Any] = []
CYCLE.append(CYCLE)
PARAMETERS = "tools[0].function.parameters"
HUGE = 10**5000

REFUSED: list[Any] = [
    (tool(nested(3000)), "tools", "nested too deep"),
    (tool({"a": CYCLE}), f"{PARAMETERS}.a[0]", "it holds itself"),
    (tool({"a": [1, {"b": math.inf}]}), f"{PARAMETERS}.a[1].b", "inf has no place there"),
    (tool({"a": math.nan}), f"{PARAMETERS}.a", "nan has no place there"),
    (tool({"a": Decimal("1.1")}), f"{PARAMETERS}.a", "Decimal is no JSON value"),
    (tool({"a": Fraction(1, 3)}), f"{PARAMETERS}.a", "Fraction is no JSON value"),
    (tool({"a": b"x"}), f"{PARAMETERS}.a", "bytes is no JSON value"),
    (tool({"a": memoryview(b"x")}), f"{PARAMETERS}.a", "memoryview is no JSON value"),
    (tool({"a": {1, 2}}), f"{PARAMETERS}.a", "set is no JSON value"),
    (tool({"a": dt.date(2026, 1, 1)}), f"{PARAMETERS}.a", "date is no JSON value"),
    (tool({"a": uuid.uuid4()}), f"{PARAMETERS}.a", "UUID is no JSON value"),
    (tool({"a": Colour.RED}), f"{PARAMETERS}.a", "Colour is no JSON value"),
    (tool({"a": Data()}), f"{PARAMETERS}.a", "Data is no JSON value"),
    (tool({"a": Record()}), f"{PARAMETERS}.a", "Record is no JSON value"),
    (tool({"a": Array()}), f"{PARAMETERS}.a", "Array is no JSON value"),
    (tool({"a": (item for item in "ab")}), f"{PARAMETERS}.a", "generator is no JSON value"),
    (tool({"a": 1j}), f"{PARAMETERS}.a", "complex is no JSON value"),
    (tool({"a": print}), f"{PARAMETERS}.a", "builtin_function_or_method is no JSON value"),
    (tool({"a": ValueError("x")}), f"{PARAMETERS}.a", "ValueError is no JSON value"),
    (tool({"a": HUGE}), f"{PARAMETERS}.a", "an int of 16610 bits is too long"),
    (tool({"a": {None: 1}}), f"{PARAMETERS}.a", "a key that is no text, but NoneType"),
    (tool({"a": {True: 1}}), f"{PARAMETERS}.a", "a key that is no text, but bool"),
    (tool({"a": {1.5: 1}}), f"{PARAMETERS}.a", "a key that is no text, but float"),
    (tool({"a": {(1, 2): 1}}), f"{PARAMETERS}.a", "a key that is no text, but tuple"),
    (tool({"a": {b"x": 1}}), f"{PARAMETERS}.a", "a key that is no text, but bytes"),
    (tool({"a": types.MappingProxyType({None: 1})}), f"{PARAMETERS}.a", "a key that is no text, but NoneType"),
    (tool({"a": {1: "x", "1": "y"}}), f"{PARAMETERS}.a", "the key '1' twice"),
    (tool({"a b": {"c" * 99: math.nan}}), f"{PARAMETERS}['a b']['{'c' * 40}']", "nan"),
    ({"messages": [USER, UNSET]}, "messages[1]", "UNSET stands where a value must"),
    ({"messages": collections.deque([USER])}, "messages", "must be a list, got collections.deque"),
    ({"messages": {"a": USER}.values()}, "messages", "must be a list, got dict_values"),
    ({"messages": map(dict, [USER])}, "messages", "must be a list, got map"),
    ({"messages": {1, 2}}, "messages", "must be a list, got set"),
    ({"messages": CYCLE}, "messages[0]", "must be a mapping, got list"),
    ({"messages": [Data()]}, "messages[0]", "must be a mapping"),
    ({"messages": [{"role": "user", "content": b"x"}]}, "messages[0].content", "got bytes"),
    ({"messages": [{"role": "user", "content": (part for part in "a")}]}, "messages[0].content", "got generator"),
    ({"messages": [{"role": Word.A, "content": "x"}]}, "messages[0].role", "got 'a'"),
    ({"temperature": Number(math.nan)}, "temperature", "must be a finite number"),
    ({"temperature": Index(math.nan)}, "temperature", "must be a number"),
    ({"temperature": Array()}, "temperature", "must be a number"),
    ({"max_tokens": HUGE}, "max_tokens", "an int of 16610 bits is too long"),
    ({"stop": frozenset({"a"})}, "stop", "got frozenset"),
    ({"deadline": 10**400}, "deadline", "is more than 1000000000 seconds"),
    ({"deadline": math.inf}, "deadline", "None is no limit"),
    ({"timeout": 10**400}, "timeout", "is more than 1000000000 seconds"),
    ({"timeout": 1e300}, "timeout", "None is no limit"),
    ({"extra_body": {1: 2}}, "extra_body", "a name that is no text, but int"),
    ({"extra_body": {"a": {"b": math.nan}}}, "extra_body.a.b", "nan"),
    ({"extra_query": {None: 1}}, "extra_query", "a name that is no text, but NoneType"),
    ({"extra_query": {"a": CYCLE}}, "a", "a list inside of a list"),
    ({"extra_query": {"a": HUGE}}, "a", "cannot be written"),
    ({"extra_query": {"a": math.nan}}, "a", "cannot be written"),
    ({"extra_headers": {b"a": "x"}}, "extra_headers", "a name that is no text, but bytes"),
]


@pytest.mark.parametrize(("arguments", "param", "words"), REFUSED)
async def test_refused(case: Case, server: LoopbackProvider, arguments: dict[str, Any], param: str, words: str) -> None:
    """With the path, before anything is opened, whole and as a stream."""
    async with case.client(server) as client:
        for attempt in (lambda: create(client, case, **arguments), lambda: drained(stream(client, case, **arguments))):
            with pytest.raises(InvalidRequestError) as caught:
                await attempt()
            assert caught.value.param == param
            assert words in str(caught.value)
            assert len(str(caught.value)) < 500

    assert server.connections == 0


SENT: list[Any] = [
    ({"temperature": Number(0.5)}, {"temperature": 0.5}),
    ({"max_tokens": Index(5)}, {"max_tokens": 5}),
    ({"extra_body": {"a": Index(5), "b": [Number(0.5)]}}, {"a": 5, "b": [0.5]}),
    ({"extra_body": {"a": Word.A, "b": Digit.ONE, "c": Pair(1, 2)}}, {"a": "a", "b": 1, "c": [1, 2]}),
    ({"extra_body": {"a": {1: 2, Digit.ONE + 1: 3}}}, {"a": {"1": 2, "2": 3}}),
    ({"extra_body": {"a": 10**400}}, {"a": 10**400}),
    ({"logit_bias": {50256: -100}}, {"logit_bias": {"50256": -100}}),
    ({"messages": (types.MappingProxyType(USER),)}, {"messages": [USER]}),
    ({"messages": [collections.ChainMap({"content": "x"}, USER)]}, {"messages": [{**USER, "content": "x"}]}),
    ({"messages": [{**USER, "content": Text("right")}]}, {"messages": [{**USER, "content": "right"}]}),
    ({"messages": [{**USER, "content": "a\0b\x7f\u2028"}]}, {"messages": [{**USER, "content": "a\0b\x7f\u2028"}]}),
    ({"messages": [{**USER, "content": "half \ud83d"}]}, {"messages": [{**USER, "content": "half \ud83d"}]}),
    ({"messages": [{**USER, "content": "x" * 8_000_000}]}, {"messages": [{**USER, "content": "x" * 8_000_000}]}),
    (tool(nested(300)), tool(nested(300))),
    (tool({"a": UNSET, "b": 1}), tool({"b": 1})),
]


@pytest.mark.parametrize(("arguments", "expected"), SENT, ids=range(len(SENT)))
async def test_sent(case: Case, server: LoopbackProvider, arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    """As it is, to the last character: half a surrogate pair as its JSON escape, which is what says just that."""
    async with case.client(server) as client:
        await create(client, case, **arguments)
    sent = json.loads(server.requests[0].body)

    assert {name: sent[name] for name in expected} == expected


async def test_arguments_that_change_meanwhile(case: Case, server: LoopbackProvider) -> None:
    """What is sent is what was given: on every attempt, whatever becomes of the lists later."""
    messages: list[Any] = [copy.deepcopy(USER)]

    def disturb(_: object) -> Exchange:
        messages[0]["content"] = "changed"
        messages.append(None)
        return Exchange(500, {"content-type": "application/json"}, {"error": {"message": "again"}})

    server.script(disturb)
    async with case.client(server) as client:
        opened = stream(client, case, messages=messages)
        messages[0]["content"] = "changed before it was entered"
        await drained(opened)
    first, second = server.requests

    assert first.body == second.body
    assert json.loads(first.body)["messages"] == [USER]


class Raising(Mapping[str, Any]):
    """A user's mapping that cannot be read."""

    def __getitem__(self, name: str) -> Any:
        raise OSError(f"the file is gone: {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(["role", "content"])

    def __len__(self) -> int:
        return 2


@pytest.mark.parametrize(
    "arguments",
    [
        {"messages": [Raising()]},
        {"extra_body": Raising()},
        {"extra_body": {"a": Raising()}},
        {"extra_query": Raising()},
        {"extra_headers": Raising()},
        tool({"a": Raising()}),
    ],
)
async def test_a_user_s_error_is_the_user_s(case: Case, server: LoopbackProvider, arguments: dict[str, Any]) -> None:
    """What a mapping raises while it is read comes out as it is; nothing was sent, and the client goes on."""
    async with case.client(server) as client:
        for attempt in (lambda: create(client, case, **arguments), lambda: drained(stream(client, case, **arguments))):
            with pytest.raises(OSError, match="the file is gone"):
                await attempt()
        assert server.connections == 0
        await create(client, case)


def deep(levels: int) -> dict[str, Any]:
    """JSON of so many levels."""
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("levels", [700, 5000])
async def test_objects_that_are_too_deep(case: Case, server: LoopbackProvider, levels: int) -> None:
    """A reply that a user made too deep says so, however it is to be written; one from a server is never so deep."""
    reply = ChatCompletion(choices=[])
    reply.extra["deep"] = deep(levels)
    message = ChatCompletionMessage(role="assistant", content="x")
    message.extra["deep"] = deep(levels)
    for write in (reply.to_dict, reply.to_json, lambda: pickle.dumps(reply), lambda: copy.deepcopy(reply)):
        with pytest.raises(ValueError, match="ChatCompletion is nested too deep to be written"):
            write()
    assert copy.copy(reply).extra["deep"] is reply.extra["deep"]
    assert repr(reply)
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match="nested too deep") as caught:
            await create(client, case, messages=[USER, message])

    assert caught.value.param == "messages[1]"
    assert server.connections == 0


async def test_deep_replies_handed_back(case: Case, server: LoopbackProvider) -> None:
    """As deep as a reply may be, it can be handed back, pickled and written."""
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "hi", "x": deep(90)}}]}
    server.script(Exchange(200, {"content-type": "application/json"}, body))
    async with case.client(server) as client:
        reply = await create(client, case)
        await create(client, case, messages=[USER, reply, USER])

    assert json.loads(server.requests[1].body)["messages"][1]["content"] == "hi"
    assert pickle.loads(pickle.dumps(reply)) == copy.deepcopy(reply) == reply  # noqa: S301  # our own
    assert json.loads(reply.to_json())["choices"][0]["message"]["x"] == deep(90)


def test_shared_parts_are_looked_at_once() -> None:
    """An object that holds the same list many times over is no deeper for it, and takes no longer."""
    shared: list[Any] = []
    for _ in range(100):
        shared = [shared, shared]
    reply = ChatCompletion(choices=[])
    reply.extra["shared"] = shared

    assert pickle.loads(pickle.dumps(reply)).extra["shared"][0] is not None  # noqa: S301  # our own


@pytest.mark.parametrize("value", [math.inf, 1e300, 10**400])
def test_limits_beyond_all_clocks(value: float) -> None:
    """A limit that no clock can count to is None's task."""
    for name in ("connect", "write", "first_event", "between_events", "pool"):
        with pytest.raises(ConfigError, match="None is no limit"):
            Timeout(**{name: value})


async def test_a_long_list(case: Case, server: LoopbackProvider) -> None:
    """Thousands of messages."""
    async with case.client(server) as client:
        await create(client, case, messages=[USER] * 5000)
        await items(await done(create(client, case, messages=[USER] * 5000, stream=True)))

    assert len(json.loads(server.requests[1].body)["messages"]) == 5000
