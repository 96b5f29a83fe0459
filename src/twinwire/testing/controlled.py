"""The child's half of a loopback provider in a process of its own."""

from __future__ import annotations

import signal
import sys
from typing import IO

from twinwire.testing.pipes import Command, Raised, receive, send
from twinwire.testing.service import Settings
from twinwire.testing.thread_host import ThreadHost


def main() -> None:
    """Obey standard input until it ends."""
    # Ctrl-C reaches the whole process group; the user's process decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # so that a print in a user's function does not end up among the answers
    obey(sys.stdin.buffer, answers)


def obey(commands: IO[bytes], answers: IO[bytes]) -> None:
    """Perform commands until there are no more, then end the server."""
    host: ThreadHost | None = None
    try:
        while True:
            try:
                command = receive(commands)
                match command:
                    case Command("start", (Settings() as settings, int(port))):
                        host = ThreadHost(settings, port)
                        result: object = host.port
                    case Command(name, arguments) if host is not None:
                        member: object = getattr(host.service, name)
                        result = member(*arguments) if callable(member) else member
                    case _:
                        raise ValueError("the server has not been started")
            except EOFError:
                return
            except Exception as error:  # noqa: BLE001  # raised again in the user's process
                result = Raised(error)
            _answer(answers, result)
    finally:
        if host is not None:
            host.close()


def _answer(answers: IO[bytes], result: object) -> None:
    try:
        send(answers, result)
    except Exception:  # noqa: BLE001  # an exception of the user's that cannot be pickled: say what it said
        error = result.error if isinstance(result, Raised) else result
        send(answers, RuntimeError(f"{type(error).__name__}: {error}"))
