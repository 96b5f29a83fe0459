"""What hostile servers and careless users do to plain calls."""

from __future__ import annotations

import math
import traceback
from enum import Enum
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.client.cases import CASES, KEY, USER, Case, create
from twinwire import (
    UNSET,
    APIStatusError,
    AuthenticationError,
    ConfigError,
    DeadlineExceededError,
    DecodeError,
    InternalServerError,
    InvalidRequestError,
    Pool,
    Retry,
)
from twinwire.testing import Exchange, LoopbackProvider, Raw, Reply, Stall, Status

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = {"content-type": "application/json"}
AWAITED = [case for case in CASES if case.is_awaited]


@pytest.mark.parametrize(
    "answer",
    [
        Raw([b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\n\r\n", b'{"err']),
        Exchange(401, {"content-encoding": "gzip"}, b"not gzip"),
        Exchange(401, {"content-encoding": "br"}, b"whatever"),
        Exchange(401, JSON, b'{"error": ' + b"[" * 900 + b"]" * 900 + b"}"),
    ],
    ids=["cut", "corrupt", "not offered", "deep"],
)
async def test_a_status_with_a_broken_body(case: Case, server: LoopbackProvider, answer: Any) -> None:
    """A refused key is a refused key, whatever becomes of the words about it; and it is not tried again."""
    server.script(answer)
    async with case.client(server) as client:
        with pytest.raises(AuthenticationError) as caught:
            await create(client, case)

    assert caught.value.status_code == 401
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "date", ["Wed, 21 Oct 99999999999 07:28:00 GMT", "Wed, 99999999999999999999 Oct 2015 07:28:00"]
)
async def test_a_date_that_no_calendar_has(case: Case, server: LoopbackProvider, date: str) -> None:
    """It is told, and raises nothing of Python's own."""
    server.script(Status(429, retry_after=date))
    async with case.client(server) as client:
        with pytest.raises(APIStatusError, match="cannot be obeyed"):
            await create(client, case)


@pytest.mark.parametrize("choices", ['"choices": []', '"choices": null', '"id": "y"', '"choices": [null]'])
async def test_an_answer_without_a_choice(case: Case, server: LoopbackProvider, choices: str) -> None:
    """It is no empty answer, and is not paid for again."""
    server.script(Exchange(200, JSON, f'{{"id": "x", {choices}}}'))
    async with case.client(server) as client:
        with pytest.raises(DecodeError, match="choices"):
            await create(client, case)

    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding"])
async def test_framing_is_not_the_user_s(case: Case, server: LoopbackProvider, name: str) -> None:
    """A header that says where the body ends could cut the request, or smuggle another one in."""
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match="set by twinwire alone"):
            await create(client, case, extra_headers={name: "3"})
    with pytest.raises(ConfigError, match="set by twinwire alone"):
        case.client_class(api_key=KEY, default_headers={name: "3"})

    assert not server.requests


async def test_a_host_of_the_user_s(case: Case, server: LoopbackProvider) -> None:
    """Another `Host` is sent in the place of ours, not beside it."""
    async with case.client(server) as client:
        await create(client, case, extra_headers={"HOST": "gateway.internal"})

    assert server.requests[0].headers["host"] == "gateway.internal"


async def test_a_header_line_for_a_name(case: Case, server: LoopbackProvider) -> None:
    """The key in it is not repeated."""
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match="begins with 'Authorization', which is no header name") as caught:
            await create(client, case, extra_headers={f"Authorization: Bearer {KEY}": ""})

    assert KEY not in str(caught.value)


async def test_stream_in_the_extra_body(case: Case, server: LoopbackProvider) -> None:
    """It would be answered in a way that the call does not read, three times over."""
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match="'stream'"):
            await create(client, case, extra_body={"stream": True})

    assert not server.requests


class Size(str, Enum):  # noqa: UP042  # the older spelling prints the member's name
    """Text with a name."""

    LARGE = "large"


class Number(int, Enum):
    """A number with a name."""

    THREE = 3


