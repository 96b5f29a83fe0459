"""The look at a prompt before it is sent: whether the model's context window can hold it. Only where `preflight=True` asks for it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from twinwire._client.narrow import is_mapping
from twinwire._client.record import LOGGER
from twinwire._core.effects import aside
from twinwire.errors import ContextLengthError

if TYPE_CHECKING:
    from twinwire._client.prepare import Prepared
    from twinwire._core.effects import Flow

T = TypeVar("T")

_MOST_TOLD = 1000
_told: set[tuple[str, str]] = set()
"""Models of which it was said that their window is not known."""


def preflighted(prepared: Prepared, flow: Flow[T]) -> Flow[T]:
    """
    Perform the *flow* of a call after the look, which is taken off an event loop.

    Raises:
        ContextLengthError: the prompt is certainly too long; nothing was sent.
    """
    body, window = prepared.body, _window(prepared)
    # No text has more tokens than bytes, so most prompts need no counting.
    if body is not None and window is not None and len(body) > window:
        try:
            yield from aside(partial(_check, body, window, is_exact=prepared.settings.tokenizer == "exact"))
        except ContextLengthError as error:
            error.provider = prepared.settings.provider.name
            raise
    return (yield from flow)


def _check(body: bytes, window: int, *, is_exact: bool) -> None:
    from twinwire.tokens.preflight import check_fits

    asked: object = json.loads(body)
    if is_mapping(asked):
        check_fits({str(name): value for name, value in asked.items()}, window, is_exact=is_exact)


def _window(prepared: Prepared) -> int | None:
    settings, model = prepared.settings, prepared.model
    if not settings.preflight or model is None or "messages" not in prepared.arguments:
        return None
    from twinwire.money.window import context_window

    provider = settings.provider.name
    found = context_window(settings.prices.get(), provider, model)
    if found is not None:
        return found.tokens
    if (provider, model) not in _told and len(_told) < _MOST_TOLD:
        _told.add((provider, model))
        LOGGER.warning(
            "preflight: the context window of %s %s is not known, so its prompts are not checked", provider, model
        )
    return None
