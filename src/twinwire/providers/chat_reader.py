"""Reads a chat stream for the core: events → raw chunks → what the accumulator makes of them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from twinwire._core.headers import Headers
from twinwire.chat.accumulate import ChatAccumulator
from twinwire.chat.chunk_errors import chunk_error, unwrapped
from twinwire.errors import DecodeError, StreamTruncatedError
from twinwire.providers.dialect import MAX_DEPTH, is_too_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twinwire._core.sse import Event
    from twinwire._core.trace import Attempt
    from twinwire._model.json import Json, JsonObject
    from twinwire.chat.events import ChatStreamEvent
    from twinwire.chat.seam import Seam
    from twinwire.providers.dialect import ProviderDialect

E = TypeVar("E")

_NAMES = frozenset({"", "message", "error"})
"""How the events of an answer are named. Others are read where they look like chunks, for some servers name those."""


class Count(Protocol):
    """Estimates what an attempt used, and puts it there."""

    def __call__(self, attempt: Attempt, answer: ChatAccumulator, *, already: str, is_cut: bool) -> None:
        """*already* is text at the beginning of the answer that this attempt did not write."""
        ...


class ChatReader(Generic[E]):
    """
    One stream's reader; *shape* chooses what a consumer gets of each chunk: the chunk itself, or the events it makes.

    The accumulator sees every chunk either way: it knows when the answer is complete, and keeps it for errors.
    """

    def __init__(
        self,
        dialect: ProviderDialect,
        shape: Callable[[JsonObject, list[ChatStreamEvent]], Sequence[E]],
        build: Callable[[JsonObject], object],
        continues: tuple[ChatAccumulator, Seam] | None = None,
        choices: int = 1,
        count: Count | None = None,
    ) -> None:
        """
        Read an answer of so many *choices*, as far as the request says how many.

        *continues* is for the continuation of an answer: what holds its text, and what finds the new in what follows. *count*
        estimates what an attempt used whose provider did not say all of it.
        """
        self.accumulator = ChatAccumulator() if continues is None else continues[0]
        self._seam = None if continues is None else continues[1]
        self._begun = self.accumulator.text
        self._count = count
        self.is_done = False
        self._choices = choices
        self._has_choices = False
        self._is_in_vain = False
        self._dialect = dialect
        self._shape = shape
        self._build = build

    @property
    def has_content(self) -> bool:
        """Whether something was seen that a caller would miss; what came with an error alone is not handed out."""
        return self.accumulator.has_content and not self._is_in_vain

    @property
    def has_answer(self) -> bool:
        """Whether there is anything of an answer: content, or the text that is to be continued."""
        return self.accumulator.has_content or self._seam is not None

    @property
    def usage(self) -> JsonObject | None:
        """What the provider has counted so far, as it was sent."""
        return self.accumulator.usage

    def tell(self, attempt: Attempt) -> None:
        """Put on the attempt what the provider has said of it so far."""
        told = self.accumulator
        attempt.usage = told.usage
        attempt.answered_model = told.model
        tier = told.field("service_tier")
        attempt.service_tier = tier if isinstance(tier, str) else None
        attempt.reported_cost = told.field("cost")

    def end(self, attempt: Attempt) -> None:
        """The stream is over, for good or not: estimate what the provider did not say that it used. A second time it does nothing."""
        told = self.accumulator
        is_final = told.is_usage_final or (self.is_done and told.usage is not None)
        if self._count is not None and attempt.counted is None and not is_final:
            self._count(attempt, told, already=self._begun, is_cut=not (self.is_done or told.is_complete))

    def feed(self, event: Event) -> Sequence[E]:
        """
        Take one event.

        Raises:
            APIStatusError: the event is or holds an error, in any of the dresses that servers give it.
            DecodeError: the data is not a JSON object.
            ToolCallAssemblyError: a tool-call delta that belongs to no call for certain.
        """
        data = event.data.strip()
        if data == "[DONE]":
            self.is_done = True
            return ()
        if not data:
            return ()
        if event.type not in _NAMES and not data.startswith("{"):
            return ()  # of a kind that nobody asked for, such as a ping of words
        is_error = event.type == "error"
        chunk = _error_body(data) if is_error else _parsed(data)
        error = chunk if is_error else chunk_error(chunk)
        self._has_choices = self._has_choices or bool(chunk.get("choices"))
        if error is not None:
            self._is_in_vain = not self.accumulator.has_content
            with suppress(DecodeError):  # what came beside the error belongs to the partial answer, if it can be read
                self.accumulator.add(self._dialect.masked(chunk))
            is_empty = self._is_in_vain and not self.accumulator.kinds()
            raise self._dialect.reported(error, 200, Headers(), partial=None if is_empty else self.partial())
        if self._seam is not None:
            self._seam.trim(chunk)
        return self._shape(chunk, self._folded(chunk, data))

    def finish(self) -> Sequence[E]:
        """
        The stream is over.

        Raises:
            StreamTruncatedError: it neither said `[DONE]` nor gave every choice a finish reason, or there was no choice at all.
            ToolCallAssemblyError: a tool call stayed without what makes it one.
        """
        is_complete = self.accumulator.is_complete and self.accumulator.choice_count >= self._choices
        if not self._has_choices or not (self.is_done or is_complete):
            missing = "a choice without a finish reason" if self._has_choices else "no choice had begun"
            said = "although it said [DONE]" if self.is_done else "no [DONE]"
            raise StreamTruncatedError(
                f"the stream ended early: {said}, and {missing}", retry_safe=True, possibly_billed=True
            )
        events = self._held_back()
        self.accumulator.check()
        return events

    def partial(self) -> object:
        """What has arrived, as a reply; None before the first content."""
        return self._build(self.accumulator.snapshot()) if self.has_answer else None

    def _held_back(self) -> Sequence[E]:
        """The rest of a continuation that ended without a finish reason."""
        text = self._seam.finish() if self._seam is not None else ""
        if not text:
            return ()
        chunk: JsonObject = {"choices": [{"index": 0, "delta": {"content": text}}]}
        return self._shape(chunk, self.accumulator.add(chunk))

    def _folded(self, chunk: JsonObject, data: str) -> list[ChatStreamEvent]:
        if is_too_deep(chunk, data.count("[") + data.count("{")):
            raise DecodeError(
                f"a chunk of the stream is nested deeper than {MAX_DEPTH} levels", body=data, possibly_billed=True
            )
        try:
            return self.accumulator.add(chunk)
        except DecodeError as error:
            error.body = data
            raise


def _parsed(data: str) -> JsonObject:
    reason = None
    chunk: Json = None
    try:
        chunk = unwrapped(json.loads(data))
    except (ValueError, RecursionError) as error:
        reason = type(error).__name__
    if reason is not None:  # raised out of the handler, for the parser's error holds the whole text
        raise DecodeError(
            f"a chunk of the stream is not JSON that can be read ({reason})",
            body=data,
            retry_safe=True,
            possibly_billed=True,
        )
    if not isinstance(chunk, dict):
        raise DecodeError(
            "a chunk of the stream is JSON, but no object", body=data, retry_safe=True, possibly_billed=True
        )
    return chunk


def _error_body(data: str) -> JsonObject:
    """What an `event: error` says, which may be words alone."""
    try:
        return _parsed(data)
    except DecodeError:
        return {"message": data}
