"""Credentials and prompts go to the origin that was named, and nowhere else."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from tests.client.cases import KEY, OPENAI, OPENROUTER, USER, Case, create, done, drained, stream
from tests.client.telling import lines_with_key, told
from twinwire import APIStatusError, ConfigError, InvalidRequestError
from twinwire.testing import Exchange, LoopbackProvider, Reply

if TYPE_CHECKING:
    from pathlib import Path

STATUSES = (300, 301, 302, 303, 305, 307, 308, 399)
NOBODY = "http://127.0.0.1:1"


@pytest.mark.transports
@pytest.mark.parametrize("status", STATUSES)
async def test_redirects_elsewhere(case: Case, server: LoopbackProvider, status: int) -> None:
    """To another port of the same host: refused, with the place that the server named, and that place hears nothing."""
    with case.server() as elsewhere:
        server.default = Exchange(
            status, {"location": f"{elsewhere.base_url}/chat/completions?key=secret#part"}, b"gone"
        )
        async with case.client(server) as client:
            for attempt in (lambda: create(client, case), lambda: drained(stream(client, case))):
                with pytest.raises(APIStatusError) as caught:
                    await attempt()
                assert caught.value.status_code == status
                assert f"redirects to {elsewhere.base_url}/chat/completions," in str(caught.value)
                assert "secret" not in str(caught.value)
                assert caught.value.retry_safe is False
        assert (elsewhere.connections, len(server.requests)) == (0, 2)


PLACES = [
    # what the server says, and what is told of it
    ("https://evil.example/v1/x", "https://evil.example/v1/x"),
    ("https://user:pass@evil.example:8443/x?api_key=1#f", "https://evil.example:8443/x"),
    ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/x"),
    ("//evil.example/x", "//evil.example/x"),
    ("/v2/chat", "/v2/chat"),
    (f"https://evil.example/{KEY}", "https://evil.example/***"),
    ("https://evil.example/\x7f\x01", "https://evil.example/"),
    ("https://evil.example:port/x", "an address that cannot be read"),
    ("http://[::1", "an address that cannot be read"),
    ("", "elsewhere"),
    (None, "elsewhere"),
]


@pytest.mark.parametrize(("location", "told_place"), PLACES)
async def test_places_of_redirects(case: Case, server: LoopbackProvider, location: str | None, told_place: str) -> None:
    """Scheme, host, port and path; no user name, password, query or fragment, and no key."""
    server.default = Exchange(307, {} if location is None else {"location": location}, b"")
    async with case.client(server) as client:
        with pytest.raises(APIStatusError) as caught:
            await create(client, case)

    assert str(caught.value).endswith(f"the server redirects to {told_place}, and redirects are not followed")
    assert lines_with_key(told(caught.value)) == []


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_a_client_that_follows_redirects(case: Case, server: LoopbackProvider, library: Any) -> None:
    """A client that is handed in may follow them for others, and does not for us; nor are its own credentials sent."""
    with case.server() as elsewhere:
        server.default = Exchange(307, {"location": f"{elsewhere.base_url}/chat/completions"}, b"")
        options: dict[str, Any] = {
            "follow_redirects": True,
            "trust_env": False,
            "auth": ("user", "password"),
            "cookies": {"session": "cookie"},
            "headers": {"X-Own": "header"},
            "params": {"own": "query"},
        }
        client_class = library.AsyncClient if case.is_awaited else library.Client
        injected = client_class(**options)
        async with case.client(server, http_client=injected) as client:
            for attempt in (lambda: create(client, case), lambda: drained(stream(client, case))):
                with pytest.raises(APIStatusError, match="redirects to"):
                    await attempt()
        await done(injected.aclose() if case.is_awaited else injected.close())
        request = server.requests[0]
        assert elsewhere.connections == 0

    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert {"cookie", "x-own"}.isdisjoint(request.headers)
    assert not request.query


ROWS = pytest.mark.parametrize("row", [OPENAI, OPENROUTER], ids=str)


@pytest.mark.parametrize("url", ["http://api.example/v1", "http://10.0.0.1/v1", "http://localhost.example/v1"])
def test_a_url_of_the_environment_is_no_permission(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain HTTP to another machine is refused, whoever asks for it; only `allow_http=True` in the code permits it."""
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    for make in (OPENAI.blocking_class, OPENAI.awaited_class):
        with pytest.raises(ConfigError, match="allow_http=True"):
            make(api_key=KEY)
        assert make(api_key=KEY, allow_http=True).base_url == url


