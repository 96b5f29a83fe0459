from __future__ import annotations

import copy
from decimal import Decimal
from typing import assert_type

import pytest

from tests.model.repickle import repickled
from tests.model.sample.messages import TextPart, ThoughtPart
from tests.model.sample.replies import Chat, Parts
from twinwire._core.headers import Headers
from twinwire._core.trace import Trace
from twinwire._model.convert import structure
from twinwire._model.cost import Cost
from twinwire._model.reply import Costing, ListReply, Meta, RawReply, Reply
from twinwire._model.unknown import UnknownMember
from twinwire.errors import ConfigError, DecodeError

BODY = b'{"id": "x", "choices": []}'


def chat() -> Chat:
    return structure({"id": "x", "choices": []}, Chat)


def answered() -> Reply:
    reply: Reply = chat()
    reply._meta = Meta(
        provider="openai",
        status_code=200,
        headers=Headers([("X-Request-Id", "req_1"), ("Set-Cookie", "a"), ("Set-Cookie", "b")]),
        content=BODY,
        request_id="req_1",
        trace=Trace(),
        costing=Costing(Cost(usd=Decimal("0.000012"), provenance="reported")),
    )
    return reply


def test_a_reply_knows_how_it_came() -> None:
    """Request id, cost, trace and the HTTP reply are at hand."""
    reply = answered()

    assert reply.request_id == "req_1"
    assert reply.cost == Cost(usd=Decimal("0.000012"), provenance="reported")
    assert reply.trace == Trace()
    assert reply.raw.status_code == 200
    assert reply.raw.headers["x-request-id"] == "req_1"
    assert reply.raw.headers.get_all("set-cookie") == ["a", "b"]
    assert reply.raw.text == BODY.decode()
    assert reply.raw.json() == {"id": "x", "choices": []}


def test_meta_takes_no_part_in_the_object() -> None:
    """It is not compared, written or shown."""
    reply = answered()

    assert reply == chat()
    assert reply.to_dict() == {"id": "x", "choices": []}
    assert repr(reply) == "Chat(id='x', choices=[])"


def test_meta_is_kept_by_pickle_and_copies() -> None:
    """A reply that went through a cache or another process still knows its cost."""
    for twin in (repickled(answered()), copy.copy(answered()), copy.deepcopy(answered())):
        assert twin.raw == answered().raw
        assert twin.cost == answered().cost
        assert twin.trace == answered().trace


def test_a_reply_of_ones_own_has_no_meta() -> None:
    """What is unknown is None, and what cannot be None is an error that says why."""
    reply = chat()

    assert reply.request_id is None
    assert reply.cost is None
    with pytest.raises(AttributeError, match="this Chat did not come from a call: it has no raw"):
        _ = reply.raw
    with pytest.raises(AttributeError, match="it has no trace"):
        _ = reply.trace


def test_raw_reprs_show_no_content() -> None:
    """A log line with a raw reply has its size, not what it says."""
    raw = answered().raw

    assert repr(raw) == "RawReply(status_code=200, content=<26 bytes>)"
    assert "choices" not in repr(answered()._meta)
    assert "req_1" in repr(answered()._meta)


@pytest.mark.parametrize("content", [b"<html>", b"", b"\xff\xfe\xfd", b"[" * 100_000])
def test_a_body_that_is_not_json(content: bytes) -> None:
    """It is an error of ours which holds the text."""
    raw = RawReply(status_code=502, headers=Headers(), content=content)

    with pytest.raises(DecodeError, match="the body is not JSON") as caught:
        raw.json()

    assert caught.value.body == raw.text


def test_a_list_reply_is_a_sequence_of_its_items() -> None:
    """Items are iterated over, counted and indexed, and typed (`assert_type`)."""
    parts = structure({"data": [{"type": "text", "text": "a"}, {"type": "new"}, {"type": "text", "text": "c"}]}, Parts)
    first = parts[0]
    assert_type(first, TextPart | ThoughtPart | UnknownMember)
    assert isinstance(first, TextPart)

    assert [part.type for part in parts] == ["text", "unknown", "text"]
    assert len(parts) == 3
    assert parts[-1] == TextPart(type="text", text="c")
    assert parts[1:2] == [UnknownMember({"type": "new"})]
    assert isinstance(parts, ListReply)
    with pytest.raises(IndexError):
        _ = parts[3]


def test_a_list_reply_with_null_is_empty() -> None:
    """Ollama sends null where it has no models."""
    parts = structure({"data": None}, Parts)

    assert list(parts) == []
    assert len(parts) == 0
    assert list(parts[:]) == []


def test_a_cost_is_worked_out_once() -> None:
    """When somebody asks, and only then; a copy holds what was found out."""
    asked: list[int] = []

    def work() -> Cost:
        asked.append(1)
        return Cost(usd=Decimal(1), provenance="computed")

    costing = Costing(work=work)
    assert not asked
    twin = repickled(costing)

    assert costing.get() == costing.get() == twin.get() == Cost(usd=Decimal(1), provenance="computed")
    assert asked == [1]


def test_a_cost_that_cannot_be_worked_out() -> None:
    """Asking says why, each time; a copy is made all the same, and knows nothing."""

    def work() -> Cost:
        raise ConfigError("no table")

    costing = Costing(work=work)
    twin = repickled(costing)

    for _ in range(2):
        with pytest.raises(ConfigError, match="no table"):
            costing.get()
    assert twin.get() is None
