"""Retries: what is tried again, how often, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import twinwire
from twinwire.errors import (
    APIStatusError,
    BadRequestError,
    InternalServerError,
    OverloadedError,
)
from twinwire.testing.answers import Exchange, Reply, Status
from twinwire.testing.faults import AfterEvents, Close
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

if TYPE_CHECKING:
    from twinwire.testing.scenarios.outcome import Played

_HTML = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"


def _same_own_key(played: Played) -> str | None:
    sent = [request.headers.get("idempotency-key") for request in played.requests]
    return None if sent == ["order-66", "order-66"] else f"the keys of the tries were {sent}"


def _no_key(played: Played) -> str | None:
    return "a key was sent" if any("idempotency-key" in request.headers for request in played.requests) else None


def _another_key_each(played: Played) -> str | None:
    keys = {request.headers["idempotency-key"] for request in played.requests}
    return None if len(keys) == len(played.outcomes) else f"{len(played.outcomes)} calls had {len(keys)} keys"


def _same_request(played: Played) -> str | None:
    first, *others = [(each.method, each.target, dict(each.headers), each.body) for each in played.requests]
    return None if all(other == first for other in others) else "the tries were not the same"


SCENARIOS = (
    Scenario(
        name="stream-cut-before-content",
        topic="retries",
        about="A stream that is cut before anything came is repeated, and what was cut may have been billed.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Close(at=AfterEvents(0))]), Reply("Three.")),
        ask=Ask(earlier=1),
        expect=Expect(text="Three.", attempts=2, billed=True),
        injected=True,
    ),
    Scenario(
        name="embeddings-pass",
        topic="retries",
        about="Embeddings are retried as chat is.",
        ways=("embeddings",),
        server=(Status(503), Status(429, retry_after=0)),
        expect=Expect(attempts=3),
        injected=True,
    ),
    Scenario(
        name="listing-passes",
        topic="retries",
        about="A listing is retried as chat is.",
        ways=("models",),
        server=(Status(502), Status(500)),
        expect=Expect(attempts=3),
        injected=True,
    ),
    Scenario(
        name="retries-used-up",
        topic="retries",
        about="After three attempts the error of the last one is told, with all of them.",
        ways=("create", "events"),
        server=(Status(503), Status(503), Status(503), Reply("Too late.")),
        expect=Expect(error=OverloadedError, facts={"status_code": 503, "retry_safe": True}, attempts=3, billed=False),
        injected=True,
    ),
    Scenario(
        name="retries-used-up-by-different-failures",
        topic="retries",
        about="Failures of different kinds share the attempts.",
        server=(Reply(faults=[Close()]), Status(429, retry_after=0), Status(500, "The last one.")),
        expect=Expect(error=InternalServerError, says=("500", "The last one."), attempts=3, billed=True),
        injected=True,
    ),
    Scenario(
        name="failure-turns-final",
        topic="retries",
        about="A retry that meets a refusal ends the call with the refusal.",
        server=(Status(500), Status(400, "It is the request.")),
        expect=Expect(error=BadRequestError, says=("It is the request.",), attempts=2),
        injected=True,
    ),
    Scenario(
        name="no-retries-for-the-client",
        topic="retries",
        about="max_retries=0 of the client is one attempt.",
        server=(Status(503),),
        ask=Ask(options={"max_retries": 0}),
        expect=Expect(error=OverloadedError, attempts=1),
        injected=True,
    ),
    Scenario(
        name="fewer-retries-for-a-call",
        topic="retries",
        about="max_retries of a call is over that of the client.",
        ways=("create", "chunks", "events"),
        server=(Status(503), Status(503), Reply("Too late.")),
        ask=Ask(arguments={"max_retries": 1}),
        expect=Expect(error=OverloadedError, attempts=2),
        injected=True,
    ),
    Scenario(
        name="more-retries-for-a-call",
        topic="retries",
        about="A call may be more patient than its client: six failures, and then the answer.",
        server=(*[Status(503)] * 6, Reply("Here.")),
        ask=Ask(
            arguments={"max_retries": 6},
            options={"retry": twinwire.Retry(base_seconds=0.001, throttled_base_seconds=0.001)},
        ),
        expect=Expect(text="Here.", attempts=7),
        injected=True,
    ),
    Scenario(
        name="own-waits-are-random-below-a-doubling-bound",
        topic="retries",
        about="Where the server asks for nothing, the waits are random and at most base, twice and four times that.",
        server=(Status(500), Status(500), Status(500), Reply("Here.")),
        ask=Ask(options={"retry": twinwire.Retry(max_retries=3, base_seconds=UNIT / 10)}),
        expect=Expect(text="Here.", attempts=4, waits=((0, UNIT / 10), (0, UNIT / 5), (0, UNIT * 2 / 5))),
    ),
    Scenario(
        name="html-of-a-proxy",
        topic="retries",
        about="A 502 page of Cloudflare's in front of the provider is a failure that passes.",
        ways=("create", "chunks", "events"),
        server=(Exchange(502, {"content-type": "text/html; charset=UTF-8"}, _HTML), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2),
        injected=True,
    ),
    Scenario(
        name="error-without-a-body",
        topic="retries",
        about="A 500 without any body is a failure that passes.",
        server=(Exchange(500), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2),
        injected=True,
    ),
    Scenario(
        name="error-in-a-200-passes",
        topic="retries",
        about="A provider's 502 inside of HTTP 200 (OpenRouter) is retried as the 502 that it is.",
        ways=("create", "events"),
        dialect="openrouter",
        server=(
            Exchange(
                200, {"content-type": "application/json"}, {"error": {"code": 502, "message": "Upstream failed."}}
            ),
            Reply("Here."),
        ),
        expect=Expect(text="Here.", attempts=2),
        injected=True,
    ),
    Scenario(
        name="tries-are-the-same",
        topic="retries",
        about="Every try of a call sends the same line, headers and bytes, under one Idempotency-Key.",
        ways=("create", "chunks", "events", "embeddings"),
        server=(Status(500), Reply(faults=[Close()]), Reply("Here.")),
        expect=Expect(attempts=3, checks=(_same_request,)),
        injected=True,
    ),
    Scenario(
        name="idempotency-key-of-ones-own",
        topic="retries",
        about="A key that the user gives is sent with every try as it is.",
        server=(Status(503), Reply("Here.")),
        ask=Ask(arguments={"extra_headers": {"Idempotency-Key": "order-66"}}),
        expect=Expect(text="Here.", attempts=2, checks=(_same_own_key,)),
        injected=True,
    ),
    Scenario(
        name="idempotency-key-taken-out",
        topic="retries",
        about="Who wants no key sends none, and is retried all the same.",
        server=(Status(503), Reply("Here.")),
        ask=Ask(options={"default_headers": {"idempotency-key": None}}),
        expect=Expect(text="Here.", attempts=2, checks=(_no_key,)),
    ),
    Scenario(
        name="another-call-another-key",
        topic="retries",
        about="Calls with the same bytes at the same time have a key each.",
        ways=("create", "events"),
        ask=Ask(together=10),
        expect=Expect(attempts=1, checks=(_another_key_each,)),
        injected=True,
    ),
    Scenario(
        name="unknown-5xx",
        topic="retries",
        about="A 501 says that it will not work; it is not retried.",
        server=(Status(501),),
        expect=Expect(error=InternalServerError, facts={"status_code": 501, "retry_safe": False}, attempts=1),
        injected=True,
    ),
    Scenario(
        name="cloudflare-522",
        topic="retries",
        about="A 522 of Cloudflare's, which could not reach the provider, is retried.",
        server=(Exchange(522, {"content-type": "text/plain"}, "error code: 522"), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2),
    ),
    Scenario(
        name="teapot",
        topic="retries",
        about="A status that nobody gave a meaning is an error that is not repeated.",
        server=(Status(418),),
        expect=Expect(error=APIStatusError, facts={"status_code": 418, "retry_safe": False}, attempts=1),
    ),
)
