"""Trimming: what is kept, what goes together, and that the beginning stays the same from turn to turn."""

from __future__ import annotations

import pickle
import random
from itertools import pairwise
from typing import Any

import pytest

from twinwire import ConfigError, ContextLengthError, FittedMessages, InvalidRequestError, count_tokens, fit_messages
from twinwire._model.convert import structure
from twinwire.types import ChatCompletion

SYSTEM: dict[str, object] = {"role": "system", "content": "You are helpful."}
WORDS = "one two three four five six seven eight nine ten "


def turn(number: int, size: int = 4) -> list[dict[str, object]]:
    """A question and its answer: some 100 tokens."""
    return [
        {"role": "user", "content": f"Question {number}: " + WORDS * size},
        {"role": "assistant", "content": f"Answer {number}: " + WORDS * size},
    ]


def step(number: int, calls: int = 1, size: int = 4) -> list[dict[str, object]]:
    """Calls and their answers."""
    ids = [f"call_{number}_{index}" for index in range(calls)]
    listed = [{"id": each, "type": "function", "function": {"name": "look", "arguments": "{}"}} for each in ids]
    answers: list[dict[str, object]] = [{"role": "tool", "tool_call_id": each, "content": WORDS * size} for each in ids]
    return [{"role": "assistant", "content": None, "tool_calls": listed}, *answers]


def conversation(turns: int) -> list[dict[str, object]]:
    """A system message and turns."""
    return [SYSTEM, *(message for number in range(turns) for message in turn(number))]


def fit(messages: list[Any], max_tokens: int, **more: Any) -> FittedMessages:
    """For a model that is counted exactly."""
    return fit_messages("gpt-4o", messages, max_tokens=max_tokens, **more)


def test_what_fits_is_left_alone() -> None:
    """Nothing is dropped, and the tokens are those of `count_tokens`."""
    messages = conversation(3)
    fitted = fit(messages, 10_000)

    assert fitted.messages == messages
    assert fitted.dropped == []
    assert fitted.tokens == count_tokens("gpt-4o", messages).tokens
    assert fitted.limit == 10_000


def test_oldest_turns_go_first() -> None:
    """The system message and the newest turns stay, in their order, and what is left fits."""
    messages = conversation(20)
    fitted = fit(messages, 900)

    assert fitted.messages[0] is SYSTEM
    assert fitted.messages[1:] == messages[-len(fitted.messages) + 1 :]
    assert fitted.messages[1]["role"] == "user"  # type: ignore[index]  # all are mappings here
    assert [SYSTEM, *fitted.dropped, *fitted.messages[1:]] == messages
    assert fitted.tokens == count_tokens("gpt-4o", fitted.messages).tokens <= 900


def test_beginning_stays_the_same_while_the_conversation_grows() -> None:
    """The first message after the system's changes once in several turns, and not at every one."""
    firsts: list[object] = []
    kept: list[int] = []
    for turns in range(12, 60):
        fitted = fit(conversation(turns), 1600)
        firsts.append(fitted.messages[1])
        kept.append(fitted.tokens)
    changes = sum(a != b for a, b in pairwise(firsts))

    assert changes <= len(firsts) / 3
    assert min(kept) >= 1600 / 2


def test_fitting_what_was_fitted_is_stable_too() -> None:
    """Who keeps only what was left, and adds to it, has the same peace."""
    messages = conversation(10)
    changes = 0
    for number in range(10, 50):
        fitted = fit([*messages, *turn(number)], 1600)
        changes += bool(fitted.dropped)
        messages = [dict(each) for each in fitted.messages if isinstance(each, dict)]

    assert 0 < changes <= 14


def test_system_messages_in_the_middle_are_kept() -> None:
    """Wherever they stand."""
    note = {"role": "developer", "content": "Speak French from here on."}
    messages = [SYSTEM, *turn(0), *turn(1), note, *turn(2), *turn(3)]
    fitted = fit(messages, 250)

    assert fitted.messages[:2] == [SYSTEM, note]
    assert note not in fitted.dropped


@pytest.mark.parametrize("seed", range(25))
def test_calls_are_never_parted_from_their_answers(seed: int) -> None:
    """In conversations of every make."""
    chance = random.Random(seed)
    messages: list[dict[str, object]] = [SYSTEM]
    for number in range(30):
        if chance.random() < 0.4:
            messages += turn(number, chance.randrange(1, 6))
        messages += step(number, chance.randrange(1, 4), chance.randrange(1, 6))
    fitted = fit(messages, chance.randrange(900, 3000))
    calls = {call["id"] for each in fitted.messages for call in each.get("tool_calls") or ()}  # type: ignore[union-attr]
    answers = {each["tool_call_id"] for each in fitted.messages if each["role"] == "tool"}  # type: ignore[index, typeddict-item]

    assert calls == answers
    assert fitted.messages[-1] is messages[-1]
    assert fitted.dropped


def test_newest_turn_may_lose_its_oldest_calls() -> None:
    """An agent's one long turn keeps its question and its newest steps."""
    question = {"role": "user", "content": "Find it."}
    messages = [SYSTEM, *turn(0), question, *(message for number in range(30) for message in step(number))]
    fitted = fit(messages, 500)

    assert fitted.messages[:2] == [SYSTEM, question]
    assert fitted.messages[-2:] == messages[-2:]
    assert len(fitted.messages) > 6


