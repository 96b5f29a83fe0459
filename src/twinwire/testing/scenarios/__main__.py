"""`python -m twinwire.testing.scenarios` plays every scenario and prints how many of how many held."""

from __future__ import annotations

import argparse
import faulthandler
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

from twinwire.testing.scenarios.player import Setting
from twinwire.testing.scenarios.runner import Verdict, play_all
from twinwire.testing.scenarios.scenario import Topic
from twinwire.testing.scenarios.topics import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable

HANGING_SECONDS = 120.0
"""Without any play that ends for so long, where every thread stands is printed, and the run ends."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m twinwire.testing.scenarios", description=__doc__)
    parser.add_argument("-k", dest="words", default="", help="only those whose name holds this")
    parser.add_argument("--topic", choices=get_args(Topic))
    parser.add_argument("--flavour", choices=("sync", "async"))
    parser.add_argument("--transport", choices=("default", "httpx", "httpx2"), default="default")
    parser.add_argument("--client", metavar="MODULE:FUNCTION", help="makes the clients: f(class_name, **options)")
    parser.add_argument("--jobs", type=int, default=8, help="plays at a time (default: 8)")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for every play, with its figures")
    options = parser.parse_args(arguments)
    chosen = [
        scenario for scenario in SCENARIOS if options.words in scenario.name and options.topic in (None, scenario.topic)
    ]
    if options.list:
        sys.stdout.writelines(f"{scenario.name}: {scenario.about}\n" for scenario in chosen)
        return 0

    def tell(verdict: Verdict) -> None:
        _watch()
        if verdict.problems or options.verbose:
            weight = "" if verdict.peak_bytes is None else f", {verdict.peak_bytes / 1e6:.1f} MB"
            sys.stdout.write(f"{'FAILED' if verdict.problems else 'held'} {verdict}: {verdict.seconds:.2f} s{weight}\n")
            sys.stdout.writelines(f"    {problem}\n" for problem in verdict.problems)

    _watch()
    report = play_all(
        chosen,
        setting=Setting(transport=options.transport, make=_maker(options.client)),
        flavours=(options.flavour,) if options.flavour else ("sync", "async"),
        jobs=options.jobs,
        tell=tell,
    )
    faulthandler.cancel_dump_traceback_later()
    name = "" if options.transport == "default" else f" on {options.transport}"
    sys.stdout.write(f"{report}{name}\n")
    return 1 if report.failed or not report.verdicts else 0


def _watch() -> None:
    """Begin to count anew."""
    if sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(HANGING_SECONDS, exit=True, file=sys.__stderr__)


def _maker(reference: str | None) -> Callable[..., Any] | None:
    if reference is None:
        return None
    module, _, name = reference.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


if __name__ == "__main__":
    sys.exit(main())
