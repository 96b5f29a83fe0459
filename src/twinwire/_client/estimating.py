"""What a client's call would cost, and whether its budgets allow it: `client.estimate_cost()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from twinwire._client.estimates import content_of
from twinwire._core.effects import aside
from twinwire.errors import InvalidRequestError
from twinwire.money.estimate import CostEstimate, estimate_of
from twinwire.tokens.count import count_request
from twinwire.tokens.shapes import is_whole

if TYPE_CHECKING:
    from twinwire._client.guard import Guard
    from twinwire._client.prepare import Prepared
    from twinwire._core.effects import Flow


def estimated(prepared: Prepared, guard: Guard, output_tokens: int | None) -> Flow[CostEstimate]:
    """
    Estimate the call that was prepared, as `twinwire.estimate_cost` does, and ask its budgets.

    Raises:
        InvalidRequestError: *output_tokens* is negative.
        StoreError: the accounts cannot be read.
    """
    if output_tokens is not None and (not is_whole(output_tokens) or output_tokens < 0):
        raise InvalidRequestError(
            f"output_tokens must be a number of tokens or None, got {output_tokens!r:.80}", param="output_tokens"
        )
    accounts = prepared.accounts(guard)  # which may set the output cap, as with the call itself
    settings = prepared.settings
    content = content_of(prepared.body or b"{}")
    model = prepared.model or ""
    rest = {name: value for name, value in content.items() if name not in {"model", "messages"}}
    is_exact = settings.tokenizer == "exact"
    estimate = yield from aside(
        lambda: estimate_of(
            content,
            provider=settings.provider.name,
            prompt=count_request(model, content.get("messages"), rest, is_exact=is_exact),
            output_tokens=output_tokens,
            at=prepared.when,
            levels=settings.prices.get(),
        )
    )
    if accounts is None or not accounts.budgets:
        return estimate
    allowance = yield from accounts.allows(prepared.worst(content), prepared.tags)
    refusal = allowance.refusal
    return evolve(estimate, allowed=allowance.is_allowed, refused_by=None if refusal is None else str(refusal))
