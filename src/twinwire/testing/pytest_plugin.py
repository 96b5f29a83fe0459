"""
Fixtures for pytest, registered when twinwire is installed.

Every pytest run of our users imports this file, so it imports nothing of the server until a test asks for it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from twinwire.testing import Answer, LoopbackProvider, RateLimit
    from twinwire.testing.certificates import CertificateKind
    from twinwire.testing.dialect import DialectName
    from twinwire.testing.greetings import Greeting
    from twinwire.testing.spending import Price


class StartLoopback(Protocol):
    """Starts a loopback provider with `LoopbackProvider`'s options; it ends with the test."""

    def __call__(
        self,
        *,
        dialect: DialectName = "openai",
        api_keys: Sequence[str] | None = None,
        models: Sequence[str] | None = None,
        default: Answer | None = None,
        port: int = 0,
        process: bool = False,
        tls: bool | CertificateKind = False,
        greetings: Sequence[Greeting] = (),
        is_full: bool = False,
        rate_limit: RateLimit | Sequence[RateLimit] | None = None,
        prices: Mapping[str, tuple[Price, Price]] | None = None,
    ) -> LoopbackProvider: ...


@pytest.fixture
def twinwire_loopback() -> Iterator[StartLoopback]:
    """Start any number of loopback providers, with any option."""
    from twinwire.testing import LoopbackProvider

    with ExitStack() as stack:

        def start(
            *,
            dialect: DialectName = "openai",
            api_keys: Sequence[str] | None = None,
            models: Sequence[str] | None = None,
            default: Answer | None = None,
            port: int = 0,
            process: bool = False,
            tls: bool | CertificateKind = False,
            greetings: Sequence[Greeting] = (),
            is_full: bool = False,
            rate_limit: RateLimit | Sequence[RateLimit] | None = None,
            prices: Mapping[str, tuple[Price, Price]] | None = None,
        ) -> LoopbackProvider:
            return stack.enter_context(
                LoopbackProvider(
                    dialect=dialect,
                    api_keys=api_keys,
                    models=models,
                    default=default,
                    port=port,
                    process=process,
                    tls=tls,
                    greetings=greetings,
                    is_full=is_full,
                    rate_limit=rate_limit,
                    prices=prices,
                )
            )

        yield start


@pytest.fixture
def twinwire_openai(twinwire_loopback: StartLoopback) -> LoopbackProvider:
    """A loopback provider that speaks as OpenAI does."""
    return twinwire_loopback()


@pytest.fixture
def twinwire_openrouter(twinwire_loopback: StartLoopback) -> LoopbackProvider:
    """A loopback provider that speaks as OpenRouter does."""
    return twinwire_loopback(dialect="openrouter")
