"""Heads of replies as no server should write them: read all the same, or a typed error, and never the next call's trouble."""

from __future__ import annotations

import twinwire
from twinwire.errors import APIConnectionError, DecodeError, InternalServerError
from twinwire.testing.answers import Raw, Reply
from twinwire.testing.faults import Insert
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.on_the_wire import BODY, LENGTH, TEXT, TYPE, answer, head


def _read(name: str, about: str, *writes: bytes, injected: bool = True) -> Scenario:
    """Odd, but there is only one way to understand it."""
    return Scenario(
        name=name,
        topic="connections",
        about=about,
        server=(Raw(writes),),
        expect=Expect(text=TEXT, attempts=1),
        injected=injected,
    )


def _refused(name: str, about: str, *writes: bytes, says: tuple[str, ...] = ()) -> Scenario:
    """Not to be understood: the connection is dropped, and who was billed for it is told."""
    return Scenario(
        name=name,
        topic="connections",
        about=about,
        server=(Raw(writes, close=False),),
        ask=Ask(options={"max_retries": 0}, earlier=1),
        expect=Expect(
            error=APIConnectionError,
            says=says,
            facts={"retry_safe": True},
            attempts=1,
            billed=True,
            open_connections=0,
            seconds=(0, 5 * UNIT),
        ),
        injected=True,
    )