async def test_enumerations(case: Case, server: LoopbackProvider) -> None:
    """Members of enumerations are sent as what they stand for, in the query and in the body."""
    async with case.client(server) as client:
        await create(
            client, case, extra_query={"a": Size.LARGE, "b": [Number.THREE, 1.5]}, extra_body={"c": Size.LARGE}
        )

    assert server.requests[0].target.partition("?")[2] == "a=large&b=3&b=1.5"
    assert server.requests[0].json["c"] == "large"


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**5000], ids=["nan", "inf", "long"])
async def test_numbers_that_no_query_holds(case: Case, server: LoopbackProvider, value: float) -> None:
    """They are refused with their name."""
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match="a cannot be written") as caught:
            await create(client, case, extra_query={"a": value})

    assert caught.value.param == "a"


@pytest.mark.parametrize(
    ("option", "value"), [("pool", Pool()), ("proxy", "http://127.0.0.1:1"), ("verify", False), ("http2", True)]
)
async def test_options_that_would_do_nothing(case: Case, server: LoopbackProvider, option: str, value: object) -> None:
    """How to connect is not said twice: what an injected client would ignore is refused."""
    with pytest.raises(ConfigError, match=f"{option} would do nothing: the object"):
        case.client_class(api_key=KEY, http_client=object(), **{option: value})


@pytest.mark.parametrize("transport", ["httpx", ""])
async def test_unknown_transports(case: Case, server: LoopbackProvider, transport: str) -> None:
    """They are refused when the client is made."""
    with pytest.raises(ConfigError, match="transport must be one of httpcore, httpcore2"):
        case.client_class(api_key=KEY, transport=transport)


async def test_a_transport_that_is_none(case: Case, server: LoopbackProvider) -> None:
    """An object that lacks the methods of a transport is refused by their names."""
    async with case.client(server, transport=object()) as client:
        with pytest.raises(ConfigError, match="it has no send, read, close_response, close, stats"):
            await create(client, case)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({5: "a"}, "a name that is no text, but int"),
        ({"x": " a"}, "begins or ends with white space"),
        ({"x": "a\t"}, "white space"),
    ],
)
async def test_odd_headers(case: Case, server: LoopbackProvider, headers: Any, words: str) -> None:
    """They are refused in words that fit."""
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match=words):
            await create(client, case, extra_headers=headers)


class Scalar:
    """Like a number of numpy, which is not installed here."""

    def __init__(self, value: object, ndim: int = 0) -> None:
        self.value = value
        self.ndim = ndim

    def item(self) -> object:
        """The plain value."""
        return self.value


Scalar.__module__ = "numpy"


def test_numbers_of_numpy() -> None:
    """Its scalars are sent as the plain values that they are; arrays are refused."""
    from twinwire._client.body import make_body
    from twinwire.providers import COMPATIBLE

    body = {"a": Scalar(1), "b": Scalar(True), "c": Scalar(0.5), "d": [Scalar("x")]}
    written = make_body(body, provider=COMPATIBLE, is_streaming=False, extra_body=None)

    assert written == b'{"a":1,"b":true,"c":0.5,"d":["x"]}'
    for wrong in (Scalar([1], ndim=1), Scalar(float("nan")), Scalar(object())):
        with pytest.raises(InvalidRequestError) as caught:
            make_body({"ok": 1, "seed": wrong}, provider=COMPATIBLE, is_streaming=False, extra_body=None)
        assert caught.value.param == "seed"


async def test_a_cycle_beside_something_unset(case: Case, server: LoopbackProvider) -> None:
    """Taking out what is unset does not follow a cycle for ever."""
    cycle: dict[str, object] = {"y": UNSET}
    cycle["z"] = [cycle]
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match="holds itself") as caught:
            await create(client, case, metadata={"a": "b"}, extra_body={"x": cycle})

    assert caught.value.param == "extra_body.x.z[0]"


