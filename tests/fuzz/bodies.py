"""Damaged replies that come whole: right, or a typed error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.fuzz import encodings, flows, mutate, seeds, sound
from tests.fuzz.flows import KEY, Answer
from twinwire.errors import APIError, APIStatusError

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance
    from tests.fuzz.seeds import Seed

TYPES = (
    "application/json",
    "text/html",
    "application/octet-stream",
    "text/event-stream",
    "",
    "application/json; charset=latin-1",
)


def check_whole(chance: Chance) -> None:
    """A reply with any damage is the reply that its JSON says, or a typed error."""
    seed = chance.pick(seeds.whole_replies())
    body = damaged(chance, seed)
    answer = arrived(chance, seed, seed.status, body)
    vectors = chance.pick((None, "base64")) if seed.endpoint == "embeddings" else None
    call = flows.prepared(seed.provider, seed.endpoint, "whole", vectors)
    try:
        reply = flows.whole(call, answer, seed.endpoint)
    except APIError as error:
        sound.check_error(error)
        return
    # Bare deflate has no checksum, so damage to it can be a body of its own.
    sound.check_reply(reply, json.loads(reply.raw.content))


def check_errors(chance: Chance) -> None:
    """A reply of any status but 2xx is an `APIStatusError`, whatever its body and its headers."""
    seed = chance.pick(seeds.error_replies())
    body = damaged(chance, seed)
    status = chance.pick((seed.status, seed.status, 429, 500, 302, 418, 599, 999))
    answer = arrived(chance, seed, status, body)
    call = flows.prepared(seed.provider, seed.endpoint, chance.pick(("whole", "stream")))
    result: Any = None
    try:
        result = flows.whole(call, answer, seed.endpoint)
    except APIStatusError as error:
        sound.check_error(error)
        return
    assert result is None, "an error status gave a reply"


def damaged(chance: Chance, seed: Seed) -> bytes:
    """The body with damage to its tree or to its bytes; now and then none, or the key in it, which some servers echo."""
    body = seed.body
    how = chance.below(8)
    if how < 5:
        try:
            root = json.loads(body)
        except ValueError:
            return mutate.damage(chance, body)
        body = mutate.written(chance, mutate.tree(chance, root))
    elif how < 7:
        body = mutate.damage(chance, body)
    if chance.hit(10):
        body = body.replace(b'message": "', b'message": "%s ' % KEY.encode(), 1)
    if chance.hit(20):
        body = b"\n         \n" * 20 + body
    return body


def arrived(chance: Chance, seed: Seed, status: int, body: bytes) -> Answer:
    """The answer as it arrives: in pieces, under an encoding or none, with odd headers."""
    headers = list(seed.headers)
    if chance.hit(6):
        headers = [(name, value) for name, value in headers if name.lower() != "content-type"]
        headers.append(("content-type", chance.pick(TYPES)))
    if chance.hit(6):
        headers.append(
            (
                chance.pick(("retry-after", "x-request-id", "x-should-retry", "date")),
                chance.pick(("1", "-1", KEY, "x" * 300, "true", "\u00e9")),
            )
        )
    wire = body
    encoding = chance.pick(("identity", "identity", "identity", *encodings.ENCODINGS))
    if encoding != "identity":
        headers.append(("content-encoding", encodings.header(encoding)))
        wire = encodings.packed(chance, body, encoding)
        if chance.hit(6):
            wire = mutate.damage(chance, wire)
    answer = Answer(status=status, headers=tuple(headers), pieces=chance.cut(wire))
    chance.note("provider", (seed.provider, seed.endpoint))
    chance.note("answer", answer)
    chance.note("body", body)
    return answer