SCENARIOS = (
    _refused("no-status-line", "The reply begins with the body (HTTP/0.9).", BODY + b"\r\n\r\n"),
    _refused(
        "banner-of-another-protocol",
        "A mail server answers.",
        b"220 mail.example ESMTP ready\r\n",
        b"500 what is POST\r\n\r\n",
    ),
    _refused(
        "http2-preface",
        "A server speaks HTTP/2 without being asked.",
        b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18,
    ),
    _refused(
        "tls-alert-in-plain-text",
        "A port of TLS answers a plain request with an alert.",
        b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n",
    ),
    _refused("version-in-lower-case", "http/1.1 is no HTTP version.", answer(status=b"http/1.1 200 OK")),
    _refused("version-unknown", "HTTP/3.7 is nothing that was spoken here.", answer(status=b"HTTP/x.7 200 OK")),
    _refused("status-of-two-digits", "A status has three digits.", answer(status=b"HTTP/1.1 20 OK")),
    _refused("status-of-four-digits", "A status has three digits.", answer(status=b"HTTP/1.1 2000 OK")),
    _refused("status-with-a-sign", "A status has no sign.", answer(status=b"HTTP/1.1 +20 OK")),
    _refused("status-099", "No status is below 100.", answer(status=b"HTTP/1.1 099 What")),
    _refused(
        "status-in-other-digits", "Digits of other scripts are no digits.", answer(status="HTTP/1.1 ٢٠٠ OK".encode())
    ),
    *(
        Scenario(
            name=f"status-{status}",
            topic="connections",
            about=f"{status} is outside of HTTP, but three digits: an error of the server, not repeated.",
            server=(Raw([answer(status=f"HTTP/1.1 {status} Beyond".encode())]),),
            expect=Expect(error=InternalServerError, facts={"status_code": status}, attempts=1),
            injected=True,
        )
        for status in (600, 999)
    ),
    Scenario(
        name="status-101-unasked",
        topic="connections",
        about="A server that changes the protocol unasked has not answered; the connection is not used again.",
        server=(
            Raw(
                [head(b"upgrade: websocket", b"connection: upgrade", status=b"HTTP/1.1 101 Switching Protocols")],
                close=False,
            ),
        ),
        ask=Ask(options={"max_retries": 0, "timeout": 2 * UNIT}),
        expect=Expect(error=APIConnectionError, attempts=1, open_connections=0),
        injected=True,
    ),
    _read("reason-missing", "A status line may end after the status.", answer(status=b"HTTP/1.1 200")),
    _read("reason-empty", "The reason may be empty.", answer(status=b"HTTP/1.1 200 ")),
    _read(
        "reason-in-any-bytes",
        "The reason may hold bytes of any encoding.",
        answer(status=b"HTTP/1.1 200 \xff\xfe\xe2\x98\x83 d'accord"),
    ),
    _refused(
        "blank-line-before-the-status-line", "A reply that begins with a blank line is out of step.", b"\r\n" + answer()
    ),
    _read(
        "header-in-capitals",
        "Names of headers have no case.",
        head(b"CONTENT-TYPE: application/json", LENGTH.upper()) + BODY,
    ),
    _read(
        "header-without-space",
        "No space is needed after the colon.",
        head(b"content-type:application/json", LENGTH.replace(b" ", b"")) + BODY,
    ),
    _read("header-empty", "A header may be empty.", answer(b"x-empty:", b"x-blank:   ")),
    _read(
        "header-of-any-bytes",
        "A header may hold bytes of any encoding.",
        answer(b"x-note: \xff\xfe\xe2\x98\x83", b"x-tab: a\tb"),
    ),
    _read(
        "header-folded",
        "A header on two lines (as RFC 2616 allowed) is read as one.",
        answer(b"x-long: one", b" two"),
    ),
    _read("header-repeated", "Headers repeat.", answer(*[b"x-request-id: req-%d" % n for n in range(50)])),
    _read("header-of-60-kB", "A head of 60 kB is below the cap.", answer(b"x-long: " + b"x" * 60_000)),
    _read("line-ends-without-cr", "Lines that end in LF alone are lines.", answer().replace(b"\r\n", b"\n")),
    _refused("header-without-colon", "A line without a colon is no header.", answer(b"what is this")),
    _refused("header-without-name", "A header has a name.", answer(b": nameless")),
    _refused(
        "header-with-space-before-the-colon",
        "A space before the colon is how headers are smuggled.",
        answer(b"content-length : 3"),
    ),
    _refused("header-name-of-other-bytes", "The name of a header is plain ASCII.", answer(b"x-\xc3\xa9: 1")),
    _refused("header-with-nul", "NUL stands in no header.", answer(b"x-nul: a\x00b")),
    _refused(
        "header-folded-first",
        "The first header line cannot go on with one before it.",
        head(b" folded: 1", TYPE, LENGTH) + BODY,
    ),
    Scenario(
        name="header-with-a-bare-cr",
        topic="connections",
        about="A CR inside of a header makes no second header of it: refused, or one value.",
        server=(Raw([answer(b"x-cr: a\rx-evil: 1")], close=False),),
        ask=Ask(options={"max_retries": 0}),
        expect=Expect(error=APIConnectionError, attempts=1),
    ),
    Scenario(
        name="header-that-splits-the-reply",
        topic="connections",
        about="A header of the server's that holds a line break ends there: what follows is never the next call's answer.",
        server=(
            Raw(
                [
                    answer(b"x-request-id: a\r\nx-evil: 1"),
                    answer(status=b"HTTP/1.1 200 Evil").replace(b"Here.", b"Evil."),
                ],
                close=False,
            ),
        ),
        expect=Expect(text=TEXT, attempts=1),
        injected=True,
    ),
    Scenario(
        name="header-of-70-kB",
        topic="connections",
        about="A head over the cap is a typed error that names the cap, and is not asked for again.",
        server=(Raw([answer(b"x-long: " + b"x" * 70_000)], close=False),),
        expect=Expect(
            error=DecodeError, says=("65536",), facts={"retry_safe": False}, attempts=1, billed=True, open_connections=0
        ),
    ),
    Scenario(
        name="header-lines-by-the-thousand",
        topic="connections",
        about="Ten thousand header lines are over the cap as one long one is.",
        ways=("create", "chunks"),
        server=(Raw([answer(*[b"x-%d: %d" % (n, n) for n in range(10_000)])], close=False),),
        expect=Expect(error=DecodeError, says=("65536",), attempts=1, open_connections=0),
    ),
    Scenario(
        name="header-cap-of-ones-own",
        topic="connections",
        about="caps.max_head_bytes says how long a head may be.",
        server=(Raw([answer(b"x-long: " + b"x" * 3000)], close=False),),
        ask=Ask(options=lambda _: {"caps": twinwire.Caps(max_head_bytes=2000)}),
        expect=Expect(error=DecodeError, says=("2000",), attempts=1, open_connections=0),
    ),
    Scenario(
        name="header-without-end",
        topic="connections",
        about="Header lines that never end are refused at the cap, with no more than that in memory.",
        server=(Reply(faults=[Insert(b"x-more: and more\r\n" * 1000, "mid_head", times=None)]),),
        expect=Expect(error=DecodeError, says=("65536",), attempts=1, peak_bytes=2_000_000),
    ),
    Scenario(
        name="status-line-without-end",
        topic="connections",
        about="A status line that never ends is refused at the cap.",
        server=(Raw([b"HTTP/1.1 200 " + b"O" * 200_000], close=False),),
        expect=Expect(error=DecodeError, says=("65536",), attempts=1, open_connections=0),
    ),
    Scenario(
        name="interim-replies",
        topic="connections",
        about="100, 102 and 103 come before the reply and are not it.",
        ways=("create", "chunks", "events"),
        server=(
            Reply(
                "Here.",
                faults=[
                    Insert(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n", "before_head"),
                    Insert(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n", "before_head"),
                ],
            ),
        ),
        expect=Expect(text="Here.", attempts=1),
        injected=True,
    ),
    Scenario(
        name="interim-replies-without-end",
        topic="connections",
        about="Interim replies count as head: a flood of them ends at its cap, with no more than that in memory.",
        server=(Reply(faults=[Insert(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000, "before_head", times=None)]),),
        expect=Expect(error=DecodeError, says=("65536",), attempts=1, peak_bytes=2_000_000),
    ),
    Scenario(
        name="interim-reply-and-no-other",
        topic="connections",
        about="An interim reply after which the server closes is no answer: repeated, and marked as possibly billed.",
        server=(Raw([b"HTTP/1.1 102 Processing\r\n\r\n"]), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, billed=True),
        injected=True,
    ),
    Scenario(
        name="head-cut-in-the-status-line",
        topic="connections",
        about="A connection that closes within the status line is repeated, and marked.",
        server=(Raw([b"HTTP/1.1 2"]), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, billed=True),
        injected=True,
    ),
    Scenario(
        name="head-cut-before-its-end",
        topic="connections",
        about="A head without its blank line is no head, however whole it looks.",
        server=(Raw([answer()[: -len(BODY) - 2]]), Reply("Here.")),
        expect=Expect(text="Here.", attempts=2, billed=True),
        injected=True,
    ),
    Scenario(
        name="head-byte-by-byte",
        topic="connections",
        about="A head that comes byte by byte is the same head.",
        server=(Raw([answer()[n : n + 1] for n in range(len(answer()))]),),
        expect=Expect(text=TEXT, attempts=1),
        injected=True,
    ),
)
