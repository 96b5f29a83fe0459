"""The check before sending: what might fit is let through."""

from __future__ import annotations

import pytest

from tests.tokens.vectors import FILE, vectors
from twinwire import ContextLengthError, count_tokens
from twinwire.tokens.preflight import check_fits

WORDS = "one two three four five six seven eight nine ten "


def body(model: str, times: int) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": WORDS * times}]}


@pytest.mark.parametrize("is_exact", [False, True])
@pytest.mark.parametrize("model", ["gpt-4o", "anthropic/claude-sonnet-4.5"])
def test_too_long(model: str, is_exact: bool) -> None:
    """A prompt of ten times the window is refused, with what is known of it."""
    with pytest.raises(ContextLengthError, match=f"the context window of {model} 1000") as caught:
        check_fits(body(model, 1000), 1000, is_exact=is_exact)

    error = caught.value
    assert (error.sent, error.retry_safe, error.model) == (False, False, model)
    assert (error.code, error.status_code) == ("context_length_exceeded", 400)


def test_an_exact_count_is_sharp() -> None:
    """One token more than the window is too many."""
    asked = body("gpt-4o", 20)
    count = count_tokens("gpt-4o", [{"role": "user", "content": WORDS * 20}])
    assert count.exactness == "exact"

    check_fits(asked, count.tokens, is_exact=True)
    with pytest.raises(ContextLengthError, match=f"has {count.tokens} tokens"):
        check_fits(asked, count.tokens - 1, is_exact=True)


@pytest.mark.parametrize(("model", "share"), [("gpt-4o", 0.65), ("anthropic/claude-sonnet-4.5", 0.25)])
def test_an_estimate_is_lenient(model: str, share: float) -> None:
    """Far less room than the estimate is not certainly too little: with an unknown vocabulary, a quarter of it."""
    tokens = count_tokens("gpt-4o", [{"role": "user", "content": WORDS * 100}]).tokens

    check_fits(body(model, 100), round(tokens * share))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(" " * 400_000, id="spaces"),
        pytest.param("=" * 400_000, id="equal signs"),
        pytest.param("a" * 400_000, id="letters"),
        pytest.param("\n" * 400_000, id="lines"),
        pytest.param(("-" * 60 + "\n") * 5000, id="rules"),
        pytest.param("0123456789" * 40_000, id="digits"),
        pytest.param("ab" * 200_000, id="pairs"),
        pytest.param(" =-" * 100_000, id="signs"),
    ],
)
def test_texts_that_pack_well(content: str) -> None:
    """What fits by an exact count is never refused by the estimate."""
    messages = [{"role": "user", "content": content}]
    window = count_tokens("gpt-4o", messages).tokens

    check_fits({"model": "gpt-4o", "messages": messages}, window)


@pytest.mark.parametrize("asked", [{"input": WORDS * 1000, "model": "x"}, {"model": "x"}, {"messages": "y"}])
def test_what_is_not_judged(asked: dict[str, object]) -> None:
    """Other requests."""
    check_fits(asked, 1)


def test_recorded_prompts() -> None:
    """None of them would have been refused by a model that just takes it, estimated or not."""
    if not FILE.exists():
        pytest.skip("the reference data is not beside the project")
    for vector in vectors():
        for is_exact in (False, vector["model"].startswith("gpt-4o")):
            check_fits({**vector["request"], "model": vector["model"]}, vector["prompt_tokens"], is_exact=is_exact)


def test_a_file_counts_with_what_it_is_at_least() -> None:
    """It may be empty."""
    part = {"type": "file", "file": {"file_id": "x"}}

    check_fits({"model": "gpt-4o", "messages": [{"role": "user", "content": [part] * 100}]}, 1000, is_exact=True)