def test_answers_that_come_late_keep_what_is_between() -> None:
    """A message between a call and its answer goes with them."""
    first, answer = step(0)
    between = {"role": "user", "content": "Hurry up. " + WORDS * 4}
    messages = [first, between, answer, *turn(1), *turn(2)]
    fitted = fit(messages, 230)

    assert fitted.dropped == [first, between, answer]


def test_replies_come_back_as_they_were() -> None:
    """The same objects."""
    reply = structure(
        {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}}],
        },
        ChatCompletion,
    )

    assert fit([*turn(0), *turn(1), {"role": "user", "content": "Sure?"}, reply], 60).messages[-1] is reply


def test_tools_take_their_part_of_the_limit() -> None:
    """What they cost is not there for messages."""
    tool = {"type": "function", "function": {"name": "look", "description": WORDS * 20}}

    assert len(fit(conversation(10), 700, tools=[tool]).messages) < len(fit(conversation(10), 700).messages)


def test_estimates_fit_with_their_bound() -> None:
    """Where a count may be too low, there is room for that."""
    fitted = fit_messages("claude-x", conversation(30), max_tokens=1500)

    assert (count_tokens("claude-x", fitted.messages).high or 0) <= 1500


def test_too_large_a_turn_is_an_error() -> None:
    """It says how much there is and how much is allowed, and that nothing was sent; no text of the prompt is in it."""
    with pytest.raises(ContextLengthError, match=r"\d+ tokens, 50 are allowed") as caught:
        fit([SYSTEM, *turn(0, 50)], 50)

    assert caught.value.sent is False
    assert caught.value.retry_safe is False
    assert "seven" not in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).sent is False  # noqa: S301  # our own


@pytest.mark.parametrize("messages", [[], [SYSTEM], [SYSTEM, *step(0)]])
def test_nothing_to_drop(messages: list[Any]) -> None:
    """An error where it does not fit, and no other kind of error."""
    with pytest.raises(ContextLengthError):
        fit(messages, 1)


def test_unknown_window_is_an_error() -> None:
    """It is never guessed."""
    with pytest.raises(ConfigError, match="context_window"):
        fit_messages("nobody-knows", [])
    with pytest.raises(ConfigError, match="context_window"):
        fit_messages("gpt-4o", [], prices=False)


@pytest.mark.parametrize(
    ("model", "options", "window", "source"),
    [
        ("gpt-4o", {}, 128_000, "packaged, "),
        ("gpt-4o", {"provider": "openai"}, 128_000, "packaged, "),
        ("openai/gpt-4o", {}, 128_000, "packaged, "),
        ("anthropic/claude-sonnet-4-5", {}, 200_000, "packaged, "),
        ("gpt-4o", {"context_window": 9000}, 9000, "given"),
        ("gpt-4o", {"prices": {"openai": {"gpt-4o": {"context_window": 8000, "input": 1}}}}, 8000, "given, "),
        ("ours", {"prices": {"openai": {"ours": {"context_window": 8000, "input": 1}}}}, 8000, "given, "),
    ],
)
def test_window_of_the_price_table(model: str, options: dict[str, Any], window: int, source: str) -> None:
    """Where none is given; the result says whose word it is."""
    fitted = fit_messages(model, [SYSTEM], **options)

    assert (fitted.context_window, fitted.limit) == (window, window - 4096)
    assert (fitted.window_source or "").startswith(source)


def test_a_model_of_several_providers() -> None:
    """The smallest window holds, unless the provider is said."""
    tables: dict[str, object] = {
        name: {"ours": {"context_window": size, "input": 1}} for name, size in (("groq", 9000), ("together", 8000))
    }
    fitted = [fit_messages("ours", [SYSTEM], provider=whose, prices=tables).context_window for whose in (None, "groq")]

    assert fitted == [8000, 9000]


def test_a_limit_of_ones_own_has_no_window() -> None:
    """Nothing else was asked."""
    fitted = fit_messages("gpt-4o", [SYSTEM], max_tokens=500)

    assert (fitted.limit, fitted.context_window, fitted.window_source) == (500, None, None)


def test_window_less_the_reserve() -> None:
    """The rest is for the answer."""
    assert fit_messages("gpt-4o", [SYSTEM], context_window=128_000).limit == 128_000 - 4096
    assert fit_messages("gpt-4o", [SYSTEM], context_window=8192, reserve_tokens=1000).limit == 7192


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"context_window": -1}, "context_window"),
        ({"context_window": 100, "reserve_tokens": 100}, "reserve_tokens"),
        ({"context_window": 100, "reserve_tokens": -1}, "reserve_tokens"),
    ],
)
def test_senseless_numbers(options: dict[str, Any], param: str) -> None:
    """They are named."""
    with pytest.raises(InvalidRequestError) as caught:
        fit_messages("gpt-4o", [SYSTEM], **options)

    assert caught.value.param == param


def test_messages_must_be_a_list() -> None:
    """A text is a mistake."""
    text: Any = "hello"
    with pytest.raises(InvalidRequestError, match="must be a list"):
        fit_messages("gpt-4o", text, max_tokens=10)
