"""From a request and its answer to an HTTP reply: which endpoint it is, and what the dialect says there."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from twinwire.testing.answers import Exchange, HeaderPairs, Reply, Status
from twinwire.testing.chat import Refused, answer_chat
from twinwire.testing.faults import Pieces
from twinwire.testing.jsons import dump, is_array
from twinwire.testing.spending import NO_PRICES, Bill, Prices, usd
from twinwire.testing.texts import words
from twinwire.testing.wire import Outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twinwire.testing.dialect import Dialect
    from twinwire.testing.requests import RecordedRequest

_POSTS = ("/chat/completions", "/embeddings")
_DIMENSIONS = 16
_EVENT_END = re.compile(rb"(?:\r\n\r\n|\n\n|\r\r)+")


@frozen(kw_only=True)
class Endpoints:
    """One provider's endpoints."""

    dialect: Dialect
    models: Sequence[str]
    knows_all_models: bool
    prices: Prices = NO_PRICES

    def answer(self, request: RecordedRequest, answer: Reply | Status | Exchange, number: int) -> Outgoing:
        """Work out the reply to the request with this *number*."""
        match answer:
            case Exchange():
                return exchange(answer)
            case Status():
                return self._status(answer, number)
            case Reply():
                try:
                    return self._reply(request, answer, number)
                except Refused as refused:
                    status = Status(400, str(refused), param=refused.param)
                    return self._status(evolve(status, headers=answer.headers, faults=answer.faults), number)

    def is_call(self, request: RecordedRequest) -> bool:
        """Whether it asks a model for something."""
        path = request.path.removeprefix(self.dialect.prefix)
        return request.method == "POST" and path != request.path and path in _POSTS

    def _reply(self, request: RecordedRequest, reply: Reply, number: int) -> Outgoing:
        path = request.path.removeprefix(self.dialect.prefix)
        if request.path == path or (path not in _POSTS and request.method == "POST"):
            return self._missing(request, reply, number)
        if path not in _POSTS:
            found = self.dialect.listing(path, request.query, self.models)
            if found is None:
                return self._missing(request, reply, number)
            return self._json(found, reply, number)
        if request.method != "POST":
            status = Status(405, f"Not allowed to {request.method} on {request.path}", headers=reply.headers)
            return self._status(evolve(status, faults=reply.faults), number)
        body = _body(request)
        model = body.get("model")
        if not self.knows_all_models and isinstance(model, str) and model not in self.models:
            message = f"The model `{model}` does not exist or you do not have access to it."
            status = Status(404, message, code="model_not_found", headers=reply.headers, faults=reply.faults)
            return self._status(status, number)
        if path == "/embeddings":
            return self._embeddings(body, reply, number)
        chat = answer_chat(body, reply, number, self.prices)
        if body.get("stream") is not True:
            return self._json(self.dialect.completion(chat), reply, number, bill=chat.bill)
        events = tuple(self.dialect.events(chat))
        return Outgoing(
            status=200,
            headers=self._headers("text/event-stream; charset=utf-8", reply.headers, number, is_call=True),
            parts=events,
            is_stream=True,
            delay_seconds=reply.delay_seconds,
            faults=reply.faults,
            bill=evolve(chat.bill, events=events),
        )

    def _missing(self, request: RecordedRequest, reply: Reply, number: int) -> Outgoing:
        message = f"Nothing is found at {request.method} {request.path}"
        return self._status(Status(404, message, headers=reply.headers, faults=reply.faults), number)

    def _json(self, value: object, reply: Reply, number: int, *, bill: Bill | None = None) -> Outgoing:
        """An answer in one body; with *bill* a model's, which listings and errors are not."""
        is_call = bill is not None
        return Outgoing(
            status=200,
            headers=self._headers("application/json", reply.headers, number, is_call=is_call),
            parts=(self.dialect.call_body(value) if is_call else dump(value),),
            faults=reply.faults,
            bill=bill,
        )

    def _status(self, status: Status, number: int) -> Outgoing:
        headers, body = self.dialect.error(status)
        return Outgoing(
            status=status.status,
            headers=self._headers("application/json", (*headers, *status.headers), number),
            parts=(dump(body),),
            faults=status.faults,
        )

    def _headers(
        self, content_type: str, scripted: HeaderPairs, number: int, *, is_call: bool = False
    ) -> tuple[tuple[str, str], ...]:
        own = [("content-type", content_type), *self.dialect.headers(number)]
        if is_call:
            own += self.dialect.chat_headers(number)
        return merged(own, scripted)

    def _embeddings(self, body: Mapping[str, object], reply: Reply, number: int) -> Outgoing:
        model = body.get("model")
        if not isinstance(model, str):
            raise Refused("you must provide a model parameter", "model")
        inputs = _inputs(body.get("input"))
        dimensions = body.get("dimensions")
        count = dimensions if isinstance(dimensions, int) and dimensions > 0 else _DIMENSIONS
        vectors: list[object] = [vector(text, count) for text in inputs]
        if body.get("encoding_format") == "base64":
            vectors = [base64.b64encode(struct.pack(f"<{count}f", *vector(text, count))).decode() for text in inputs]
        tokens = sum(len(words(text)) for text in inputs)
        price, _ = self.prices.of(model)
        bill = Bill(
            model=model,
            prompt_tokens=tokens,
            completion_tokens=0,
            prompt_usd=usd(tokens, price),
            completion_usd=Decimal(0),
        )
        value = self.dialect.embeddings(model, vectors, tokens, float(bill.prompt_usd), number)
        return self._json(value, reply, number, bill=bill)


