"""Options of clients and calls: headers, query, body, keys, the environment, and whose a base URL is."""

from __future__ import annotations

import pytest

from tests.client.cases import CASES, KEY, OPENAI, OPENROUTER, USER, Case, create, done, following, inside, items
from twinwire import AsyncOpenAI, ConfigError, OpenAI, OpenRouter, Pool
from twinwire._version import VERSION
from twinwire.testing import Encode, Exchange, LoopbackProvider, Reply, Status
from twinwire.types import ChatCompletion, ChatCompletionChunk

OTHER_KEY = "sk-other-9876543210"


@pytest.mark.transports
async def test_extra_headers(case: Case, server: LoopbackProvider) -> None:
    """A call's headers win over the client's, those over what is sent unasked, in any case; None takes one out."""
    defaults = {"X-Team": "a", "X-Both": "client", "accept": "application/x"}
    async with case.client(server, default_headers=defaults) as client:
        await create(client, case, extra_headers={"x-both": "call", "IDEMPOTENCY-KEY": None, "X-Umlaut": "\xe4"})
        await create(client, case, extra_headers={"Idempotency-Key": "mine", "User-Agent": "me"})
    first, second = (request.headers for request in server.requests)

    assert (first["x-team"], first["x-both"], first["accept"]) == ("a", "call", "application/x")
    assert "idempotency-key" not in first
    assert first["x-umlaut"].encode("latin-1") == b"\xe4"
    assert (second["x-both"], second["idempotency-key"], second["user-agent"]) == ("client", "mine", "me")


@pytest.mark.parametrize("name", ["User-Agent", "accept", "Idempotency-Key", "Accept-Encoding", "Authorization"])
async def test_unasked_headers_can_be_taken_out(case: Case, server: LoopbackProvider, name: str) -> None:
    """Each header that is sent unasked has its switch, on the client and on the call."""
    async with case.client(server, default_headers={name: None}) as client:
        await create(client, case)
    async with case.client(server) as client:
        await create(client, case, extra_headers={name: None})

    assert [name.lower() in request.headers for request in server.requests] == [False, False]


async def test_own_authorization(case: Case, server: LoopbackProvider) -> None:
    """A user's own authorization stands in place of the key."""
    async with case.client(server) as client:
        await create(client, case, extra_headers={"authorization": "Basic abc"})

    assert server.requests[0].headers["authorization"] == "Basic abc"


@pytest.mark.transports
async def test_query(case: Case, server: LoopbackProvider) -> None:
    """Query parameters of client and call are merged; values are escaped; None leaves one out."""
    async with case.client(server, default_query={"api-version": "1", "a": 1, "gone": "x"}) as client:
        await create(client, case, extra_query={"a": "ä&b=c", "flag": True, "gone": None, "list": ["x", "y"]})

    assert server.requests[0].query == {"api-version": "1", "a": "ä&b=c", "flag": "true", "list": "y"}
    assert server.requests[0].target.endswith("&list=x&list=y")


async def test_extra_body(case: Case, server: LoopbackProvider) -> None:
    """`extra_body` adds what no parameter is for, and wins over the parameters."""
    async with case.client(server) as client:
        await create(client, case, temperature=1, extra_body={"new": {"a": [1]}, "temperature": 2, "nothing": None})
        await items(await create(client, case, stream=True, extra_body={"stream_options": {"include_usage": False}}))

    assert server.requests[0].json == {
        "model": case.model,
        "messages": [USER],
        "temperature": 2,
        "new": {"a": [1]},
        "nothing": None,
    }
    assert server.requests[1].json["stream_options"] == {"include_usage": False}


async def test_user_agent(case: Case, server: LoopbackProvider) -> None:
    """Every provider sees twinwire and its version; with OpenRouter also the application, where that wants it."""
    own = {"app_name": "Notes", "app_url": "https://notes.example"} if case.provider == "openrouter" else {}
    async with case.client(server, **own) as client:
        await create(client, case)
    headers = server.requests[0].headers

    assert headers["user-agent"].startswith(f"twinwire/{VERSION} ")
    assert headers["user-agent"].endswith("(Notes; +https://notes.example)") is bool(own)
    assert headers.get("http-referer") == own.get("app_url")
    assert headers.get("x-title") == own.get("app_name")


