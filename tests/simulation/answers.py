"""What the simulated server does with one request, and what that means: the truth that a call's outcome is compared with."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, field, frozen

from tests.simulation.delays import Delay, draw
from twinwire.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DecodeError,
    InternalServerError,
    NotFoundError,
    OverloadedError,
    PaymentRequiredError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
    StreamError,
    StreamTruncatedError,
    UnprocessableEntityError,
)

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.exchange import Exchange
    from tests.simulation.weather import Weather

Ending = Literal["end", "reset", "close", "stall"]
BeforeHead = Literal["reset", "close", "stall", "garbled", "endless"]
Pairs = tuple[tuple[str, str], ...]

JSON: Pairs = (("content-type", "application/json"),)
EVENTS: Pairs = (("content-type", "text/event-stream; charset=utf-8"),)
_BEFORE_HEAD: tuple[BeforeHead, ...] = ("reset", "close", "stall", "garbled", "endless")
_END: Ending = "end"
WORDS = ("one", "two", "drei", "čtyři", "пять", "六", "🙂", "and", "so", "on", "\n", "\u2028", "data:", "[DONE]")

TRANSIENT: dict[int, type[APIError]] = {
    408: APIStatusError,
    409: ConflictError,
    500: InternalServerError,
    502: InternalServerError,
    503: OverloadedError,
    504: InternalServerError,
    529: OverloadedError,
}
FINAL: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    413: BadRequestError,
    422: UnprocessableEntityError,
}


@frozen(kw_only=True)
class Script:
    """One answer: when its head comes, which pieces follow, how it ends."""

    kind: str
    status: int = 200
    headers: Pairs = JSON
    head_seconds: float = 0.01
    """From the arrival of the request to the head."""
    before_head: BeforeHead | None = None
    """What happens in place of a head."""
    pieces: tuple[tuple[float, bytes], ...] = field(default=(), repr=False)
    """Each with the seconds since the one before."""
    ending: Ending = "end"
    end_seconds: float = 0.0
    """From the last piece to the ending."""
    text: str | None = None
    """The text of the answer, where there is one to be had."""
    chunks: tuple[object, ...] = field(default=(), repr=False)
    """The items of a stream, in order."""
    works: bool = False
    """Whether the server does, and charges, the work."""
    errors: tuple[type[APIError], ...] = ()
    """How the attempt may end; empty where it must succeed."""
    is_retried: bool | None = None
    """Whether the attempt is to be repeated; None where that depends on how far it came."""
    delay: Delay | None = None


class Author:
    """Writes the answers of one schedule."""

    model = "m"
    """Which it says that it is."""

    def __init__(self, random: Random, weather: Weather, patience_seconds: float) -> None:
        self._random = random
        self._weather = weather
        self._patience = patience_seconds
        self._count = 0

    def answer(self, *, is_stream: bool, wall: float, exchange: Exchange) -> Script:
        """Choose what to answer a request with; *wall* is the true time in epoch seconds."""
        self._count += 1
        script = self._refusal(wall) or self._reply(wall, is_stream=is_stream)
        return self._delayed(script)

    def ended(self, exchange: Exchange) -> None:
        """The exchange is over, and its connection is free or gone."""

    def _strikes(self, kind: str) -> bool:
        return self._weather.strikes(kind, self._random)

    # Refusals: a status says no.

    def _refusal(self, wall: float) -> Script | None:
        if self._strikes("transient"):
            status = self._random.choice(sorted(TRANSIENT))
            delay = self._delay(wall, is_rate_limit=False) if self._random.random() < 0.4 else None
            return self._status(status, TRANSIENT[status], delay, is_retried=True)
        if self._strikes("throttled"):
            delay = self._delay(wall, is_rate_limit=True) if self._random.random() < 0.8 else None
            return self._status(429, RateLimitError, delay, is_retried=True)
        if self._strikes("final"):
            status = self._random.choice(sorted(FINAL))
            return self._status(status, FINAL[status], None, is_retried=False)
        if self._strikes("quota"):
            return self._status(429, QuotaExceededError, None, is_retried=False, code="insufficient_quota")
        if self._strikes("payment"):
            return self._status(
                402, PaymentRequiredError, self._delay(wall, is_rate_limit=False), is_retried=True, kind="payment"
            )
        if self._strikes("redirect"):
            script = self._status(307, APIStatusError, None, is_retried=False, kind="redirect")
            return evolve(
                script, headers=(*script.headers, ("location", "https://elsewhere.example/v1/chat/completions"))
            )
        if self._strikes("told"):
            word = self._random.choice(("true", "false", "True"))
            status = self._random.choice((400, 429, 500, 503))
            kind = FINAL.get(status) or TRANSIENT.get(status) or RateLimitError
            script = self._status(status, kind, None, is_retried=word.lower() == "true", kind="told")
            return evolve(script, headers=(*script.headers, ("X-Should-Retry", word)))
        return None

    def _delay(self, wall: float, *, is_rate_limit: bool) -> Delay:
        return draw(self._random, wall, is_rate_limit=is_rate_limit, scale=self._patience)

    def _status(
        self,
        status: int,
        error: type[APIError],
        delay: Delay | None,
        *,
        is_retried: bool,
        code: str | None = None,
        kind: str = "",
    ) -> Script:
        body: dict[str, object] = {"message": f"status {status}", "type": None, "code": code}
        if delay is not None and delay.body_headers:
            body["metadata"] = {"headers": dict(delay.body_headers)}
        raw = json.dumps({"error": body}).encode()
        if code is not None or "metadata" in body:  # what counts stands in the body, so that must be whole
            pieces, ending = self._cut(raw), _END
        else:
            if self._random.random() < 0.1:
                raw = self._random.choice((b"", b"<html>no</html>", b"upstream error", raw[:-9], b"\xff\xfe"))
            pieces, ending = self._broken(self._cut(raw), raw)
        return Script(
            kind=kind or f"status {status}",
            status=status,
            headers=JSON if delay is None else (*JSON, *delay.headers),
            pieces=pieces,
            ending=ending,
            errors=(error,),
            is_retried=is_retried and (delay is None or delay.seconds is not None),
            delay=delay,
        )

    # Replies: a status of 200, and what may be wrong with it.

    def _reply(self, wall: float, *, is_stream: bool) -> Script:
        if self._strikes("error_in_200"):
            return self._error_inside()
        if self._strikes("bad_body"):
            return self._bad_body()
        if self._strikes("misfit"):
            return self._misfit(is_stream=is_stream)
        return self._stream() if is_stream else self._whole()

    def _error_inside(self) -> Script:
        code, error, is_retried = self._random.choice(
            (
                (502, InternalServerError, True),
                (429, RateLimitError, True),
                (400, BadRequestError, False),
                (503, OverloadedError, True),
                ("insufficient_quota", QuotaExceededError, False),
            )
        )
        body = json.dumps({"error": {"message": "inside", "code": code}}).encode()
        return Script(kind=f"error {code} in 200", pieces=self._cut(body), errors=(error,), is_retried=is_retried)

    def _bad_body(self) -> Script:
        body, is_retried = self._random.choice(
            (
                (b"", True),
                (b"   \n\n", True),
                (b"nonsense", True),
                (b'{"choices": [{"message"', True),
                (b"17", True),
                (b"null", True),
                (b'"text"', True),
                (b"[" * 5000 + b"]" * 5000, True),
                (b'{"choices": []}', False),
                (b'\xff{"choices": []}', True),
                (b'{"id": ' + b"1" * 5000 + b"}", True),
            )
        )
        return Script(kind="bad body", pieces=self._cut(body), works=True, errors=(DecodeError,), is_retried=is_retried)

    def _misfit(self, *, is_stream: bool) -> Script:
        if not is_stream or self._random.random() < 0.3:
            page = b"<!doctype html><title>Sign in</title>"
            headers: Pairs = (("content-type", "text/html"),)
            return Script(kind="page", headers=headers, pieces=self._cut(page), errors=(DecodeError,), is_retried=True)
        body = json.dumps(self._completion(self._text())).encode()
        headers = self._random.choice((JSON, EVENTS))
        return Script(
            kind="JSON for a stream",
            headers=headers,
            pieces=self._cut(body),
            works=True,
            errors=(StreamError,),
            is_retried=False,
        )

    def _whole(self) -> Script:
        text = self._text()
        body = b" " * self._random.choice((0, 0, 3)) + json.dumps(self._completion(text), ensure_ascii=False).encode()
        script = Script(kind="answer", text=text, works=True)
        return self._sent(script, body)

    def _stream(self) -> Script:
        text = self._text()
        chunks = self._chunks(text)
        if self._strikes("error_event"):
            return self._error_event(chunks)
        if self._strikes("bad_chunk"):
            at = self._random.randrange(len(chunks) - 1)
            bad = self._random.choice((b"data: {nonsense\n\n", b"data: 7\n\n", b'data: {"choices": 5}\n\n'))
            events = [_event(chunk) for chunk in chunks[:at]]
            return Script(
                kind="bad chunk",
                headers=EVENTS,
                pieces=self._cut(b"".join((*events, bad))),
                chunks=tuple(chunks[:at]),
                works=True,
                errors=(DecodeError,),
            )
        separator = self._random.choice(("\n", "\n", "\r\n", "\r"))
        events = [b"\xef\xbb\xbf" if self._random.random() < 0.1 else b""]
        for chunk in chunks:
            if self._random.random() < 0.15:
                events.append(b": PROCESSING\n\n".replace(b"\n", separator.encode()))
            events.append(_event(chunk, separator))
        script = Script(kind="stream", headers=EVENTS, text=text, chunks=tuple(chunks), works=True)
        if not self._strikes("no_done"):
            events.append(f"data: [DONE]{separator * 2}".encode())
            if self._strikes("done_stays_open"):
                script = evolve(script, ending="stall", kind="stream that stays open")
        return self._sent(script, b"".join(events))

    def _error_event(self, chunks: list[dict[str, object]]) -> Script:
        at = self._random.randrange(
            sum(1 for chunk in chunks if chunk["choices"])
        )  # before the last word of the answer
        code, error, is_retried = self._random.choice(
            ((502, InternalServerError, True), (429, RateLimitError, True), (400, BadRequestError, False))
        )
        said = {"message": "in the middle", "code": code}
        dress = self._random.choice(("top_level", "named_event", "finish_reason", "with_choice"))
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": None}
        if dress == "named_event":
            last = b"event: error\ndata: " + json.dumps({"error": {**said, "status_code": code}}).encode() + b"\n\n"
        elif dress == "finish_reason":
            last = _event({"choices": [{**choice, "finish_reason": "error", "error": said}]})
        elif dress == "with_choice":
            last = _event({"error": said, "choices": [choice]}) + b"data: [DONE]\n\n"
        else:
            last = _event({"error": said})
        has_content = any(_content(chunk) for chunk in chunks[:at])
        return Script(
            kind=f"error event {code} ({dress})",
            headers=EVENTS,
            pieces=self._cut(b"".join((*(_event(chunk) for chunk in chunks[:at]), last))),
            chunks=tuple(chunks[:at]),
            works=has_content,
            errors=(error,),
            is_retried=None if has_content else is_retried,
        )

    # The bodies themselves.

    def _text(self) -> str:
        self._count += 1
        words = self._random.choices(WORDS, k=self._random.randrange(1, 12))
        return f"answer {self._count}: " + " ".join(words)

    def _completion(self, text: str) -> dict[str, object]:
        message = {"role": "assistant", "content": text}
        usage = self._usage(text)
        return {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            **({} if usage is None else {"usage": usage}),
        }

    def _chunks(self, text: str) -> list[dict[str, object]]:
        head: dict[str, object] = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": self.model}
        cuts = sorted(self._random.sample(range(1, len(text)), k=min(len(text) - 1, self._random.randrange(6))))
        texts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        deltas = [{"role": "assistant", "content": ""}, *({"content": part} for part in texts)]
        chunks: list[dict[str, object]] = [
            {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
        ]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        usage = self._usage(text) if self._reports_usage() else None
        if usage is not None:
            chunks.append({**head, "choices": [], "usage": usage})
        return chunks

    def _usage(self, text: str) -> dict[str, object] | None:
        """What an answer says that it used; None for nothing."""
        return {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}

    def _reports_usage(self) -> bool:
        """Whether a stream says what it used."""
        return self._random.random() < 0.5

    # The way over the wire.

    def _sent(self, script: Script, body: bytes) -> Script:
        """Encode and cut an answer's body, and let its end go wrong."""
        encoding, encoded = self._encoded(body)
        if encoding is not None:
            script = evolve(script, headers=(*script.headers, ("content-encoding", encoding)))
        if self._strikes("foreign_encoding"):
            return evolve(
                script,
                kind=f"{script.kind}, in a foreign encoding",
                headers=(
                    *(pair for pair in script.headers if pair[0] != "content-encoding"),
                    ("content-encoding", "br"),
                ),
                pieces=self._cut(encoded),
                errors=(DecodeError,),
                ending="end",
            )
        is_checked = encoding == "gzip" or encoded[:1] == b"\x78"  # bare deflate has no checksum, so nobody could tell
        if encoding is not None and is_checked and self._strikes("corrupt_encoding"):
            place = self._random.randrange(len(encoded))
            encoded = encoded[:place] + bytes([encoded[place] ^ 0x55]) + encoded[place + 1 :]
            wrong: tuple[type[APIError], ...] = (DecodeError, StreamTruncatedError, APIConnectionError)
            return evolve(
                script, kind=f"{script.kind}, corrupt {encoding}", pieces=self._cut(encoded), errors=wrong, ending="end"
            )
        if encoding is not None and self._strikes("cut_encoding"):
            encoded = encoded[: self._random.randrange(1, len(encoded))]
            return evolve(
                script,
                kind=f"{script.kind}, cut {encoding}",
                pieces=self._cut(encoded),
                errors=(DecodeError, StreamTruncatedError),
                ending="end",
            )
        pieces, ending = self._broken(self._cut(encoded), encoded)
        is_broken = ending != "end" or sum(len(piece) for _, piece in pieces) < len(encoded)
        if not is_broken:
            return evolve(script, pieces=pieces)
        how = "cut" if ending == "end" else ending
        return evolve(
            script,
            kind=f"{script.kind}, {how} in its body",
            pieces=pieces,
            ending=ending,
            errors=(APIConnectionError, StreamTruncatedError, DecodeError),
        )

    def _encoded(self, body: bytes) -> tuple[str | None, bytes]:
        kind = self._random.random()
        if kind < 0.7:
            return None, body
        if kind < 0.85:
            half = self._random.randrange(len(body) + 1)
            members = gzip.compress(body[:half], 1, mtime=0) + gzip.compress(body[half:], 1, mtime=0)
            return "gzip", members if self._random.random() < 0.2 else gzip.compress(body, 1, mtime=0)
        if kind < 0.95:
            return "deflate", zlib.compress(body, 1)
        bare = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
        return "deflate", bare.compress(body) + bare.flush()

    def _cut(self, body: bytes) -> tuple[tuple[float, bytes], ...]:
        """Cut a body into pieces, some of which take their time; a moving stream is slow but never silent for long."""
        count = min(len(body), self._random.choice((1, 1, 2, 5, 12)))
        cuts = sorted(self._random.sample(range(1, len(body)), k=count - 1)) if count > 1 else []
        is_slow = self._strikes("dribble")
        return tuple(
            (self._random.random() * self._patience * 0.2 if is_slow else self._random.random() * 0.01, body[a:b])
            for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)
            if b > a
        )

    def _broken(
        self, pieces: tuple[tuple[float, bytes], ...], body: bytes
    ) -> tuple[tuple[tuple[float, bytes], ...], Ending]:
        """Let the body end early, perhaps."""
        ending: Ending | None = None
        if self._strikes("body_reset"):
            ending = "reset"
        elif self._strikes("body_close"):
            ending = "close"
        elif self._strikes("body_stall"):
            ending = "stall"
        elif self._strikes("body_cut"):
            ending = "end"
        if ending is None or not body:
            return pieces, "end"
        left = self._random.randrange(len(body))
        kept: list[tuple[float, bytes]] = []
        for seconds, piece in pieces:
            if left <= 0:
                break
            kept.append((seconds, piece[:left]))
            left -= len(piece)
        return tuple(kept), ending

    def _delayed(self, script: Script) -> Script:
        """When the head comes, if it does."""
        seconds = 0.005 + self._random.random() * 0.1
        if self._strikes("head_late"):
            seconds = self._random.random() * self._patience
        script = evolve(script, head_seconds=seconds, end_seconds=self._random.random() * 0.02)
        for kind in _BEFORE_HEAD:
            if self._strikes(f"head_{kind}"):
                return evolve(script, before_head=kind, kind=f"{kind} before the head")
        return script


def _event(chunk: object, separator: str = "\n") -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}{separator * 2}".encode()


def _content(chunk: dict[str, Any]) -> bool:
    choices: list[dict[str, Any]] = chunk["choices"]
    return any(choice["delta"].get("content") for choice in choices)
