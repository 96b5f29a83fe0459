"""
The scripts that the server performs: a file for each family of changes, between a prelude and what is done with them.

A family is what a change's name begins with: `limits.acquire` is in `limits.lua`.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

NO_FAMILY = ""
_FILES = {NO_FAMILY: (), "budgets": ("budgets",), "limits": ("limits_windows", "limits_learned", "limits")}


@frozen
class LuaScript:
    """What the server knows by its digest, once it was sent the text."""

    text: str = field(repr=False)
    digest: str


@cache
def lua_script(family: str) -> LuaScript:
    """Put the script of a family together; that of none looks and finds."""
    text = "\n".join(_read(file) for file in ("prelude", *_FILES[family], "main"))
    return LuaScript(text, sha1(text.encode(), usedforsecurity=False).hexdigest())  # the name that Redis gives it


@cache
def family_of(name: str) -> str | None:
    """Return the family that has this change, or None where the server cannot perform it."""
    family = name.partition(".")[0]
    has_it = any(f"changes['{name}']" in _read(file) for file in _FILES.get(family, ()))
    return family if has_it else None


def _folder() -> Traversable:
    return files("twinwire").joinpath("_io", "redis_scripts")


@cache
def _read(file: str) -> str:
    return _folder().joinpath(f"{file}.lua").read_text("utf-8")
