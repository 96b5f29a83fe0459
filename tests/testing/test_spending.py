"""What the server bills, and keys that it no longer takes."""

from __future__ import annotations

import json
from decimal import Decimal
from threading import Thread
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.testing.rawclient import HELLO, STREAM
from twinwire.errors import ConfigError
from twinwire.testing import (
    AfterEvents,
    Close,
    ErrorEvent,
    Exchange,
    LoopbackProvider,
    Raw,
    Reply,
    Stall,
    Status,
    ToolCall,
    Truncate,
    WithoutDone,
)

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer
    from twinwire.testing.dialect import DialectName
    from twinwire.testing.spending import Price

PRICES = {"m": (10, 100)}
"""US dollars per million tokens: the prompt of HELLO, three words, costs 30, and each word of an answer 100 millionths."""
CALLS = "/chat/completions"


def millionths(usd: Decimal) -> Decimal:
    """US dollars in millionths."""
    return usd * 1_000_000


def asked(server: LoopbackProvider, body: dict[str, object], path: str = CALLS, key: str = "k") -> bytes:
    """What one request gets, up to where it breaks off."""
    got = b""
    headers = {"authorization": f"Bearer {key}"}
    try:
        with httpx.stream("POST", server.base_url + path, json=body, headers=headers) as response:
            for data in response.iter_raw():
                got += data
    except httpx.RemoteProtocolError:
        pass
    return got


BILLS: list[tuple[Answer, dict[str, object], int, bool]] = [
    # answer, request, millionths of a dollar, and whether the answer is whole
    (Reply("one two"), HELLO, 230, True),
    (Reply("one two"), STREAM, 230, True),
    (Reply("one two", reasoning="a b c"), STREAM, 530, True),
    (Reply(tool_calls=[ToolCall("f", {"a": "b c"})], refusal="no no"), STREAM, 530, True),
    (Reply("one two"), {**STREAM, "n": 2}, 430, True),
    (Reply("one", usage={"prompt_tokens": 7, "completion_tokens": 8}), HELLO, 870, True),
    (Reply("one", cost=0.25), HELLO, 250_000, True),
    (Reply("one", usage={"cost": 0.5}), HELLO, 500_000, True),
    (Reply("one two three", faults=[WithoutDone()]), STREAM, 330, True),
    # An answer in one body is there before its first byte.
    (Reply("one two", faults=[Close(at="before_head")]), HELLO, 230, True),
    (Reply("one two", faults=[Truncate(at="before_body")]), HELLO, 230, True),
    (Reply("one two", faults=[Close(at="before_head")]), STREAM, 30, False),
]
BROKEN: list[tuple[Answer, dict[str, object], int, bool]] = [
    # A stream of OpenAI's that breaks: what its events held that were written, after one for the role.
    (Reply("one two three", faults=[Close(at=AfterEvents(1))]), STREAM, 30, False),
    (Reply("one two three", faults=[Close(at=AfterEvents(3))]), STREAM, 230, False),
    (Reply("one two three", faults=[Close(at=AfterEvents(4))]), STREAM, 330, True),
    (Reply("one two", reasoning="a b c", faults=[Close(at=AfterEvents(2))]), STREAM, 330, False),
    (Reply("one two", usage={"completion_tokens": 20}, faults=[Close(at=AfterEvents(2))]), STREAM, 1030, False),
    (Reply("one two three", faults=[ErrorEvent(after_events=2)]), STREAM, 130, False),
    (Reply("one two three", faults=[Truncate(at=AfterEvents(2))]), STREAM, 130, False),
]
BROKEN_COMMENTED: list[tuple[Answer, dict[str, object], int, bool]] = [
    # OpenRouter's begins with comments, and the role is on each event.
    (Reply("one two three", faults=[Close(at=AfterEvents(1))]), STREAM, 130, False),
    (Reply("one two three", faults=[ErrorEvent(after_events=2)]), STREAM, 230, False),
]


@pytest.mark.parametrize(
    ("dialect", "answer", "body", "expected", "is_whole"),
    [
        *(("openai", *row) for row in (*BILLS, *BROKEN)),
        *(("openrouter", *row) for row in (*BILLS, *BROKEN_COMMENTED)),
    ],
)
def test_bills(dialect: DialectName, answer: Answer, body: dict[str, object], expected: int, is_whole: bool) -> None:
    """What has been generated is billed, whether it arrived or not; the one who asks finds it when the answer ends."""
    with LoopbackProvider(dialect=dialect, prices=PRICES, default=answer) as server:
        asked(server, body)
        spent, (charge,) = server.spent_usd, server.charges

    assert millionths(spent) == expected
    assert (charge.usd, charge.key, charge.model, charge.is_whole) == (spent, "k", "m", is_whole)


