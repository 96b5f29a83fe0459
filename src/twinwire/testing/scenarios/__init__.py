"""
Hostile situations as data: what a server does, and what a client must make of it.

Each scenario is played over real sockets with the blocking and the async client, and judged. `python -m twinwire.testing.scenarios`
plays them all; `play_all(SCENARIOS, setting=Setting(options={...}))` plays them with settings of your own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinwire.testing.scenarios.outcome import Outcome, Played
    from twinwire.testing.scenarios.player import Setting, play
    from twinwire.testing.scenarios.runner import Report, Verdict, play_all
    from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario, Stage
    from twinwire.testing.scenarios.topics import SCENARIOS

__all__ = [
    "SCENARIOS",
    "Scenario",
    "Ask",
    "Expect",
    "Stage",
    "UNIT",
    # playing
    "play",
    "play_all",
    "Setting",
    "Report",
    "Verdict",
    "Outcome",
    "Played",
]

_HOMES = {
    "SCENARIOS": "topics",
    **dict.fromkeys(("play", "Setting"), "player"),
    **dict.fromkeys(("play_all", "Report", "Verdict"), "runner"),
    **dict.fromkeys(("Outcome", "Played"), "outcome"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'scenario')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
