"""One schedule: everything that its seed decides, and what came of it."""

from __future__ import annotations

import gc
from contextlib import nullcontext
from random import Random
from typing import TYPE_CHECKING, Literal

from attrs import define, evolve, field

from tests.simulation.answers import Author, Script
from tests.simulation.caller import Caller, Manners, Record
from tests.simulation.delays import draw
from tests.simulation.network import Network
from tests.simulation.stores import Seat, SharedStore
from tests.simulation.subject import Subject, real
from tests.simulation.telling import told
from tests.simulation.timeline import START, Timeline
from tests.simulation.weather import Weather
from tests.simulation.witness import Testimony, Turnstile, Witness
from twinwire import OpenAI, OpenRouter, Retry, Timeout
from twinwire._client.operation import CallOptions
from twinwire._client.prepare import Prepared
from twinwire._client.readers import chunk_reader
from twinwire._core.plan import World
from twinwire._core.retry import RetryQuota
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE
from twinwire.errors import RateLimitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.exchange import Exchange
    from tests.simulation.load import Load
    from twinwire._core.plan import Plan

Kind = Literal["ordinary", "outage", "herd", "load"]

KEY = "sk-simulated-0123456789"
HERD = 50
ENTRY_SECONDS = 0.2
"""Within how much time the callers of a herd begin."""


@define(kw_only=True)
class History:
    """What happened in a schedule."""

    seed: int
    kind: Kind
    retry: Retry
    timeline: Timeline
    network: Network
    weather: Weather
    store: SharedStore
    calls: list[Record] = field(factory=list[Record])
    fair: list[Record] = field(factory=list[Record])
    """Calls that began when nothing went wrong any more."""
    log: list[str] = field(factory=list[str])
    load: Load | None = None
    """What the calls of a load schedule share."""


class Herd(Author):
    """Tells the first fifty callers the same delay, and answers the rest."""

    def __init__(self, random: Random, wall: float) -> None:
        super().__init__(random, Weather(), 1.0)
        delay = draw(random, wall, is_rate_limit=True, scale=20.0)
        while delay.seconds is None or not 2.0 <= delay.seconds <= 100.0 or delay.slack_seconds > 1e-3:
            delay = draw(random, wall, is_rate_limit=True, scale=20.0)
        self._left = HERD
        self._script = self._status(429, RateLimitError, delay, is_retried=True)

    def answer(self, *, is_stream: bool, wall: float, exchange: Exchange) -> Script:
        """Refuse, then answer."""
        self._left -= 1
        return self._script if self._left >= 0 else super().answer(is_stream=is_stream, wall=wall, exchange=exchange)


