"""What is known of one request, from the side of the network and the server: the truth about an attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from tests.simulation.answers import Script
    from tests.simulation.billing import Charge
    from twinwire._core.effects import Send, TransportFailure


@define(eq=False, kw_only=True)
class Exchange:
    """One `Send`, and what followed from it."""

    effect: Send
    began: float
    number: int
    """Counted over the schedule."""
    is_reused: bool = False
    arrived: float | None = None
    """When the request had reached the server whole."""
    charge: Charge | None = None
    """What the server charges for it, however it ends; None where it does not charge."""
    refused_for: float | None = None
    """How long the server's limits asked to wait, where they refused it and said so; 0 where they did not say."""
    ended: float | None = None
    """When its connection was given back, or dropped."""
    script: Script | None = None
    """What the server answered; None where the request did not reach it whole."""
    head_at: float | None = None
    """When the head of the reply had arrived."""
    failure: TransportFailure | None = None
    """The last failure that the network reported."""
    holds_slot: bool = False
    position: int = field(default=0)
    """Pieces of the body that were read."""
    piece_at: float = 0.0
    """When the next of them is there."""
    is_read: bool = False
    """Whether the body was read to its end."""

    @property
    def is_worked_on(self) -> bool:
        """Whether the server did the work of an answer, and charges it."""
        return self.script is not None and self.script.works
