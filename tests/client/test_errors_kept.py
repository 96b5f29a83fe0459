"""Errors as they happen can be kept: copied and pickled with all their facts, and nothing live hangs on them."""

from __future__ import annotations

import copy
import gc
import pickle
import socket
import types
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.client.cases import Case, create, done, drained, stream
from twinwire import (
    Breaker,
    Budget,
    Caps,
    ConfigError,
    InvalidRequestError,
    Limits,
    Pool,
    TwinwireError,
    cost_of,
    errors,
)
from twinwire.errors import APIError
from twinwire.testing import (
    AfterEvents,
    Close,
    ErrorEvent,
    Exchange,
    Insert,
    LoopbackProvider,
    Reply,
    Reset,
    Stall,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = {"content-type": "application/json"}
Do: TypeAlias = Callable[[Any, Case], Awaitable[Any]]


async def whole(client: Any, case: Case) -> Any:
    """A call whose reply comes whole."""
    return await create(client, case)


async def streamed(client: Any, case: Case) -> Any:
    """A stream, read to its end."""
    return await drained(stream(client, case))


async def refused(client: Any, case: Case) -> Any:
    """A call with a wrong argument."""
    return await create(client, case, messages=[{"role": "robot", "content": "x"}])


async def unkeyed(client: Any, case: Case) -> Any:
    """A call whose key function returns nothing usable."""
    return await create(client.with_options(api_key=lambda: "a b"), case)


async def queued(client: Any, case: Case) -> Any:
    """A call without a free connection."""
    narrow = client.with_options(pool=Pool(max_connections=1), timeout=0.2)
    opened = await create(narrow, case, stream=True)
    try:
        return await create(narrow, case)
    finally:
        await done(opened.close())
        await done(narrow.close())


async def hurried(client: Any, case: Case) -> Any:
    """A call with a deadline."""
    return await create(client, case, deadline=0.1)


async def impatient(client: Any, case: Case) -> Any:
    """A call with a short limit."""
    return await create(client, case, timeout=0.1)


async def refused_by_the_breaker(client: Any, case: Case) -> Any:
    """A call after one that failed."""
    broken = client.with_options(breaker=Breaker(failure_rate=None, consecutive_failures=1))
    with pytest.raises(APIError):
        await create(broken, case)
    return await create(broken, case)


async def refused_by_a_limit(client: Any, case: Case) -> Any:
    """A call that is larger than a whole limit."""
    return await create(client.with_options(limits=Limits(tokens_per_minute=1)), case)


async def refused_by_a_budget(client: Any, case: Case) -> Any:
    """A call for nothing."""
    return await create(client.with_options(budget=Budget(usd=0), prices=True), case)


async def unwritten(client: Any, case: Case) -> Any:
    """A call whose ledger is a folder."""
    return await create(client.with_options(budget=Budget(usd=1), prices=True, ledger="."), case)


async def unpriced(client: Any, case: Case) -> Any:
    """The cost of a model that nobody knows, demanded."""
    return cost_of({"prompt_tokens": 1, "completion_tokens": 1}, model="gpt-9", provider=case.provider, required=True)


def said(status: int, message: str = "no", **facts: Any) -> Exchange:
    """An error body."""
    return Exchange(status, JSON, {"error": {"message": message, **facts}})


SPLIT = b'data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"function": {"arguments": "{"}}]}}]}\n\n'
CUT = Reply("one two three four five six", faults=[Close(at=AfterEvents(4))])
HAPPENED: list[tuple[str, Any, Do]] = [
    ("ConfigError", None, unkeyed),
    ("InvalidRequestError", None, refused),
    ("APIConnectionError", Reply(faults=[Reset(at="before_head")]), whole),
    ("PoolTimeoutError", Reply("one two", faults=[Stall(at=AfterEvents(2))]), queued),
    ("APITimeoutError", Reply(faults=[Stall()]), impatient),
    ("DeadlineExceededError", Reply(faults=[Stall()]), hurried),
    ("APIStatusError", said(418), whole),
    ("BadRequestError", said(400), whole),
    ("ContextLengthError", said(400, code="context_length_exceeded"), whole),
    ("ContentFilterError", said(400, code="content_filter"), whole),
    ("AuthenticationError", said(401), whole),
    ("PaymentRequiredError", said(402), whole),
    ("PermissionDeniedError", said(403), whole),
    ("NotFoundError", said(404), whole),
    ("ModelNotFoundError", said(404, code="model_not_found"), whole),
    ("ConflictError", said(409), whole),
    ("UnprocessableEntityError", said(422), whole),
    ("RateLimitError", Status(429, retry_after=7200), whole),
    ("QuotaExceededError", said(429, code="insufficient_quota"), whole),
    ("InternalServerError", said(500), whole),
    ("OverloadedError", said(503), whole),
    ("StreamError", Exchange(200, JSON, {"choices": [{"index": 0, "message": {"role": "assistant"}}]}), streamed),
    ("StreamTruncatedError", CUT, streamed),
    ("InternalServerError", Reply("one two three", faults=[ErrorEvent(after_events=4)]), streamed),
    ("CircuitOpenError", said(500), refused_by_the_breaker),
    ("LimitTimeoutError", None, refused_by_a_limit),
    ("BudgetExceededError", None, refused_by_a_budget),
    ("StoreError", None, unwritten),
    ("UnknownPriceError", None, unpriced),
    ("DecodeError", Exchange(200, JSON, "oops"), whole),
    ("DecodeError", Exchange(200, JSON, {"choices": [{"index": 0, "message": "oops"}]}), whole),
    ("DecodeError", Reply("a b c", faults=[Insert(b"data: {oops\n\n", AfterEvents(3))]), streamed),
    ("ToolCallAssemblyError", Reply("a b c", faults=[Insert(SPLIT, AfterEvents(3))]), streamed),
]
IDS = [f"{name}-{index}" for index, (name, *_) in enumerate(HAPPENED)]


def facts_of(error: BaseException) -> dict[str, Any]:
    """What a caller can see of an error."""
    return {"class": type(error), "text": str(error), "args": error.args, **vars(error)}


ROOMS = ("twinwire._io", "twinwire._client", "twinwire.clients", "httpcore", "httpx", "h11", "asyncio", "trio")
SHARED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
LIVE = (socket.socket, types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, types.FrameType)


def live_below(error: BaseException) -> Iterator[str]:
    """Names of what hangs on an error and is no data."""
    seen: set[int] = set()
    left: list[Any] = [error]
    while left:
        found = left.pop()
        if id(found) in seen or isinstance(found, SHARED):
            continue
        seen.add(id(found))
        module, kind = type(found).__module__, type(found).__qualname__
        is_ours = module.startswith(ROOMS) and not isinstance(found, BaseException)
        if isinstance(found, LIVE) or is_ours:
            yield f"{module}.{kind}"
        left += [item for item in gc.get_referents(found) if not isinstance(item, types.TracebackType)]


@pytest.mark.transports
@pytest.mark.parametrize(("name", "answer", "do"), HAPPENED, ids=IDS)
async def test_kept(case: Case, server: LoopbackProvider, name: str, answer: Any, do: Do) -> None:
    """Pickled and copied an error is the same, notes, attempts and partial answer included; and it is only data."""
    if do is queued and case.transport != "default":
        return  # the pool is the other library's
    if answer is not None:
        server.default = answer
    async with case.client(server, max_retries=0) as client:
        with pytest.raises(TwinwireError) as caught:
            await do(client, case)
    error = caught.value
    error.add_note("a note of the user's")

    assert type(error) is getattr(errors, name)
    for kept in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301  # our own
        assert facts_of(kept) == facts_of(error)
        assert kept.message == error.message
        assert kept.__notes__ == error.__notes__
    assert list(live_below(error)) == []
    if isinstance(error, APIError):
        assert error.provider == case.provider
        assert len(error.attempts) == 1


def test_every_class_happens() -> None:
    """The list has every class but the two that are only bases."""
    kinds = {
        kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TwinwireError)
    }

    assert kinds - {name for name, *_ in HAPPENED} == {"TwinwireError", "APIError"}


async def test_an_error_over_a_cap(case: Case, server: LoopbackProvider) -> None:
    """What was cut off for its size pickles small."""
    server.default = Exchange(400, {"content-type": "text/plain"}, "x" * 500_000)
    async with case.client(server, caps=Caps(max_error_bytes=1000)) as client:
        with pytest.raises(errors.BadRequestError) as caught:
            await create(client, case)

    assert len(pickle.dumps(caught.value)) < 10_000


@pytest.mark.parametrize("make", [lambda: ConfigError("x"), lambda: InvalidRequestError("x", param="a[0]")])
def test_made_by_hand(make: Callable[[], TwinwireError]) -> None:
    """Errors of a user's own making as well."""
    error = make()
    error.__cause__ = OSError("below")

    assert facts_of(pickle.loads(pickle.dumps(error))) == facts_of(error)  # noqa: S301  # our own
