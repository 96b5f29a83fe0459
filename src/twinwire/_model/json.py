"""The type of raw JSON, by the name that the rooms above know it by."""

from __future__ import annotations

from twinwire._core.json import Json, JsonObject

__all__ = ["Json", "JsonObject"]
