"""From what arrived to what the user gets: a typed reply with its meta, or an error that keeps what was paid for."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from twinwire._model.convert import structure
from twinwire._model.cost import Cost
from twinwire._model.embedding import EmbeddingReply, check_count, decode_base64_vectors
from twinwire._model.reply import Meta, Reply
from twinwire.errors import APIError, DecodeError, TwinwireError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire._client.prepare import Prepared
    from twinwire._core.headers import Headers
    from twinwire._core.plan import Whole
    from twinwire._core.recover import Stream
    from twinwire._core.trace import Attempt, Trace
    from twinwire._model.json import Json, JsonObject
    from twinwire.providers.base import Provider

R = TypeVar("R")
ItemT = TypeVar("ItemT")


def finish_whole(prepared: Prepared, whole: Whole, cls: type[R]) -> R:
    """
    Make the reply of a call whose body came whole.

    Raises:
        DecodeError: the body is JSON, but not this reply; the error holds the path and the whole text.
    """
    data = parsed(whole)
    try:
        reply = structure(data, cls)
        if isinstance(reply, EmbeddingReply):
            check_count(reply, prepared.arguments.get("input"))
            if prepared.arguments.get("encoding_format") == "base64":
                decode_base64_vectors(reply)
    except DecodeError as error:
        error.body = whole.content.decode("utf-8", "replace")
        tell(error, prepared, whole.request_id, whole.trace)
        raise
    _mark(reply, prepared, whole.status, whole.headers, whole.content, whole.request_id, whole.trace)
    return reply


def parsed(whole: Whole) -> Json:
    """The body as the dialect read it; the usage in it goes into the trace, as a stream's does."""
    data: Json = whole.data  # type: ignore[assignment]  # the core does not know that its dialect reads JSON
    usage = data.get("usage") if isinstance(data, dict) else None
    if isinstance(usage, dict):
        whole.trace.attempts[-1].usage = usage
    return data


def finish_stream(prepared: Prepared, opened: Stream[ItemT], snapshot: JsonObject, cls: type[R]) -> R:
    """
    Make the reply that a stream added up to; the same class as a whole one.

    Raises:
        DecodeError: what arrived is not this reply; the error holds the path and what arrived as text.
    """
    try:
        reply = structure(snapshot, cls)
    except DecodeError as error:
        error.body = json.dumps(snapshot, ensure_ascii=False)
        tell(error, prepared, opened.request_id, opened.trace)
        raise
    _mark(reply, prepared, opened.status, opened.headers, b"", opened.request_id, opened.trace)
    return reply


def known_cost(provider: Provider, attempts: Sequence[Attempt]) -> Cost | None:
    """What the provider says that the attempts of a call cost together, or None."""
    usd = [_reported_usd(provider, attempt) for attempt in attempts]
    reported = [amount for amount in usd if amount is not None]
    if not reported:
        return None
    # An attempt without an error is the one that answered, or still does.
    is_open = any(
        amount is None and (attempt.possibly_billed or attempt.error is None)
        for amount, attempt in zip(usd, attempts, strict=True)
    )
    return Cost(usd=sum(reported, Decimal(0)), provenance="reported", attempts=len(reported), possibly_more=is_open)


def _reported_usd(provider: Provider, attempt: Attempt) -> Decimal | None:
    return None if attempt.usage is None else provider.reported_usd({"usage": _json(attempt.usage)})


def _json(usage: object) -> Json:
    data: Json = usage  # type: ignore[assignment]  # the core does not know that it is JSON
    return data


def settle(error: BaseException, prepared: Prepared) -> None:
    """Put on an error that a flow raised what the call has cost, and hide the keys in it."""
    if isinstance(error, APIError):
        error.cost = known_cost(prepared.settings.provider, error.attempts)
        for attempt in error.attempts:
            masked = prepared.dialect.masked(_json(attempt.usage))
            attempt.usage = masked if isinstance(masked, dict) else None
    if isinstance(error, TwinwireError):
        prepared.mask.clean(error)


def _mark(
    reply: object,
    prepared: Prepared,
    status: int,
    headers: Headers,
    content: bytes,
    request_id: str | None,
    trace: Trace,
) -> None:
    if isinstance(reply, Reply):
        reply._meta = Meta(
            provider=prepared.settings.provider.name,
            status_code=status,
            headers=prepared.mask.headers(headers),
            content=content,
            request_id=request_id,
            trace=trace,
            cost=known_cost(prepared.settings.provider, trace.attempts),
        )


def tell(error: APIError, prepared: Prepared, request_id: str | None, trace: Trace) -> None:
    """Put the facts of a call that was answered on an error about its reply."""
    error.provider = prepared.settings.provider.name
    error.model = prepared.model
    error.request_id = request_id
    error.attempts = tuple(trace.attempts)
    error.sent = True
    error.possibly_billed = True
    settle(error, prepared)
