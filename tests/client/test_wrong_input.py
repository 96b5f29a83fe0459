"""
Wrong input: a typed error before anything is sent, which names the argument, what it got (never the key) and what is allowed.

The tables of the arguments' checks have tests of their own; here is what a user of a client meets.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.cases import KEY, OPENAI, OPENROUTER, USER, Case, create, done
from twinwire import ConfigError, InvalidRequestError, Pool, Retry, Timeout

if TYPE_CHECKING:
    from twinwire.testing import LoopbackProvider

ARGUMENTS: list[Any] = [
    # arguments, the argument named, words of the message
    ({"model": ""}, "model", "must not be empty"),
    ({"model": None}, "model", "must be a string, got None"),
    ({"model": 5}, "model", "must be a string, got int 5"),
    ({"messages": []}, "messages", "must not be empty"),
    ({"messages": "hello"}, "messages", "must be a list, got str"),
    ({"messages": USER}, "messages", "must be a list, got dict"),
    ({"messages": (message for message in [USER])}, "messages", "must be a list, got generator"),
    ({"messages": ["hello"]}, "messages[0]", "must be a mapping, got str"),
    ({"messages": [USER, {"role": "robot", "content": "x"}]}, "messages[1].role", "must be one of 'assistant', "),
    ({"messages": [{"content": "x"}]}, "messages[0].role", "is required"),
    ({"messages": [{"role": "user"}]}, "messages[0].content", "is required"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "got int 5"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id", "is required"),
    ({"temperature": 2.5}, "temperature", "must be at least 0 and at most 2, got float 2.5"),
    ({"temperature": -1}, "temperature", "got int -1"),
    ({"temperature": "1"}, "temperature", "must be a number"),
    ({"temperature": True}, "temperature", "got bool"),
    ({"temperature": math.nan}, "temperature", "must be a finite number, got nan"),
    ({"temperature": Decimal(1)}, "temperature", "got decimal.Decimal"),
    ({"top_p": 1.5}, "top_p", "at most 1"),
    ({"max_tokens": 1.5}, "max_tokens", "must be an integer"),
    ({"top_logprobs": 21}, "top_logprobs", "at most 20"),
    ({"logprobs": "yes"}, "logprobs", "True or False"),
    ({"stop": ["a", 5]}, "stop[1]", "must be a string, got int 5"),
    ({"metadata": {"a": 5}}, "metadata.a", "must be a string"),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "is required"),
    ({"tools": {"a": 1}}, "tools", "must be a list, got dict"),
    ({"stream": "yes"}, "stream", "True or False"),
    # what stands beside the arguments
    ({"timeout": 0}, "timeout", "must be a positive number of seconds or None, got 0"),
    ({"timeout": "5"}, "timeout", "must be a Timeout, a number of seconds or None, got str"),
    ({"deadline": 0}, "deadline", "must be a positive number of seconds or None, got 0"),
    ({"deadline": math.nan}, "deadline", "got nan"),
    ({"deadline": "soon"}, "deadline", "got 'soon'"),
    ({"max_retries": -1}, "max_retries", "whole number that is not negative, got -1"),
    ({"max_retries": 1.5}, "max_retries", "got 1.5"),
    ({"max_retries": True}, "max_retries", "got True"),
    ({"extra_headers": "X: y"}, "extra_headers", "must be a mapping of header names to values, got str"),
    ({"extra_headers": {"X": "a\r\nY: b"}}, "extra_headers", "['X'] holds a line break"),
    ({"extra_headers": {"X": "a\0"}}, "extra_headers", "['X'] holds"),
    ({"extra_headers": {"X": "☃"}}, "extra_headers", "['X'] holds"),
    ({"extra_headers": {"X y": "a"}}, "extra_headers", "begins with 'X', which is no header name"),
    ({"extra_headers": {"": "a"}}, "extra_headers", "which is no header name"),
    ({"extra_headers": {"X": 5}}, "extra_headers", "must be text, or None to leave the header out, got int"),
    ({"extra_query": "a=b"}, "extra_query", "must be a mapping"),
    ({"extra_query": {"a": {"b": 1}}}, "a", "must be text, a number, a bool, None or a list of them, got dict"),
    ({"extra_query": {"a": ["x", {}]}}, "a", "got dict"),
    ({"extra_query": {"a": "\ud800"}}, "a", "lone surrogate"),
    ({"extra_body": [1]}, "extra_body", "must be a mapping, got list"),
    ({"extra_body": {"a": math.inf}}, "extra_body.a", "cannot be written as JSON"),
    ({"extra_body": {"a": {1, 2}}}, "extra_body.a", "set is no JSON value"),
    ({"extra_body": {"a": b"x"}}, "extra_body.a", "bytes is no JSON value"),
]


@pytest.mark.parametrize(("arguments", "param", "words"), ARGUMENTS)
async def test_arguments(
    case: Case, server: LoopbackProvider, arguments: dict[str, Any], param: str | None, words: str
) -> None:
    """Whole, streamed and as events: refused with the argument's path, before anything is opened."""
    async with case.client(server) as client:
        completions = client.chat.completions
        given = {"model": case.model, "messages": [USER], **arguments}
        for method in (completions.create, completions.stream, completions.with_raw_response.create):
            if method == completions.stream and "stream" in arguments:
                continue
            with pytest.raises(InvalidRequestError) as caught:
                await done(method(**given))
            assert caught.value.param == param
            assert words in str(caught.value)
            assert param is None or param in str(caught.value)
            assert isinstance(caught.value, ValueError)

    assert server.connections == 0


