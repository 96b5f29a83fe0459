"""What users are told while limits hold calls back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from twinwire.limits.notices import notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire.limits.options import OnEvent

LimitEventKind = Literal["waiting", "approaching", "paused", "resumed"]


@frozen(kw_only=True)
class LimitEvent:
    """What `on_event` is handed."""

    kind: LimitEventKind
    """
    - `waiting`: a call has to wait, told once for each.
    - `approaching`: four fifths of a limit are used. Told once, until less is used again.
    - `paused`: the server refused a call, so that none of this key and model goes for `wait_seconds`.
    - `resumed`: the first call after such a pause goes.
    """
    limit: str
    """Which one, such as `1000 tokens in 60 s for user:42`."""
    used_share: float | None
    """How much of it is used: 0.8 is 80 %. None where there is no number."""
    wait_seconds: float | None
    """How long, as far as is known."""
    key: str
    """What stands for the key, never the key itself."""
    model: str


class Hooks:
    """The functions that are told, of which none can hurt a call."""

    __slots__ = ("_functions",)

    def __init__(self, functions: Sequence[OnEvent]) -> None:
        self._functions = tuple(dict.fromkeys(functions))

    def __bool__(self) -> bool:
        return bool(self._functions)

    def tell(self, event: LimitEvent) -> None:
        """Call them. What they raise goes to the log."""
        for function in self._functions:
            try:
                function(event)
            except Exception as error:  # noqa: BLE001  # the user's own function
                notice(logging.ERROR, f"limits.on_event raised {type(error).__name__}: {error}")