@pytest.mark.parametrize("case", [row for row in CASES if row.provider == "openai"], ids=str, indirect=True)
async def test_organization(case: Case, server: LoopbackProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenAI's organization and project come from the options, or else from the environment."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-env")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-env")
    async with case.client(server) as client, case.client(server, organization="org", project="proj") as other:
        await create(client, case)
        await create(other, case)
    sent = [(item.headers["openai-organization"], item.headers["openai-project"]) for item in server.requests]

    assert sent == [("org-env", "proj-env"), ("org", "proj")]


async def test_key_from_the_environment(case: Case, server: LoopbackProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `api_key` the provider's own variable is read, when the client is made."""
    monkeypatch.setenv(case.key_variable, OTHER_KEY)
    async with case.client(server, api_key=None) as client:
        monkeypatch.delenv(case.key_variable)
        await create(client, case)

    assert server.requests[0].headers["authorization"] == f"Bearer {OTHER_KEY}"


async def test_no_key_for_a_server_on_this_machine(case: Case, server: LoopbackProvider) -> None:
    """A loopback server needs no key, and none is sent."""
    async with case.client(server, api_key=None) as client:
        await create(client, case)

    assert "authorization" not in server.requests[0].headers


async def test_base_url_from_the_environment(
    case: Case, server: LoopbackProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`OPENAI_BASE_URL` is OpenAI's alone, and `base_url` wins over it."""
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/v1")
    async with case.client(base_url=None) as client, case.client(server) as other:
        urls = client.base_url, other.base_url

    expected = "https://elsewhere.example/v1" if case.url_variable else case.home_url
    assert urls == (expected, server.base_url)


async def test_a_callable_key_is_asked_for_each_attempt(case: Case, server: LoopbackProvider) -> None:
    """Rotation: each attempt sends the key of its time."""
    keys = iter([f"rotated-{number}" for number in range(9)])
    server.script(Status(500))
    async with case.client(server, api_key=lambda: next(keys)) as client:
        await create(client, case)
        await create(client, case)

    assert [request.headers["authorization"] for request in server.requests] == [
        "Bearer rotated-0",
        "Bearer rotated-1",
        "Bearer rotated-2",
    ]


async def test_an_awaited_key(case: Case, server: LoopbackProvider) -> None:
    """An async client awaits a key; a blocking one says that it cannot."""

    async def key() -> str:
        return OTHER_KEY

    async with case.client(server, api_key=key) as client:
        if case.is_awaited:
            await create(client, case)
        else:
            with pytest.raises(ConfigError, match="async function was given to a blocking client"):
                await create(client, case)

    assert [request.headers["authorization"] for request in server.requests] == (
        [f"Bearer {OTHER_KEY}"] if case.is_awaited else []
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "got int"),
        (None, "got NoneType"),
        (b"sk-bytes-secret", "got bytes"),
        ("", "is empty"),
        ("sk-secret-1\n", "white space or a line break"),
        ("sk-sécret-1", "not ASCII at position 4"),
    ],
)
async def test_what_a_callable_key_may_not_return(
    case: Case, server: LoopbackProvider, value: object, words: str
) -> None:
    """A wrong answer of the function is an error before anything is sent, without the answer in it."""
    async with case.client(server, api_key=lambda: value) as client:
        with pytest.raises(ConfigError, match=words) as caught:
            await create(client, case)

    assert "cret-1" not in str(caught.value)
    assert server.requests == ()


async def test_a_callable_key_that_raises(case: Case, server: LoopbackProvider) -> None:
    """What the user's function raises reaches the user as it is, and nothing stays in use."""

    def key() -> str:
        raise LookupError("vault is sealed")

    async with case.client(server, api_key=key, pool=Pool(max_connections=1)) as client:
        for _ in range(2):
            with pytest.raises(LookupError, match="vault is sealed"):
                await create(client, case)
        stats = client.pool.stats()

    assert (stats.open, stats.waiting) == (0, 0)
    assert server.requests == ()


async def test_with_options(case: Case, server: LoopbackProvider) -> None:
    """A copy has the changed options and all others, and shares the connections; the first client stays as it was."""
    async with case.client(server, default_headers={"X-A": "1"}, max_retries=0) as client:
        await create(client, case)
        copy = client.with_options(api_key=OTHER_KEY, default_query={"q": "1"}, timeout=5)
        await create(copy, case)
        await create(client, case)
        stats = copy.pool.stats(), client.pool.stats()
    first, second, third = server.requests

    assert type(copy) is type(client)
    assert first.headers["authorization"] == third.headers["authorization"] == f"Bearer {KEY}"
    assert second.headers["authorization"] == f"Bearer {OTHER_KEY}"
    assert (second.headers["x-a"], second.query, third.query) == ("1", {"q": "1"}, {})
    assert server.connections == 1
    assert stats[0] == stats[1]


async def test_with_options_of_the_connections(case: Case, server: LoopbackProvider) -> None:
    """A copy that changes how to connect has connections of its own."""
    async with case.client(server) as client:
        await create(client, case)
        copy = client.with_options(pool=Pool(max_connections=1))
        await create(copy, case)
        await done(copy.close())
        await create(client, case)

    assert server.connections == 2


async def test_with_options_that_say_the_same(case: Case, server: LoopbackProvider) -> None:
    """`max_retries` on the copy replaces the client's `retry`."""
    server.default = Status(500)
    async with case.client(server) as client:
        with pytest.raises(Exception, match="500"):
            await create(client.with_options(max_retries=0), case)

    assert len(server.requests) == 1


async def test_with_options_are_checked(case: Case, server: LoopbackProvider) -> None:
    """Options of a copy are checked as those of a client are."""
    async with case.client(server) as client:
        with pytest.raises(ConfigError, match="max_retries"):
            client.with_options(max_retries=-1)
        with pytest.raises(ConfigError, match="base_url"):
            client.with_options(base_url="nonsense")


@pytest.mark.transports
async def test_raw_response(case: Case, server: LoopbackProvider) -> None:
    """Status, headers and bytes beside the reply, which is made when it is asked for."""
    async with case.client(server) as client:
        raw = await done(client.chat.completions.with_raw_response.create(model=case.model, messages=[USER]))
        models = await done(client.models.with_raw_response.list())
        vectors = await done(client.embeddings.with_raw_response.create(model="e", input="a"))

    reply = raw.parse()
    assert (raw.status_code, raw.headers["Content-Type"]) == (200, "application/json")
    assert raw.content == reply.raw.content
    assert raw.text == raw.content.decode()
    assert raw.request_id == reply.request_id == case.request_ids.format(1)
    assert raw.trace == reply.trace
    assert isinstance(reply, ChatCompletion)
    assert raw.parse() is reply
    assert case.model in [model.id for model in models.parse()]
    assert len(vectors.parse().vectors) == 1
    assert repr(raw) == "<RawResponse 200>"


@pytest.mark.transports
async def test_raw_response_of_a_stream(case: Case, server: LoopbackProvider) -> None:
    """The head of a stream is in reach, and `parse()` is the stream."""
    async with case.client(server) as client:
        raw = await done(
            client.chat.completions.with_raw_response.create(model=case.model, messages=[USER], stream=True)
        )
        chunks = [chunk async for chunk in following(raw.parse())]

    assert raw.headers["content-type"].startswith("text/event-stream")
    assert (raw.status_code, raw.content, raw.request_id) == (200, b"", case.request_ids.format(1))
    assert {type(chunk) for chunk in chunks} == {ChatCompletionChunk}
    assert raw.parse() is raw.parse()


@pytest.mark.transports
async def test_raw_response_raises_too(case: Case, server: LoopbackProvider) -> None:
    """What is not a success is an error with a raw response as without."""
    server.script(Status(400, "no"))
    async with case.client(server) as client:
        with pytest.raises(Exception, match="no"):
            await done(client.chat.completions.with_raw_response.create(model=case.model, messages=[USER]))


@pytest.mark.transports
async def test_compression_is_offered(case: Case, server: LoopbackProvider) -> None:
    """A compressed stream is decoded as it comes."""
    server.script(Reply("Grüße an alle", faults=[Encode("gzip")]))
    async with case.client(server) as client:
        chunks = await items(await create(client, case, stream=True))

    assert "".join(chunk.text for chunk in chunks) == "Grüße an alle"
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.transports
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(case: Case, server: LoopbackProvider, status: int) -> None:
    """A key and a prompt never travel to another origin: a redirect is an error, not retried."""
    with case.server() as elsewhere:
        server.script(Exchange(status, {"location": f"{elsewhere.base_url}/chat/completions"}))
        async with case.client(server) as client:
            with pytest.raises(Exception, match=r"redirects to .*, and redirects are not followed") as caught:
                await create(client, case)

        assert elsewhere.connections == 0
    assert len(server.requests) == 1
    assert getattr(caught.value, "status_code", None) == status


async def test_a_closed_client(case: Case, server: LoopbackProvider) -> None:
    """After `close()`, which may be called twice and closes copies too, calls are refused and connections are gone."""
    async with case.client(server) as client:
        copy = client.with_options(timeout=5)
        late = client.chat.completions.stream(model=case.model, messages=[USER])
        await create(client, case)
        await done(client.close())
        await done(client.close())
        server.wait_for(lambda: server.open_connections == 0)
        for closed in (client, copy):
            with pytest.raises(ConfigError, match="the client is closed"):
                await create(closed, case)
            with pytest.raises(ConfigError, match="the client is closed"):
                closed.chat.completions.stream(model=case.model, messages=[USER])
        with pytest.raises(ConfigError, match="the client is closed"):
            await items(late)

    assert len(server.requests) == 1


async def test_a_client_is_a_context_manager(case: Case, server: LoopbackProvider) -> None:
    """Leaving the block closes the client."""
    async with inside(case.client_class(api_key=KEY, base_url=server.base_url)) as client:
        await create(client, case)
    server.wait_for(lambda: server.open_connections == 0)

    with pytest.raises(ConfigError, match="closed"):
        await create(client, case)


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://API.OpenAI.com:443/v1/", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://api.mistral.ai/v1", "mistral"),
        ("https://openrouter.ai.example/api/v1", "compatible"),
        ("https://notopenrouter.ai/api/v1", "compatible"),
        ("https://example.com/openrouter.ai/v1", "compatible"),
        ("https://api.openai.com.evil.example/v1", "compatible"),
        ("https://xapi.openai.com/v1", "compatible"),
        ("http://localhost:8000/v1", None),
        ("http://127.0.0.1/v1", None),
        ("http://[::1]:1/v1", None),
    ],
)
@pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)
def test_whose_a_host_is(row: Case, url: str, provider: str | None) -> None:
    """By host, whole and never by a part of it; a server on this machine is taken for the class's own provider."""
    for made in (row.blocking_class(api_key=KEY, base_url=url), row.awaited_class(api_key=KEY, base_url=url)):
        assert made._settings.provider.name == (provider or row.provider)


def test_a_known_provider_never_gets_another_s_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's key goes to the provider whose it is; where that has none, the error names its variable."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    with pytest.raises(ConfigError, match="OPENROUTER_API_KEY"):
        OpenAI(base_url="https://openrouter.ai/api/v1")
    with pytest.raises(ConfigError, match="OPENROUTER_API_KEY"):
        OpenRouter()
    monkeypatch.setenv("OPENROUTER_API_KEY", OTHER_KEY)
    client = AsyncOpenAI(base_url="https://openrouter.ai/api/v1")
    assert client._settings.key.reveal() == OTHER_KEY  # type: ignore[union-attr]  # it is no function here


def test_another_provider_s_rules_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenRouter's host has OpenRouter's rules, whichever class talks to it."""
    provider = OpenAI(api_key=KEY, base_url="https://openrouter.ai/api/v1")._settings.provider

    assert provider.name == "openrouter"
    assert provider.takes_include_usage is False
