"""
Which call a tool-call delta belongs to.

The wire's own rule is one index per call, with id and name on its first delta. Servers depart from it in every way: no index or -1,
one index for all calls, ids and names repeated, late, null, empty or clashing. So a delta's call is decided by its id, else by its
index, else by order: a delta with a new name opens a call, one without continues the open call.

A name says more than where a delta points to. Names are never joined: no recorded stream has one in pieces, and some servers repeat
the whole name with every piece (https://github.com/NousResearch/hermes-agent/pull/12230, checked 2026-11-20). A second name for one call is another call if the first one's arguments are a
whole JSON object, for then nothing else fits (Gemini's compatible endpoint sends parallel calls so, all with index 0:
https://github.com/NousResearch/hermes-agent/issues/62940, checked 2026-11-20). The same holds for the same name with a second
object. Without that evidence it is not decided: assembling ends, the deltas are kept, and `check()` raises. A call is never
handed to a tool that it may not be for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from twinwire.chat.events import ToolCallEvent
from twinwire.chat.shapes import as_list, as_object
from twinwire.chat.tool_deltas import Call, ToolDelta, read_delta
from twinwire.errors import ToolCallAssemblyError

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject
    from twinwire.chat.events import ChatStreamEvent

_By = Literal["id", "index", "order"]


class _UndecidedError(Exception):
    """A delta fits no call for certain; the argument says why."""


class ToolCalls:
    """Folds the tool-call deltas of one choice."""

    __slots__ = ("_by_id", "_by_index", "_choice_index", "_deltas", "_open", "_problem", "calls")

    def __init__(self, choice_index: int) -> None:
        self.calls: list[Call] = []
        """In the order in which they began."""
        self._choice_index = choice_index
        self._by_id: dict[str, list[Call]] = {}
        self._by_index: dict[int, Call] = {}
        """The call of an index that was added to last."""
        self._open: Call | None = None
        """The call that was added to last."""
        self._deltas: list[JsonObject] = []
        self._problem: str | None = None

    def add(self, raw_deltas: Json, path: str, events: list[ChatStreamEvent]) -> None:
        """Take the deltas of one chunk and add the events they make; after one that is undecided, none is made any more."""
        for place, raw in enumerate(as_list(raw_deltas, path)):
            at = f"{path}[{place}]"
            raw_delta = as_object(raw, at)
            if raw_delta is None:
                continue
            delta = read_delta(raw_delta, at)
            self._deltas.append(raw_delta)
            if self._problem is not None:
                continue
            try:
                event = self._assemble(delta)
            except _UndecidedError as undecided:
                self._problem = str(undecided)
            else:
                if event is not None:
                    events.append(event)

    def check(self, *, at_most: int | None = None) -> None:
        """
        Be asked at the end of the stream whether every delta found its call.

        Raises:
            ToolCallAssemblyError: one did not, a call has no name, or there are more than *at_most*.
        """
        problem = self._problem
        if problem is None and at_most is not None and len(self.calls) > at_most:
            problem = f"there are {len(self.calls)} where {at_most} can be"
        if problem is None:
            problem = next((f"call {call.position} has no name" for call in self.calls if call.lacks_name), None)
        if problem is not None:
            message = f"tool calls of choice {self._choice_index} cannot be put together: {problem}"
            raise ToolCallAssemblyError(message, deltas=self._deltas)

    def value(self) -> list[Json]:
        """The calls as a whole reply would hold them."""
        return [call.value() for call in self.calls]

    def _assemble(self, delta: ToolDelta) -> ToolCallEvent | None:
        call, by = self._candidate(delta)
        if call is None and delta.is_unmarked:
            if delta.says_nothing:
                return None
            raise _UndecidedError("a delta without id, index and name came before any call")
        if call is not None and by == "order" and delta.is_unmarked:
            self._require_one_to_go_on(call, delta)
        is_new = call is None or _opens_another(call, delta, by)
        if call is None or is_new:
            call = Call(len(self.calls))
            self.calls.append(call)
        elif call.kind is not None and delta.kind is not None and call.kind != delta.kind:
            raise _UndecidedError(
                f"call {call.position} is of kind {call.kind}, and a delta of it of kind {delta.kind}"
            )
        learns = (call.id is None and delta.id is not None) or (call.name is None and delta.name is not None)
        call.add(delta)
        self._remember(call)
        if not (is_new or learns or delta.arguments):
            return None
        return ToolCallEvent(
            choice_index=self._choice_index,
            call_index=call.position,
            id=call.id,
            name=call.name,
            arguments_delta=delta.arguments,
            kind=call.kind or "function",
        )

    def _remember(self, call: Call) -> None:
        self._open = call
        if call.index is not None:
            self._by_index[call.index] = call
        if call.id is not None:
            same_id = self._by_id.setdefault(call.id, [])
            if call not in same_id:
                same_id.append(call)

    def _candidate(self, delta: ToolDelta) -> tuple[Call | None, _By]:
        """The call that a delta points to and by what, None where it points to none yet."""
        at_index = self._by_index.get(delta.index) if delta.index is not None else None
        if delta.id is not None and delta.id in self._by_id:
            named = _by_known_id(self._by_id[delta.id], at_index)
            last = self._open
            if delta.index is None and last is not None and last is not named and last.id is None:
                raise _UndecidedError(
                    f"a delta has the id of call {named.position} while call {last.position} has none"
                )
            return named, "id"
        by: _By = "order" if delta.index is None else "index"
        call = self._open if delta.index is None else at_index
        if delta.id is not None and call is not None and call.id is not None:
            return None, "id"  # an id never seen, and the call that would be next in line has one: a call begins
        return call, by

    def _require_one_to_go_on(self, call: Call, delta: ToolDelta) -> None:
        """
        Refuse a delta that follows *call* by order alone, where order says too little.

        A server that never sends an index sends one call after the other. One that left the index out this time may mean any call
        that is not whole: some leave out what is 0.
        """
        if call.index is None or not delta.arguments:
            return
        if call.is_whole():
            raise _UndecidedError(
                f"a delta without id, index and name came after the whole arguments of call {call.position}"
            )
        if not all(other is call or other.is_whole() for other in self.calls):
            raise _UndecidedError("a delta without id, index and name came while more than one call may go on")


def _by_known_id(calls: list[Call], at_index: Call | None) -> Call:
    if len(calls) > 1:
        calls = [call for call in calls if call is at_index]
        if not calls:
            raise _UndecidedError("two calls have one id, and a delta with it has the index of neither")
    (call,) = calls
    if at_index is not None and at_index is not call and at_index.id is None:
        raise _UndecidedError(f"a delta has the id of call {call.position} and the index of call {at_index.position}")
    return call


def _opens_another(call: Call, delta: ToolDelta, by: _By) -> bool:
    """Whether a delta that points to *call* opens another call all the same, because of its name."""
    is_moved = delta.index is not None and call.index is not None and delta.index != call.index
    if delta.name is None:
        if by == "id" and is_moved and delta.arguments and call.is_whole():
            raise _UndecidedError(
                f"a delta with the id of call {call.position} and another index came after the whole arguments of it"
            )
        return False
    if call.name is None:
        if by == "order" and call.has_arguments:
            raise _UndecidedError(f"a name came after call {call.position} without one, without an id or index")
        return False
    if delta.name != call.name:
        if by == "order" or is_moved or call.is_whole():
            return True
        raise _UndecidedError(f"call {call.position} is given a second name")
    if by == "id" and is_moved:
        if not call.has_arguments:
            raise _UndecidedError(f"the id of call {call.position} comes with a second index")
        return call.is_whole()
    begins_object = delta.arguments.lstrip().startswith("{")
    if begins_object and call.is_whole():
        if by == "id":
            raise _UndecidedError(f"call {call.position} is given a second object of arguments")
        return True
    if by == "order" and not call.has_arguments:
        raise _UndecidedError(f"the name of call {call.position} comes again before its arguments")
    return False
