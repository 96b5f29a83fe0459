"""What the scenarios' own tools do."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import pytest

from twinwire.errors import DecodeError
from twinwire.testing.scenarios.outcome import Outcome, Played
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bombs import MB, bomb
from twinwire.testing.scenarios.topics.calling import A, call
from twinwire.testing.scenarios.topics.findings import finds

if TYPE_CHECKING:
    from twinwire.testing.scenarios.scenario import Way

SCENARIO = Scenario(name="any", topic="replies", about="Any.", expect=Expect())


def played(reply: object, way: Way = "create") -> Played:
    """One that came to *reply*."""
    return Played(scenario=SCENARIO, way=way, flavour="sync", outcomes=[Outcome(reply=reply)])


def broken(_: Any) -> object:
    """Read what cannot be read."""
    raise DecodeError("no")


def test_what_is_found() -> None:
    """Only what is expected holds, an error by its class."""
    assert finds("size", len, 3)(played("abc")) is None
    assert finds("size", len, 4)(played("abc")) == "size is 3, expected 4"
    assert finds("size", broken, DecodeError)(played("abc")) is None


def test_nothing_to_look_at() -> None:
    """Chunks make no reply; anywhere else a missing one is a problem."""
    assert finds("size", len, 3)(played(None, "chunks")) is None
    assert finds("size", len, 3)(played(None)) == "size cannot be found, for there is no reply"


@pytest.mark.parametrize(("coding", "wbits"), [("gzip", 31), ("deflate", 15)])
def test_bomb(coding: Any, wbits: int) -> None:
    """It is a thousandth of what it unpacks to."""
    packed = bomb(b"begin ", b"x", 20, coding)
    unpacked = zlib.decompressobj(wbits).decompress(packed)

    assert unpacked == b"begin " + b"x" * (20 * MB)
    assert len(packed) < 30_000


def test_deltas_hold_what_is_given() -> None:
    """Null is something, and nothing is nothing."""
    assert call() == {}
    assert call(None, "x", arguments=A) == {"index": None, "id": "x", "function": {"arguments": A}}
