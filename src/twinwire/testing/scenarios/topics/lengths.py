"""Where a body ends: lengths and chunks that lie, and bytes that nobody asked for."""

from __future__ import annotations

from twinwire.errors import APIConnectionError, APIStatusError, DecodeError
from twinwire.testing.answers import Exchange, Raw, Reply
from twinwire.testing.faults import Framing, Insert, Pieces
from twinwire.testing.scenarios.scenario import UNIT, Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.on_the_wire import BODY, LENGTH, TEXT, TYPE, answer, chunked, head

_EVIL = answer().replace(TEXT.encode(), b"Evil.")
_CHUNKED = b"transfer-encoding: chunked"


def _read(name: str, about: str, *writes: bytes, close: bool = False, stays_open: int | None = None) -> Scenario:
    """Only one way to understand it."""
    return Scenario(
        name=name,
        topic="connections",
        about=about,
        server=(Raw(writes, close=close),),
        expect=Expect(text=TEXT, attempts=1, open_connections=stays_open),
        injected=True,
    )


def _refused(name: str, about: str, *writes: bytes) -> Scenario:
    """The connection is dropped; the attempt may have been billed."""
    return Scenario(
        name=name,
        topic="connections",
        about=about,
        server=(Raw(writes, close=False),),
        ask=Ask(options={"max_retries": 0}),
        expect=Expect(
            error=APIConnectionError,
            facts={"retry_safe": True},
            attempts=1,
            billed=True,
            open_connections=0,
            seconds=(0, 5 * UNIT),
        ),
        injected=True,
    )


def _repeated(name: str, about: str, *writes: bytes) -> Scenario:
    """Cut: it is asked for again, and who was billed for the first is told."""
    return Scenario(
        name=name,
        topic="connections",
        about=about,
        server=(Raw(writes), Reply("Here.")),
        expect=Expect(text=TEXT, attempts=2, billed=True),
        injected=True,
    )


def _never_the_next(name: str, about: str, *writes: bytes) -> Scenario:
    """What stays behind on a connection answers nothing, costs no attempt, and is not taken for the next reply's beginning."""
    return Scenario(
        name=name,
        topic="connections",
        about=about,
        server_options={"default": Raw(writes, close=False)},
        server=(Reply("My own."),),
        ask=Ask(earlier=1),
        expect=Expect(text="My own.", attempts=1, billed=False, connections=1),
    )


