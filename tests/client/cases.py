"""
The one list that tests of a client run over: both providers, blocking, and awaited on asyncio and on trio.

A test is a coroutine that takes every answer through `done()` and every stream through `following()`. With a blocking client
nothing in it ever suspends, so it runs without an event loop, as a user's script does. Where providers differ, the difference
is a field of the row.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import trio
from attrs import evolve, frozen

from twinwire import AsyncOpenAI, AsyncOpenRouter, OpenAI, OpenRouter, Retry
from twinwire.testing import LoopbackProvider

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

T = TypeVar("T")

KEY = "sk-test-0123456789abcdef"
USER = {"role": "user", "content": "one two three"}
QUICK = Retry(base_seconds=0.001, throttled_base_seconds=0.001)
"""Retries without waits that anybody would notice; what a server asks for is still obeyed."""

Flavour = Literal["blocking", "asyncio", "trio"]
TransportName = Literal["default", "httpx", "httpx2"]


@frozen(kw_only=True)
class Case:
    """One provider through one flavour of its client."""

    provider: Literal["openai", "openrouter"]
    flavour: Flavour = "blocking"
    transport: TransportName = "default"
    blocking_class: Callable[..., Any]
    awaited_class: Callable[..., Any]
    model: str
    prefix: str
    """The path of the API below its origin."""
    home_url: str
    key_variable: str
    url_variable: str | None = None
    asks_for_usage: bool
    """Whether a stream adds `stream_options.include_usage` unasked."""
    reports_cost: bool
    request_ids: str
    """How the loopback provider numbers its request ids, a format for the number."""
    reasoning_field: str
    """Where a message has its reasoning."""
    request_id_on_errors: bool
    """Whether error replies have a request id."""

    def __str__(self) -> str:
        return f"{self.provider}-{self.flavour}"

    @property
    def is_awaited(self) -> bool:
        """Whether the client is an async one."""
        return self.flavour != "blocking"

    @property
    def client_class(self) -> Callable[..., Any]:
        """The class of the client."""
        return self.awaited_class if self.is_awaited else self.blocking_class

    def server(self, **options: Any) -> LoopbackProvider:
        """A server that speaks as the provider does, not started."""
        return LoopbackProvider(dialect=self.provider, **options)

    @asynccontextmanager
    async def client(self, server: LoopbackProvider | None = None, **options: Any) -> AsyncGenerator[Any]:
        """A client of *server*, closed at the end."""
        given: dict[str, Any] = {"api_key": KEY, "retry": QUICK}
        if server is not None:
            given["base_url"] = server.base_url
        given.update(options)
        if "max_retries" in options:
            del given["retry"]
        async with self._http_client(given):
            client = self.client_class(**given)
            try:
                yield client
            finally:
                await done(client.close())

    @asynccontextmanager
    async def _http_client(self, options: dict[str, Any]) -> AsyncGenerator[None]:
        """Put an injected client among the options, where the run is about those."""
        if self.transport == "default" or {"transport", "http_client", "pool"} & options.keys():
            yield
            return
        if self.transport == "httpx":
            import httpx as library
        else:
            import httpx2 as library  # type: ignore[no-redef]  # the same names, in turn
        if self.is_awaited:
            async with library.AsyncClient(trust_env=False) as injected:
                options["http_client"] = injected
                yield
        else:
            with library.Client(trust_env=False) as blocking:
                options["http_client"] = blocking
                yield

    def run(self, scenario: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a test's body as this flavour runs."""
        if self.flavour == "trio":
            return trio.run(scenario)
        if self.flavour == "asyncio":
            return asyncio.run(scenario())
        return run_plain(scenario())

    @asynccontextmanager
    async def in_time(self, seconds: float = 5.0) -> AsyncGenerator[None]:
        """Fail if the block takes longer; the bound is generous, for a busy machine."""
        began = time.monotonic()
        yield
        took = time.monotonic() - began

        assert took < seconds, f"took {took:.2f} s, which should be under {seconds} s"


OPENAI = Case(
    provider="openai",
    blocking_class=OpenAI,
    awaited_class=AsyncOpenAI,
    model="gpt-4o-mini",
    prefix="/v1",
    home_url="https://api.openai.com/v1",
    key_variable="OPENAI_API_KEY",
    url_variable="OPENAI_BASE_URL",
    asks_for_usage=True,
    reports_cost=False,
    request_ids="req_{:06}",
    reasoning_field="reasoning_content",
    request_id_on_errors=True,
)
OPENROUTER = Case(
    provider="openrouter",
    blocking_class=OpenRouter,
    awaited_class=AsyncOpenRouter,
    model="openai/gpt-4o-mini",
    prefix="/api/v1",
    home_url="https://openrouter.ai/api/v1",
    key_variable="OPENROUTER_API_KEY",
    asks_for_usage=False,
    reports_cost=True,
    request_ids="gen-1700000000-{:06}",
    reasoning_field="reasoning",
    request_id_on_errors=False,
)

FLAVOURS: tuple[Flavour, ...] = ("blocking", "asyncio", "trio")
CASES = [evolve(row, flavour=flavour) for row in (OPENAI, OPENROUTER) for flavour in FLAVOURS]

AWAITED = [case for case in CASES if case.is_awaited]
BLOCKING = [case for case in CASES if not case.is_awaited]
WITHOUT_TRIO = [case for case in CASES if case.flavour != "trio"]
"""For tests that take their time; what they test does not depend on the event loop."""


async def done(value: Any) -> Any:
    """What a method returns, awaited where the flavour awaits."""
    return await value if isawaitable(value) else value


class following:  # noqa: N801  # it reads as the verb of a loop
    """Iterates a stream of either flavour."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        if hasattr(self._stream, "__anext__"):
            return await self._stream.__anext__()
        try:
            return next(self._stream)
        except StopIteration:
            raise StopAsyncIteration from None


@asynccontextmanager
async def inside(manager: Any) -> AsyncGenerator[Any]:
    """Enter a stream or client of either flavour."""
    if hasattr(manager, "__aenter__"):
        async with manager as entered:
            yield entered
    else:
        with manager as entered:
            yield entered


async def texts_into(texts: list[str], stream: Any) -> None:
    """Add the text of each item to *texts*, which hold what came before an error."""
    async for item in following(stream):
        texts.append(item.text)  # noqa: PERF401  # one by one: an error ends it halfway


async def drained(stream: Any) -> list[Any]:
    """Everything that a stream yields, read in a block."""
    async with inside(stream) as entered:
        return await items(entered)


async def items(stream: Any) -> list[Any]:
    """Everything that a stream yields."""
    return [item async for item in following(stream)]


def run_plain(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in which nothing suspends, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as finished:
        value: T = finished.value
        return value
    coroutine.close()
    raise AssertionError("a blocking client's test waited for an event loop")


async def create(client: Any, case: Case, **arguments: Any) -> Any:
    """A chat call with the usual model and message, unless *arguments* say otherwise."""
    return await done(client.chat.completions.create(**{"model": case.model, "messages": [USER], **arguments}))


def stream(client: Any, case: Case, **arguments: Any) -> Any:
    """A stream of events for the usual model and message."""
    return client.chat.completions.stream(**{"model": case.model, "messages": [USER], **arguments})


async def result(client: Any, case: Case, **arguments: Any) -> Any:
    """The result of a stream of events, read in a block."""
    async with inside(stream(client, case, **arguments)) as opened:
        return await done(opened.result())
