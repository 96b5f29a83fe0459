"""How long a server asks to wait: every spelling of Retry-After, and every number that nobody can obey."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING

import twinwire
from twinwire.errors import BadRequestError, DeadlineExceededError, OverloadedError, RateLimitError
from twinwire.testing.answers import Exchange, Reply, Status
from twinwire.testing.chat import CREATED
from twinwire.testing.scenarios.player import QUICK
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer, Headers
    from twinwire.testing.requests import RecordedRequest

_JSON = {"content-type": "application/json"}


def waited(name: str, about: str, answer: Answer, seconds: float, *, injected: bool = False) -> Scenario:
    """*seconds* are waited for, with jitter only on top."""
    return Scenario(
        name=name,
        topic="retries",
        about=about,
        server=(answer, Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, waits=((seconds, seconds * 1.1 + 0.05),), seconds=(seconds, None)),
        injected=injected,
    )


def read_as(name: str, about: str, answer: Answer, seconds: float, *, dialect: str = "openai") -> Scenario:
    """A wait that is too long to be played: the deadline forbids it, and the error tells the number that was read."""
    return Scenario(
        name=name,
        topic="retries",
        about=about,
        dialect="openrouter" if dialect == "openrouter" else "openai",
        server=(answer,),
        ask=Ask(options={"deadline": 5 * UNIT}),
        expect=Expect(
            error=DeadlineExceededError,
            facts={"where": "wait", "retry_after": seconds},
            attempts=1,
            seconds=(0, 3 * UNIT),
        ),
        injected=True,
    )


def _disobeyed(name: str, text: str, about: str) -> Scenario:
    return Scenario(
        name=f"retry-after-{name}",
        topic="retries",
        about=f"Retry-After: {text:.20} is {about}: the call fails at once and shows the value.",
        server=(Status(429, retry_after=text), Reply("Not asked for.")),
        expect=Expect(
            error=RateLimitError,
            says=(repr(text), "cannot be obeyed"),
            facts={"retry_safe": False, "retry_after": None},
            attempts=1,
            seconds=(0, 3 * UNIT),
        ),
        injected=True,
    )


def _too_long(name: str, about: str, answer: Answer, seconds: float) -> Scenario:
    return Scenario(
        name=name,
        topic="retries",
        about=about,
        server=(answer, Reply("Not asked for.")),
        expect=Expect(error=RateLimitError, facts={"retry_after": seconds}, attempts=1, seconds=(0, 3 * UNIT)),
        injected=True,
    )


def _with(headers: Headers, status: int = 429) -> Exchange:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return Exchange(status, [*_JSON.items(), *pairs], {"error": {"message": "Slow down."}})


def _date_by_our_clock(_: RecordedRequest) -> Exchange:
    return _with({"retry-after": formatdate(time.time() + 1.5, usegmt=True)})


SCENARIOS = (
    Scenario(
        name="retry-after-seconds",
        topic="retries",
        about="A 429 with Retry-After in seconds is waited for to the letter, with jitter only on top.",
        ways=("create", "events"),
        server=(Status(429, retry_after=2 * UNIT), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, waits=((2 * UNIT, 3 * UNIT),), seconds=(2 * UNIT, 4 * UNIT)),
        injected=True,
    ),
    waited(
        "retry-after-503",
        "A 503 may say for how long, and is waited for as a 429 is.",
        Status(503, retry_after=UNIT),
        UNIT,
    ),
    waited(
        "retry-after-zero",
        "Retry-After: 0 is no wait but a little jitter.",
        Status(429, retry_after="0"),
        0.0,
        injected=True,
    ),
    waited(
        "retry-after-padded",
        "White space around the number is not part of it.",
        Status(429, retry_after=f"  {UNIT}\t"),
        UNIT,
    ),
    waited(
        "retry-after-ms",
        "retry-after-ms counts milliseconds.",
        Status(429, retry_after_ms=1000 * UNIT),
        UNIT,
        injected=True,
    ),
    waited(
        "retry-after-ms-beside-seconds",
        "Of both (Azure), the milliseconds are the exact ones; the seconds were rounded.",
        Status(429, retry_after=100, retry_after_ms=1000 * UNIT),
        UNIT,
        injected=True,
    ),
    read_as(
        "retry-after-repeated",
        "A proxy repeated Retry-After with another number: the longer one is obeyed.",
        _with([("retry-after", "20"), ("retry-after", "70"), ("retry-after", "50")]),
        70.0,
    ),
    read_as(
        "retry-after-exponent",
        "1e2 is a number, as is every other that can be read.",
        Status(429, retry_after="1e2"),
        100.0,
    ),
    read_as(
        "retry-after-date",
        "An HTTP date counts from the server's own Date, which is years behind our clock.",
        Status(429, retry_at_seconds=60),
        60.0,
    ),
    read_as(
        "retry-after-date-fast-server",
        "The server's clock is ten years ahead of ours; so is its Retry-After, and the difference is what counts.",
        _with(
            {"date": formatdate(CREATED + 4e8, usegmt=True), "retry-after": formatdate(CREATED + 4e8 + 30, usegmt=True)}
        ),
        30.0,
    ),
    read_as(
        "retry-after-date-without-zone",
        "A date without a zone is one of Greenwich.",
        _with(
            {
                "date": formatdate(CREATED, usegmt=True),
                "retry-after": formatdate(CREATED + 40, usegmt=True).removesuffix(" GMT"),
            }
        ),
        40.0,
    ),
    read_as(
        "retry-after-date-in-another-zone",
        "A date in another zone is the moment that it names.",
        _with({"date": formatdate(CREATED, usegmt=True), "retry-after": "Tue, 14 Nov 2023 23:14:00 +0100"}),
        40.0,
    ),
    waited(
        "retry-after-date-in-the-past",
        "A date that has passed asks for no wait.",
        Status(429, retry_at_seconds=-3600),
        0.0,
        injected=True,
    ),
    Scenario(
        name="retry-after-date-without-date",
        topic="retries",
        about="Without a Date of the server's, an HTTP date counts from our clock.",
        server=(_date_by_our_clock, Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, waits=((0.3, 1.7),)),
    ),
    _disobeyed("negative", "-5", "no wait"),
    _disobeyed("nan", "nan", "no number"),
    _disobeyed("infinite", "inf", "no wait that ends"),
    _disobeyed("beyond-floats", "1e400", "no wait that ends"),
    _disobeyed("empty", "", "nothing"),
    _disobeyed("words", "a little later", "no number"),
    _disobeyed("garbage-date", "Tue, 99 Foo 20226 99:99:99 GMT", "no date"),
    _disobeyed("hexadecimal", "0x10", "no number"),
    _disobeyed("list", "5, 10", "no number"),
    _disobeyed("underscore", "1_0", "no number but in Python"),
    Scenario(
        name="retry-after-ms-absurd",
        topic="retries",
        about="An absurd retry-after-ms is not passed over in favour of the other header: nobody knows what was meant.",
        server=(Status(429, retry_after=0, headers={"retry-after-ms": "soon"}),),
        expect=Expect(error=RateLimitError, says=("'soon'", "cannot be obeyed"), attempts=1),
    ),
    _too_long(
        "retry-after-absurd",
        "A Retry-After of a year is nothing to obey: the call fails at once and says the number.",
        Status(429, retry_after=31536000),
        31536000.0,
    ),
    _too_long(
        "retry-after-far-date",
        "A date in the year 9999 is nothing to obey either.",
        Status(429, retry_at_seconds=200_000_000_000),
        200_000_000_000.0,
    ),
    Scenario(
        name="retry-after-over-own-limit",
        topic="retries",
        about="A wait longer than retry.max_wait_seconds is told at once.",
        server=(Status(503, retry_after=2 * UNIT),),
        ask=Ask(options={"retry": twinwire.Retry(max_wait_seconds=UNIT)}),
        expect=Expect(error=OverloadedError, facts={"retry_after": 2 * UNIT}, attempts=1, seconds=(0, 2 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="retry-after-on-an-answer",
        topic="retries",
        about="Servers send Retry-After beside answers (Anthropic, Together); there it means nothing.",
        ways=("create", "chunks", "events"),
        server=(Reply("Here.", headers={"retry-after": "7200"}),),
        expect=Expect(text="Here.", attempts=1, seconds=(0, 3 * UNIT)),
        injected=True,
    ),
    Scenario(
        name="retry-after-on-a-200-that-is-an-error",
        topic="retries",
        about="Beside a 200 whose body is an error, Retry-After speaks of the 200 and is not obeyed.",
        server=(
            Exchange(200, {**_JSON, "retry-after": "7200"}, {"error": {"code": 502, "message": "Failed."}}),
            Reply("Here."),
        ),
        expect=Expect(text="Here.", attempts=2, waits=((0, QUICK.base_seconds),)),
    ),
    Scenario(
        name="retry-after-on-a-400",
        topic="retries",
        about="A Retry-After on a final status does not make it pass; its number is told.",
        server=(Status(400, retry_after=UNIT),),
        expect=Expect(error=BadRequestError, facts={"retry_after": UNIT, "retry_safe": False}, attempts=1),
        injected=True,
    ),
    Scenario(
        name="retry-after-each-time-another",
        topic="retries",
        about="Each try's own Retry-After is obeyed.",
        server=(Status(429, retry_after=UNIT), Status(429, retry_after=2 * UNIT), Reply("Here.")),
        expect=Expect(text="Here.", attempts=3, waits=((UNIT, UNIT * 1.1 + 0.05), (2 * UNIT, UNIT * 2.2 + 0.05))),
    ),
)