SCENARIOS = (
    _read("length-whole", "A body of the length that was said.", answer(), stays_open=1),
    _read("length-said-twice", "Two equal lengths are one length.", answer(LENGTH)),
    _read(
        "length-in-a-list",
        "`n, n` is n, as proxies join headers.",
        head(TYPE, LENGTH + b", " + LENGTH.partition(b" ")[2]) + BODY,
    ),
    _read(
        "length-until-close",
        "Without a length the body ends with the connection.",
        head(TYPE) + BODY,
        close=True,
        stays_open=0,
    ),
    _read(
        "http-1.0",
        "An HTTP/1.0 server closes after its reply.",
        answer(status=b"HTTP/1.0 200 OK"),
        close=True,
        stays_open=0,
    ),
    _read(
        "http-1.0-that-stays-open",
        "A 1.0 server that does not close: its length is enough, and the connection is not used again.",
        answer(status=b"HTTP/1.0 200 OK"),
        stays_open=0,
    ),
    _read(
        "http-1.0-with-keep-alive",
        "A 1.0 server that says keep-alive.",
        answer(b"connection: keep-alive", status=b"HTTP/1.0 200 OK"),
    ),
    _read("chunked-whole", "A chunked body.", chunked(), stays_open=1),
    _read("chunked-with-extensions", "Chunk extensions mean nothing.", chunked(extension=b';name="a b";x')),
    _read(
        "chunked-with-trailers",
        "Fields after the last chunk are passed over.",
        chunked(end=b"0\r\nx-checksum: abc\r\nx-more: 1\r\n\r\n"),
        stays_open=1,
    ),
    _read(
        "chunked-in-capitals",
        "Hexadecimal digits and the coding's name have no case.",
        head(TYPE, b"Transfer-Encoding: CHUNKED") + b"%X\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    ),
    _read(
        "chunked-with-leading-zeros",
        "A size may begin with zeros.",
        head(TYPE, _CHUNKED) + b"0000%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    ),
    _read(
        "chunked-beside-a-length",
        "Of chunked and a length, chunked holds (RFC 9112, 6.3).",
        chunked(b"content-length: 5"),
    ),
    _read(
        "body-byte-by-byte",
        "A body that comes byte by byte.",
        head(TYPE, LENGTH),
        *[BODY[n : n + 1] for n in range(len(BODY))],
    ),
    _refused(
        "lengths-that-differ",
        "Two lengths that differ: nobody knows where the next reply begins.",
        answer(b"content-length: 5"),
    ),
    _refused("lengths-that-differ-in-a-list", "The same in one header.", head(TYPE, LENGTH + b", 5") + BODY),
    _refused("length-negative", "A length is not negative.", head(TYPE, b"content-length: -1") + BODY),
    _refused("length-with-a-sign", "A length has no sign.", head(TYPE, LENGTH.replace(b": ", b": +")) + BODY),
    _refused("length-in-hexadecimal", "A length is decimal.", head(TYPE, b"content-length: 0xff") + BODY),
    _refused("length-of-nothing", "A length has digits.", head(TYPE, b"content-length:") + BODY),
    _refused(
        "length-beyond-reason",
        "A length of 25 digits is no length.",
        head(TYPE, b"content-length: 9999999999999999999999999") + BODY,
    ),
    _refused(
        "coding-unknown",
        "A transfer coding that was not offered.",
        head(TYPE, b"transfer-encoding: gzip, chunked") + b"5\r\nabcde\r\n0\r\n\r\n",
    ),
    _refused(
        "chunked-not-last",
        "Chunked comes last, or the end cannot be found.",
        head(TYPE, b"transfer-encoding: chunked, gzip") + BODY,
    ),
    _refused("chunk-size-garbage", "A chunk's size is a number.", head(TYPE, _CHUNKED) + b"xyz\r\nabc\r\n"),
    _refused("chunk-size-negative", "A chunk's size is not negative.", head(TYPE, _CHUNKED) + b"-5\r\nabcde\r\n"),
    _refused(
        "chunk-size-beyond-reason", "A size of 25 digits is no size.", head(TYPE, _CHUNKED) + b"f" * 25 + b"\r\nabc"
    ),
    _refused("chunk-size-empty", "A chunk has a size.", head(TYPE, _CHUNKED) + b"\r\nabc\r\n"),
    _refused(
        "chunk-longer-than-its-size",
        "After a chunk comes a line end.",
        head(TYPE, _CHUNKED) + b"3\r\nabcdefghi\r\n0\r\n\r\n",
    ),
    _repeated(
        "length-too-long",
        "The server closes before the length that it said.",
        head(TYPE, b"content-length: 5000") + BODY,
    ),
    _repeated(
        "chunked-without-end",
        "The server closes before the last chunk: whole or not, it did not say so.",
        chunked(end=b""),
    ),
    _repeated("chunked-cut-in-a-size", "The server closes within a chunk's size.", chunked(end=b"1")),
    _repeated("chunked-cut-in-a-chunk", "The server closes within a chunk.", chunked()[:-60]),
    _repeated("body-cut-until-close", "A body without a length that ends early is no JSON.", head(TYPE) + BODY[:-20]),
    Scenario(
        name="length-too-short",
        topic="connections",
        about="What comes after the length that was said is not part of the body: cut JSON is no answer, and the rest no reply.",
        server=(Reply("Here.", faults=[Framing("content-length", length_error=-10)]), Reply("Here.")),
        expect=Expect(text=TEXT, attempts=2, billed=True),
        injected=True,
    ),
    _never_the_next(
        "second-reply-unasked", "A second reply that nobody asked for, in the same packet.", answer() + _EVIL
    ),
    _never_the_next("second-reply-after-chunks", "A second reply right behind the last chunk.", chunked() + _EVIL),
    _never_the_next("garbage-after-the-reply", "Bytes after the end of a reply.", answer() + b"\r\n\r\nmore"),
    _never_the_next("half-a-reply-after-the-reply", "The beginning of another reply.", answer() + _EVIL[:40]),
    _never_the_next(
        "half-a-reply-after-chunks", "The beginning of another reply, behind the last chunk.", chunked() + _EVIL[:40]
    ),
    _never_the_next("text-behind-chunks", "The next line of a log, behind the last chunk.", chunked() + b"done\n"),
    _never_the_next("blank-line-after-the-reply", "A line end too many.", answer() + b"\r\n"),
    Scenario(
        name="stream-with-a-second-reply",
        topic="connections",
        about="A reply that follows a stream on its connection is nobody's.",
        ways=("chunks", "events"),
        server=(Reply("Here.", faults=[Insert(_EVIL, "after_reply")]),),
        expect=Expect(text="Here.", attempts=1),
        injected=True,
    ),
    Scenario(
        name="stream-of-single-bytes",
        topic="connections",
        about="A stream whose framing and events come byte by byte.",
        ways=("chunks", "events"),
        server=(Reply("One two.", faults=[Pieces(1, of="wire")]),),
        expect=Expect(text="One two.", attempts=1),
        injected=True,
    ),
    Scenario(
        name="body-of-nothing",
        topic="connections",
        about="A 200 with nothing in it is no answer: asked for again, and told when it stays so.",
        ways=("create", "chunks", "events"),
        server=tuple(Exchange(200, {"content-type": "application/json"}) for _ in range(3)),
        expect=Expect(error=DecodeError, says=("empty",), attempts=3, billed=True),
        injected=True,
    ),
    Scenario(
        name="status-204",
        topic="connections",
        about="A 204 has no body, and so no answer.",
        server=tuple(Exchange(204) for _ in range(3)),
        expect=Expect(error=DecodeError, attempts=3),
        injected=True,
    ),
    Scenario(
        name="status-204-with-a-body",
        topic="connections",
        about="A body behind a 204 is none, and its bytes are not the next call's reply.",
        server=(Raw([answer(status=b"HTTP/1.1 204 No Content")], close=False),),
        ask=Ask(options={"max_retries": 0}),
        expect=Expect(error=DecodeError, attempts=1, open_connections=0),
    ),
    Scenario(
        name="status-304",
        topic="connections",
        about="A 304 says that a copy is still good; there is none, so it is an error.",
        server=(Exchange(304),),
        expect=Expect(error=APIStatusError, facts={"status_code": 304}, attempts=1),
        injected=True,
    ),
)
