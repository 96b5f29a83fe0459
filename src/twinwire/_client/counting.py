"""What an attempt is estimated to have used whose provider did not say so, or not to the end: put on the attempt when it is over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import evolve

from twinwire._client.narrow import is_list, is_mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._core.trace import Attempt
    from twinwire.chat.accumulate import ChatAccumulator
    from twinwire.providers.chat_reader import Count


def stream_counter(model: str | None, body: bytes | None) -> Count | None:
    """Make what counts a stream that a request *body* asked for; None for a request without a model."""
    if model is None or body is None:
        return None

    def count(attempt: Attempt, answer: ChatAccumulator, *, already: str, is_cut: bool) -> None:
        _count(attempt, model, body, lambda: answer.snapshot().get("choices"), already=already, is_cut=is_cut)

    return count


def read_whole(attempt: Attempt, data: object, model: str | None, body: bytes | None) -> None:
    """Put on the attempt what the *data* of a whole reply say of it; where they say no usage, it is estimated. Twice is fine."""
    if not is_mapping(data):
        return
    tier, answered, usage = data.get("service_tier"), data.get("model"), data.get("usage")
    if is_mapping(usage):
        attempt.usage = {str(name): value for name, value in usage.items()}
    attempt.answered_model = answered if isinstance(answered, str) else None
    attempt.service_tier = tier if isinstance(tier, str) else None
    attempt.reported_cost = data.get("cost")
    is_answer = is_list(data.get("choices")) or (is_list(data.get("data")) and "model" in data)
    if attempt.usage is None and attempt.counted is None and is_answer and model is not None and body is not None:
        _count(attempt, model, body, lambda: data.get("choices"), already="", is_cut=False)


def _count(
    attempt: Attempt, model: str, body: bytes, choices: Callable[[], object], *, already: str, is_cut: bool
) -> None:
    try:
        # In here, since the collector may end a forgotten stream while one of them is being imported for the first time.
        from twinwire.money.usage import from_wire
        from twinwire.tokens.quick import counted_exchange

        listed, request = choices(), json.loads(body)
        messages = [each.get("message") for each in listed if is_mapping(each)] if is_list(listed) else []
        found = counted_exchange(model, request, messages, already=already, is_cut=is_cut)
        told = from_wire(attempt.usage) if attempt.usage is not None else None
    except Exception:  # noqa: BLE001  # the answer is worth more than knowing what it cost, which is None then
        return
    if told is not None:  # the prompt was counted by the provider, and the answer up to some chunk
        prompt, answered = told.input_tokens, told.output_tokens
        found = evolve(
            found,
            input_tokens=prompt,
            input_low=prompt,
            input_high=prompt,
            output_tokens=max(found.output_tokens, answered),
            output_low=max(found.output_low, answered),
            output_high=None if found.output_high is None else max(found.output_high, answered),
        )
    attempt.counted = found
