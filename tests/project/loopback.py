"""A loopback provider in the place of the real ones, for code that names no address."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from twinwire.providers.openrouter import OpenRouterProvider
from twinwire.testing import LoopbackProvider

if TYPE_CHECKING:
    from collections.abc import Generator

    import pytest


@frozen
class Providers:
    """The two servers."""

    openai: LoopbackProvider
    openrouter: LoopbackProvider


@contextmanager
def loopback_providers(monkeypatch: pytest.MonkeyPatch) -> Generator[Providers]:
    """Let clients that are made without options find servers on this machine."""
    with LoopbackProvider() as openai, LoopbackProvider(dialect="openrouter") as openrouter:
        monkeypatch.setenv("OPENAI_BASE_URL", openai.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "test-key")
        monkeypatch.setattr(OpenRouterProvider, "base_url", openrouter.base_url)  # no variable has its address
        monkeypatch.setenv("OPENROUTER_API_KEY", "test-key")
        yield Providers(openai, openrouter)