async def test_cycles_and_depth(case: Case, server: LoopbackProvider) -> None:
    """What has no end, or is nested too deep, is no JSON."""
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    async with case.client(server) as client:
        with pytest.raises(InvalidRequestError, match="JSON"):
            await create(client, case, extra_body=cycle)
        with pytest.raises(InvalidRequestError, match="nested too deep"):
            await create(client, case, extra_body={"a": deep})

    assert server.connections == 0


async def test_unknown_arguments(case: Case, server: LoopbackProvider) -> None:
    """An argument that does not exist is Python's own error; so is one of the other provider's."""
    other = {"transforms": ["middle-out"]} if case.provider == "openai" else {"safety_identifier": "x"}
    async with case.client(server) as client:
        for arguments in ({"temprature": 1}, other):
            with pytest.raises(TypeError, match=next(iter(arguments))):
                await create(client, case, **arguments)

    assert server.connections == 0


async def test_other_operations(case: Case, server: LoopbackProvider) -> None:
    """Embeddings and listings check their arguments, too."""
    async with case.client(server) as client:
        for arguments, param in (
            ({"model": "", "input": "a"}, "model"),
            ({"model": "e", "input": 5}, "input"),
            ({"model": "e", "input": "a", "dimensions": 0}, "dimensions"),
        ):
            with pytest.raises(InvalidRequestError) as caught:
                await done(client.embeddings.create(**arguments))
            assert caught.value.param == param
        listing = client.models.retrieve if case.provider == "openai" else partial(client.models.endpoints, slug="x")
        first = "model" if case.provider == "openai" else "author"
        for wrong in ("", ".", "..", "\ud800"):
            with pytest.raises(InvalidRequestError):
                await done(listing(**{first: wrong}))

    assert server.connections == 0


