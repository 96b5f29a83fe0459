"""Takes a call through the real client code, effect by effect, with no network and no clock."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Never, TypeVar

from attrs import frozen

from tests.replay.recordings import HOSTS
from twinwire import OpenAI, OpenRouter
from twinwire._client.finish import finish_stream, finish_whole
from twinwire._client.operation import CallOptions, Operation
from twinwire._client.readers import event_reader
from twinwire._core.effects import OpenResponse, Read, Send
from twinwire._core.flow import call
from twinwire._core.plan import Whole, World
from twinwire._core.retry import RetryQuota
from twinwire._core.stream import OpenStream
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE, EMBEDDINGS_CREATE, MODELS_LIST
from twinwire.errors import APIError
from twinwire.providers.chat_reader import ChatReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.fuzz.seeds import Endpoint
    from twinwire._client.prepare import Prepared
    from twinwire._core.effects import Flow
    from twinwire._core.plan import Plan

T = TypeVar("T")
KEY = "sk-fuzz-0123456789"
OPTIONS = CallOptions(
    timeout=UNSET, deadline=UNSET, max_retries=UNSET, extra_headers=None, extra_query=None, extra_body=None
)
OPERATIONS: dict[Endpoint, tuple[Operation[Any, Any], dict[str, Any]]] = {
    "chat.completions": (CHAT_COMPLETIONS_CREATE, {"model": "m", "messages": [{"role": "user", "content": "q"}]}),
    "embeddings": (EMBEDDINGS_CREATE, {"model": "m", "input": "q"}),
    "models": (MODELS_LIST, {}),
}


@frozen(kw_only=True)
class Answer:
    """What a server sends: the head, and the body in the pieces in which it arrives."""

    status: int
    headers: tuple[tuple[str, str], ...]
    pieces: Sequence[bytes]


@frozen(kw_only=True)
class Result:
    """What came of a stream."""

    events: list[Any]
    reply: Any = None
    error: APIError | None = None


@cache
def prepared(
    provider: str, endpoint: Endpoint, kind: Literal["whole", "stream"], encoding: str | None = None
) -> Prepared:
    """A call, checked and ready to be sent; to a provider by its host."""
    make = OpenRouter if provider == "openrouter" else OpenAI
    client = make(base_url=f"https://{HOSTS.get(provider, 'server.example')}/v1", api_key=KEY, max_retries=0)
    operation, arguments = OPERATIONS[endpoint]
    given = arguments if encoding is None else {**arguments, "encoding_format": encoding}
    return client._prepare(operation, given, OPTIONS, is_streaming=kind == "stream")


def whole(call_made: Prepared, answer: Answer, endpoint: Endpoint) -> Any:
    """The reply that a call returns; raises what it raises."""
    plan: Plan[Never] = call_made.plan(None)
    try:
        arrived = _performed(call(plan, _world(plan.retry)), answer, iter(answer.pieces))
        assert isinstance(arrived, Whole)
        return finish_whole(call_made, arrived, OPERATIONS[endpoint][0].reply_type())
    except APIError as error:
        call_made.mask.clean(error)  # as the clients do
        raise


def stream(call_made: Prepared, answer: Answer) -> Result:
    """What `.stream()` gives of an answer: its events, and its result or its error."""
    pieces = iter(answer.pieces)
    reply_type = CHAT_COMPLETIONS_CREATE.reply_type()
    plan = call_made.plan(event_reader(call_made, reply_type))
    events: list[Any] = []
    try:
        opened = _performed(call(plan, _world(plan.retry)), answer, pieces)
        assert isinstance(opened, OpenStream)
        while batch := _performed(opened.next_batch(), answer, pieces):
            events += batch
        assert opened.is_closed
        reader: object = opened.reader
        assert isinstance(reader, ChatReader)
        snapshot = reader.accumulator.snapshot()
        return Result(events=events, reply=finish_stream(call_made, opened, snapshot, reply_type))
    except APIError as error:
        call_made.mask.clean(error)
        return Result(events=events, error=error)


def _world(retry: Any) -> World:
    return World(now=lambda: 1000.0, random=lambda: 0.0, quota=RetryQuota(retry, nullcontext()))


def _performed(flow: Flow[T], answer: Answer, pieces: Iterator[bytes]) -> T:
    """Perform what a flow asks for: the one answer, its pieces, and the end."""
    result: object = None
    try:
        while True:
            effect = flow.send(result)
            if isinstance(effect, Send):
                result = OpenResponse(status=answer.status, headers=_lowered(answer.headers))
            elif isinstance(effect, Read):
                result = next((piece for piece in pieces if piece), b"")
            else:
                result = None
    except StopIteration as done:
        value: T = done.value
        return value


def _lowered(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in headers)
