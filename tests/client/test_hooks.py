"""Code of the user's that raises: neither the answer nor the connection is lost by it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from tests.client.cases import Case, create, done, drained, following, inside, items, result, stream
from twinwire import APIStatusError, Pool
from twinwire.testing import AfterEvents, LoopbackProvider, Reply, Stall, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE = Pool(max_connections=1)


class Broken(logging.Handler):
    """A handler that raises, past the handling of `logging` itself."""

    def handle(self, record: logging.LogRecord) -> bool:
        raise OSError(f"the disk is full: {record.name}")


def broken_filter(record: logging.LogRecord) -> bool:
    """A filter that raises."""
    raise OSError(f"the disk is full: {record.name}")


@pytest.fixture(params=["handler", "filter"])
def broken_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """The logger of the package with a handler or filter that raises."""
    logger = logging.getLogger("twinwire")
    handler = Broken()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    if request.param == "handler":
        logger.addHandler(handler)
    else:
        logger.addFilter(broken_filter)
    yield
    logger.removeHandler(handler)
    logger.removeFilter(broken_filter)
    logger.setLevel(level)


@pytest.mark.usefixtures("broken_log")
async def test_a_log_that_cannot_be_written(
    case: Case, server: LoopbackProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer, or the error of the call, comes all the same; the trouble is told on standard error."""
    async with case.client(server, pool=ONE) as client:
        assert (await create(client, case)).text
        assert await items(await create(client, case, stream=True))
        assert (await result(client, case)).text
        server.script(Status(400), Status(400))
        for attempt in (lambda: create(client, case), lambda: drained(stream(client, case))):
            with pytest.raises(APIStatusError):
                await attempt()
        assert (await create(client, case)).text

    assert server.connections == 1
    assert "the disk is full" in capsys.readouterr().err


async def test_a_key_function_that_fails_now_and_then(case: Case, server: LoopbackProvider) -> None:
    """Its error comes out as it is, also on a later attempt, and what was open has gone back."""
    answers: list[Any] = ["first-key", LookupError("no"), LookupError("no"), "second-key"]

    def key() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    server.script(Status(500))
    async with case.client(server, api_key=key, pool=ONE) as client:
        for attempt in (lambda: create(client, case), lambda: drained(stream(client, case))):
            with pytest.raises(LookupError, match="no"):
                await attempt()
        assert (await create(client, case)).text
        stats = client.pool.stats()

    assert (stats.open, stats.idle, stats.waiting) == (1, 1, 0)
    assert [request.headers["authorization"] for request in server.requests] == [
        "Bearer first-key",
        "Bearer second-key",
    ]


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("event", ["request", "response"])
async def test_event_hooks(case: Case, server: LoopbackProvider, library: Any, event: str) -> None:
    """A hook of a client that was handed in stops the call with its own error; the connection is free for the next."""
    raises = [True, True]

    def hook(_: object) -> None:
        if raises and raises.pop():
            raise OSError("the hook is broken")

    async def awaited_hook(argument: object) -> None:
        hook(argument)

    make = library.AsyncClient if case.is_awaited else library.Client
    limits = library.Limits(max_connections=1)
    hooks = {event: [awaited_hook if case.is_awaited else hook]}
    injected = make(trust_env=False, limits=limits, event_hooks=hooks)
    async with case.client(server, http_client=injected, timeout=2) as client:
        for attempt in (lambda: create(client, case), lambda: drained(stream(client, case))):
            with pytest.raises(OSError, match="the hook is broken"):
                await attempt()
        assert (await create(client, case)).text
        assert client.pool.stats().open == 0
    await done(injected.aclose() if case.is_awaited else injected.close())


class Own(BaseException):
    """What a user's code raises."""


@pytest.mark.parametrize("how", ["chunks", "chunks-in-a-block", "events"])
async def test_the_body_of_a_loop(case: Case, server: LoopbackProvider, how: str) -> None:
    """An exception of the user's leaves the loop as it is, and the place in the pool is free for the next call."""
    server.script(Reply("one two three", faults=[Stall(at=AfterEvents(3))]))

    async def loop(opened: Any) -> None:
        async for _ in following(opened):
            raise Own

    async def in_a_block(manager: Any) -> None:
        async with inside(manager) as entered:
            await loop(entered)

    async with case.in_time(), case.client(server, pool=ONE, timeout=3) as client:
        opened = stream(client, case) if how == "events" else await create(client, case, stream=True)
        with pytest.raises(Own):
            await (loop(opened) if how == "chunks" else in_a_block(opened))
        if how == "chunks":
            await done(opened.close())
        server.wait_for(lambda: server.open_connections == 0)
        assert (await create(client, case)).text