@pytest.mark.parametrize("answer", [Status(500), Exchange(200, body="{}"), Raw([b""]), Status(429)])
def test_what_costs_nothing(answer: Answer) -> None:
    """Errors, and what the server was given whole, are billed to nobody; nor are listings and what cannot be read."""
    with LoopbackProvider(default=answer) as server:
        asked(server, HELLO)
        server.default = Reply()
        asked(server, {"model": "m"})
        httpx.get(f"{server.base_url}/models")

        assert server.spent_usd == 0
        assert server.charges == ()


def test_embeddings() -> None:
    """Their inputs are billed."""
    with LoopbackProvider(prices={"e": ("0.02", 0)}) as server:
        asked(server, {"model": "e", "input": ["a b", "c"]}, "/embeddings")

        assert server.spent_usd == Decimal("0.00000006")


@pytest.mark.parametrize("process", [False, True])
def test_client_that_leaves(process: bool) -> None:
    """Of a stream that is under way the prompt is billed; when its client has left, what was generated by then."""
    with LoopbackProvider(prices=PRICES, process=process) as server:
        server.script(Reply("one two three", faults=[Stall(at=AfterEvents(2))]))
        with httpx.stream("POST", server.base_url + CALLS, json=STREAM) as response:
            pieces = response.iter_bytes()  # which closes it as soon as nobody holds it
            next(pieces)
            before = server.spent_usd
        server.wait_for(lambda: len(server.charges) == 1)
        after = server.spent_usd

    assert [millionths(each) for each in (before, after, server.spent_usd)] == [30, 130, 130]
    assert [charge.is_whole for charge in server.charges] == [False]


def test_by_key_and_from_many_threads() -> None:
    """Each key's spending is kept apart, and nothing is lost when many ask at once."""
    with LoopbackProvider(prices=PRICES, process=True) as server:

        def ask_often(key: str) -> None:
            for _ in range(5):
                asked(server, HELLO, key=key)

        threads = [Thread(target=ask_often, args=(key,)) for key in "ab" * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        by_key, total = server.spent_usd_by_key, server.spent_usd

    # Asked without a script, it says the three words again.
    assert {key: millionths(usd) for key, usd in by_key.items()} == {"a": 6600, "b": 6600}
    assert total == sum(by_key.values()) == sum(charge.usd for charge in server.charges)


def test_prices_are_those_of_replies_and_listings() -> None:
    """OpenRouter's dialect says the same cost in its usage, and the same price in its listing."""
    with LoopbackProvider(dialect="openrouter", prices={"a/b": ("0.15", 0.6)}, models=["a/b", "c/d"]) as server:
        usage = json.loads(asked(server, {**HELLO, "model": "a/b"}))["usage"]
        models = httpx.get(f"{server.base_url}/models").json()["data"]
        spent = server.spent_usd

    assert spent == Decimal("0.00000225") == Decimal(repr(usage["cost"]))
    assert [each["pricing"]["prompt"] for each in models] == ["0.00000015", "0.000001"]
    assert [each["pricing"]["completion"] for each in models] == ["0.0000006", "0.000002"]


def test_models_by_another_name() -> None:
    """The price is that of the model that answered, else of the one that was asked for."""
    with LoopbackProvider(prices={"m": (0, 1), "dear": (0, 1000)}) as server:
        server.script(Reply("one", model="dear"), Reply("one", model="m-2024-07-18"))
        for _ in range(2):
            asked(server, HELLO)

        assert [millionths(charge.usd) for charge in server.charges] == [1000, 1]


@pytest.mark.parametrize("price", [("x", 1), (1,), (1, -1), ("nan", 1), 3])
def test_prices_that_are_none(price: tuple[Price, Price]) -> None:
    """A price that is no number of 0 or more is refused."""
    with pytest.raises(ConfigError, match="'m'"):
        LoopbackProvider(prices={"m": price})


@pytest.mark.parametrize("process", [False, True])
def test_key_that_is_revoked(process: bool) -> None:
    """It is answered with 401 from then on, as OpenAI does it, and the others are not."""
    keys = ["sk-proj-0123456789", "other"]
    with LoopbackProvider(api_keys=keys, process=process) as server:

        def statuses() -> list[httpx.Response]:
            return [
                httpx.post(server.base_url + CALLS, json=HELLO, headers={"authorization": f"Bearer {key}"})
                for key in keys
            ]

        before = statuses()
        server.revoke(keys[0])
        refused, other = statuses()

    assert [each.status_code for each in (*before, refused, other)] == [200, 200, 401, 200]
    error = refused.json()["error"]
    assert (error["code"], error["type"]) == ("invalid_api_key", "invalid_request_error")
    assert error["message"] == "Incorrect API key provided: sk-p**********6789."
    assert len(server.charges) == 3


def test_revoked_where_every_key_is_taken() -> None:
    """A server that asks for no key still refuses one that was revoked."""
    with LoopbackProvider() as server:
        server.revoke("k")

        assert b"Incorrect API key provided: *." in asked(server, HELLO)
        assert b"One two three" in asked(server, HELLO, key="another")
