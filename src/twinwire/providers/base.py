"""
What is known of a provider: data, and the few functions in which providers differ.

Light on purpose: a client is made from this, so nothing heavy is imported here. How errors are told apart stands in
`error_bodies.py` and `dialect.py`, which load with the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from twinwire._model.json import JsonObject

_MESSAGE_FIELDS_OF_REPLIES = frozenset({"index", "annotations"})


class Provider:
    """One provider, or kind of server. Subclasses set data and override what differs."""

    name: ClassVar[str] = "compatible"
    """As it stands in errors, traces and logs."""
    hosts: ClassVar[frozenset[str]] = frozenset()
    """Host names that are this provider's, whole."""
    base_url: ClassVar[str | None] = None
    key_variable: ClassVar[str | None] = None
    """The environment variable of its key."""
    base_url_variable: ClassVar[str | None] = None
    option_variables: ClassVar[Mapping[str, str]] = {}
    """Environment variables of its own client options."""

    max_connections: ClassVar[int] = 100
    max_keepalive: ClassVar[int] = 20
    keepalive_expiry_seconds: ClassVar[float] = 30.0

    takes_include_usage: ClassVar[bool] = False
    """Whether `stream_options.include_usage` is known to be understood, so that streams end with their usage."""
    refused_message_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields of its own reply messages that the server refuses in a request."""
    request_id_headers: ClassVar[tuple[str, ...]] = ("x-request-id", "request-id")
    context_length_phrases: ClassVar[tuple[str, ...]] = ()
    """Words by which an error without a code says that the prompt is too long. Each is in a recording or a thread."""
    model_not_found_phrases: ClassVar[tuple[str, ...]] = ()
    quota_phrases: ClassVar[tuple[str, ...]] = ()
    content_filter_phrases: ClassVar[tuple[str, ...]] = ()

    def headers(self, options: Mapping[str, str | None]) -> dict[str, str]:
        """Headers that follow from the provider's own client options."""
        return {}

    def adapt_message(self, message: JsonObject) -> JsonObject:
        """A reply's message as this server takes it back."""
        return {name: value for name, value in message.items() if name not in self.refused_message_fields}

    def adapt_body(self, body: dict[str, object]) -> None:
        """Change the body in place where the wire differs from what the user writes."""
        if body.get("stream") is True and self.takes_include_usage and "stream_options" not in body:
            body["stream_options"] = {"include_usage": True}

    def reported_usd(self, data: JsonObject) -> Decimal | None:
        """What the reply's own body says that it cost, or None."""
        return None

    def __repr__(self) -> str:
        return f"<provider {self.name}>"
