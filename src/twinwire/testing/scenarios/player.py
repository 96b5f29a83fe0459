"""
Plays a scenario: one script for both flavours.

What a consumer does is written once, as a coroutine. With a blocking client nothing in it ever suspends, so it is run without an
event loop, as a script of a user runs; with an async one, by asyncio.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, suppress
from functools import cache
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, evolve

import twinwire
from twinwire.errors import ConfigError
from twinwire.testing.answers import Reply
from twinwire.testing.provider import LoopbackProvider
from twinwire.testing.scenarios.outcome import ConsumerError, Flavour, Outcome, Played
from twinwire.testing.scenarios.ports import Ports
from twinwire.testing.scenarios.scenario import UNIT, Options, Scenario, Stage, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

TransportName = Literal["default", "httpx", "httpx2"]

QUICK = twinwire.Retry(base_seconds=UNIT / 20, throttled_base_seconds=UNIT / 20)
"""Own waits are short; what a server asks for is obeyed."""
PATIENT = twinwire.Timeout.of(15.0)
"""A server that says nothing ends in an error and not in a run that hangs, wherever a scenario says nothing of its own."""
MODELS = {"openai": "gpt-4o-mini", "openrouter": "openai/gpt-4o-mini"}
MESSAGE = {"role": "user", "content": "one two three"}
_CLIENTS = {
    ("openai", "sync"): "OpenAI",
    ("openai", "async"): "AsyncOpenAI",
    ("openrouter", "sync"): "OpenRouter",
    ("openrouter", "async"): "AsyncOpenRouter",
}


@define(kw_only=True)
class Setting:
    """With what scenarios are played, besides what they say themselves."""

    transport: TransportName = "default"
    options: Mapping[str, Any] | None = None
    """Options of every client; a scenario's own win. Some change what comes of a scenario, which then does not hold."""
    make: Callable[..., Any] | None = None
    """Makes the clients: called with the name of twinwire's class and the options."""


def make_server(scenario: Scenario) -> LoopbackProvider:
    """Make the server that *scenario* asks for; it is not started."""
    is_weighed = scenario.expect.peak_bytes is not None
    options: dict[str, Any] = {"dialect": scenario.dialect, "process": is_weighed, **scenario.server_options}
    return LoopbackProvider(**options)


def play(
    scenario: Scenario,
    way: Way,
    flavour: Flavour,
    setting: Setting | None = None,
    server: LoopbackProvider | None = None,
) -> Played:
    """Play *scenario* once, on *server* if there is one already; what was wrong is not judged here."""
    setting = setting or Setting()
    played = Played(
        scenario=scenario,
        way=way,
        flavour=flavour,
        transport=setting.transport,
        key=f"sk-{scenario.name}-{way}-{flavour}",
    )
    run = _run_plain if flavour == "sync" else asyncio.run
    run(_play(played, setting, server))
    return played


async def _play(played: Played, setting: Setting, server: LoopbackProvider | None) -> None:
    scenario, ask = played.scenario, played.scenario.ask
    with ExitStack() as servers:
        if server is None:
            server = servers.enter_context(make_server(scenario))
        other = LoopbackProvider(default=Reply("Somebody else's answer."))
        played.stage = Stage(
            server=server, ports=servers.enter_context(Ports()), start=lambda: servers.enter_context(other)
        )
        async with AsyncExitStack() as stack:
            try:
                played.client = await _client(played, setting, stack)
            except ConfigError as error:
                played.outcomes = [Outcome(error=error)]
                return
            for _ in range(ask.earlier):
                await _done(_plain_call(played))
            if ask.idle_seconds:
                await _pause(played.flavour, ask.idle_seconds)
            server.clear()
            script = scenario.server(played.stage) if callable(scenario.server) else scenario.server
            server.script(*script)
            connections = server.connections
            await _measured(played)
            # What the server wrote down last may come a moment after the answer.
            expected = scenario.expect.requests
            if expected is not None:
                with suppress(TimeoutError):
                    server.wait_for(lambda: len(server.requests) >= expected, timeout=1.0)
            played.requests = server.requests
            played.requests_elsewhere = played.stage.requests_elsewhere
            played.connections = server.connections - connections
            stay_open = scenario.expect.open_connections
            if stay_open is not None:
                with suppress(TimeoutError):
                    server.wait_for(lambda: server.open_connections == stay_open, timeout=2.0)
            played.open_connections = server.open_connections
            for check in scenario.expect.checks:
                problem = check(played)
                if problem:
                    played.problems.append(problem)
            if scenario.usable_after:
                await _use_again(played)
        try:
            server.wait_for(lambda: server.open_connections == 0, timeout=3.0)
        except TimeoutError:
            played.problems.append(f"{server.open_connections} connections stay open after the client was closed")


