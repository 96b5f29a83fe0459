"""
A real Redis server for tests: on a free loopback port, with nothing on disk, ended by whoever started it.

Tests take the fixture `redis_url`, which is an empty server of the test's own; commands use `started()`.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

MISSING = "redis-server is not installed (apt-get install redis-server), so nothing is shown about Redis here"
_START_SECONDS = 20.0
_ANSWER_SECONDS = 10.0
_ATTEMPTS = 5
"""Another process may take the port between our look and the server's."""


class RedisMissing(Exception):
    """There is no redis-server on this machine."""


@frozen
class RedisServer:
    """One that runs."""

    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        """What a client takes: `redis://127.0.0.1:<port>/0`."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self, *words: str) -> str:
        """Send one command → the first line of the answer, such as `+OK` or `:3`."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_ANSWER_SECONDS) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            with connection.makefile("rb") as answer:
                return answer.readline().decode().rstrip()

    def clear(self) -> None:
        """Forget all data."""
        assert self.command("FLUSHALL") == "+OK"

    def stop(self) -> None:
        """End it at once, as when its machine fails; its data is gone."""
        self.process.kill()
        self.process.wait()

    def is_ready(self) -> bool:
        """Whether it answers: itself, and not another that has the port."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=_ANSWER_SECONDS) as connection:
                connection.sendall(b"INFO server\r\nQUIT\r\n")
                with connection.makefile("rb") as answer:
                    return f"process_id:{self.process.pid}\r\n".encode() in answer.read()
        except OSError:
            return False


def is_installed() -> bool:
    """Whether a server can be started here."""
    return shutil.which("redis-server") is not None


@contextmanager
def started(
    port: int = 0, *, save: Literal["nothing", "always"] = "nothing", options: Mapping[str, str] | None = None
) -> Generator[RedisServer]:
    """
    Run a server, on any free port or on *port*; it is ended with the block.

    *save* "always" writes each command to a file of its folder before it answers, so that it is slower. *options* are the server's own
    (`{"--tls-port": "…"}`).

    Raises:
        RedisMissing: none is installed.
        RuntimeError: it did not start.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise RedisMissing(MISSING)
    with TemporaryDirectory(prefix="twinwire-redis-") as folder:
        server = _start(program, port, folder, save, options or {})
        try:
            yield server
        finally:
            server.stop()


def _start(
    program: str, port: int, folder: str, save: Literal["nothing", "always"], more: Mapping[str, str]
) -> RedisServer:
    log = Path(folder) / "log.txt"
    for _ in range(1 if port else _ATTEMPTS):
        chosen = port or free_port()
        options = {
            "--port": str(chosen),
            "--bind": "127.0.0.1",
            "--dir": folder,
            "--save": "",
            "--appendonly": "yes" if save == "always" else "no",
            "--appendfsync": "always" if save == "always" else "no",
            "--logfile": str(log),
            **more,
        }
        process = subprocess.Popen(
            [program, *(word for option in options.items() for word in option)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server = RedisServer(chosen, process)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if server.is_ready():
                return server
            time.sleep(0.01)
        server.stop()
    said = log.read_text("utf-8", "replace") if log.exists() else "it wrote no log"
    raise RuntimeError(f"redis-server did not start: {said[-500:]}")


def free_port() -> int:
    """A port that nobody listens on, a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
