"""A loopback provider in a process of its own, and as a command."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from tests.testing.rawclient import HELLO, ask
from twinwire.errors import ConfigError
from twinwire.testing import LoopbackProvider, RecordedRequest, Reply
from twinwire.testing.__main__ import main
from twinwire.testing.controlled import obey
from twinwire.testing.pipes import Command, Raised, receive, send
from twinwire.testing.service import Settings


def by_model(request: RecordedRequest) -> Reply:
    """Importable, so another process can call it."""
    return Reply(str(request.json["model"]))


def failing(_: RecordedRequest) -> Reply:
    """Importable, and wrong."""
    raise LookupError("mine")


def test_same_as_in_a_thread() -> None:
    """Everything that a server in a thread does, one in a process does too."""
    with LoopbackProvider(process=True, dialect="openrouter") as server:
        assert server.base_url == f"http://127.0.0.1:{server.port}/api/v1"
        server.script(Reply("Scripted"), by_model)
        server.default = Reply("Default")

        assert server.remaining == 2
        assert server.default == Reply("Default")
        assert [text in ask(server) for text in (b'"Scripted"', b'"m"', b'"Default"')] == [True] * 3
        server.wait_for(lambda: server.open_connections == 0)
        assert server.connections == 3
        assert [request.json for request in server.requests] == [HELLO] * 3
        with pytest.raises(TimeoutError):
            server.wait_for(lambda: False, timeout=0.15)
        server.clear()
        assert server.requests == ()


def test_function_that_raises_over_there() -> None:
    """Its exception reaches the user's process."""
    with pytest.raises(LookupError, match="mine"), LoopbackProvider(process=True, default=failing) as server:
        ask(server)


def test_port_in_use_over_there() -> None:
    """A server that cannot listen says so in the user's process."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
        LoopbackProvider(process=True, port=taken.getsockname()[1]),
    ):
        pass


def test_function_that_cannot_be_sent() -> None:
    """A local function is refused before anything is sent, and the server goes on."""
    with LoopbackProvider(process=True) as server:
        with pytest.raises(ConfigError, match="importable"):
            server.script(lambda _: Reply())

        assert b"One two three" in ask(server)


def test_pipe_that_ends() -> None:
    """Half a value and none are both the end."""
    pipe = io.BytesIO()
    send(pipe, "whole")
    half = io.BytesIO(pipe.getvalue()[:-1])

    assert receive(io.BytesIO(pipe.getvalue())) == "whole"
    with pytest.raises(EOFError):
        receive(half)
    with pytest.raises(EOFError):
        receive(io.BytesIO())


class Stubborn(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self) -> str:
        raise TypeError("no")


def stubborn(_: RecordedRequest) -> Reply:
    """Raises what cannot be pickled."""
    raise Stubborn("words")


def obeyed(*commands: Command) -> list[object]:
    """What the child's half answers to *commands*, in this process."""
    requests, answers = io.BytesIO(), io.BytesIO()
    for command in commands:
        send(requests, command)
    requests.seek(0)
    obey(requests, answers)
    answers.seek(0)
    return [receive(answers) for _ in commands]


def test_child_obeys() -> None:
    """Commands are methods and attributes of the server's state; a wrong one is raised by the asker."""
    started, prefix, count, unknown = obeyed(
        Command("start", (Settings(), 0)), Command("prefix"), Command("connections"), Command("nothing")
    )

    assert isinstance(started, int)
    assert (prefix, count) == ("/v1", 0)
    assert isinstance(unknown, Raised)
    assert isinstance(unknown.error, AttributeError)


def test_child_before_the_start() -> None:
    """Nothing can be asked of a server that does not run."""
    (answer,) = obeyed(Command("prefix"))

    assert isinstance(answer, Raised)


def test_exception_that_cannot_be_pickled() -> None:
    """What it said arrives nevertheless."""
    with (
        pytest.raises(RuntimeError, match="Stubborn: words"),
        LoopbackProvider(process=True, default=stubborn) as server,
    ):
        ask(server)


def test_command_prints_its_url_and_ends_with_ctrl_c() -> None:
    """It runs until Ctrl-C, prints one line and nothing else, and ends with 130."""
    with subprocess.Popen(
        [sys.executable, "-m", "twinwire.testing", "--dialect", "openrouter", "--api-key", "k"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        status = httpx.get(f"{url}/models").status_code
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=10)

    assert url.endswith("/api/v1")
    assert (status, process.returncode, rest) == (401, 130, ("", ""))


def test_command_on_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    """One clear line, and a failure."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["--port", str(port)]) == 1
    assert capsys.readouterr().err.startswith(f"cannot listen on port {port}: Address already in use")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings(
    "ignore:.*multi-threaded.*fork:DeprecationWarning"
)  # Python 3.12 warns; here it is the point
@pytest.mark.parametrize("process", [False, True])
def test_forked_child_may_leave(process: bool) -> None:
    """A child that was forked inside the block closes nothing of its parent's."""
    with LoopbackProvider(process=process) as server:
        child = os.fork()
        if child == 0:
            server.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0

        assert b"One two three" in ask(server)


def test_command_with_a_port_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """A number that is no port is refused in a sentence."""
    with pytest.raises(SystemExit) as ended:
        main(["--port", "80000"])

    assert ended.value.code == 2
    assert "error: port is a number from 0, which is any free one, to 65535, got 80000" in capsys.readouterr().err