OPTIONS: list[Any] = [
    ({"api_key": ""}, "api_key", "is empty"),
    ({"api_key": "  "}, "api_key", "white space"),
    ({"api_key": f"{KEY}\n"}, "api_key", "begins or ends with white space or a line break"),
    ({"api_key": f"{KEY}\r\nX: y"}, "api_key", "white space or a control character at position 24"),
    ({"api_key": f"{KEY}ü"}, "api_key", "not ASCII at position 24"),
    ({"api_key": 5}, "api_key", "must be text or a function that returns text, got int"),
    ({"api_key": KEY.encode()}, "api_key", "got bytes"),
    ({"base_url": ""}, "base_url", "is empty"),
    ({"base_url": 5}, "base_url", "must be text such as"),
    ({"base_url": "api.openai.com/v1"}, "base_url", "must begin with https://"),
    ({"base_url": "localhost:8000"}, "base_url", "must begin with https://"),
    ({"base_url": "ftp://example.com"}, "base_url", "must begin with https://"),
    ({"base_url": "https://"}, "base_url", "and a host"),
    ({"base_url": "https://u:pw@example.com"}, "base_url", "user name or password"),
    ({"base_url": "https://example.com?a=b"}, "base_url", "default_query"),
    ({"base_url": "https://example.com/#a"}, "base_url", "fragment"),
    ({"base_url": "https://exa mple.com"}, "base_url", "white space"),
    ({"base_url": "https://example.com\r\n"}, "base_url", "control character"),
    ({"base_url": "https://example.com:99999"}, "base_url", "is not a URL"),
    ({"base_url": "http://example.com/v1"}, "base_url", "allow_http=True"),
    ({"base_url": "http://127.0.0.1.example.com/v1"}, "base_url", "allow_http=True"),
    ({"base_url": "http://192.168.1.5/v1"}, "base_url", "allow_http=True"),
    ({"timeout": -1}, "timeout", "positive number of seconds"),
    ({"timeout": "5"}, "timeout", "got str"),
    ({"deadline": -1}, "deadline", "positive number"),
    ({"max_retries": -1}, "max_retries", "not negative"),
    ({"max_retries": 1, "retry": Retry()}, "max_retries", "retry"),
    ({"retry": 3}, "retry", "must be a Retry, got int"),
    ({"default_headers": {"X": "a\nb"}}, "default_headers", "line break"),
    ({"default_headers": ["X"]}, "default_headers", "must be a mapping"),
    ({"default_query": "a=b"}, "default_query", "must be a mapping"),
    ({"pool": 5}, "pool", "must be a Pool, got int"),
    ({"proxy": "127.0.0.1:1"}, "proxy", "must be a URL"),
    ({"http2": 1}, "http2", "must be True or False"),
    ({"trust_env": None}, "trust_env", "must be True or False"),
    ({"allow_http": "yes"}, "allow_http", "must be True or False"),
    ({"log": 5}, "log", "must be a bool or"),
]


@pytest.mark.parametrize(("options", "name", "words"), OPTIONS)
@pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)
def test_options(row: Case, options: dict[str, Any], name: str, words: str) -> None:
    """Refused when a client is made, of either flavour, and by `with_options`; the key is never shown."""
    for make in (row.blocking_class, row.awaited_class):
        given = {"api_key": KEY, **options}
        for refuse in (partial(make, **given), partial(make(api_key=KEY).with_options, **options)):
            with pytest.raises(ConfigError) as caught:
                refuse()
            assert name in str(caught.value)
            assert words in str(caught.value)
            assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"app_name": "Café"},
        {"app_name": "a\r\nb"},
        {"app_url": 5},
    ],
)
def test_openrouter_s_own_options(options: dict[str, Any]) -> None:
    """They travel in headers, so they must be text that can."""
    for make in (OPENROUTER.blocking_class, OPENROUTER.awaited_class):
        with pytest.raises(ConfigError, match=r"app.(name|url)"):
            make(api_key=KEY, **options)


@pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)
def test_missing_key(row: Case) -> None:
    """Without a key for a server elsewhere the error names the option and the variable; a loopback server needs none."""
    for make in (row.blocking_class, row.awaited_class):
        with pytest.raises(ConfigError, match=f"api_key.*{row.key_variable}"):
            make()
        make(base_url="http://127.0.0.1:1/v1")
        make(base_url="http://localhost:1/v1")


@pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)
def test_wrong_variables(row: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong key in the environment is named by its variable, and not shown."""
    monkeypatch.setenv(row.key_variable, f"{KEY}\n")
    for make in (row.blocking_class, row.awaited_class):
        with pytest.raises(ConfigError, match=row.key_variable) as caught:
            make()
        assert KEY not in str(caught.value)


@pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)
def test_http_to_other_machines(row: Case) -> None:
    """`allow_http=True` permits what is refused without it."""
    for make in (row.blocking_class, row.awaited_class):
        assert make(api_key=KEY, base_url="http://example.com/v1/", allow_http=True).base_url == "http://example.com/v1"


@pytest.mark.parametrize("value", [-1, 0, math.nan, "5", True])
def test_parts_of_a_timeout(value: Any) -> None:
    """Each limit is a positive number or None."""
    for name in ("connect", "write", "first_event", "between_events", "pool"):
        with pytest.raises(ConfigError, match=f"timeout.{name}"):
            Timeout(**{name: value})


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"max_connections": 0}, "max_connections"),
        ({"max_connections": 1.5}, "max_connections"),
        ({"max_keepalive": -1}, "max_keepalive"),
        ({"keepalive_expiry_seconds": 0}, "keepalive_expiry_seconds"),
    ],
)
def test_parts_of_a_pool(options: dict[str, Any], name: str) -> None:
    """Each limit says what it may be."""
    with pytest.raises(ConfigError, match=f"pool.{name}"):
        Pool(**options)
