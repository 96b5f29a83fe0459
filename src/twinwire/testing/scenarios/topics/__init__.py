"""All scenarios, by topic; a file says one thing that can happen, from several sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.testing.scenarios.topics import (
    deadlines,
    heads,
    lengths,
    lost_connections,
    pools,
    redirects,
    resets,
    retries,
    retry_after,
    secrets,
    status,
    timeouts,
)

if TYPE_CHECKING:
    from twinwire.testing.scenarios.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *deadlines.SCENARIOS,
    *heads.SCENARIOS,
    *lengths.SCENARIOS,
    *lost_connections.SCENARIOS,
    *pools.SCENARIOS,
    *redirects.SCENARIOS,
    *resets.SCENARIOS,
    *retries.SCENARIOS,
    *retry_after.SCENARIOS,
    *secrets.SCENARIOS,
    *status.SCENARIOS,
    *timeouts.SCENARIOS,
)
