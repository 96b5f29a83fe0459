"""
The server of a load schedule: it counts what its callers send by limits of its own, says where they stand, and writes a bill.

What it charges does not depend on what arrives: an answer that is written is charged, also where its connection breaks or its caller
goes away. So the bill is the truth that ledgers and caps are compared with.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from tests.simulation.answers import JSON, Author, Script
from twinwire.errors import RateLimitError
from twinwire.testing.chat import CREATED
from twinwire.testing.limit_styles import refused, told
from twinwire.testing.limiter import Caller as Counted
from twinwire.testing.limiter import Limiter
from twinwire.tokens.estimate import error_bound, estimate

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.answers import Pairs
    from tests.simulation.exchange import Exchange
    from tests.simulation.timeline import Timeline
    from tests.simulation.weather import Weather
    from twinwire.testing.limiter import Admission
    from twinwire.testing.rate_limit import RateLimit

PLAIN, THINKING = "gpt-4o-mini", "o4-mini"
"""One whose answers are all that it charges for, within what an estimate may be off; and one that thinks where nobody sees it."""
INPUT_USD, OUTPUT_USD = Decimal("0.75"), Decimal("4.1")
"""For a million tokens."""
MOST_OUTPUT = 400
"""The longest answer of the model."""
MILLION = Decimal(1_000_000)
_DATE = datetime.fromtimestamp(CREATED, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
_SERVER_CLOCK: Pairs = (("date", _DATE),)
"""What times of day in the headers are told by."""


@frozen(kw_only=True)
class Charge:
    """What one request was charged."""

    input_tokens: int
    output_tokens: int
    is_told: bool
    """Whether the answer, read to its end, says so."""

    @property
    def usd(self) -> Decimal:
        """The amount."""
        return (self.input_tokens * INPUT_USD + self.output_tokens * OUTPUT_USD) / MILLION


@frozen(kw_only=True)
class Asked:
    """What a request asks for."""

    key: str
    input_tokens: int
    output_cap: int = field(default=MOST_OUTPUT)


class Biller(Author):
    """Answers as its weather lets it, within its limits, for money."""

    def __init__(
        self,
        random: Random,
        weather: Weather,
        patience: float,
        *,
        model: str,
        limits: tuple[RateLimit, ...],
        timeline: Timeline,
    ) -> None:
        super().__init__(random, weather, patience)
        self.model = model
        self._limits = limits
        self._limiter = Limiter(limits)
        self._timeline = timeline
        self._under_way: dict[int, tuple[Counted, int]] = {}
        self._asked = Asked(key="", input_tokens=1)
        self._output_tokens = 0
        self._is_told = True

    def calm(self) -> None:
        """Forget the limits: from now on there are none."""
        self._limits = ()
        self._limiter = Limiter(())

    def answer(self, *, is_stream: bool, wall: float, exchange: Exchange) -> Script:
        """Count it, refuse it or answer it, and write the bill."""
        self._asked = asked = _asked(exchange)
        counted = Counted(
            key=asked.key,
            model=self.model,
            prompt_tokens=asked.input_tokens,
            most_tokens=asked.input_tokens + asked.output_cap,
        )
        admission = self._limiter.admit(self._timeline.now, counted)
        if admission.refusal is not None:
            return self._limited(admission, exchange)
        self._output_tokens = 0
        self._is_told = not self._strikes("unreported")
        script = super().answer(is_stream=is_stream, wall=wall, exchange=exchange)
        if script.works:
            exchange.charge = self._charge()
        output = 0 if exchange.charge is None else exchange.charge.output_tokens
        self._under_way[exchange.number] = counted, asked.input_tokens + output
        headers = (*script.headers, *self._headers(admission))
        return evolve(script, headers=headers)

    def ended(self, exchange: Exchange) -> None:
        """Its place is free."""
        found = self._under_way.pop(exchange.number, None)
        if found is not None:
            self._limiter.ended(self._timeline.now, *found)

    def _limited(self, admission: Admission, exchange: Exchange) -> Script:
        assert admission.refusal is not None
        status = refused(admission, admission.refusal, "none")
        headers: list[tuple[str, str]] = [(name, value) for name, value in status.headers if value is not None]
        if status.retry_after is not None:
            headers.append(("retry-after", f"{status.retry_after}"))
        if status.retry_after_ms is not None:
            headers.append(("retry-after-ms", f"{status.retry_after_ms}"))
        exchange.refused_for = float(status.retry_after or 0.0)
        body: dict[str, object] = {"message": status.message, "type": status.type, "code": "rate_limit_exceeded"}
        if status.metadata is not None:
            body["metadata"] = dict(status.metadata)
        self._weather.struck["limited"] += 1
        return Script(
            kind="limited",
            status=429,
            headers=(*JSON, *_SERVER_CLOCK, *headers),
            pieces=self._cut(json.dumps({"error": body}).encode()),
            errors=(RateLimitError,),
            head_seconds=0.01,
        )

    def _headers(self, admission: Admission) -> Pairs:
        pairs = [(name, value) for name, value in told(admission, "none") if value is not None]
        return (*_SERVER_CLOCK, *pairs) if pairs else ()

    def _charge(self) -> Charge:
        """The whole of an answer, whatever becomes of it on the way."""
        if not self._output_tokens:  # no answer that anybody could read
            self._output_tokens = self._random.randint(0, self._asked.output_cap)
        return Charge(input_tokens=self._asked.input_tokens, output_tokens=self._output_tokens, is_told=self._is_told)

    def _usage(self, text: str) -> dict[str, object] | None:
        tokens, cap = estimate(text), self._asked.output_cap
        if self.model == THINKING:
            tokens += self._random.choice((0, self._random.randint(0, cap), cap))
        else:
            off = error_bound(tokens)
            tokens = max(1, tokens + self._random.randint(-off, off))
        self._output_tokens = min(cap, tokens)
        if not self._is_told:
            return None
        prompt = self._asked.input_tokens
        return {
            "prompt_tokens": prompt,
            "completion_tokens": self._output_tokens,
            "total_tokens": prompt + self._output_tokens,
        }

    def _reports_usage(self) -> bool:
        return True


def _asked(exchange: Exchange) -> Asked:
    request = exchange.effect.request
    body: dict[str, Any] = json.loads(request.body or b"{}")
    texts = [message["content"] for message in body["messages"]]
    cap = body.get("max_completion_tokens", body.get("max_tokens"))
    key = dict(request.headers).get("authorization", "")
    tokens = 3 + sum(4 + estimate(text) for text in texts)
    return Asked(key=key, input_tokens=tokens, output_cap=cap if isinstance(cap, int) else MOST_OUTPUT)
