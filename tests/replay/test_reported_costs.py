"""What recorded replies say of their cost is what `cost` says, whole and streamed; and no cost is 0 for want of a price."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.replay.recordings import Recording, recordings
from twinwire._client.counting import read_whole
from twinwire._client.secret import Mask
from twinwire._core.sse import Event
from twinwire._core.trace import Attempt
from twinwire._model.json import JsonObject
from twinwire.errors import APIError
from twinwire.money.attempts import attempt_cost
from twinwire.money.levels import checked_prices
from twinwire.providers import by_host
from twinwire.providers.chat_reader import ChatReader
from twinwire.providers.dialect import ProviderDialect

AT = datetime(2026, 11, 20, tzinfo=UTC)
PRICES = checked_prices(None)
ANSWERED = [each for each in recordings() if each.endpoint != "models" and each.status == 200 and each.asked]


def attempted(recording: Recording) -> Attempt:
    """What the client knows of it in the end."""
    attempt = Attempt(number=1)
    if not recording.is_stream:
        read_whole(attempt, recording.json(), recording.asked.get("model"), json.dumps(recording.asked).encode())
        return attempt
    dialect = ProviderDialect(by_host(recording.host), Mask(), lambda data: data, lambda: 0.0)
    reader = ChatReader[JsonObject](dialect, lambda chunk, _: (chunk,), lambda snapshot: snapshot)
    with suppress(APIError):  # some end with an error
        for chunk in recording.chunks():
            reader.feed(Event(json.dumps(chunk)))
    reader.tell(attempt)
    reader.end(attempt)
    return attempt


def told(recording: Recording) -> Decimal | None:
    """The charge that the text of the recording holds last, read in another way."""
    last: Decimal | None = None
    for part in recording.chunks() if recording.is_stream else [recording.json()]:
        usage: dict[str, Any] = part.get("usage") or {}
        cost: Any = usage.get("cost")
        if recording.provider == "perplexity" and cost is not None:
            cost = cost["total_cost"]
        if recording.provider == "xai" and "cost_in_usd_ticks" in usage:
            cost = usage["cost_in_usd_ticks"] / 1e10
        if recording.provider == "venice" and "cost" in part:
            cost = part["cost"]["usd"]
        if usage.get("is_byok"):
            cost = (cost or 0) + usage["cost_details"]["upstream_inference_cost"]
        last = last if cost is None else Decimal(repr(cost))
    return last


def test_there_are_some() -> None:
    """Of each provider that reports its charge in a shape of its own."""
    if not ANSWERED:
        pytest.skip("the recorded exchanges are not beside the project")
    telling = {recording.provider for recording in ANSWERED if told(recording) is not None}

    assert {"openrouter", "perplexity", "xai", "venice", "vercel-gateway", "avian"} <= telling


@pytest.mark.parametrize("recording", ANSWERED, ids=lambda recording: recording.id)
def test_cost(recording: Recording) -> None:
    """Reported to the last digit where it is; else computed, or not known."""
    attempt = attempted(recording)
    cost = attempt_cost(recording.provider, recording.asked.get("model"), attempt, AT, PRICES)
    charged = told(recording)

    if charged is not None:
        assert cost is not None
        assert cost.provenance == "reported"
        assert abs(cost.usd - charged) < Decimal("1e-15")
    elif cost is not None:
        assert cost.provenance in {"computed", "estimated"}
        assert cost.usd > 0 or ":free" in str(recording.asked["model"])
