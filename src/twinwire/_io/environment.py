"""The process's environment variables."""

from __future__ import annotations

import os


def get(name: str) -> str | None:
    """Return the variable's text. One that is set to nothing is as absent: that is how shells and CI files unset one."""
    return os.environ.get(name) or None
