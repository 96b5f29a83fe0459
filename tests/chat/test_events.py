"""The events themselves."""

from __future__ import annotations

import copy
import pickle
from typing import get_args

import pytest
from attrs.exceptions import FrozenInstanceError

from twinwire.chat.events import (
    ChatStreamEvent,
    ReasoningEvent,
    RefusalEvent,
    RestartedEvent,
    TextEvent,
    ToolCallEvent,
    UsageEvent,
)

EVENTS: list[ChatStreamEvent] = [
    TextEvent("a", 1),
    ReasoningEvent("a", 1),
    RefusalEvent("a", 1),
    ToolCallEvent(choice_index=1, call_index=0, id="x", name=None, arguments_delta="{}", kind="custom"),
    UsageEvent({"total_tokens": 1}),
    RestartedEvent(mode="restart", error="StreamTruncatedError", message="cut", attempt=2, wait_seconds=0.5),
]


def test_the_union_is_covered() -> None:
    """Every member has a tag of its own, and an example here."""
    assert {type(event) for event in EVENTS} == set(get_args(ChatStreamEvent))
    assert len({event.type for event in EVENTS}) == len(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_events_are_values(event: ChatStreamEvent) -> None:
    """Events are equal by value, can be pickled and copied, and have no dict."""
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301  # our own bytes
    assert copy.deepcopy(event) == event
    assert not hasattr(event, "__dict__")


def test_equal_words_are_not_equal_events() -> None:
    """Text, reasoning and refusal with the same words are different things."""
    assert len({TextEvent("a"), ReasoningEvent("a"), RefusalEvent("a")}) == 3


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_only_text_has_text(event: ChatStreamEvent) -> None:
    """`text` is empty but for text."""
    assert event.text == ("a" if event.type == "text" else "")


def test_events_are_frozen() -> None:
    """An event cannot be changed."""
    with pytest.raises(FrozenInstanceError):
        TextEvent("a").text = "b"  # type: ignore[misc]  # what is tested


def test_usage_is_typed() -> None:
    """A usage event has the provider's count as JSON, and as the type that replies have."""
    event = UsageEvent({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "new": 1})

    assert event.usage.total_tokens == 7
    assert event.usage.to_dict() == event.raw
