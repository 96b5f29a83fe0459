"""All scenarios, by topic; a file says one thing that can happen, from several sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.testing.scenarios.topics import (
    resets,
    retries,
    retry_after,
    status,
)

if TYPE_CHECKING:
    from twinwire.testing.scenarios.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *resets.SCENARIOS,
    *retries.SCENARIOS,
    *retry_after.SCENARIOS,
    *status.SCENARIOS,
)
