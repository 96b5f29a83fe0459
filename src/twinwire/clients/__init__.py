# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The client classes. A module is loaded when its class is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinwire.clients.async_openai import AsyncOpenAI
    from twinwire.clients.async_openrouter import AsyncOpenRouter
    from twinwire.clients.openai import OpenAI
    from twinwire.clients.openrouter import OpenRouter
else:
    _MODULES = {
        "AsyncOpenAI": "async_openai",
        "AsyncOpenRouter": "async_openrouter",
        "OpenAI": "openai",
        "OpenRouter": "openrouter",
    }

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{module}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "AsyncOpenAI",
    "AsyncOpenRouter",
    "OpenAI",
    "OpenRouter",
]
