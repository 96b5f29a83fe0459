"""Requests with the counts that providers reported: reference data beside the project, of which nothing is copied into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3] / "shared"
FILE = SHARED / "vectors" / "token-vectors.json"
ENCODINGS = SHARED / "tiktoken-cache"


def vectors() -> list[dict[str, Any]]:
    """All of them: each with `model`, `request`, `kind` and `prompt_tokens`."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
    return found