class Schedule:
    """Draws a world from a seed, and runs it."""

    def __init__(self, seed: int, subject: Subject = real, *, is_logged: bool = False) -> None:
        self._seed = seed
        self._subject = subject
        self._is_logged = is_logged
        self._random = Random(f"{seed}: schedule")
        kind: Kind = "outage" if seed % 40 == 7 else "herd" if seed % 40 == 23 else "ordinary"
        self._kind = kind
        timeline = Timeline()
        weather = self._weather()
        self._patience = self._random.choice((0.5, 3.0, 20.0))
        author = Author(Random(f"{seed}: server"), weather, self._patience)
        size = self._random.choice((1, 2, 3, 5))
        network = Network(timeline, Random(f"{seed}: network"), weather, author, size if kind == "ordinary" else HERD)
        if kind == "herd":
            network.author = Herd(Random(f"{seed}: server"), network.wall())
        self._timeout = self._drawn_timeout()
        retry = self._drawn_retry()
        store = SharedStore(timeline, is_text=self._random.random() < 0.3)
        self._seat = Seat(store, "process 1", timeline, weather, Random(f"{seed}: store"))
        self._has_gate = self._random.random() < 0.5
        self.history = History(
            seed=seed, kind=kind, retry=retry, timeline=timeline, network=network, weather=weather, store=store
        )
        self._world = World(now=timeline, random=self._chance(), quota=RetryQuota(retry, nullcontext()))
        client = OpenRouter if self._random.random() < 0.3 else OpenAI
        self._client = client(api_key=KEY, retry=retry, timeout=self._timeout)
        self._asked_client = client(api_key=lambda: KEY, retry=retry, timeout=self._timeout)

    def run(self) -> History:
        """Let it happen: first the calls in their weather, then some more when it has cleared."""
        history = self.history
        count = {"ordinary": self._random.choice((1, 1, 2, 3, 5, 9)), "outage": 100, "herd": HERD}[self._kind]
        for number in range(1, count + 1):
            self._start(history.calls, f"call {number}", self._manners())
        history.timeline.run()
        history.weather.clear()
        history.network.calm(Author(Random(f"{self._seed}: fair"), history.weather, self._patience))
        for number in range(1, 3):
            self._start(history.fair, f"fair call {number}", Manners(), is_fair=True)
        history.timeline.run()
        if any(record.is_forgotten for record in history.calls):
            gc.collect()  # a stream that has failed is held by its own error
        return history

    def _start(self, records: list[Record], name: str, manners: Manners, *, is_fair: bool = False) -> None:
        timeline = self.history.timeline
        plan, restarts = self._plan(name, manners, is_fair=is_fair)
        record = Record(name=name, plan=plan, manners=manners, restarts=restarts)
        if self._has_gate:
            record.testimony = Testimony()
            gate = Turnstile(name, plan.key, self._seat, Random(f"{self._seed}: {name}"))
            record.plan = evolve(plan, gate=Witness(gate, record.testimony, timeline))
        records.append(record)
        caller = Caller(record, timeline, self.history.network, self._world, self._subject, self._logger())
        caller.task = timeline.start(caller.process(), name, timeline.now + manners.begins_after)

    def _plan(self, name: str, manners: Manners, *, is_fair: bool) -> tuple[Plan[object], bool]:
        mode = "whole" if self._kind != "ordinary" else self._random.choice(("whole", "stream", "restart"))
        client = self._asked_client if manners.key_seconds else self._client
        prepared = Prepared(
            client._settings,
            CHAT_COMPLETIONS_CREATE,
            {
                "model": "m",
                "messages": [{"role": "user", "content": name}],
                **({} if mode == "whole" else {"stream": True}),
            },
            CallOptions(
                timeout=UNSET,
                deadline=UNSET if is_fair else self._deadline(),
                max_retries=UNSET,
                extra_headers=None,
                extra_query=None,
            ),
            is_streaming=mode != "whole",
        )
        prepared.dialect._wall_now = self.history.network.wall
        reader = None if mode == "whole" else chunk_reader(prepared, CHAT_COMPLETIONS_CREATE.reply_type())
        plan: Plan[object] = prepared.plan(reader)
        return (evolve(plan, timeout=Timeout()) if is_fair else plan), mode == "restart"

    # What is drawn.

    def _weather(self) -> Weather:
        if self._kind == "herd":
            return Weather()
        if self._kind == "outage":
            fault = self._random.choice(("refused", "transient", "head_reset", "bad_body"))
            return Weather({fault: 1.0})
        return Weather.drawn(self._random)

    def _drawn_retry(self) -> Retry:
        choice = self._random.choice
        if self._kind == "herd":
            return Retry(quota_per_second=10.0)
        if self._kind == "outage":
            return Retry(max_retries=choice((1, 2, 5)), base_seconds=choice((0.1, 0.5)))
        return Retry(
            max_retries=choice((0, 1, 2, 2, 2, 3, 6)),
            base_seconds=choice((0.0, 0.1, 0.5, 0.5, 2.0)),
            throttled_base_seconds=choice((0.5, 1.0, 1.0, 4.0)),
            cap_seconds=choice((0.5, 20.0, 20.0)),
            max_wait_seconds=choice((0.0, 5.0, 120.0, 120.0)),
            quota_ratio=choice((0.0, 0.2, 0.2, 0.2, 1.0)),
            quota_per_second=choice((0.0, 0.1, 1.0, 1.0, 1.0, 5.0)),
        )

    def _drawn_timeout(self) -> Timeout:
        if self._kind != "ordinary":
            return Timeout()
        return Timeout(
            connect=self._random.choice((None, 0.01, 1.0, 10.0)),
            write=self._random.choice((None, 0.5, 60.0)),
            first_event=self._random.choice((None, 0.1, self._patience, 600.0)),
            between_events=self._random.choice((None, 0.3, self._patience, 120.0)),
            pool=self._random.choice((None, 0.05, self._patience, 60.0)),
        )

    def _deadline(self) -> float | None:
        if self._kind != "ordinary":
            return None
        choice = self._random.choice
        return choice(
            (None, None, 0.02, self._patience * 0.5, self._patience * 2, 5.0, self._random.random() * 60 + 0.001)
        )

    def _manners(self) -> Manners:
        random = self._random
        if self._kind != "ordinary":
            spread = ENTRY_SECONDS if self._kind == "herd" else 20.0
            return Manners(begins_after=random.random() * spread)
        is_stopped = random.random() < 0.15
        return Manners(
            begins_after=random.choice((0.0, random.random(), random.random() * self._patience * 2)),
            stop_at_effect=random.randrange(1, 14) if is_stopped else None,
            stop_after=random.choice((None, 0.0, random.random() * 0.02, random.random() * self._patience)),
            batches=random.choice((None, None, None, None, 0, 1, 2)),
            raises=random.random() < 0.5,
            tidies=random.choice((None, None, None, 0, 1, 2)),
            is_last_done=random.random() < 0.5,
            is_thrown_away=random.random() < 0.3,
            forgets=random.random() < 0.2,
            think_seconds=random.choice((0.0, 0.0, 0.0, 0.01, random.random() * self._patience)),
            key_seconds=random.choice((0.0, 0.0, 0.0, 0.001, 3.0)),
        )

    def _chance(self) -> Callable[[], float]:
        """The core's own chance, at times with the same luck always."""
        luck = self._random.choice((None, None, None, 0.0, 1.0 - 2.0**-53))
        if luck is None or self._kind == "herd":
            return Random(f"{self._seed}: core").random
        return lambda: luck

    def _logger(self) -> Callable[..., None]:
        return logger(self.history) if self._is_logged else lambda *_: None


def logger(history: History) -> Callable[..., None]:
    """Write events into the log of a schedule."""
    log, timeline = history.log, history.timeline

    def write(who: str, what: str, detail: object) -> None:
        log.append(f"{timeline.now - START:12.6f}  {who:11} {what:9} {told(detail)}")

    return write
