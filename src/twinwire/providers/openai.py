"""OpenAI."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from twinwire.providers.base import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire._model.json import JsonObject


class OpenAIProvider(Provider):
    """OpenAI's own API. Source: the API reference, and the recordings that spec/CHANGES.md names."""

    name: ClassVar[str] = "openai"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.openai.com", "eu.api.openai.com", "us.api.openai.com"})
    base_url: ClassVar[str | None] = "https://api.openai.com/v1"
    key_variable: ClassVar[str | None] = "OPENAI_API_KEY"
    base_url_variable: ClassVar[str | None] = "OPENAI_BASE_URL"
    option_variables: ClassVar[Mapping[str, str]] = {"organization": "OPENAI_ORG_ID", "project": "OPENAI_PROJECT_ID"}

    is_specified: ClassVar[bool] = True
    # The official SDK's limits (openai 3.52.0, DEFAULT_CONNECTION_LIMITS: 1000, 100), so that moving here takes nothing away.
    # Its 5 s of keeping an idle connection cost a person who types a TLS handshake per turn; a connection that the server has
    # closed meanwhile is replaced unseen, so keeping it longer risks nothing.
    max_connections: ClassVar[int] = 1000
    max_keepalive: ClassVar[int] = 100
    keepalive_expiry_seconds: ClassVar[float] = 60.0

    output_cap_name: ClassVar[str] = "max_completion_tokens"  # reasoning models refuse `max_tokens`
    takes_include_usage: ClassVar[bool] = True
    # Replies carry these; requests with them are answered by 400 "Additional properties are not allowed" or "Unknown
    # parameter". What compatible servers add (reasoning...) must go too when a conversation moves here.
    refused_message_fields: ClassVar[frozenset[str]] = frozenset(
        {"annotations", "reasoning", "reasoning_content", "reasoning_details", "images", "provider_specific_fields"}
    )
    # No `prefill`: a last message of the assistant's counts as finished, and a new answer begins. (There is no word of it in the API
    # reference; what users measured: pydantic-ai issue 836, rentry.org/or-prefill. Checked 2026-11-21.)
    quota_phrases: ClassVar[tuple[str, ...]] = ("exceeded your current quota",)

    def headers(self, options: Mapping[str, str | None]) -> dict[str, str]:
        """Organization and project, where they are set."""
        names = {"organization": "OpenAI-Organization", "project": "OpenAI-Project"}
        return {header: value for option, header in names.items() if (value := options.get(option))}

    def adapt_message(self, message: JsonObject) -> JsonObject:
        """Without the fields that only replies have; audio is referred to by its id."""
        adapted = super().adapt_message(message)
        audio = adapted.get("audio")
        if isinstance(audio, dict):
            adapted["audio"] = {"id": audio.get("id")}
        return adapted
