"""Plays many scenarios, some at a time, and counts how many held."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from typing import TYPE_CHECKING, get_args

from attrs import define, field

from twinwire.testing.scenarios.figures import figures
from twinwire.testing.scenarios.judge import judge
from twinwire.testing.scenarios.outcome import Flavour
from twinwire.testing.scenarios.player import Setting, make_server, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from twinwire.testing.provider import LoopbackProvider
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Scenario, Way

LOGGERS = ("twinwire", "httpx", "httpx2", "httpcore", "httpcore2", "h11", "asyncio")
_MARK = "sk-"


@define(kw_only=True)
class Verdict:
    """One scenario, played once, and what was wrong."""

    scenario: Scenario
    way: Way
    flavour: Flavour
    problems: list[str] = field(factory=list[str])
    seconds: float = 0.0
    peak_bytes: int | None = None
    figures: str = ""
    """What it came to, in words; empty where it could not be played."""

    def __str__(self) -> str:
        return f"{self.scenario.name} [{self.way}, {self.flavour}]"


@define(kw_only=True)
class Report:
    """What came of all of them."""

    verdicts: list[Verdict] = field(factory=list[Verdict])
    seconds: float = 0.0

    @property
    def scenarios(self) -> int:
        """How many situations were played."""
        return len({verdict.scenario.name for verdict in self.verdicts})

    @property
    def failed(self) -> list[str]:
        """The names of those that did not hold in every way."""
        return sorted({verdict.scenario.name for verdict in self.verdicts if verdict.problems})

    def __str__(self) -> str:
        by_flavour = {
            flavour: sum(verdict.flavour == flavour for verdict in self.verdicts) for flavour in ("sync", "async")
        }
        counts = ", ".join(f"{count} {flavour}" for flavour, count in by_flavour.items() if count)
        return (
            f"scenarios: {self.scenarios - len(self.failed)} of {self.scenarios} held "
            f"({len(self.verdicts)} plays: {counts}; {self.seconds:.1f} s)"
        )


def play_all(
    scenarios: Iterable[Scenario],
    *,
    setting: Setting | None = None,
    flavours: Sequence[Flavour] = ("sync", "async"),
    jobs: int = 8,
    tell: Callable[[Verdict], None] | None = None,
) -> Report:
    """
    Play every scenario in every way and flavour, *jobs* at a time; *tell* hears of each.

    With an injected transport only the scenarios that are marked for it are played. Those that weigh memory are played alone,
    after the others.

    Raises:
        ValueError: there is nothing to play, or a flavour that is unknown. A report of nothing would have no failure.
    """
    setting = setting or Setting()
    unknown = set(flavours) - set(get_args(Flavour))
    if isinstance(flavours, str) or unknown:
        raise ValueError(f"flavours are ('sync',), ('async',) or both, got {flavours!r}")
    chosen = [scenario for scenario in scenarios if setting.transport == "default" or scenario.injected]
    plays: list[tuple[Scenario, Way, Flavour]] = [
        (scenario, way, flavour)
        for scenario in chosen
        for way in scenario.ways
        for flavour in flavours
        if flavour in scenario.flavours
    ]
    if not plays:
        marked = "" if setting.transport == "default" else f", or none that is also played on {setting.transport}"
        raise ValueError(f"there is nothing to play: no scenario was given{marked}")
    beside = [each for each in plays if each[0].expect.peak_bytes is None]
    alone = [each for each in plays if each[0].expect.peak_bytes is not None]
    report, began = Report(), time.monotonic()
    with _Listening() as lines:
        with ThreadPoolExecutor(jobs) as threads:
            for done in as_completed([threads.submit(_judged, *each, setting, lines) for each in beside]):
                _note(report, done.result(), tell)
        with ExitStack() as servers:
            # Each is a process of its own, which takes longer to start than most of these take to play.
            running: dict[str, LoopbackProvider] = {}
            for each in alone:
                kind = repr((each[0].dialect, each[0].server_options))
                if kind not in running:
                    running[kind] = servers.enter_context(make_server(each[0]))
                _note(report, _judged(*each, setting, lines, running[kind]), tell)
    report.seconds = time.monotonic() - began
    return report


def _note(report: Report, verdict: Verdict, tell: Callable[[Verdict], None] | None) -> None:
    report.verdicts.append(verdict)
    if tell is not None:
        tell(verdict)


def _judged(
    scenario: Scenario,
    way: Way,
    flavour: Flavour,
    setting: Setting,
    lines: list[str],
    server: LoopbackProvider | None = None,
) -> Verdict:
    verdict = Verdict(scenario=scenario, way=way, flavour=flavour)
    began = time.monotonic()
    try:
        played: Played = play(scenario, way, flavour, setting, server)
    except Exception as error:  # noqa: BLE001  # a scenario that cannot be played does not hold
        verdict.seconds = time.monotonic() - began
        verdict.problems.append(f"could not be played: {type(error).__name__}: {error}")
        return verdict
    played.logged = "\n".join(line for line in lines if played.key in line)
    verdict.problems, verdict.figures = judge(played), figures(played)
    verdict.seconds, verdict.peak_bytes = played.seconds, played.peak_bytes
    return verdict


class _Listening(logging.Handler):
    """Keeps the lines of every logger, at its most talkative, that hold something like a key."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._levels: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        # The engine's own log shows the heads of replies as they came. What a server says is not ours to keep out of there.
        if _MARK in text and not (text.startswith("receive_") and not record.name.startswith("twinwire")):
            self.lines.append(text)

    def __enter__(self) -> list[str]:
        for name in LOGGERS:
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.setLevel(logging.DEBUG)
            logger.addHandler(self)
        return self.lines

    def __exit__(self, *facts: object) -> None:
        for name, level in self._levels.items():
            logger = logging.getLogger(name)
            logger.removeHandler(self)
            logger.setLevel(level)
