"""
Runs a server in a process of its own, so that it shares neither the interpreter lock nor sockets with its user.

The child is `python -m twinwire.testing --controlled`; it obeys commands on its standard input and answers on its standard
output. It ends when its input does, so it never outlives its user.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from decimal import Decimal
from typing import TYPE_CHECKING

from twinwire.errors import ConfigError
from twinwire.testing.pipes import Command, Raised, receive, send

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeGuard

    from twinwire.testing.answers import Answer
    from twinwire.testing.greetings import Greeting
    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.service import Settings
    from twinwire.testing.spending import Charge

_WAIT_SLICE_SECONDS = 0.1
"""How long one command may wait in the child: other threads' commands use the same pipe."""


class ProcessHost:
    """A server in a child process; it listens as soon as this exists."""

    def __init__(self, settings: Settings, port: int) -> None:
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._child: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "twinwire.testing", "--controlled"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Functions in the user's modules must be importable there too.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        try:
            self.port = _integer(self.ask("start", settings, port))
            self.service = RemoteService(self, settings.default)
        except BaseException:
            self.close()
            raise

    def ask(self, command: str, *arguments: object) -> object:
        """Have the child perform *command* → its result; what it raised is raised here."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        with self._lock:
            try:
                send(self._child.stdin, Command(command, arguments))
            except (pickle.PicklingError, AttributeError, TypeError) as error:
                raise ConfigError(f"what goes to a provider in its own process must be importable: {error}") from error
            result = receive(self._child.stdout)
        if isinstance(result, Raised):
            raise result.error
        return result

    def close(self) -> None:
        """End the child and wait for it. A forked child of the user's leaves it alone."""
        if os.getpid() == self._pid:
            with self._child:
                if self._child.stdin is not None:
                    self._child.stdin.close()


class RemoteService:
    """`Service`, in the child."""

    def __init__(self, host: ProcessHost, default: Answer) -> None:
        self._host = host
        self._default = default
        self.prefix = str(host.ask("prefix"))

    def script(self, answers: Sequence[Answer]) -> None:
        """Queue *answers*."""
        self._host.ask("script", tuple(answers))

    def greet(self, greetings: Sequence[Greeting]) -> None:
        """Queue *greetings*."""
        self._host.ask("greet", tuple(greetings))

    def set_default(self, answer: Answer) -> None:
        """Answer so when nothing is scripted."""
        self._host.ask("set_default", answer)
        self._default = answer

    def default(self) -> Answer:
        """What is answered when nothing is scripted."""
        return self._default

    def clear(self) -> None:
        """Forget the script, the requests and a failure."""
        self._host.ask("clear")

    def requests(self) -> tuple[RecordedRequest, ...]:
        """What was asked, in order."""
        requests = self._host.ask("requests")
        assert _are_requests(requests)
        return requests

    def connections(self) -> int:
        """Connections accepted so far."""
        return _integer(self._host.ask("connections"))

    def open_connections(self) -> int:
        """Connections open now."""
        return _integer(self._host.ask("open_connections"))

    def remaining(self) -> int:
        """Scripted answers not yet played."""
        return _integer(self._host.ask("remaining"))

    def failure(self) -> Exception | None:
        """What the first function of the user's raised, if one did."""
        failure = self._host.ask("failure")
        return failure if isinstance(failure, Exception) else None

    def revoke(self, keys: Sequence[str]) -> None:
        """Accept these keys no more."""
        self._host.ask("revoke", tuple(keys))

    def counts(self) -> tuple[int, int]:
        """How many calls the rate limits let through, and how many they refused."""
        counts = self._host.ask("counts")
        assert _are_counts(counts)
        return counts

    def spending(self) -> tuple[Mapping[str, Decimal], Sequence[Charge]]:
        """What each key has spent, and the last charges."""
        spending = self._host.ask("spending")
        assert _is_spending(spending)
        return spending

    def spent_usd(self) -> Decimal:
        """What all keys have spent."""
        spent = self._host.ask("spent_usd")
        assert isinstance(spent, Decimal)
        return spent

    def changes(self) -> int:
        """A number that grows with everything that happens."""
        return _integer(self._host.ask("changes"))

    def wait_for_change(self, since: int, timeout: float) -> int:
        """Wait until something happened after *since*, but no longer than a slice of *timeout* → changes now."""
        return _integer(self._host.ask("wait_for_change", since, min(timeout, _WAIT_SLICE_SECONDS)))


def _integer(value: object) -> int:
    assert isinstance(value, int), f"the server's process answered with {type(value).__name__}"
    return value


def _are_requests(value: object) -> TypeGuard[tuple[RecordedRequest, ...]]:
    return isinstance(value, tuple)


def _are_counts(value: object) -> TypeGuard[tuple[int, int]]:
    return isinstance(value, tuple)


def _is_spending(value: object) -> TypeGuard[tuple[Mapping[str, Decimal], Sequence[Charge]]]:
    return isinstance(value, tuple)
