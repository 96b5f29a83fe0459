"""How much a model can read, by what the price tables know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from twinwire.money.formats import PROVIDERS

if TYPE_CHECKING:
    from twinwire.money.prices import PriceLevels


class Window(NamedTuple):
    """A context window."""

    tokens: int
    """Of prompt and answer together."""
    source: str
    """Which table says so: `packaged`, `cache` with where it is from, a file's path, or `given`; and its day."""


def context_window(levels: PriceLevels, provider: str, model: str) -> Window | None:
    """The window of a provider's model, by the first table that knows it; None where none does."""
    for table in levels.tables:
        entry = table.model(provider, model)
        if entry is not None and entry.context_window is not None:
            return Window(entry.context_window, f"{table.origin}, {table.date}")
    return None


def window_by_name(levels: PriceLevels, model: str) -> Window | None:
    """
    The same where nobody said whose model it is: the smallest among those providers that have a model of that very name.

    `anthropic/claude-sonnet-4-5` says whose it is itself, unless it is OpenRouter's name.
    """
    found = [context_window(levels, provider, model) for provider in PROVIDERS]
    begin, _, rest = model.partition("/")
    if rest and begin in PROVIDERS:
        found.append(context_window(levels, begin, rest))
    return min((window for window in found if window is not None), default=None)
