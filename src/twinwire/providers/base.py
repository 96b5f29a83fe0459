"""
What is known of a provider: data, and the few functions in which providers differ.

Light on purpose: a client is made from this, so nothing heavy is imported here. How errors are told apart stands in
`error_bodies.py` and `dialect.py`, which load with the first call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire._model.json import Json, JsonObject


def _adapted_call(call: Json) -> Json:
    if not isinstance(call, dict):
        return call
    adapted = {name: value for name, value in call.items() if name != "index"}
    if not adapted.get("type"):
        adapted["type"] = "custom" if "custom" in adapted else "function"
    function = adapted.get("function")
    if isinstance(function, dict) and function.get("arguments") is None:
        adapted["function"] = {**function, "arguments": ""}
    return adapted


class Prefill(NamedTuple):
    """
    How a server is asked to go on with an answer that has begun: a last message of the assistant that holds its text.

    Only what is known to go on from there belongs here. Many servers take such a message for a finished one and begin a new answer.
    """

    condition: str
    """With what it works, in words."""
    models: str = ""
    """A pattern that the names of these models match from their beginning."""
    url_ending: str = ""
    """How the base URL ends where it works."""
    message_fields: tuple[tuple[str, Json], ...] = ()
    """What that message has beside its role and content."""
    repeats: bool = False
    """Whether the answer begins with the text again."""

    def works(self, model: str | None, url: str) -> bool:
        """Whether calls of this model at this base URL can be continued."""
        return re.match(self.models, model or "") is not None and url.rstrip("/").endswith(self.url_ending)


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

    is_specified: ClassVar[bool] = False
    """Whether the spec was written from this provider's own documents."""
    output_cap_name: ClassVar[str] = "max_tokens"
    """What limits the tokens of the answer, where a budget sets it."""
    takes_include_usage: ClassVar[bool] = False
    """Whether `stream_options.include_usage` is known to be understood, so that streams end with their usage."""
    keeps_costs: ClassVar[bool] = False
    """Whether what an answer cost can be asked for afterwards, by its id."""
    refused_message_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields of its own reply messages that the server refuses in a request."""
    request_id_headers: ClassVar[tuple[str, ...]] = ("x-request-id", "request-id")
    context_length_phrases: ClassVar[tuple[str, ...]] = ()
    """Words by which an error without a code says that the prompt is too long. Each is in a recording or a thread."""
    model_not_found_phrases: ClassVar[tuple[str, ...]] = ()
    quota_phrases: ClassVar[tuple[str, ...]] = ()
    content_filter_phrases: ClassVar[tuple[str, ...]] = ()
    prefill: ClassVar[Prefill | None] = None
    """How an answer that was cut off is continued; None where that is not known to work."""

    def headers(self, options: Mapping[str, str | None]) -> dict[str, str]:
        """Headers that follow from the provider's own client options."""
        return {}

    def adapt_message(self, message: JsonObject) -> JsonObject:
        """
        A reply's message as this server takes it back.

        What servers send and refuse to be sent goes: nulls (but for the content), an empty list of calls, a stream's `index` on
        a call; a call without its `type` (Mistral) gets the one that it is of.
        """
        adapted = {
            name: value
            for name, value in message.items()
            if name not in self.refused_message_fields and (value is not None or name == "content")
        }
        calls = adapted.pop("tool_calls", None)
        if isinstance(calls, list) and calls:
            adapted["tool_calls"] = [_adapted_call(call) for call in calls]
        return adapted

    def adapt_body(self, body: dict[str, object]) -> None:
        """Change the body in place where the wire differs from what the user writes."""
        if body.get("stream") is True and self.takes_include_usage and "stream_options" not in body:
            body["stream_options"] = {"include_usage": True}

    def __repr__(self) -> str:
        return f"<provider {self.name}>"