@pytest.mark.parametrize("value", ["1", "true", "http://127.0.0.1:1"])
def test_no_variable_loosens_anything(value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of the variables that other clients have, none switches checking off here, or writes secrets into a file."""
    from twinwire._io import tls

    monkeypatch.setattr(tls, "_contexts", {})
    log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    for name in (
        "PYTHONHTTPSVERIFY",
        "CURL_INSECURE",
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "ALLOW_HTTP",
        "TWINWIRE_ALLOW_HTTP",
    ):
        monkeypatch.setenv(name, "0" if "VERIFY" in name or "REJECT" in name else value)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for trust_env in (True, False):
        made = tls.context(True, trust_env=trust_env)
        assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert made.keylog_filename is None
        assert made.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert made.cert_store_stats()["x509_ca"] > 50
    assert not log.exists()


async def test_netrc_is_not_read(
    case: Case, server: LoopbackProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Credentials of a file are nobody's to send."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password netrc-password\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with case.client(server, default_headers={"Authorization": None}) as client:
        await create(client, case)

    assert "authorization" not in server.requests[0].headers


async def test_proxies_are_not_for_this_machine(
    case: Case, server: LoopbackProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy of the environment does not hear of calls to a server here."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, NOBODY)
    server.default = Reply("here")
    async with case.client(server) as client:
        assert (await create(client, case)).text == "here"


BREAKS = ["\r", "\n", "\0", "\r\n", "\x0b", "\x7f", "\u2028", "\x85"]


@ROWS
@pytest.mark.parametrize("bad", BREAKS)
@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_line_breaks_in_options(row: Case, bad: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No option that travels in a head may end a line of it."""
    text = {"start": f"{bad}abcdef", "middle": f"abc{bad}def", "end": f"abcdef{bad}"}[place]
    own = {"openai": ("organization", "project"), "openrouter": ()}[row.provider]
    options: list[dict[str, Any]] = [
        {"api_key": text},
        {"base_url": f"https://example.com/{text}"},
        {"base_url": f"https://{text}.example.com"},
        {"default_headers": {text: "x"}},
        *({name: text} for name in (*own, "app_name", "app_url")),
        *([{"default_headers": {"X-A": text}}] if bad != "\x85" else []),
    ]
    for make in (row.blocking_class, row.awaited_class):
        for option in options:
            with pytest.raises(ConfigError):
                make(**{"api_key": KEY, **option})
        monkeypatch.setenv(row.key_variable, text.replace("\0", "\n"))
        with pytest.raises(ConfigError):
            make()
        monkeypatch.delenv(row.key_variable)


@pytest.mark.parametrize("bad", BREAKS)
async def test_line_breaks_in_calls(case: Case, server: LoopbackProvider, bad: str) -> None:
    """Headers are refused; a query, a path and a body carry everything, in their own writing."""
    text = f"abc{bad}def"
    async with case.client(server) as client:
        for headers in (
            {text: "x"},
            *([{"X-A": text}, {"Idempotency-Key": text}, {"Authorization": text}] if bad != "\x85" else []),
        ):
            with pytest.raises(InvalidRequestError):
                await create(client, case, extra_headers=headers)
        assert not server.requests
        await create(client, case, extra_query={text: text}, messages=[{**USER, "content": text}])
        if case.provider == "openai":
            with pytest.raises(APIStatusError):
                await done(client.models.retrieve(f"../{text}?x=y#z"))

    request = server.requests[0]
    assert request.query == {text: text}
    sent: Any = request.json
    assert sent["messages"][0]["content"] == text
    assert len(server.requests) == (2 if case.provider == "openai" else 1)
