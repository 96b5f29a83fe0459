"""What an exchange is counted as that did not say what it used."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from twinwire.tokens.estimate import estimate
from twinwire.tokens.quick import QuickCounter, counted_exchange

if TYPE_CHECKING:
    from twinwire._core.trace import Counted

WORDS = "one two three four five six seven eight nine ten "
BODY: dict[str, object] = {"model": "gpt-4o", "messages": [{"role": "user", "content": WORDS}]}


def counted(*messages: dict[str, Any], model: str = "gpt-4o", **more: Any) -> Counted:
    options: dict[str, Any] = {"is_cut": False, **more}
    return counted_exchange(model, {**BODY, "model": model}, messages, **options)


@pytest.mark.parametrize(
    "message",
    [
        {"content": WORDS},
        {"content": [{"type": "text", "text": WORDS}]},
        {"content": None, "reasoning": WORDS},
        {"content": "", "reasoning_content": WORDS},
        {"reasoning": WORDS, "reasoning_content": WORDS, "reasoning_details": [{"text": WORDS}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": WORDS}]},
        {"refusal": WORDS},
        {"audio": {"transcript": WORDS}},
        {"content": ""},
        {},
    ],
)
def test_what_an_answer_is_made_of(message: dict[str, Any]) -> None:
    """Its text, its thoughts once, its refusal, what was spoken."""
    assert counted(message).output_tokens == (estimate(WORDS) if WORDS in str(message) else 0)


@pytest.mark.parametrize(
    "message",
    [
        {"tool_calls": [{"function": {"name": "look", "arguments": WORDS}}]},
        {"tool_calls": [{"type": "custom", "custom": {"name": "look", "input": WORDS}}]},
        {"function_call": {"name": "look", "arguments": WORDS}},
    ],
)
def test_calls(message: dict[str, Any]) -> None:
    """Names, arguments and a little around them."""
    assert counted(message).output_tokens == estimate(WORDS) + estimate("look") + 3


def test_bounds() -> None:
    """Of prompt and answer, around the likely number."""
    found = counted({"content": WORDS * 10})

    assert found.input_low < found.input_tokens < (found.input_high or 0)
    assert found.output_low < found.output_tokens < (found.output_high or 0)
    assert not found.is_cut


@pytest.mark.parametrize("model", ["o3", "gpt-5", "anthropic/claude-sonnet-4.5"])
def test_what_may_have_been_thought(model: str) -> None:
    """Has no bound but the cap."""
    assert counted({"content": WORDS}, model=model).output_high is None
    body = {**BODY, "model": model, "max_completion_tokens": 500, "n": 2}
    assert counted_exchange(model, body, [{"content": WORDS}], is_cut=True).output_high == 1000


def test_a_cap_is_no_less_than_what_came() -> None:
    """The estimate may be too high, and the bounds stay in order."""
    found = counted_exchange("gpt-4o", {**BODY, "max_tokens": 1}, [{"content": WORDS}], is_cut=True)

    assert found.output_high == found.output_tokens


def test_what_was_there_before() -> None:
    """Of a continued answer, only the rest is this attempt's."""
    whole, rest = counted({"content": WORDS * 3}), counted({"content": WORDS * 3}, already=WORDS * 2)

    assert rest.output_tokens == whole.output_tokens - estimate(WORDS * 2)


def test_several_choices() -> None:
    """They are added up."""
    assert counted({"content": WORDS}, {"content": WORDS}).output_tokens == 2 * estimate(WORDS)


def test_embeddings() -> None:
    """Their prompt is the input."""
    for given in (WORDS * 20, [WORDS * 10, WORDS * 10]):
        found = counted_exchange("text-embedding-3-small", {"input": given}, [], is_cut=False)
        assert abs(found.input_tokens - estimate(WORDS * 20)) <= 2
        assert found.output_tokens == 0


@pytest.mark.parametrize("times", [100, 2_000, 20_000])
def test_samples_are_near(times: int) -> None:
    """A long text is read in slices, and what they add up to is near the whole."""
    text = WORDS * times

    assert abs(QuickCounter()(text) - estimate(text)) <= 0.1 * estimate(text)


def test_long_exchanges_are_quick() -> None:
    """A hundred messages of 20 kB are not read whole: reading all of it would take a second."""
    body: dict[str, object] = {"model": "gpt-4o", "messages": [{"role": "user", "content": WORDS * 400}] * 100}
    began = time.perf_counter()
    found = counted_exchange("gpt-4o", body, [{"content": WORDS * 20_000}], is_cut=True)
    took = time.perf_counter() - began

    assert took < 0.5
    assert abs(found.input_tokens - 100 * estimate(WORDS * 400)) <= 0.15 * found.input_tokens


@pytest.mark.parametrize("body", [{}, {"messages": 5}, {"messages": [5, None]}, {"input": {}}, {"input": [1, 2]}])
def test_odd_requests(body: dict[str, Any]) -> None:
    """What cannot be read counts as nothing."""
    assert counted_exchange("gpt-4o", body, [], is_cut=True).output_tokens == 0