def exchange(answer: Exchange) -> Outgoing:
    """A given HTTP reply; a stream is split into events, so that faults find their places."""
    headers = tuple((name, value) for name, value in answer.headers if value is not None)
    is_stream = any(name == "content-type" and value.startswith("text/event-stream") for name, value in headers)
    faults = (*answer.faults, Pieces(answer.pieces)) if answer.pieces else answer.faults
    return Outgoing(
        status=answer.status,
        reason=answer.reason,
        headers=headers,
        parts=tuple(_events(answer.body)) if is_stream else (answer.body,),
        is_stream=is_stream,
        faults=faults,
    )


def merged(own: Sequence[tuple[str, str | None]], scripted: HeaderPairs) -> tuple[tuple[str, str], ...]:
    """The server's own headers, but for those that are scripted; a scripted None takes one out."""
    names = {name for name, _ in scripted}
    kept = [(name, value) for name, value in own if name not in names]
    return tuple((name, value) for name, value in (*kept, *scripted) if value is not None)


def _events(body: bytes) -> list[bytes]:
    ends = [match.end() for match in _EVENT_END.finditer(body)]
    starts = [0, *ends]
    return [body[start:end] for start, end in zip(starts, [*ends, len(body)], strict=True) if start < end]


def _body(request: RecordedRequest) -> dict[str, object]:
    try:
        return request.json
    except (ValueError, RecursionError) as error:
        raise Refused(f"We could not parse the JSON body of your request: {error}") from None


def _inputs(value: object) -> list[str]:
    """The texts to embed; an array of token numbers is one text of so many words."""
    if isinstance(value, str):
        return [value]
    if is_array(value) and value:
        if all(isinstance(item, int) for item in value):
            return [" ".join(map(str, value))]
        return [_inputs(item)[0] for item in value]
    raise Refused("input must be a text, a list of texts, or tokens", "input")


def vector(text: str, dimensions: int) -> list[float]:
    """A vector of length one that depends on *text* alone."""
    seed = hashlib.shake_256(text.encode("utf-8", "surrogatepass")).digest(dimensions)
    values = [(byte - 127.5) / 127.5 for byte in seed]
    norm = sum(value * value for value in values) ** 0.5
    return [round(value / norm, 8) for value in values]
