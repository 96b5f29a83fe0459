"""Providers as data: found by name and host, each with pool limits and reported costs of its own."""

from __future__ import annotations

import pytest

from twinwire import ConfigError, providers


def test_by_name() -> None:
    """A name finds its provider; an unknown one is refused with those that are known."""
    assert all(providers.by_name(provider.name) is provider for provider in providers.PROVIDERS)
    with pytest.raises(ConfigError, match=r"unknown provider 'acme'; known are .*openai, openrouter"):
        providers.by_name("acme")


def test_by_host() -> None:
    """Each host is one provider's alone, whatever its case and final dot; others are compatible servers."""
    hosts = [host for provider in providers.PROVIDERS for host in provider.hosts]

    assert len(hosts) == len(set(hosts))
    assert all(providers.by_host(host.upper() + ".").hosts >= {host} for host in hosts)
    assert providers.by_host("example.com") is providers.COMPATIBLE
    assert repr(providers.by_host("openrouter.ai")) == "<provider openrouter>"


def test_pools_differ() -> None:
    """OpenAI and OpenRouter have pool limits of their own."""
    openai, openrouter = providers.by_name("openai"), providers.by_name("openrouter")

    assert openai.max_connections != openrouter.max_connections
    assert openai.max_keepalive <= openai.max_connections
    assert openrouter.max_keepalive <= openrouter.max_connections


CLAUDE = "anthropic/claude-"
PREFILLS: list[tuple[str, str, str, bool]] = [
    ("openrouter", CLAUDE + "sonnet-4.5", "https://openrouter.ai/api/v1", True),
    ("openrouter", CLAUDE + "sonnet-4", "https://openrouter.ai/api/v1", True),
    ("openrouter", CLAUDE + "haiku-4.5:nitro", "https://openrouter.ai/api/v1", True),
    ("openrouter", CLAUDE + "3.5-haiku-20241022", "https://openrouter.ai/api/v1", True),
    ("openrouter", CLAUDE + "3-opus", "https://openrouter.ai/api/v1", True),
    ("openrouter", CLAUDE + "3.7-sonnet:thinking", "https://openrouter.ai/api/v1", False),
    ("openrouter", CLAUDE + "sonnet-4.6", "https://openrouter.ai/api/v1", False),
    ("openrouter", CLAUDE + "opus-4.10", "https://openrouter.ai/api/v1", False),
    ("openrouter", CLAUDE + "opus-5", "https://openrouter.ai/api/v1", False),
    ("openrouter", "openai/gpt-4o-mini", "https://openrouter.ai/api/v1", False),
    ("openrouter", "x-anthropic/claude-sonnet-4.5", "https://openrouter.ai/api/v1", False),
    ("mistral", "mistral-large-latest", "https://api.mistral.ai/v1", True),
    ("deepseek", "deepseek-chat", "https://api.deepseek.com/beta/", True),
    ("deepseek", "deepseek-chat", "https://api.deepseek.com/v1", False),
]


@pytest.mark.parametrize(("name", "model", "url", "expected"), PREFILLS)
def test_where_an_answer_is_continued(name: str, model: str, url: str, expected: bool) -> None:
    """Only where it is known that the answer goes on from what it is given."""
    prefill = providers.by_name(name).prefill

    assert prefill is not None
    assert prefill.works(model, url) is expected
    assert not prefill.works(None, url) or not prefill.models


def test_where_no_answer_is_continued() -> None:
    """OpenAI begins a new answer, and of unknown servers nothing is known."""
    assert providers.by_name("openai").prefill is None
    assert providers.COMPATIBLE.prefill is None