async def _measured(played: Played) -> None:
    """Make the calls, with clock and memory watched."""
    is_weighed = played.scenario.expect.peak_bytes is not None
    if is_weighed:
        tracemalloc.start()
    began = time.monotonic()
    try:
        played.outcomes = await _together(played)
    finally:
        played.seconds = time.monotonic() - began
        if is_weighed:
            played.peak_bytes = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()


async def _together(played: Played) -> list[Outcome]:
    count = played.scenario.ask.together
    if count == 1:
        return [await _call(played)]
    if played.flavour == "async":
        return list(await asyncio.gather(*(_call(played) for _ in range(count))))
    with ThreadPoolExecutor(count) as threads:
        waiting = [threads.submit(_run_plain, _call(played)) for _ in range(count)]
        return [each.result() for each in waiting]


async def _call(played: Played) -> Outcome:
    outcome = Outcome(began=time.monotonic())
    try:
        await _ask(played, outcome)
    except ConsumerError:
        pass  # the consumer's own, which came back to it as it should
    except Exception as error:  # noqa: BLE001  # the judge looks at it
        outcome.error = error
    outcome.seconds = time.monotonic() - outcome.began
    return outcome


async def _ask(played: Played, outcome: Outcome) -> None:
    chat = played.client.chat.completions
    arguments = _arguments(played)
    match played.way:
        case "create":
            outcome.reply = await _done(chat.create(**arguments))
            outcome.trace = outcome.reply.trace
        case "chunks":
            stream = await _done(chat.create(**arguments, stream=True))
            outcome.trace = stream.trace
            await _consume(stream, played, outcome)
        case "events":
            stream = chat.stream(**arguments)
            left = await _consume(stream, played, outcome)
            outcome.trace = stream.trace
            if not left:
                outcome.reply = await _done(stream.result())
        case "embeddings":
            outcome.reply = await _done(played.client.embeddings.create(**arguments))
            outcome.trace = outcome.reply.trace
        case "models":
            outcome.reply = await _done(played.client.models.list(**_own_arguments(played)))
            outcome.trace = outcome.reply.trace


async def _consume(stream: Any, played: Played, outcome: Outcome) -> bool:
    """Take the items; returns whether the consumer left before the end."""
    left, ask, flavour = False, played.scenario.ask, played.flavour
    async with _Inside(stream) as opened:
        outcome.trace = opened.trace
        async for item in _Following(opened):
            if ask.pause_seconds:
                await _pause(flavour, ask.pause_seconds)
            outcome.items.append(item)
            if ask.leave_after is not None and len(outcome.items) >= ask.leave_after:
                left = True
                if ask.leave == "error":
                    raise ConsumerError
                if ask.leave == "close":
                    await _done(opened.close())
                break
    return left


async def _use_again(played: Played) -> None:
    stage = played.stage
    assert stage is not None
    stage.server.clear()
    try:
        reply = await _done(_plain_call(played))
    except Exception as error:  # noqa: BLE001  # whatever it is, the client cannot be used
        played.problems.append(f"the client cannot be used afterwards: {type(error).__name__}: {error}")
    else:
        if not reply.text:
            played.problems.append("the next call got an empty answer")