async def test_a_reply_without_choices_handed_back(case: Case, server: LoopbackProvider) -> None:
    """A reply that holds no message cannot be one."""
    async with case.client(server) as client:
        reply = await create(client, case)
        reply.choices = []
        with pytest.raises(InvalidRequestError, match="no choices") as caught:
            await create(client, case, messages=[USER, reply])

    assert caught.value.param == "messages[1]"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\.good.example",
        "https://ho%73t",
        "https://....",
        "https://.example",
        "https://exa_mple..com",
        "https://host:0/v1",
        "https://a,b/",
        "https://a;b/",
    ],
)
async def test_hosts_that_are_none(case: Case, server: LoopbackProvider, url: str) -> None:
    """A host that libraries read differently is not guessed at."""
    with pytest.raises(ConfigError, match="host or port"):
        case.client_class(api_key=KEY, base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://xn--bcher-kva.example/v1",
        "https://a-b_c.example./",
        "https://[2001:db8::1]:8443/v1",
        "https://10.0.0.1",
    ],
)
async def test_hosts_that_are_some(case: Case, server: LoopbackProvider, url: str) -> None:
    """Names, also with a final dot or an underscore, and addresses of both kinds."""
    client = case.client_class(api_key=KEY, base_url=url)

    assert client.base_url == url.rstrip("/")


async def test_a_retry_policy_outlives_another_number(case: Case, server: LoopbackProvider) -> None:
    """`with_options(max_retries=...)` changes how often, not how patiently."""
    policy = Retry(base_seconds=0.001, quota_ratio=0.0, quota_per_second=0.0)
    server.script(Status(500), Status(500))
    async with case.client(server, retry=policy) as client:
        with pytest.raises(InternalServerError) as caught:
            await create(client.with_options(max_retries=5), case)

    assert len(caught.value.attempts) == 1
    assert "quota" in caught.value.__notes__[0]


async def test_one_user_s_outage_is_not_another_s(case: Case, server: LoopbackProvider) -> None:
    """Copies with keys of their own share connections, and no retry quota."""
    policy = Retry(base_seconds=0.0, quota_ratio=0.0, quota_per_second=0.1, max_retries=1)  # one retry in ten seconds
    async with case.client(server, retry=policy) as client:
        server.script(Status(500), Reply("a"), Status(500))
        first = client.with_options(api_key="tenant-one-0123")
        await create(first, case)
        with pytest.raises(InternalServerError):
            await create(first, case)
        server.script(Status(500), Reply("b"))
        reply = await create(client.with_options(api_key="tenant-two-0123"), case)

    assert reply.text == "b"
    assert server.connections == 1


@pytest.mark.parametrize("case", AWAITED, ids=str)
async def test_a_key_function_that_never_answers(case: Case, server: LoopbackProvider) -> None:
    """The deadline holds for what is awaited of it, too."""

    async def forever() -> str:
        await anyio.sleep(60)
        return KEY

    async with case.in_time(), case.client(server, api_key=forever) as client:
        with pytest.raises(DeadlineExceededError) as caught:
            await create(client, case, deadline=0.05)

    assert caught.value.where == "attempt"
    assert not server.requests


async def test_a_key_function_that_raises(case: Case, server: LoopbackProvider) -> None:
    """Its error is the user's own, and comes through as it is."""

    def vault() -> str:
        raise LookupError("no such secret")

    async with case.client(server, api_key=vault) as client:
        with pytest.raises(LookupError, match="no such secret"):
            await create(client, case)

    assert not server.requests


@pytest.mark.parametrize("key", [KEY, lambda: KEY], ids=["text", "function"])
@pytest.mark.parametrize("case", AWAITED, ids=str)
async def test_an_interrupted_call_shows_no_key(
    case: Case, server: LoopbackProvider, key: str | Callable[[], str]
) -> None:
    """Not even a traceback with the values of local variables, as error trackers make it."""
    server.script(Reply(faults=[Stall()]))
    text = ""
    async with case.client(server, api_key=key) as client:
        with anyio.move_on_after(0.05):
            try:
                await create(client, case)
            except BaseException as error:
                text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
                raise

    assert "async_driver.py" in text
    assert f"Bearer {KEY}" not in text
    assert f"result = '{KEY}'" not in text
