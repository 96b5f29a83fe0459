"""One module per provider, found by name or by host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import ConfigError
from twinwire.providers.compatible import (
    CerebrasProvider,
    CompatibleProvider,
    DeepSeekProvider,
    GroqProvider,
    MistralProvider,
    PerplexityProvider,
    TogetherProvider,
    XAIProvider,
)
from twinwire.providers.openai import OpenAIProvider
from twinwire.providers.openrouter import OpenRouterProvider

if TYPE_CHECKING:
    from twinwire.providers.base import Provider

PROVIDERS: tuple[Provider, ...] = (
    OpenAIProvider(),
    OpenRouterProvider(),
    GroqProvider(),
    MistralProvider(),
    DeepSeekProvider(),
    XAIProvider(),
    TogetherProvider(),
    PerplexityProvider(),
    CerebrasProvider(),
)
COMPATIBLE = CompatibleProvider()

_BY_NAME = {provider.name: provider for provider in PROVIDERS}
_BY_HOST = {host: provider for provider in PROVIDERS for host in provider.hosts}


def by_name(name: str) -> Provider:
    """The provider with that name; raises `ConfigError` for an unknown one."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise ConfigError(f"unknown provider {name!r}; known are {', '.join(sorted(_BY_NAME))}") from None


def by_host(host: str) -> Provider:
    """The provider whose host that is, whole and never by a part of it; else the compatible one."""
    return _BY_HOST.get(host.lower().rstrip("."), COMPATIBLE)
