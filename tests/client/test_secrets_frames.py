"""No frame of ours that an error's traceback leads to has a key among its local variables; the caller's own frames are the caller's."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.cases import KEY, OPENAI, OPENROUTER, USER, Case, create, done, drained, stream
from tests.client.telling import TESTS, lines_with_key, told
from twinwire import ConfigError, InvalidRequestError, Retry, TwinwireError
from twinwire.testing import LoopbackProvider, Reply, Stall, Status

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)


class Odd(Mapping[str, Any]):
    """A mapping of the user's that raises while it is read, with the key in it."""

    def __getitem__(self, name: str) -> Any:
        raise KeyError(f"user's own: {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(["authorization"])

    def __len__(self) -> int:
        return 1


BAD_OPTIONS: list[Any] = [
    {"api_key": KEY + "\n"},
    {"api_key": KEY + "é"},
    {"api_key": KEY + "\r\nX: y"},
    {"base_url": f"https://user:{KEY}@example.com"},
    {"base_url": f"https://example.com/?key={KEY}"},
    {"base_url": f"https://{KEY} example.com"},
    {"base_url": f"https://example.com:{KEY}"},
    {"base_url": "ftp://example.com"},
    {"base_url": KEY},
    {"app_name": f"{KEY}\n"},
    {"deadline": KEY},
    {"max_retries": KEY},
    {"timeout": KEY},
    {"default_headers": {"Authorization": f"Bearer {KEY}\r\n"}},
    {"default_headers": {f"Authorization: Bearer {KEY}": "x"}},
    {"default_headers": {"X-Key": KEY, "Content-Length": "5"}},
    {"default_headers": f"Authorization: {KEY}"},
    {"default_query": f"key={KEY}"},
    {"proxy": f"user:{KEY}@host"},
    {"proxy": f"ftp://user:{KEY}@host"},
    {"timeout": -1},
    {"retry": 3},
    {"max_retries": 1, "retry": Retry()},
    {"caps": 1},
    {"log": KEY},
    {"transport": KEY},
    {"http2": KEY},
    {"pool": KEY},
]


@ROWS
@pytest.mark.parametrize("options", BAD_OPTIONS, ids="-".join)
def test_a_client_that_could_not_be_made(row: Case, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the message nor a frame has the key, whichever option is wrong; the same for a changed copy."""
    given = {"api_key": KEY, **options}
    monkeypatch.setenv(row.key_variable, KEY)
    for make in (row.blocking_class, row.awaited_class):
        good = make(api_key=KEY, default_headers={"X-Key": KEY})
        refusals: list[Callable[[], object]] = [partial(make, **given), partial(good.with_options, **options)]
        for refuse in refusals:
            with pytest.raises(ConfigError) as caught:
                _use(refuse())
            assert lines_with_key(told(caught.value)) == []


def _use(client: Any) -> None:
    """Some options are looked at when something is to be sent."""
    answer = client.models.list()
    if hasattr(answer, "send"):
        try:
            answer.send(None)
        finally:
            answer.close()


@ROWS
def test_a_wrong_variable(row: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the environment is no more shown than one that was given."""
    monkeypatch.setenv(row.key_variable, f"{KEY} ")
    for make in (row.blocking_class, row.awaited_class):
        with pytest.raises(ConfigError) as caught:
            make()
        assert lines_with_key(told(caught.value)) == []


@ROWS
def test_a_user_s_error_keeps_the_user_s_frames(row: Case) -> None:
    """What a mapping of the user's raises comes out as it is, with its own frame, and without ours."""
    for make in (row.blocking_class, row.awaited_class):
        for refuse in (
            partial(make, api_key=KEY, default_headers=Odd()),
            partial(make(api_key=KEY).with_options, api_key=KEY, default_headers=Odd()),
        ):
            with pytest.raises(KeyError, match="user's own") as caught:
                refuse()
            frames = traceback.extract_tb(caught.value.__traceback__)
            assert frames[-1].name == "__getitem__"
            assert TESTS in frames[-1].filename
            assert lines_with_key(told(caught.value)) == []


def refusing() -> str:
    """A key function that fails."""
    raise LookupError("the vault is closed")


def with_a_line_break() -> str:
    """A key function that read a file and did not strip it."""
    return KEY + "\n"


def no_text() -> Any:
    """A key function that returns the wrong thing."""
    return {"key": KEY}


@pytest.mark.parametrize("function", [refusing, with_a_line_break, no_text])
async def test_key_functions(case: Case, server: LoopbackProvider, function: Any) -> None:
    """What they raise or return is told by its kind; nothing was sent, and the next call goes well."""
    keys: list[Any] = [function, lambda: KEY, function, lambda: KEY]

    def next_key() -> Any:
        return keys.pop(0)()

    async with case.client(server, api_key=next_key) as client:
        for attempt in (partial(create, client, case), lambda: drained(stream(client, case))):
            with pytest.raises((LookupError, ConfigError)) as caught:
                await attempt()
            assert lines_with_key(told(caught.value)) == []
            assert server.open_connections == 0 or server.requests
            await create(client, case)

    assert len(server.requests) == 2


HEADERS = {"Authorization": f"Bearer {KEY}", "X-Token": KEY}
CALLS: list[Any] = [
    pytest.param({"extra_headers": {**HEADERS, "X": "a\nb"}}, id="header"),
    pytest.param({"extra_headers": {**HEADERS, f"{KEY}:": "a"}}, id="name"),
    pytest.param({"extra_headers": HEADERS, "temperature": 5}, id="argument"),
    pytest.param({"extra_headers": HEADERS, "extra_query": {"key": KEY, "a": {}}}, id="query"),
    pytest.param({"extra_headers": HEADERS, "extra_body": {"key": KEY, "a": {1}}}, id="body"),
    pytest.param({"extra_headers": HEADERS, "timeout": -1}, id="timeout"),
    pytest.param({"extra_headers": Odd()}, id="odd"),
    pytest.param({"extra_headers": HEADERS, "extra_body": Odd()}, id="odd-body"),
]


@pytest.mark.parametrize("options", CALLS)
async def test_a_call_that_was_refused(case: Case, server: LoopbackProvider, options: dict[str, Any]) -> None:
    """Keys in a call's own headers, query and body are in no frame of ours either."""
    async with case.client(server) as client:
        completions = client.chat.completions
        for method in (completions.create, completions.with_raw_response.create, completions.stream):
            with pytest.raises((InvalidRequestError, KeyError)) as caught:
                await done(method(model="m", messages=[USER], **options))
            assert lines_with_key(told(caught.value)) == []

    assert not server.requests


FAILURES: list[Any] = [
    pytest.param(Status(500), {"max_retries": 0}, id="status"),
    pytest.param(Status(401, f"wrong key {KEY}"), {}, id="key"),
    pytest.param(Reply(faults=[Stall()]), {"deadline": 0.1}, id="deadline"),
    pytest.param(Reply(faults=[Stall()]), {"timeout": 0.1, "max_retries": 0}, id="timeout"),
    pytest.param(Reply(faults=[Stall(at="before_body")]), {"deadline": 0.1}, id="deadline-in-body"),
]


@pytest.mark.transports
@pytest.mark.parametrize(("answer", "options"), FAILURES)
async def test_a_call_that_failed(case: Case, server: LoopbackProvider, answer: Any, options: dict[str, Any]) -> None:
    """The same for what comes back, or does not."""
    server.default = answer
    async with case.client(server, api_key="sk-other-0123456789abcdef") as client:
        for attempt in (
            lambda: create(client, case, extra_headers=HEADERS, **options),
            lambda: drained(stream(client, case, extra_headers=HEADERS, **options)),
        ):
            with pytest.raises(TwinwireError) as caught:
                await attempt()
            assert lines_with_key(told(caught.value)) == []


@pytest.mark.transports
async def test_nobody_there(case: Case) -> None:
    """A refused connection."""
    with case.server() as server:
        url = server.base_url
    async with case.client(base_url=url, max_retries=0) as client:
        with pytest.raises(TwinwireError) as caught:
            await create(client, case, extra_headers=HEADERS)

    assert lines_with_key(told(caught.value)) == []
