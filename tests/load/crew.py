"""
Processes that work at the same time: each says when it is ready, begins when all are, and prints what came of it.

Only their own handles are used to end them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

ROOT = Path(__file__).parents[2]
_READY = "ready"
_END_SECONDS = 60.0


def work(warm_up: Callable[[], None], task: Callable[[Mapping[str, object]], object]) -> None:
    """
    What a process does: take its settings from the command line, *warm_up*, wait for the others, do *task*, print its result.

    Much is loaded on the first call, which several processes at once take seconds for.
    """
    settings: dict[str, object] = json.loads(sys.argv[1])
    warm_up()
    print(_READY, flush=True)
    sys.stdin.readline()
    print(json.dumps(task(settings)), flush=True)


class Crew:
    """So many processes of one module of this package, each with its settings."""

    def __init__(self, module: str, settings: Sequence[Mapping[str, object]]) -> None:
        self._module = module
        self._settings = settings
        self.members: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        for settings in self._settings:
            self.members.append(
                subprocess.Popen(
                    [sys.executable, "-m", f"tests.load.{self._module}", json.dumps(settings)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        for member in self.members:
            assert member.stdout is not None
            said = member.stdout.readline().strip()
            assert said == _READY, f"{self._module} did not start: {said!r}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for member in self.members:
            if member.poll() is None:
                member.kill()
        for member in self.members:
            member.communicate()

    def go(self) -> None:
        """Let all of them begin."""
        for member in self.members:
            assert member.stdin is not None
            member.stdin.write("\n")
            member.stdin.flush()

    def results(self) -> list[dict[str, object]]:
        """
        Wait for their ends → what each came to; one that was killed has none.

        Raises:
            RuntimeError: one failed by itself.
        """
        found: list[dict[str, object]] = []
        for member in self.members:
            printed, _ = member.communicate(timeout=_END_SECONDS)
            if member.returncode == 0:
                found.append(json.loads(printed))
            elif member.returncode > 0:
                raise RuntimeError(f"a process of {self._module} ended with {member.returncode}: {printed[-500:]}")
        return found
