"""A package that looks like `twinwire.types`: topics that import each other for checkers only, and a package that finds names."""

from __future__ import annotations

from importlib import import_module

_TOPICS = ("messages", "replies")


def __getattr__(name: str) -> object:
    for topic in _TOPICS:
        found = vars(import_module(f"{__name__}.{topic}"))
        if name in found:
            value: object = found[name]
            return value
    raise AttributeError(name)
