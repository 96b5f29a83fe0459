"""Runs checks, each as a process of its own against a server in another."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from attrs import frozen

from tests.processes.answers import answer
from tests.processes.control import Control
from twinwire.testing import LoopbackProvider

if TYPE_CHECKING:
    from types import TracebackType

    from tests.processes.check import Mode, Variant

ROOT = Path(__file__).parents[2]
_FLAGS: dict[Mode, tuple[str, ...]] = {"strict": ("-W", "error", "-O"), "plain": ("-W", "error")}


@frozen(kw_only=True)
class Outcome:
    """What came of a check: nothing to complain of, or what was wrong."""

    variant: Variant
    seconds: float
    complaints: tuple[str, ...]


class Worker:
    """A server and a folder; runs one program at a time."""

    def __init__(self) -> None:
        self._server = LoopbackProvider(process=True, default=answer)
        self._control = Control(self._server)
        self._folder = tempfile.TemporaryDirectory(prefix="processes-")

    def __enter__(self) -> Self:
        self._server.start()
        self._control.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._control.__exit__(kind, error, traceback)
        self._server.close()
        self._folder.cleanup()

    def run(self, variant: Variant) -> Outcome:
        """Run one and judge it."""
        check = variant.check
        self._server.clear()
        self._control.begin()
        path = Path(self._folder.name) / f"{check.name.replace(' ', '_')}.py"
        path.write_text(check.program(variant.flavour), encoding="utf-8")
        began = time.monotonic()
        complaints: list[str] = []
        child = subprocess.Popen(
            [sys.executable, *_FLAGS[variant.mode], *check.flags, str(path)],
            cwd=self._folder.name,
            env=self._environment(variant),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            printed, errors = child.communicate(timeout=check.limit_seconds)
        except subprocess.TimeoutExpired:
            complaints.append(f"not over within {check.limit_seconds:g} s")
            _signal_group(child.pid, signal.SIGUSR1)  # the programs say where they are
            time.sleep(1)
            _signal_group(child.pid, signal.SIGKILL)
            printed, errors = child.communicate()
        else:
            _signal_group(child.pid, signal.SIGKILL)  # what it may have left behind
            if child.returncode != check.status:
                complaints.append(f"exit status {child.returncode}, not {check.status}")
        if printed != check.prints:
            complaints.append(f"printed {printed!r}, not {check.prints!r}")
        if errors:
            complaints.append(f"on stderr:\n{errors.rstrip()}")
        complaints.extend(self._server_complaints(variant))
        return Outcome(variant=variant, seconds=time.monotonic() - began, complaints=tuple(complaints))

    def _environment(self, variant: Variant) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment.update(
            PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            CHECK_FLAVOUR=variant.flavour,
            CHECK_URL=self._server.base_url,
            CHECK_CONTROL=str(self._control.port),
        )
        if variant.mode == "strict":
            environment["PYTHONDEVMODE"] = "1"
        return environment | variant.check.env

    def _server_complaints(self, variant: Variant) -> list[str]:
        complaints: list[str] = []
        try:
            self._server.wait_for(lambda: self._server.open_connections == 0)
        except TimeoutError as error:
            complaints.append(f"connections are open after its end: {error}")
        wanted, got = variant.check.requests, len(self._server.requests)
        if wanted is not None and got != wanted:
            complaints.append(f"the server saw {got} requests, not {wanted}")
        return complaints


def _signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a program and all that it started: it leads a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
