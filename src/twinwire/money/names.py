"""Whose model a name means, where provider and model are written as one text."""

from __future__ import annotations

from twinwire.errors import InvalidRequestError
from twinwire.money.formats import PROVIDERS


def split_model(name: object, provider: str | None = None) -> tuple[str, str]:
    """
    Provider and model: `openai:gpt-5` and `openai/gpt-5` are OpenAI's, and another name with a slash is OpenRouter's.

    With a *provider* the name is taken as it is there, and the slash is a part of it. Only a known provider's name makes a colon a
    separator, for `:free` ends names of models.

    Raises:
        InvalidRequestError: the name is no text, or does not say whose it is.
    """
    if not isinstance(name, str) or not name:
        kind = "an empty text" if name == "" else type(name).__name__
        raise InvalidRequestError(f"model must be a text, got {kind}", param="model")
    if provider is not None:
        return provider, name
    for separator in ":/":
        begin, found, rest = name.partition(separator)
        if found and rest and begin in PROVIDERS:
            return begin, rest
    if "/" in name:
        return "openrouter", name
    raise InvalidRequestError(
        f"whose model is {name!r}? Say provider=, or write it as 'openai:{name}'; known are {', '.join(PROVIDERS)}",
        param="provider",
    )
