"""Takes a call through the real client code, effect by effect, with no network and no clock."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Never, TypeVar

from attrs import evolve, frozen

from tests.replay.recordings import HOSTS
from twinwire import OpenAI, OpenRouter
from twinwire._client.finish import finish_stream, finish_whole
from twinwire._client.operation import CallOptions, Operation
from twinwire._client.readers import event_reader, reader_of
from twinwire._client.recovery import recovery_of
from twinwire._core.effects import OpenResponse, Read, Send, TransportFailure
from twinwire._core.flow import call
from twinwire._core.plan import Whole, World
from twinwire._core.recover import open_stream
from twinwire._core.retry import RetryQuota
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE, EMBEDDINGS_CREATE, MODELS_LIST
from twinwire.errors import APIError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.fuzz.seeds import Endpoint
    from twinwire._client.prepare import Prepared
    from twinwire._client.settings import OnInterrupt
    from twinwire._core.caps import Caps
    from twinwire._core.effects import Effect, Flow, WireRequest
    from twinwire._core.plan import Plan
    from twinwire._core.retry import Retry

T = TypeVar("T")
KEY = "sk-fuzz-0123456789"
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
    is_broken: bool = False
    """Whether the connection breaks after them, where the body would end."""


@frozen(kw_only=True)
class Result:
    """What came of a stream."""

    events: list[Any]
    reply: Any = None
    error: APIError | None = None


@cache
def prepared(
    provider: str,
    endpoint: Endpoint,
    kind: Literal["whole", "stream"],
    encoding: str | None = None,
    on_interrupt: OnInterrupt = "raise",
    choices: int = 1,
) -> Prepared:
    """A call, checked and ready to be sent; to a provider by its host. One that goes on may do so often."""
    make = OpenRouter if provider == "openrouter" else OpenAI
    ending = "beta" if provider == "deepseek" else "v1"  # where it can be asked to go on
    url = f"https://{HOSTS.get(provider, 'server.example')}/{ending}"
    client = make(base_url=url, api_key=KEY, max_retries=0 if on_interrupt == "raise" else 9)
    operation, arguments = OPERATIONS[endpoint]
    more: dict[str, object] = {} if encoding is None else {"encoding_format": encoding}
    if choices > 1:
        more["n"] = choices
    options = CallOptions(
        timeout=UNSET,
        deadline=UNSET,
        max_retries=UNSET,
        extra_headers=None,
        extra_query=None,
        on_interrupt=on_interrupt,
    )
    return client._prepare(operation, {**arguments, **more}, options, is_streaming=kind == "stream")


class Exchanges:
    """The network: for each request an answer, read piece by piece to its end or to where it breaks off."""

    def __init__(self, serve: Callable[[WireRequest], Answer]) -> None:
        self.answers: list[Answer] = []
        self._serve = serve
        self._pieces: list[bytes] = []

    def perform(self, effect: Effect) -> object:
        """Do what a flow asks for; raises `TransportFailure` where an answer breaks off."""
        if isinstance(effect, Send):
            answer = self._serve(effect.request)
            self.answers.append(answer)
            self._pieces = [piece for piece in reversed(answer.pieces) if piece]
            headers = tuple((name.lower(), value) for name, value in answer.headers)
            return OpenResponse(status=answer.status, headers=headers)
        if not isinstance(effect, Read):
            return None
        if self._pieces:
            return self._pieces.pop()
        if self.answers[-1].is_broken:
            raise TransportFailure("read", "reset by the server", phase="body", written=True)
        return b""

    def run(self, flow: Flow[T]) -> T:
        """Perform a flow to its end."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = self.perform(effect)
                except TransportFailure as failure:
                    effect = flow.throw(failure)
                else:
                    effect = flow.send(result)
        except StopIteration as done:
            value: T = done.value
            return value


def whole(call_made: Prepared, answer: Answer, endpoint: Endpoint) -> Any:
    """The reply that a call returns; raises what it raises."""
    plan: Plan[Never] = call_made.plan(None)
    try:
        arrived = Exchanges(lambda _: answer).run(call(plan, _world(plan.retry)))
        assert isinstance(arrived, Whole)
        return finish_whole(call_made, arrived, OPERATIONS[endpoint][0].reply_type())
    except APIError as error:
        call_made.mask.clean(error)  # as the clients do
        raise


def stream(call_made: Prepared, answer: Answer, caps: Caps | None = None) -> Result:
    """What `.stream()` gives of an answer: its events, and its result or its error."""
    return streamed(call_made, Exchanges(lambda _: answer), caps)


def streamed(call_made: Prepared, exchanges: Exchanges, caps: Caps | None = None) -> Result:
    """What `.stream()` gives of a call that goes on after interruptions as it was told."""
    reply_type = CHAT_COMPLETIONS_CREATE.reply_type()
    plan = call_made.plan(event_reader(call_made, reply_type))
    plan = plan if caps is None else evolve(plan, caps=caps)
    events: list[Any] = []
    try:
        opened = exchanges.run(open_stream(plan, _world(plan.retry), recovery_of(call_made, reply_type)))
        while batch := exchanges.run(opened.next_batch()):
            events += batch
        snapshot = reader_of(opened.reader).accumulator.snapshot()
        return Result(events=events, reply=finish_stream(call_made, opened, snapshot, reply_type))
    except APIError as error:
        call_made.mask.clean(error)
        return Result(events=events, error=error)


def _world(retry: Retry) -> World:
    return World(now=lambda: 1000.0, random=lambda: 0.0, quota=RetryQuota(retry, nullcontext()))
