"""TLS: a server that cannot prove who it is gets neither key nor prompt, and is not tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import APIConnectionError
from twinwire.testing.answers import Reply
from twinwire.testing.faults import AfterEvents, Close
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twinwire.testing.answers import Answer
    from twinwire.testing.greetings import Greeting
    from twinwire.testing.scenarios.scenario import Options, Stage


def _trusting(stage: Stage) -> Options:
    return {"verify": stage.server.certificate}


def _context(stage: Stage) -> Options:
    return {"verify": stage.server.ssl_context()}


def _nobody(_: Stage) -> Options:
    return {}


def _by_name(stage: Stage) -> Options:
    return {"base_url": f"https://localhost:{stage.server.port}/v1", "verify": stage.server.certificate}


def _https_where_there_is_none(stage: Stage) -> Options:
    return {"base_url": stage.server.base_url.replace("http:", "https:")}


def _refused(name: str, about: str, tls: Any, options: Callable[[Stage], Options]) -> Scenario:
    return Scenario(
        name=f"tls-{name}",
        topic="retries",
        about=about,
        ways=("create", "events"),
        server_options={"tls": tls} if tls else {},
        ask=Ask(options=options),
        expect=Expect(
            error=APIConnectionError,
            says=("TLS failed",),
            facts={"retry_safe": False, "sent": False},
            attempts=1,
            requests=0,
            billed=False,
        ),
        usable_after=False,
    )


def _greeted(*greetings: Greeting) -> Callable[[Stage], Sequence[Answer]]:
    def server(stage: Stage) -> Sequence[Answer]:
        stage.server.greet(*greetings)
        return ()

    return server


SCENARIOS = (
    _refused("authority-unknown", "Nobody vouches for the certificate.", True, _nobody),
    _refused("self-signed", "The server vouches for itself.", "self_signed", _trusting),
    _refused("expired", "The certificate's time is over.", "expired", _trusting),
    _refused("of-another-host", "The certificate is another host's.", "wrong_host", _trusting),
    _refused(
        "where-there-is-none", "The server speaks plain HTTP on a port of https.", False, _https_where_there_is_none
    ),
    Scenario(
        name="tls-that-turns-plain",
        topic="retries",
        about="A server that falls back to plain HTTP is not followed there.",
        server_options={"tls": True},
        server=_greeted("plain"),
        ask=Ask(options=_trusting),
        expect=Expect(
            error=APIConnectionError,
            says=("TLS failed",),
            facts={"retry_safe": False},
            attempts=1,
            requests=0,
            billed=False,
        ),
    ),
    *(
        Scenario(
            name=f"tls-handshake-{how}",
            topic="retries",
            about=f"A connection that is ended by {how} within the handshake says nothing against the server: tried again.",
            server_options={"tls": True},
            server=_greeted(how),
            ask=Ask(options=_trusting),
            expect=Expect(attempts=2, requests=1, billed=False),
        )
        for how in ("close", "reset")
    ),
    Scenario(
        name="tls-trusted",
        topic="trust",
        about="A server whose authority the user names is spoken to, whole and streamed.",
        ways=("create", "chunks", "events", "models"),
        server_options={"tls": True},
        ask=Ask(options=_trusting),
        expect=Expect(attempts=1, connections=1, open_connections=1),
    ),
    Scenario(
        name="tls-trusted-by-context",
        topic="trust",
        about="So is one that the user's own context trusts.",
        server_options={"tls": True},
        ask=Ask(options=_context),
        expect=Expect(attempts=1),
    ),
    Scenario(
        name="tls-by-name",
        topic="trust",
        about="A server that is reached by its name is checked by its name.",
        server_options={"tls": True},
        ask=Ask(options=_by_name),
        expect=Expect(attempts=1),
    ),
    Scenario(
        name="tls-stream-cut",
        topic="connections",
        about="A stream over TLS whose connection closes is cut, as any other.",
        ways=("chunks",),
        server_options={"tls": True},
        server=(Reply("One two.", faults=[Close(AfterEvents(0))]), Reply("Here.")),
        ask=Ask(options=_trusting),
        expect=Expect(text="Here.", attempts=2, billed=True),
    ),
)
