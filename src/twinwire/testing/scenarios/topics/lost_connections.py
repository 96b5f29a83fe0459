"""Connections that die: unused ones are replaced without a word, used ones count and are marked as possibly billed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import twinwire
from twinwire.errors import APIConnectionError, AuthenticationError, BadRequestError
from twinwire.testing.answers import Reply, Status
from twinwire.testing.faults import AfterBytes, AfterEvents, Close, EarlyReply, Insert, Reset, Stall
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario

if TYPE_CHECKING:
    from twinwire.testing.answers import Answer
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Stage

_TIRED = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def _large() -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "x" * 10_000_000}]}


def _idle(name: str, about: str, default: Answer, *, ways: tuple[Any, ...] = ("create", "events")) -> Scenario:
    """The connection of an earlier call is no good any more: the call that finds it so opens another one, and that is all."""
    return Scenario(
        name=f"idle-connection-{name}",
        topic="connections",
        about=about,
        ways=ways,
        server_options={"default": default},
        server=(Reply("Here."),),
        ask=Ask(earlier=1, idle_seconds=3 * UNIT),
        expect=Expect(text="Here.", attempts=1, billed=False, connections=1),
        injected=True,
    )


def _lost(name: str, about: str, answer: Answer) -> Scenario:
    """The request had been written: it counts as an attempt, and may have been billed."""
    return Scenario(
        name=f"lost-{name}",
        topic="connections",
        about=about,
        server=(answer, Reply("Here.")),
        ask=Ask(earlier=1),
        expect=Expect(text="Here.", attempts=2, billed=True, checks=(_first_is_billed,)),
        injected=True,
    )


def _first_is_billed(played: Played) -> str | None:
    billed = [entry.possibly_billed for entry in played.outcome.attempts]
    return None if billed == [True, False] else f"possibly_billed of the attempts is {billed}"


def _nowhere(stage: Stage) -> dict[str, Any]:
    return {"base_url": f"http://127.0.0.1:{stage.ports.refusing()}/v1"}


def _no_name(_: Stage) -> dict[str, Any]:
    return {"base_url": f"http://{'x' * 64}.localhost:1/v1", "max_retries": 1}


SCENARIOS = (
    _idle(
        "closed", "The server closes an idle connection, without having said so.", Reply(faults=[Close("after_reply")])
    ),
    _idle(
        "reset",
        "The server resets an idle connection.",
        Reply(faults=[Stall(UNIT / 5, "after_reply"), Reset("after_reply")]),
    ),
    _idle(
        "told-408",
        "A server that grew tired of waiting says 408 on an idle connection: that answers nothing.",
        Reply(faults=[Insert(_TIRED, "after_reply"), Close("after_reply")]),
    ),
    _idle(
        "told-408-and-open",
        "The same, and the connection stays open.",
        Reply(faults=[Stall(UNIT / 5, "after_reply"), Insert(_TIRED, "after_reply")]),
    ),
    _idle(
        "sent-garbage",
        "Bytes arrive on an idle connection.",
        Reply(faults=[Stall(UNIT / 5, "after_reply"), Insert(b"\x00", "after_reply")]),
    ),
    Scenario(
        name="idle-connection-expired",
        topic="connections",
        about="A connection that was idle for longer than pool.keepalive_expiry_seconds is not used again.",
        server=(Reply("Here."),),
        ask=Ask(earlier=1, idle_seconds=UNIT, options={"pool": twinwire.Pool(keepalive_expiry_seconds=UNIT / 2)}),
        expect=Expect(text="Here.", attempts=1, connections=1, open_connections=1),
    ),
    Scenario(
        name="idle-connection-dies-under-a-request",
        topic="connections",
        about="An old connection that breaks while the request is being written is replaced; that is no retry.",
        server=(Reply(faults=[EarlyReply(), Reset("before_head")]), Reply("Here.")),
        ask=Ask(earlier=1, arguments=_large, options={"max_retries": 0}),
        expect=Expect(text="Here.", attempts=1, requests=2, replaced=1, billed=False, connections=1),
    ),
    Scenario(
        name="new-connection-dies-under-a-request",
        topic="connections",
        about="A new connection that breaks while the request is being written is a failed attempt, which nobody was billed for.",
        server=(Reply(faults=[EarlyReply(), Reset("before_head")]), Reply("Here.")),
        ask=Ask(arguments=_large),
        expect=Expect(text="Here.", attempts=2, replaced=0, billed=False),
    ),
    _lost("closed", "The server reads the request and closes.", Reply(faults=[Close()])),
    _lost("reset", "The server reads the request and resets the connection.", Reply(faults=[Reset()])),
    _lost("reset-in-the-head", "The connection is reset within the head.", Reply(faults=[Reset("mid_head")])),
    _lost("closed-in-the-body", "The connection is closed within the body.", Reply(faults=[Close(AfterBytes(100))])),
    _lost("reset-in-the-body", "The connection is reset within the body.", Reply(faults=[Reset(AfterBytes(100))])),
    Scenario(
        name="lost-for-good",
        topic="connections",
        about="Every attempt's connection is reset: a typed error, possibly billed.",
        ways=("create", "chunks", "events"),
        server=tuple(Reply(faults=[Reset()]) for _ in range(3)),
        expect=Expect(error=APIConnectionError, attempts=3, billed=True, facts={"retry_safe": True}),
        injected=True,
    ),
    Scenario(
        name="reset-after-the-reply",
        topic="connections",
        about="A reply that arrived whole is an answer, whatever becomes of its connection.",
        server=(Reply("Here.", faults=[Reset("after_reply")]),),
        expect=Expect(text="Here.", attempts=1, open_connections=0),
        injected=True,
    ),
    Scenario(
        name="stream-reset-after-done",
        topic="connections",
        about="A stream that was whole is an answer, although its connection is reset before the body's end.",
        ways=("chunks", "events"),
        server=(Reply("Here.", faults=[Reset(AfterEvents(99))]),),
        expect=Expect(text="Here.", attempts=1, open_connections=0),
        injected=True,
    ),
    Scenario(
        name="early-413",
        topic="connections",
        about="A 413 that comes while 10 MB are being written is heard, at once.",
        server=(Status(413, "Too much.", faults=[EarlyReply()]),),
        ask=Ask(arguments=_large),
        expect=Expect(
            error=BadRequestError, facts={"status_code": 413}, attempts=1, open_connections=0, seconds=(0, 10 * UNIT)
        ),
    ),
    Scenario(
        name="early-401",
        topic="connections",
        about="A 401 that comes before 10 MB were read is heard on an old connection too, and nothing is sent again.",
        server=(Status(401, faults=[EarlyReply()]),),
        ask=Ask(earlier=1, arguments=_large),
        expect=Expect(error=AuthenticationError, attempts=1, open_connections=0),
    ),
    Scenario(
        name="early-503",
        topic="connections",
        about="An early 503 is repeated on a connection of its own, with all of the body.",
        server=(Status(503, faults=[EarlyReply()]), Reply("Here.")),
        ask=Ask(arguments=_large),
        expect=Expect(text="Here.", attempts=2, billed=False, connections=2),
    ),
    Scenario(
        name="connection-refused",
        topic="connections",
        about="Nobody listens: tried three times, and nothing was sent.",
        ways=("create", "chunks", "events"),
        ask=Ask(options=_nowhere),
        expect=Expect(
            error=APIConnectionError,
            says=("cannot connect to 127.0.0.1:",),
            facts={"sent": False, "retry_safe": True},
            attempts=3,
            requests=0,
            billed=False,
        ),
        usable_after=False,
    ),
    Scenario(
        name="connection-refused-to-an-injected-client",
        topic="connections",
        about="The same, in the words of whatever connects.",
        ask=Ask(options=_nowhere),
        expect=Expect(
            error=APIConnectionError, facts={"sent": False, "retry_safe": True}, attempts=3, requests=0, billed=False
        ),
        injected=True,
        usable_after=False,
    ),
    Scenario(
        name="name-that-nobody-has",
        topic="connections",
        about="A host name that cannot be looked up is a failed connection.",
        ask=Ask(options=_no_name),
        expect=Expect(error=APIConnectionError, facts={"sent": False}, attempts=2, requests=0, billed=False),
        usable_after=False,
    ),
)
