"""What a call asks of the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Demand(NamedTuple):
    """One attempt, before it leaves."""

    key: str
    """What stands for the key and where it is used: a digest, never the key itself."""
    model: str
    """Empty where the call names none."""
    tags: Mapping[str, str]
    tokens: int
    """The most that its prompt and its answer may come to."""
    max_wait_learned: float
    """It is refused at once where the server's own limits make it wait for more seconds than that."""
    priority: int = 0
    """The higher goes first."""
