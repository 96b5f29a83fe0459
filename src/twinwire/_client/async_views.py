"""
What an async client shows of its limits and budgets: `views.py`, awaited.

Imported with the client classes, so it imports nothing that costs time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twinwire._client.async_session import AsyncSession
    from twinwire._client.settings import Settings
    from twinwire.limits.standing import LimitCheck, LimitState
    from twinwire.money.snapshot import BudgetState


class AsyncLimitsView:
    """A client's limits, for looking at them: `client.limits`."""

    __slots__ = ("_session", "_settings")

    def __init__(self, session: AsyncSession, settings: Settings) -> None:
        self._session = session
        self._settings = settings

    def __repr__(self) -> str:
        return f"<limits of {self._settings.provider.name} at {self._settings.address.url}: check(), snapshot()>"

    async def check(
        self, *, model: str = "", tokens: int = 1, tags: Mapping[str, str] | None = None, priority: int = 0
    ) -> LimitCheck:
        """
        Whether a call of so many tokens, prompt and answer, could go now, or how long it would wait. Nothing is reserved.

        *tags* are added to the client's.

        Raises:
            StoreError: the limits are shared, and cannot be read.
        """
        from twinwire._client.looking import limit_check

        guard = self._session.guard(self._settings)
        return await self._session.run(limit_check(guard, model=model, tokens=tokens, tags=tags, priority=priority))

    async def snapshot(self) -> tuple[LimitState, ...]:
        """
        What is known of each limit now, configured and learned.

        Raises:
            StoreError: the limits are shared, and cannot be read.
        """
        from twinwire._client.looking import limit_states

        return await self._session.run(limit_states(self._session.guard(self._settings)))


class AsyncBudgetsView:
    """A client's budgets, for looking at them: `client.budgets`."""

    __slots__ = ("_session", "_settings")

    def __init__(self, session: AsyncSession, settings: Settings) -> None:
        self._session = session
        self._settings = settings

    def __repr__(self) -> str:
        return f"<budgets of {self._settings.provider.name} at {self._settings.address.url}: snapshot()>"

    async def snapshot(self) -> tuple[BudgetState, ...]:
        """
        Each budget in its present period: cap, spent, reserved, left.

        Raises:
            StoreError: the accounts cannot be read.
        """
        from twinwire._client.looking import budget_states

        return await self._session.run(budget_states(self._session.guard(self._settings)))
