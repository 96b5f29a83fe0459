"""Content encodings of replies, whole and streamed: those that are offered are read, and what is corrupt is typed."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from twinwire import Caps
from twinwire.errors import DecodeError, StreamTruncatedError
from twinwire.testing.answers import Exchange, Reply
from twinwire.testing.faults import AfterEvents, Encode, Framing, Insert, Pieces
from twinwire.testing.jsons import dump
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import EVENTS, JSON, ends, events, reply, says, told, whole
from twinwire.testing.scenarios.topics.bombs import MB, bomb

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.answers import Answer
    from twinwire.testing.requests import RecordedRequest

TEXT = "Gr\u00fc\u00dfe aus der Ferne."
_WHOLE = dump(reply(told(content=TEXT)))
_STREAM = events(says("Gr\u00fc\u00dfe "), says("aus der "), says("Ferne."), ends())


def _deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _members(data: bytes) -> bytes:
    third = len(data) // 3
    return gzip.compress(data[:third]) + gzip.compress(b"") + gzip.compress(data[third:])


def _stored(data: bytes) -> bytes:
    return gzip.compress(data, 0)


def _named(data: bytes) -> bytes:
    return (
        b"\x1f\x8b\x08\x08\0\0\0\0\0\xffname.json\0"
        + _deflate_raw(data)
        + zlib.crc32(data).to_bytes(4, "little")
        + len(data).to_bytes(4, "little")
    )


def _flushed(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def _plain(data: bytes) -> bytes:
    return data


def _same(answer: Callable[[bytes], bytes], coding: str | None, *pieces: int) -> Answer:
    """The whole answer or the stream, as the request asks, changed by *answer* and labelled *coding*."""

    def play(request: RecordedRequest) -> Exchange:
        is_stream = request.json.get("stream") is True
        headers = {**(EVENTS if is_stream else JSON), "content-encoding": coding}
        faults = [Pieces(pieces)] if pieces else []
        return Exchange(200, headers, answer(_STREAM if is_stream else _WHOLE), faults=[Framing("chunked"), *faults])

    return play


# name, what is done, the answer
_READ: list[tuple[str, str, Answer]] = [
    ("gzip", "gzip", _same(gzip.compress, "gzip")),
    ("gzip-byte-by-byte", "gzip, in pieces of one byte", _same(gzip.compress, "gzip", *[1] * 200)),
    ("gzip-upper-case", "gzip, spelled GZIP", _same(gzip.compress, "GZIP")),
    ("gzip-stored", "gzip without compression", _same(_stored, "gzip")),
    ("gzip-named", "gzip with a file's name in its header", _same(_named, "gzip")),
    ("gzip-members", "gzip of several members, one of them empty", _same(_members, "gzip")),
    ("x-gzip", "x-gzip", _same(gzip.compress, "x-gzip")),
    ("deflate", "deflate", _same(zlib.compress, "deflate")),
    ("deflate-raw", "deflate without its wrapper", _same(_deflate_raw, "deflate")),
    ("deflate-split-head", "deflate, its head split", _same(zlib.compress, "deflate", 1, 1, 1)),
    ("deflate-raw-split-head", "deflate without its wrapper, its head split", _same(_deflate_raw, "deflate", 1, 1, 1)),
    ("identity", "identity", _same(_plain, "identity")),
    ("blank", "an empty encoding", _same(_plain, "")),
]

# name, what is wrong, the answer, class for a whole reply, class for a stream, whether it is repeated
_WRONG: list[tuple[str, str, Answer, bool]] = [
    ("br", "br, which nobody offered", _same(lambda _: b"\x0b\x02\x80hello\x03", "br"), False),
    ("zstd", "zstd, which nobody offered", _same(lambda _: b"\x28\xb5\x2f\xfd", "zstd"), False),
    ("double", "gzip twice", _same(lambda data: gzip.compress(gzip.compress(data)), "gzip, gzip"), False),
    ("nonsense", "an encoding of a thousand characters", _same(_plain, "x" * 1000), False),
    ("plain-as-gzip", "plain text that is labelled gzip", _same(_plain, "gzip"), True),
    ("plain-as-deflate", "plain text that is labelled deflate", _same(_plain, "deflate"), True),
    ("gzip-as-deflate", "gzip that is labelled deflate", _same(gzip.compress, "deflate"), True),
    ("gzip-unlabelled", "gzip without a label", _same(gzip.compress, None), True),
    (
        "corrupt",
        "gzip that is corrupt from the beginning on",
        _same(lambda data: gzip.compress(data)[:12] + b"\xff" * 40, "gzip"),
        True,
    ),
    ("cut-head", "gzip that ends within its header", _same(lambda data: gzip.compress(data)[:5], "gzip"), True),
]

# For whole replies alone
_WRONG_WHOLE: list[tuple[str, str, bytes]] = [
    (
        "corrupt-amid",
        "is corrupt in its middle",
        (packed := gzip.compress(_WHOLE, 0))[:60] + b"\xff\0\xff" + packed[63:],
    ),
    ("cut-amid", "is cut in its middle, in good order", gzip.compress(_WHOLE)[:-60]),
    ("no-trailer", "lacks its trailer", gzip.compress(_WHOLE)[:-8]),
    ("half-trailer", "lacks half of its trailer", gzip.compress(_WHOLE)[:-4]),
    ("wrong-checksum", "has a wrong checksum", gzip.compress(_WHOLE)[:-8] + b"\0\0\0\0" + gzip.compress(_WHOLE)[-4:]),
    ("garbage-behind", "has garbage behind it", gzip.compress(_WHOLE) + b"garbage"),
    ("cut-second-member", "ends within its second member", gzip.compress(_WHOLE) + gzip.compress(b"  ")[:-9]),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"encoding-{name}",
            topic="replies",
            about=f"The answer is encoded as {about}: it is read right, whole and streamed.",
            ways=("create", "chunks", "events"),
            server=(answer,),
            expect=Expect(text=TEXT),
            injected=True,
        )
        for name, about, answer in _READ
    ),
    *(
        Scenario(
            name=f"encoding-{name}",
            topic="replies",
            about=f"The answer is {about}: it cannot be read, and the error says so.",
            ways=("create",) if name == "gzip-unlabelled" else ("create", "events"),
            server=(answer,) * 3,
            expect=Expect(error=DecodeError, attempts=3 if is_repeated else 1, billed=True),
            injected=True,
        )
        for name, about, answer, is_repeated in _WRONG
    ),
    *(
        Scenario(
            name=f"encoding-{name}",
            topic="replies",
            about=f"The gzip data of a whole answer {about}: it is not trusted, and asked for again.",
            server=(Exchange(200, {**JSON, "content-encoding": "gzip"}, body), Reply("Here.")),
            expect=Expect(text="Here.", attempts=2),
            injected=True,
        )
        for name, about, body in _WRONG_WHOLE
    ),
    *(
        Scenario(
            name=f"encoding-stream-{name}",
            topic="streams",
            about=f"A compressed stream {about}: it ends typed, and what had arrived is kept.",
            ways=("chunks", "events"),
            server=(answer,),
            expect=Expect(error=error, partial="One", billed=True),
            injected=True,
        )
        for name, about, answer, error in (
            (
                "corrupt-amid",
                "is corrupt in its middle",
                Reply("One two three.", faults=[Encode(), Insert(b"\xff" * 50, AfterEvents(2), is_encoded=False)]),
                DecodeError,
            ),
            (
                "cut-in-order",
                "ends in its middle, in good order",
                Exchange(200, {**EVENTS, "content-encoding": "gzip"}, _flushed(events(says("One"), done=False))),
                DecodeError,
            ),
            (
                "garbage-amid",
                "has garbage after its gzip data, before its end",
                Exchange(
                    200,
                    {**EVENTS, "content-encoding": "gzip"},
                    gzip.compress(events(says("One"), done=False)) + b"garbage",
                ),
                DecodeError,
            ),
            (
                "damaged",
                "was damaged on its way, which only its checksum shows, behind [DONE]",
                Exchange(
                    200,
                    {**EVENTS, "content-encoding": "gzip"},
                    gzip.compress(events(says("Two"), ends()), 0).replace(b'"Two"', b'"One"'),
                ),
                DecodeError,
            ),
            (
                "whole-but-short",
                "is whole gzip data of half a stream",
                Exchange(200, {**EVENTS, "content-encoding": "gzip"}, gzip.compress(events(says("One"), done=False))),
                StreamTruncatedError,
            ),
        )
    ),
    Scenario(
        name="encoding-stream-garbage-behind",
        topic="streams",
        about="Garbage follows the gzip data of a stream that was complete: the answer stands.",
        ways=("chunks", "events"),
        server=(Exchange(200, {**EVENTS, "content-encoding": "gzip"}, gzip.compress(_STREAM) + b"garbage"),),
        expect=Expect(text=TEXT),
        injected=True,
    ),
    *(
        Scenario(
            name=f"bomb-{name}",
            topic="replies",
            about=f"{about}: it ends typed, with memory bounded, and is not asked for again.",
            server=(Exchange(200, {**JSON, "content-encoding": coding}, body),) * 3,
            ask=Ask(options=options),
            expect=Expect(error=DecodeError, says=("limit is",), peak_bytes=peak, billed=True),
        )
        for name, about, coding, body, options, peak in (
            ("gzip", "400 kB of gzip unpack to 400 MB", "gzip", bomb(b'{"x": "', b"x", 400), {}, 160 * MB),
            (
                "deflate",
                "100 kB of deflate unpack to 100 MB, past a cap of 4 MB",
                "deflate",
                bomb(b'{"x": "', b"x", 100, "deflate"),
                {"caps": Caps(max_body_bytes=4 * MB)},
                16 * MB,
            ),
        )
    ),
    Scenario(
        name="body-over-its-cap",
        topic="replies",
        about="A body grows past its cap without any compression: it ends typed, with memory bounded.",
        server=(Exchange(200, JSON, b'{"x": "', faults=[Insert(b"x" * 65_536, times=None)]),) * 3,
        ask=Ask(options={"caps": Caps(max_body_bytes=4 * MB)}),
        expect=Expect(error=DecodeError, says=("limit is 4000000",), peak_bytes=24 * MB, billed=True),
    ),
    Scenario(
        name="body-of-its-cap",
        topic="replies",
        about="A body as large as its cap is read.",
        server=(whole(_WHOLE + b" " * (50_000 - len(_WHOLE))),),
        ask=Ask(options={"caps": Caps(max_body_bytes=50_000)}),
        expect=Expect(text=TEXT),
        injected=True,
    ),
)
