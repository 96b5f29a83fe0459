"""
What a generated method says about its operation, and what a user says about one call.

This file is imported with the client classes, so it imports nothing that costs time; types and check tables are named by text
and loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from twinwire._model.unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twinwire._client.checks import Checks
    from twinwire._client.settings import OnInterrupt
    from twinwire._core.timeout import Timeout
    from twinwire._model.unset import Unset
    from twinwire.money.budget import Budget

ReplyT_co = TypeVar("ReplyT_co", covariant=True)
EventT_co = TypeVar("EventT_co", covariant=True)


class CallOptions:
    """What one call was told beside its arguments; UNSET is what the client's own option decides."""

    __slots__ = (
        "budget",
        "deadline",
        "extra_body",
        "extra_headers",
        "extra_query",
        "max_retries",
        "on_interrupt",
        "priority",
        "tags",
        "timeout",
    )

    def __init__(
        self,
        *,
        timeout: Timeout | float | Unset | None,
        deadline: float | Unset | None,
        max_retries: int | Unset,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None,
        extra_query: Mapping[str, object] | None,
        extra_body: Mapping[str, object] | None = None,
        on_interrupt: OnInterrupt | Unset = UNSET,
    ) -> None:
        self.timeout = timeout
        self.deadline = deadline
        self.max_retries = max_retries
        self.budget = budget
        self.tags = tags
        self.priority = priority
        self.extra_headers = extra_headers
        self.extra_query = extra_query
        self.extra_body = extra_body
        self.on_interrupt = on_interrupt

    @classmethod
    def of_a_look(cls, budget: Budget | Sequence[Budget] | None, tags: Mapping[str, str] | None) -> CallOptions:
        """Of a call that is only looked at."""
        return cls(
            timeout=UNSET,
            deadline=UNSET,
            max_retries=UNSET,
            extra_headers=None,
            extra_query=None,
            budget=budget,
            tags=tags,
        )


class Operation(Generic[ReplyT_co, EventT_co]):
    """
    One operation of the spec: where its arguments go and what comes back.

    *reply*, *event* and *checks* are references such as `twinwire.types.reply:ChatCompletion`. *EventT_co* is `Never` for an
    operation that does not stream.
    """

    __slots__ = (
        "_check",
        "_event_type",
        "_reply_type",
        "body_params",
        "checks",
        "event",
        "method",
        "name",
        "path",
        "path_params",
        "query_params",
        "reply",
    )

    def __init__(
        self,
        name: str,
        *,
        method: str,
        path: str,
        path_params: tuple[str, ...] = (),
        query_params: tuple[str, ...] = (),
        body_params: tuple[str, ...] = (),
        reply: str,
        event: str | None = None,
        checks: str,
    ) -> None:
        self.name = name
        """The way to the method from a client, such as `chat.completions.create`."""
        self.method = method
        """The HTTP method, in capitals."""
        self.path = path
        """The path below the base URL, with its parameters in braces: `/models/{model}`."""
        self.path_params = path_params
        self.query_params = query_params
        self.body_params = body_params
        self.reply = reply
        self.event = event
        self.checks = checks
        self._reply_type: type[ReplyT_co] | None = None
        self._event_type: type[EventT_co] | None = None
        self._check: Checks | None = None

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"

    def reply_type(self) -> type[ReplyT_co]:
        """Return the class of a whole reply, loading its module the first time."""
        if self._reply_type is None:
            found: type[ReplyT_co] = _load(self.reply)
            self._reply_type = found
        return self._reply_type

    def event_type(self) -> type[EventT_co]:
        """Return the class of one event of the stream; LookupError where the operation has no stream."""
        if self._event_type is None:
            if self.event is None:
                raise LookupError(f"{self.name} does not stream")
            found: type[EventT_co] = _load(self.event)
            self._event_type = found
        return self._event_type

    def check(self, arguments: Mapping[str, object], *, is_lenient: bool = False) -> None:
        """
        Refuse arguments that the spec rules out, before anything is sent; unset ones must have been dropped.

        *is_lenient* lets through what is only incomplete inside an argument: for servers that the spec was not written for.

        Raises:
            InvalidRequestError: names the argument, what it got and what is allowed.
        """
        if self._check is None:
            table: Checks = _load(self.checks)
            self._check = table
        self._check.check(arguments, is_lenient=is_lenient)


def _load(reference: str) -> Any:
    from importlib import import_module

    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
