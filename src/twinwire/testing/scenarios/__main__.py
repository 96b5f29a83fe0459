"""`python -m twinwire.testing.scenarios` plays every scenario and prints how many of how many held."""

from __future__ import annotations

import argparse
import faulthandler
import sys
from fnmatch import fnmatchcase
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, get_args

from twinwire.testing.scenarios.outcome import Flavour
from twinwire.testing.scenarios.player import Setting, TransportName
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
    parser.add_argument(
        "-k",
        dest="words",
        action="append",
        metavar="NAME",
        help="only those whose name holds this, or is this where it has a *; may be given several times",
    )
    parser.add_argument("--topic", choices=get_args(Topic), help="only those of one topic")
    parser.add_argument("--flavour", choices=get_args(Flavour), help="only the blocking or only the async client")
    parser.add_argument(
        "--transport",
        choices=get_args(TransportName),
        default="default",
        help="on another HTTP library, which plays the scenarios that promise something there",
    )
    parser.add_argument(
        "--client", type=_maker, metavar="MODULE:FUNCTION", help="makes the clients: f(class_name, **options)"
    )
    parser.add_argument("--jobs", type=_positive, default=8, help="plays at a time (default: 8)")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="what each scenario is, and what each play of it came to"
    )
    options = parser.parse_args(arguments)
    chosen = [
        scenario
        for scenario in SCENARIOS
        if _is_named(scenario.name, options.words) and options.topic in (None, scenario.topic)
    ]
    if not chosen:
        parser.error("there is no such scenario; --list says what there is")
    if options.list:
        sys.stdout.writelines(f"{scenario.name}: {scenario.about}\n" for scenario in chosen)
        return 0

    if options.transport != "default" and find_spec(options.transport) is None:
        parser.error(f"--transport {options.transport} needs it: pip install {options.transport}")
    if not any(
        (options.transport == "default" or scenario.injected) and options.flavour in (None, *scenario.flavours)
        for scenario in chosen
    ):
        parser.error("none of these scenarios is played with this --transport and --flavour")
    told: set[str] = set()

    def tell(verdict: Verdict) -> None:
        _watch()
        if verdict.problems or options.verbose:
            scenario = verdict.scenario
            if scenario.name not in told:
                told.add(scenario.name)
                sys.stdout.write(f"{scenario.name}: {scenario.about}\n")
            weight = "" if verdict.peak_bytes is None else f", {verdict.peak_bytes / 1e6:.1f} MB"
            came = f"; {verdict.figures}" if verdict.figures else ""
            word = "FAILED" if verdict.problems else "held"
            sys.stdout.write(f"  {word} {verdict}: {verdict.seconds:.2f} s{weight}{came}\n")
            sys.stdout.writelines(f"      {problem}\n" for problem in verdict.problems)

    _watch()
    report = play_all(
        chosen,
        setting=Setting(transport=options.transport, make=options.client),
        flavours=(options.flavour,) if options.flavour else ("sync", "async"),
        jobs=options.jobs,
        tell=tell,
    )
    faulthandler.cancel_dump_traceback_later()
    name = "" if options.transport == "default" else f" on {options.transport}"
    sys.stdout.write(f"{report}{name}\n")
    return 1 if report.failed else 0


def _watch() -> None:
    """Begin to count anew."""
    if sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(HANGING_SECONDS, exit=True, file=sys.__stderr__)


def _is_named(name: str, words: list[str] | None) -> bool:
    return words is None or any(fnmatchcase(name, word) if "*" in word else word in name for word in words)


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, at least 1, got {text!r}")
    return number


def _maker(reference: str) -> Callable[..., Any]:
    module, _, name = reference.partition(":")
    if not module or not name:
        raise argparse.ArgumentTypeError(f"must be MODULE:FUNCTION, got {reference!r}")
    try:
        found: Callable[..., Any] | None = getattr(import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise  # the module was found, and what it imports was not: its own traceback says where
        raise argparse.ArgumentTypeError(
            f"there is no module {module!r} in this folder or among what is installed"
        ) from None
    if not callable(found):
        raise argparse.ArgumentTypeError(f"{module!r} has no function {name!r}")
    return found


if __name__ == "__main__":
    sys.exit(main())
