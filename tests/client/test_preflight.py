"""`preflight=True`: a prompt that is certainly too long is not sent, and everything else is."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.cases import Case, create, result
from twinwire import ConfigError, ContextLengthError, OpenAI
from twinwire.testing import Reply

if TYPE_CHECKING:
    from twinwire.testing import LoopbackProvider

WORDS = "one two three four five six seven eight nine ten "


def windows(case: Case, tokens: int) -> dict[str, Any]:
    """Prices with a context window."""
    return {case.provider: {case.model: {"context_window": tokens, "input": 1, "output": 1}}}


def prompt(times: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": WORDS * times}]


@pytest.mark.parametrize("tokenizer", ["estimate", "exact"])
async def test_too_long(case: Case, server: LoopbackProvider, tokenizer: str) -> None:
    """Of calls and streams of either kind."""
    given = {"prices": windows(case, 500), "preflight": True, "tokenizer": tokenizer}
    async with case.client(server, **given) as client:
        for how in ({}, {"stream": True}):
            with pytest.raises(ContextLengthError) as caught:
                await create(client, case, messages=prompt(200), **how)
        with pytest.raises(ContextLengthError):
            await result(client, case, messages=prompt(200))

    error = caught.value
    assert not server.requests
    assert (error.sent, error.provider, error.model, error.attempts) == (False, case.provider, case.model, ())
    assert error.cost is None
    assert "context window" in str(error)


async def test_what_may_fit_is_sent(case: Case, server: LoopbackProvider) -> None:
    """A short prompt, and one that an estimate takes for a little too long."""
    server.script(Reply("x"), Reply("x"))
    async with case.client(server, prices=windows(case, 500), preflight=True) as client:
        await create(client, case)
        await create(client, case, messages=prompt(60))

    assert len(server.requests) == 2


async def test_off(case: Case, server: LoopbackProvider) -> None:
    """Unless it was asked for, the server is asked."""
    server.script(Reply("x"))
    async with case.client(server, prices=windows(case, 500)) as client:
        await create(client, case, messages=prompt(200))

    assert len(server.requests) == 1


async def test_an_unknown_window(case: Case, server: LoopbackProvider, caplog: pytest.LogCaptureFixture) -> None:
    """It is not checked, and the log says so, once for each model."""
    model = f"nobody-knows-{case}"
    server.script(Reply("x"), Reply("x"))
    with caplog.at_level(logging.INFO, "twinwire"):
        async with case.client(server, preflight=True) as client:
            for _ in range(2):
                await create(client, case, model=model, messages=prompt(200))

    said = [record.getMessage() for record in caplog.records if "preflight" in record.getMessage()]
    assert said == [
        f"preflight: the context window of {case.provider} {model} is not known, so its prompts are not checked"
    ]


async def test_other_calls(case: Case, server: LoopbackProvider) -> None:
    """They are not judged."""
    async with case.client(server, prices=windows(case, 1), preflight=True) as client:
        listed = client.models.list()
        if case.is_awaited:
            await listed

    assert len(server.requests) == 1


def test_another_kind() -> None:
    """It is a bool."""
    with pytest.raises(ConfigError, match="preflight must be"):
        OpenAI(api_key="x", preflight="yes")  # type: ignore[arg-type]  # that is what is wrong
