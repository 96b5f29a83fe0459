"""OpenRouter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from twinwire.providers.base import Prefill, Provider

if TYPE_CHECKING:
    from collections.abc import Mapping


class OpenRouterProvider(Provider):
    """OpenRouter. Source: its documentation, and the recordings that spec/CHANGES.md names."""

    name: ClassVar[str] = "openrouter"
    hosts: ClassVar[frozenset[str]] = frozenset({"openrouter.ai"})
    base_url: ClassVar[str | None] = "https://openrouter.ai/api/v1"
    key_variable: ClassVar[str | None] = "OPENROUTER_API_KEY"

    is_specified: ClassVar[bool] = True
    # Its official SDK has httpx's defaults (100, 20), and OpenRouter counts a free model's calls by the minute, so a thousand
    # connections would only fill up with refusals. Its keep-alive comments show that calls stay open long while another
    # company's server is waited for (up to 78 comments in one recorded stream): more than 100 have their use.
    max_connections: ClassVar[int] = 300
    max_keepalive: ClassVar[int] = 50
    keepalive_expiry_seconds: ClassVar[float] = 60.0

    # Usage always comes in the last chunk, asked for or not; `include_usage` would change nothing.
    takes_include_usage: ClassVar[bool] = False
    keeps_costs: ClassVar[bool] = True
    request_id_headers: ClassVar[tuple[str, ...]] = ("x-generation-id", "x-request-id", "cf-ray")
    refused_message_fields: ClassVar[frozenset[str]] = frozenset({"annotations"})
    context_length_phrases: ClassVar[tuple[str, ...]] = ("maximum context length is",)
    model_not_found_phrases: ClassVar[tuple[str, ...]] = ("is not a valid model ID", "No endpoints found for ")
    content_filter_phrases: ClassVar[tuple[str, ...]] = ("Content violates usage guidelines",)

    # "Assistant Prefill": a last message of the assistant's is gone on with. Whether it really is depends on who serves the model. All who
    # serve Claude do so, up to version 4.5; from 4.6 on it is answered by 400 ("This model does not support assistant message
    # prefill"). Of most other models some hosts begin a new answer, and which host it will be is not known beforehand.
    # Source: OpenRouter's documentation, "Assistant Prefill"; Anthropic's "What's new in Claude 4.6"; rentry.org/or-prefill (what users
    # measured, host by host); the key `supports_assistant_prefill` of litellm 1.109.1. Checked 2026-11-21.
    prefill: ClassVar[Prefill | None] = Prefill(
        "Claude up to version 4.5, by its full name (such as 'anthropic/claude-sonnet-4.5')",
        models=r"anthropic/claude-(3(\.[57])?-(haiku|sonnet|opus)|(sonnet|opus|haiku)-4(\.[0-5])?)(-\d{8})?(:(?!thinking)\w+)?$",
    )

    def headers(self, options: Mapping[str, str | None]) -> dict[str, str]:
        """The application's name and address, by which OpenRouter lists it."""
        names = {"app_url": "HTTP-Referer", "app_name": "X-Title"}
        return {header: value for option, header in names.items() if (value := options.get(option))}
