"""Streams through the whole core: bytes in pieces, content encoding, events, chunks, result."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.chat import reference
from tests.fuzz import calls, encodings, flows, folds, mutate, seeds, sound, true_calls, true_streams
from tests.fuzz.flows import Answer, Result
from tests.fuzz.reference_sse import events as reference_events
from twinwire._core.caps import Caps
from twinwire._model.base import Model
from twinwire.chat.chunk_errors import chunk_error
from twinwire.errors import APIStatusError, StreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.chance import Chance
    from tests.fuzz.true_streams import Raw, TrueStream
    from twinwire._client.prepare import Prepared

NUMBER = re.compile(r"\d+")
PROVIDERS = ("openai", "openrouter", "groq", "mistral", "compatible")
ERRORS: Sequence[tuple[str, Raw]] = (
    ("", {"error": {"message": "broke", "code": 502}}),
    ("", {"error": {"message": "broke", "code": 502}, "choices": []}),
    ("", {"error": {"message": "broke", "code": 429}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]}),
    ("", {"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]}),
    ("", {"object": "error", "message": "broke", "code": "1500"}),
    ("", {"detail": "broke"}),
    ("error", {"error": {"message": "broke", "code": "over_capacity", "status_code": 498}}),
    ("error", {"message": "broke"}),
)  # fmt: skip


def check_dressed(chance: Chance) -> None:
    """A stream is the reply that was made, however it is written and cut; one that is broken is typed, and its partial is a part."""
    made = true_streams.stream(chance)
    end = chance.pick(("whole", "whole", "error", "cut", "cut"))
    rows: list[tuple[str, Raw]] = [("", chunk) for chunk in made.chunks]
    if end == "error":
        rows.insert(chance.below(len(rows) + 1), chance.pick(ERRORS))
    body = written(chance, rows, has_done=not chance.hit(4))
    if end == "cut":
        body = body[: chance.below(len(body))]
    provider = chance.pick(PROVIDERS)
    answer = sent(chance, provider, body)
    call = flows.prepared(provider, "chat.completions", "stream", choices=len(made.choices))
    result = flows.stream(call, answer)
    chance.note("truth", made)
    if result.error is None:
        assert end != "error"
        check_whole(made, result, is_cut=end == "cut")
    else:
        assert end != "whole", repr(result.error)
        sound.check_error(result.error)
        check_part(made, result)
        if end == "error":
            assert isinstance(result.error, APIStatusError)
            assert result.error.body is not None
    check_split(chance, call, answer, body, result)


def check_whole(made: TrueStream, result: Result, *, is_cut: bool) -> None:
    """The result is the reply that was made; of a cut stream only the usage may be missing, which comes after the answer."""
    reply = result.reply.to_dict()
    folds.check_body(made, {**reply, "usage": made.usage} if is_cut else reply)
    folds.check_events(reply, result.events)
    sound.check_reply(result.reply, reply)


def check_part(made: TrueStream, result: Result) -> None:
    """What an error keeps is the beginning of each text and each call, and what the events told."""
    partial = result.error.partial if result.error is not None else None
    if partial is None:
        assert not any(event.text for event in result.events)
        return
    assert isinstance(partial, Model)
    body: Any = partial.to_dict()
    true = {choice.index: choice for choice in made.choices}
    for choice in body["choices"]:
        whole = true[choice["index"]]
        message = choice["message"]
        assert (whole.content or "").startswith(folds.visible(message["content"]))
        assert whole.reasoning.startswith(folds.thought(message))
        assert whole.refusal.startswith(message.get("refusal") or "")
        for found, call in zip(true_calls.found(message), whole.calls, strict=False):
            assert found[2] in {call.name, ""}
            assert call.arguments.startswith(found[3]) or calls.normal([found]) == calls.normal(
                true_calls.expected(made.dress, [call])
            )
        assert len(true_calls.found(message)) <= len(whole.calls)
    text = "".join(event.text for event in result.events if getattr(event, "choice_index", None) == 0)
    assert text == next(
        (folds.visible(each["message"]["content"]) for each in body["choices"] if not each["index"]), ""
    )


def check_capped(chance: Chance) -> None:
    """A stream with an event over the cap ends typed there, with all that came before; one without is not touched."""
    made = true_streams.stream(chance)
    body = written(chance, [("", chunk) for chunk in made.chunks], has_done=True)
    caps = Caps(max_event_bytes=chance.between(100, 600))
    call = flows.prepared("openai", "chat.completions", "stream", choices=len(made.choices))
    answer = sent(chance, "openai", body)
    chance.note("truth", made)
    chance.note("caps", caps)
    result = flows.stream(call, answer, caps)
    if result.error is None:
        check_whole(made, result, is_cut=False)
    else:
        sound.check_error(result.error)
        assert type(result.error) is StreamError
        check_part(made, result)
    check_split(chance, call, answer, body, result, caps)


def check_recorded(chance: Chance) -> None:
    """A damaged stream is what the reference fold says, or a typed error; and the same however it is cut."""
    seed = chance.pick(seeds.streams())
    body = _damaged(chance, seed.body)
    answer = sent(chance, seed.provider, body)
    call = flows.prepared(seed.provider, "chat.completions", "stream")
    result = flows.stream(call, answer)
    if result.error is not None:
        sound.check_error(result.error)
    else:
        sound.check_reply(result.reply, result.reply.to_dict())
        _compare(chance, result, body)
    check_split(chance, call, answer, body, result)


def _compare(chance: Chance, result: Result, body: bytes) -> None:
    """A reply that came of a stream against the reference, as far as that knows."""
    chunks: list[Any] = []
    events = reference_events(body)
    for place, (data, kind, _) in enumerate(events):
        if data.strip() == "[DONE]":
            break
        if data.strip():
            try:
                chunk = json.loads(data)
            except ValueError:
                assert place == len(events) - 1, "an event that is not JSON was overlooked"
                break  # torn by the end of the body, after the answer was complete
            assert kind != "error", "an error was overlooked"
            assert chunk_error(chunk) is None, "an error was overlooked"
            chunks.append(chunk)
    if reference.is_documented(chunks):
        found, expected = reference.facts(result.reply.to_dict()), reference.fold(chunks)
        chance.note("found", found)
        chance.note("expected", expected)
        assert found == expected


def check_split(
    chance: Chance, call: Prepared, answer: Answer, body: bytes, result: Result, caps: Caps | None = None
) -> None:
    """However the bytes are cut, and under every encoding, the same comes out."""
    headers = tuple(pair for pair in answer.headers if pair[0] != "content-encoding")
    pieces = chance.pick(
        ([body], chance.cut(body, 9), [body[at : at + 1] for at in range(len(body))] if len(body) < 800 else [body])
    )
    again = flows.stream(call, Answer(status=200, headers=headers, pieces=pieces), caps)
    assert seen(again) == seen(result)


def seen(result: Result) -> tuple[object, ...]:
    """All of a result that a caller sees."""
    error = result.error
    if error is None:
        return repr(result.events), sound.text_of(result.reply.to_dict())
    said = NUMBER.sub("n", str(error))  # how far an event had grown when it was refused depends on the pieces
    facts = (type(error).__name__, said, error.retry_safe, error.retry_after, getattr(error, "body", None))
    partial = error.partial.to_dict() if isinstance(error.partial, Model) else error.partial
    return repr(result.events), repr(facts), repr(partial)


def written(chance: Chance, rows: Sequence[tuple[str, Raw]], *, has_done: bool) -> bytes:
    """The chunks as events, with comments and blank lines as servers send them, and any kind of line end."""
    end = chance.pick(("\n", "\n", "\r\n", "\r"))
    lines: list[str] = []
    for kind, chunk in rows:
        if chance.hit(8):
            lines += [": OPENROUTER PROCESSING", ""]
        if kind:
            lines.append(f"event: {kind}")
        if chance.hit(12):  # on several lines
            lines += [f"data: {line}" for line in json.dumps(chunk, indent=1).split("\n")]
        else:
            space = chance.pick((" ", ""))
            lines.append(f"data:{space}{json.dumps(chunk, ensure_ascii=not chance.hit(3))}")
        lines.append("")
    if has_done:
        lines += ["data: [DONE]", ""]
    if chance.hit(4):  # some servers end without the blank line, and without the end of the last line
        del lines[-1]
        return end.join(lines).encode()
    return (chance.pick(("", "", "\ufeff")) + end.join([*lines, ""])).encode()


def sent(chance: Chance, provider: str, body: bytes) -> Answer:
    """The body as it arrives."""
    headers = [("content-type", chance.pick(("text/event-stream", "text/event-stream;charset=UTF-8")))]
    encoding = chance.pick(("identity", "identity", *encodings.ENCODINGS))
    if encoding != "identity":
        headers.append(("content-encoding", encodings.header(encoding)))
    answer = Answer(status=200, headers=tuple(headers), pieces=chance.cut(encodings.packed(chance, body, encoding)))
    chance.note("provider", provider)
    chance.note("body", body)
    chance.note("answer", answer)
    return answer


def _damaged(chance: Chance, body: bytes) -> bytes:
    """One event changed as JSON, or the bytes anywhere, or nothing."""
    how = chance.below(6)
    if how == 0:
        return body
    if how == 1:
        return mutate.damage(chance, body)
    lines = body.split(b"\n")
    for _ in range(chance.between(1, 2)):
        places = [place for place, line in enumerate(lines) if line.startswith(b"data: {")]
        if places:
            place = chance.pick(places)
            try:
                lines[place] = b"data: " + mutate.written(chance, mutate.tree(chance, json.loads(lines[place][6:]), 2))
            except (ValueError, RecursionError):
                continue
    return b"\n".join(lines)
