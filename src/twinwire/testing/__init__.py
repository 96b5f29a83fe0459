"""
A real provider on a loopback port, with scripted answers and faults, for tests and demonstrations.

Names load on first use, because pytest imports this package for its plugin in every run of our users.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer, Exchange, Raw, Reply, Status, ToolCall
    from twinwire.testing.faults import (
        AfterBytes,
        AfterEvents,
        Close,
        EarlyReply,
        Encode,
        ErrorEvent,
        Fault,
        Framing,
        Insert,
        Pieces,
        Place,
        Reset,
        Stall,
        Truncate,
        WithoutDone,
    )
    from twinwire.testing.provider import LoopbackProvider
    from twinwire.testing.rate_limit import RateLimit
    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.spending import Charge

__all__ = [
    "LoopbackProvider",
    "RecordedRequest",
    "RateLimit",
    "Charge",
    # what is answered
    "Answer",
    "Reply",
    "ToolCall",
    "Status",
    "Exchange",
    "Raw",
    # what goes wrong, and where
    "Fault",
    "Close",
    "Reset",
    "Stall",
    "Insert",
    "Truncate",
    "Pieces",
    "Framing",
    "Encode",
    "ErrorEvent",
    "WithoutDone",
    "EarlyReply",
    "Place",
    "AfterEvents",
    "AfterBytes",
]

_HOMES = {
    "LoopbackProvider": "provider",
    "RecordedRequest": "requests",
    "RateLimit": "rate_limit",
    "Charge": "spending",
    **dict.fromkeys(("Answer", "Reply", "ToolCall", "Status", "Exchange", "Raw"), "answers"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'faults')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
