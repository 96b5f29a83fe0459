"""
What the programs of the checks have at hand.

It stands for the user's own code around a client, so it is as small as that can be; judging is done without `assert`, which `-O` takes out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import faulthandler
import gc
import inspect
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from twinwire import APIError, AsyncOpenAI, OpenAI, Pool

if TYPE_CHECKING:
    from collections.abc import Callable

FLAVOUR = os.environ["CHECK_FLAVOUR"]
BASE_URL = os.environ["CHECK_URL"]
CONTROL_PORT = int(os.environ["CHECK_CONTROL"])
IS_BLOCKING = FLAVOUR == "blocking"

# A program that hangs says where, when the runner asks for it. (faulthandler's own timer would hang the exit of a forked child.)
faulthandler.register(signal.SIGUSR1)

# asyncio's debug mode, which PYTHONDEVMODE switches on, complains of a busy machine.
logging.getLogger("asyncio").addFilter(lambda record: "Executing" not in str(record.msg))


def make(**options: Any) -> Any:
    """A client of the flavour that the check runs with."""
    return make_blocking(**options) if IS_BLOCKING else make_awaited(**options)


def make_blocking(**options: Any) -> Any:
    """A blocking client, whatever the flavour."""
    usual: dict[str, Any] = {"api_key": "k", "base_url": BASE_URL, "timeout": 10}
    return OpenAI(**(usual | options))


def make_awaited(**options: Any) -> Any:
    """An async client, whatever the flavour."""
    usual: dict[str, Any] = {"api_key": "k", "base_url": BASE_URL, "timeout": 10}
    return AsyncOpenAI(**(usual | options))


def ask(client: Any, text: object = "hello", model: str = "echo", **options: Any) -> Any:
    """A whole call (to be awaited where the client is)."""
    messages = [{"role": "user", "content": str(text)}]
    return client.chat.completions.create(model=model, messages=messages, **options)


def chunks(client: Any, text: object = "one two three", model: str = "echo", **options: Any) -> Any:
    """A call for a stream of chunks (to be awaited where the client is)."""
    return ask(client, text, model, stream=True, **options)


def events(client: Any, text: object = "one two three", model: str = "echo", **options: Any) -> Any:
    """A stream of events."""
    messages = [{"role": "user", "content": str(text)}]
    return client.chat.completions.stream(model=model, messages=messages, **options)


def run(main: Callable[[], Any]) -> Any:
    """Run *main*: plainly, in asyncio or in trio."""
    if not inspect.iscoroutinefunction(main):
        return main()
    if FLAVOUR == "trio":
        import trio

        return trio.run(main)
    return asyncio.run(main())


def sleep(seconds: float) -> Any:
    """Sleep (to be awaited where the flavour is)."""
    if IS_BLOCKING:
        return time.sleep(seconds)
    return anyio.sleep(seconds)


def same(got: object, wanted: object) -> None:
    """Fail unless they are equal."""
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def fail(words: str) -> None:
    """Fail."""
    raise AssertionError(words)


def seen(question: str = "requests") -> int:
    """How many `requests` the server has seen, how many `connections`, or how many of those are `open`."""
    with socket.create_connection(("127.0.0.1", CONTROL_PORT)) as connection:
        connection.sendall(question.encode())
        return int(json.loads(connection.recv(100)))


def until(holds: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait, blocking, until it holds."""
    limit = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > limit:
            fail(f"not so within {seconds:g} s")
        time.sleep(0.01)


def nothing_open() -> None:
    """Wait until the server has no connection open. It blocks, so nothing else can have helped."""
    until(lambda: seen("open") == 0)


def turns(holds: Callable[[], bool], seconds: float = 8.0) -> Any:
    """Wait until it holds while the loop goes on (to be awaited where the flavour is)."""
    return until(holds, seconds) if IS_BLOCKING else _turns(holds, seconds)


async def _turns(holds: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > limit:
            fail(f"not so within {seconds:g} s")
        await sleep(0.01)


def pool_is(client: Any, *, open: int = 0, waiting: int = 0) -> None:
    """Fail unless the client's pool has so many connections, all of them idle, and so many in the line."""
    stats = client.pool.stats()
    same((stats.open, stats.idle, stats.waiting), (open, open, waiting))


def later(work: Callable[[], Any], *, when: Callable[[], bool] = lambda: True, after: float = 0.05) -> threading.Thread:
    """Do it in a thread, a moment after it holds."""

    def wait_and_work() -> None:
        until(when)
        time.sleep(after)
        work()

    thread = threading.Thread(target=wait_and_work, daemon=True)
    thread.start()
    return thread


def silent_server() -> tuple[str, socket.socket]:
    """A server that takes connections and never reads."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    return f"http://127.0.0.1:{listener.getsockname()[1]}/v1", listener


def full_server() -> tuple[str, list[socket.socket]]:
    """A server that takes no more connections: connecting to it hangs."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    address = listener.getsockname()
    held = [listener]
    for _ in range(4):  # a backlog of 0 takes one or two
        held.append(socket.socket())
        held[-1].setblocking(False)
        held[-1].connect_ex(address)
    time.sleep(0.1)
    return f"http://127.0.0.1:{address[1]}/v1", held


def ctrl_c() -> None:
    """What a terminal does."""
    os.kill(os.getpid(), signal.SIGINT)


def in_child(work: Callable[[], Any]) -> Callable[[], int]:
    """Fork; the child works and exits, with 1 and its error on stderr if it fails. Returns a function that waits for it."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException as error:  # noqa: BLE001  # a child must never return into the program
            sys.excepthook(type(error), error, error.__traceback__)
        finally:
            sys.stderr.flush()
            os._exit(status)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def resident_mb() -> float:
    """How much memory this process has, in MB."""
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


__all__ = [
    "APIError",
    "AsyncOpenAI",
    "BASE_URL",
    "FLAVOUR",
    "IS_BLOCKING",
    "OpenAI",
    "Pool",
    "ask",
    "asyncio",
    "chunks",
    "contextlib",
    "ctrl_c",
    "ctypes",
    "events",
    "fail",
    "full_server",
    "gc",
    "in_child",
    "later",
    "make",
    "make_awaited",
    "make_blocking",
    "nothing_open",
    "os",
    "pool_is",
    "resident_mb",
    "run",
    "same",
    "seen",
    "signal",
    "silent_server",
    "sleep",
    "socket",
    "sys",
    "threading",
    "time",
    "turns",
    "until",
]
