"""What `on_interrupt` asks for when a stream of chat breaks off: the same request again, or one that goes on from what had arrived."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import evolve

from twinwire._client.narrow import is_list, is_mapping
from twinwire._client.readers import continuation_reader, reader_of
from twinwire._client.settings import checked_on_interrupt
from twinwire._core.recover import Onward
from twinwire._model.unset import Unset
from twinwire.chat.events import RestartedEvent
from twinwire.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from twinwire._client.prepare import Prepared
    from twinwire._core.plan import Plan, Reader
    from twinwire.chat.accumulate import ChatAccumulator
    from twinwire.chat.events import ChatStreamEvent
    from twinwire.errors import APIError
    from twinwire.providers.base import Prefill

_THOUGHTS = frozenset({"reasoning", "reasoning_content", "reasoning_details", "thinking"})
"""What the user of an answer has no use for alone: an answer that holds nothing else is begun anew."""


def recovery_of(prepared: Prepared, reply_type: type[object]) -> Recovery | None:
    """
    How the stream of a call is to go on after an interruption; None where it is not.

    Raises:
        InvalidRequestError: there is no such way, or this call could not be continued.
    """
    given = prepared.options.on_interrupt
    if isinstance(given, Unset):
        mode = prepared.settings.on_interrupt
    else:
        mode = checked_on_interrupt(given, lambda text: InvalidRequestError(text, param="on_interrupt"))
    if mode == "raise":
        return None
    return Recovery(prepared, reply_type, _prefill(prepared) if mode == "continue" else None)


class Recovery:
    """Starts a call again, or with a *prefill* continues it."""

    def __init__(self, prepared: Prepared, reply_type: type[object], prefill: Prefill | None) -> None:
        self._prepared = prepared
        self._reply_type = reply_type
        self._prefill = prefill

    def __call__(
        self, plan: Plan[ChatStreamEvent], error: APIError, reader: Reader[ChatStreamEvent]
    ) -> Onward[ChatStreamEvent]:
        self._prepared.mask.clean(error)  # its words go into an event
        broken = reader_of(reader).accumulator
        kinds = broken.kinds()
        if self._prefill is None or kinds <= _THOUGHTS:
            return Onward(plan=plan, announce=_announcing("restart", error))
        if kinds != {"text"}:
            others = ", ".join(sorted(kinds - {"text"}))
            error.add_note(f"not continued: only an answer of plain text can be, and this one holds {others}")
            raise error
        return Onward(
            plan=self._continuation(plan, self._prefill, broken, len(error.attempts) + 1),
            announce=_announcing("continue", error),
            goes_on=True,
        )

    def _continuation(
        self, plan: Plan[ChatStreamEvent], prefill: Prefill, broken: ChatAccumulator, number: int
    ) -> Plan[ChatStreamEvent]:
        body = _body(self._prepared)
        # Without white space at its end, which Anthropic's models refuse; the seam knows.
        message = {"role": "assistant", "content": broken.text.rstrip(), **dict(prefill.message_fields)}
        messages = body["messages"]
        body["messages"] = [*messages, message] if is_list(messages) else messages
        written = json.dumps(body).encode()
        return evolve(
            plan,
            request=self._prepared.changed(written, f"-{number}"),
            reader=continuation_reader(self._prepared, self._reply_type, broken, written, repeats=prefill.repeats),
        )


def _announcing(mode: Literal["restart", "continue"], error: APIError) -> Callable[[int, float], ChatStreamEvent]:
    name, message = type(error).__name__, str(error)
    return lambda attempt, wait_seconds: RestartedEvent(
        mode=mode, error=name, message=message, attempt=attempt, wait_seconds=wait_seconds
    )


def _prefill(prepared: Prepared) -> Prefill:
    provider = prepared.settings.provider
    prefill = provider.prefill
    if prefill is None or not prefill.works(prepared.model, prepared.settings.address.url):
        where = f"at {provider.name}" if prefill is None else f"at {provider.name} but with {prefill.condition}"
        raise _refusal(f"an answer cannot be continued {where}")
    reason = _hindrance(_body(prepared))
    if reason is not None:
        raise _refusal(f"an answer cannot be continued where {reason}")
    return prefill


def _hindrance(body: dict[str, object]) -> str | None:
    """What of a request rules a continuation out."""
    messages = body.get("messages")
    last = messages[-1] if is_list(messages) and messages else None
    choices = body.get("n")
    response_format = body.get("response_format")
    modalities = body.get("modalities")
    if not is_mapping(last):
        return "messages are not a list of objects"
    if last.get("role") == "assistant":
        return "the last message is the assistant's already"
    if choices not in (None, 1):
        return "n asks for several choices"
    if response_format is not None and not (is_mapping(response_format) and response_format.get("type") == "text"):
        return (
            "response_format asks for something else than text"  # a grammar would begin a new object after the old half
        )
    if (is_list(modalities) and modalities != ["text"]) or body.get("audio") is not None:
        return "modalities ask for something else than text"
    if body.get("logprobs"):
        return "logprobs are asked for, which would not fit the joined text"
    if _is_thinking(body):
        return "reasoning is asked for, since a begun answer holds none of it"
    if "models" in body:
        return "models name others, for which it may not work"
    return None


def _is_thinking(body: dict[str, object]) -> bool:
    reasoning = body.get("reasoning")
    if body.get("reasoning_effort") not in (None, "none"):
        return True
    return reasoning is not None and not (
        is_mapping(reasoning) and (reasoning.get("enabled") is False or reasoning.get("effort") == "none")
    )


def _refusal(reason: str) -> InvalidRequestError:
    message = f"on_interrupt='continue': {reason}; allowed here are 'raise' and 'restart'"
    return InvalidRequestError(message, param="on_interrupt")


def _body(prepared: Prepared) -> dict[str, object]:
    """The body that is sent, which `extra_body` may have changed."""
    body: dict[str, object] = json.loads(prepared.body or b"{}")
    return body
