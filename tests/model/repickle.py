"""There and back through pickle."""

from __future__ import annotations

import pickle
from typing import TypeVar

T = TypeVar("T")


def repickled(value: T, protocol: int = pickle.HIGHEST_PROTOCOL) -> T:
    """What a pickle of *value* gives."""
    again: T = pickle.loads(pickle.dumps(value, protocol))  # noqa: S301  # our own pickle
    return again