def _plain_call(played: Played) -> Any:
    arguments = {"model": MODELS[played.scenario.dialect], "messages": [MESSAGE], "timeout": PATIENT, "deadline": None}
    # The pause that a refusal asked for may be longer than anybody would wait here.
    return played.client.with_options(limits=False).chat.completions.create(**arguments)


def _arguments(played: Played) -> dict[str, Any]:
    model = MODELS[played.scenario.dialect]
    usual: dict[str, Any] = (
        {"model": "text-embedding-3-small", "input": "one two three"}
        if played.way == "embeddings"
        else {"model": model, "messages": [MESSAGE]}
    )
    given = {**usual, **_own_arguments(played)}
    return {name: value for name, value in given.items() if value is not None}


def _own_arguments(played: Played) -> Options:
    arguments = played.scenario.ask.arguments
    return arguments() if callable(arguments) else arguments


async def _client(played: Played, setting: Setting, stack: AsyncExitStack) -> Any:
    stage, own = played.stage, played.scenario.ask.options
    assert stage is not None
    options: dict[str, Any] = {
        "base_url": stage.server.base_url,
        "api_key": played.key,
        "retry": QUICK,
        "timeout": PATIENT,
    }
    _add(options, setting.options or {})
    if setting.transport != "default":
        options["http_client"] = await _injected(setting.transport, played.flavour, stack)
    _add(options, own(stage) if callable(own) else own)
    name = _CLIENTS[played.scenario.dialect, played.flavour]
    client = setting.make(name, **options) if setting.make else getattr(twinwire, name)(**options)
    if played.flavour == "async":
        await stack.enter_async_context(client)
    else:
        stack.enter_context(client)
    return client


def _add(options: dict[str, Any], further: Options) -> None:
    """Add options; `max_retries` goes into `retry`, because a client takes only one of them."""
    options.update({name: value for name, value in further.items() if name != "max_retries"})
    if "max_retries" in further:
        options["retry"] = evolve(options["retry"], max_retries=further["max_retries"])


async def _injected(transport: TransportName, flavour: Flavour, stack: AsyncExitStack) -> Any:
    if transport == "httpx":
        import httpx as library
    else:
        import httpx2 as library  # type: ignore[no-redef]  # the same names, in turn
    context = _context()
    if flavour == "async":
        return await stack.enter_async_context(library.AsyncClient(trust_env=False, verify=context))
    return stack.enter_context(library.Client(trust_env=False, verify=context))


@cache
def _context() -> ssl.SSLContext:
    """One for all: to load the authorities takes longer than most plays."""
    return ssl.create_default_context()


class _Following:
    """Iterates a stream of either flavour."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> _Following:
        return self

    async def __anext__(self) -> Any:
        if hasattr(self._stream, "__anext__"):
            return await self._stream.__anext__()
        try:
            return next(self._stream)
        except StopIteration:
            raise StopAsyncIteration from None


class _Inside:
    """Enters a stream of either flavour."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aenter__(self) -> Any:
        if hasattr(self._stream, "__aenter__"):
            return await self._stream.__aenter__()
        return self._stream.__enter__()

    async def __aexit__(self, *facts: object) -> None:
        if hasattr(self._stream, "__aexit__"):
            await self._stream.__aexit__(*facts)
        else:
            self._stream.__exit__(*facts)


async def _done(value: Any) -> Any:
    return await value if isawaitable(value) else value


async def _pause(flavour: Flavour, seconds: float) -> None:
    if flavour == "async":
        await asyncio.sleep(seconds)
    else:
        time.sleep(seconds)  # noqa: ASYNC251  # the blocking client's consumer, outside of any loop


def _run_plain(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in which nothing suspends, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as finished:
        return finished.value
    coroutine.close()
    raise RuntimeError("a blocking client waited for an event loop")
