"""What a key and a URL may be, what is sent along, and what is said to proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    ConfigError,
)
from twinwire.testing.answers import Exchange, Raw, Reply, Status
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.scenarios.outcome import Played
    from twinwire.testing.scenarios.scenario import Stage


def _key(request: RecordedRequest) -> str:
    return request.headers["authorization"].removeprefix("Bearer ")


def _no_header(*names: str) -> Callable[[Played], str | None]:
    def check(played: Played) -> str | None:
        found = [name for request in played.requests for name in names if name in request.headers]
        return f"{found} were sent" if found else None

    return check


def _keys_sent(*keys: str) -> Callable[[Played], str | None]:
    def check(played: Played) -> str | None:
        sent = tuple(_key(request) for request in played.requests)
        return None if sent == keys else f"{len(sent)} keys were sent, and not those of the function in their order"

    return check


def _rotating(_: Stage) -> dict[str, object]:
    keys = iter(("sk-the-first-of-the-keys", "sk-the-second-of-the-keys", "sk-the-third-of-the-keys"))
    return {"api_key": lambda: next(keys)}


def _proxied(stage: Stage) -> dict[str, object]:
    """The server plays the proxy."""
    return {"base_url": "https://api.twinwire.invalid/v1", "proxy": stage.server.origin}


def _told_the_proxy(played: Played) -> str | None:
    [request] = played.requests
    if request.method != "CONNECT" or "authorization" in request.headers or request.body:
        return f"the proxy was sent {request.method} with {sorted(request.headers)} and {len(request.body)} bytes"
    return None


def _refused_key(name: str, key: str, about: str) -> Scenario:
    return Scenario(
        name=f"key-with-{name}",
        topic="trust",
        about=about,
        ask=Ask(options={"api_key": key}),
        expect=Expect(error=ConfigError, requests=0, checks=(_says_no_key,)),
        injected=True,
    )


def _says_no_key(played: Played) -> str | None:
    return "the key stands in the message" if "secret" in str(played.outcome.error) else None


def _refused_option(name: str, about: str, says: str, **options: object) -> Scenario:
    return Scenario(
        name=f"option-{name}",
        topic="trust",
        about=about,
        ask=Ask(options=options),
        expect=Expect(error=ConfigError, requests=0, says=(says,)),
    )


SCENARIOS = (
    *(
        Scenario(
            name=f"challenge-{name}",
            topic="trust",
            about=f"A 401 that asks for {name} is not answered with anything.",
            server=(Status(401, headers={"www-authenticate": challenge}),),
            expect=Expect(error=AuthenticationError, attempts=1),
            injected=True,
        )
        for name, challenge in (
            ("basic", 'Basic realm="x"'),
            ("digest", 'Digest realm="x", nonce="y", qop="auth"'),
            ("negotiate", "Negotiate"),
        )
    ),
    Scenario(
        name="challenge-of-a-proxy",
        topic="trust",
        about="A 407 of whom nobody asked is an error, and no credential is sent.",
        server=(Status(407, headers={"proxy-authenticate": "Basic"}),),
        expect=Expect(error=APIStatusError, attempts=1, checks=(_no_header("proxy-authorization"),)),
        injected=True,
    ),
    Scenario(
        name="key-of-a-function",
        topic="trust",
        about="A key that comes from a function is asked for anew for every attempt.",
        server=(Status(500), Status(500), Reply("Here.")),
        ask=Ask(options=_rotating),
        expect=Expect(
            text="Here.",
            attempts=3,
            checks=(_keys_sent("sk-the-first-of-the-keys", "sk-the-second-of-the-keys", "sk-the-third-of-the-keys"),),
        ),
        injected=True,
        usable_after=False,
    ),
    Scenario(
        name="key-of-a-function-with-a-line-break",
        topic="trust",
        about="A function that returns no key is refused when it is called, and nothing is sent.",
        ask=Ask(options=lambda _: {"api_key": lambda: "sk-secret\r\nX-Evil: 1"}),
        expect=Expect(error=ConfigError, requests=0, checks=(_says_no_key,)),
        injected=True,
        usable_after=False,
    ),
    _refused_key("a-line-break", "sk-secret\n", "A key from a file with its line break."),
    _refused_key("another-header", "sk-secret\r\nX-Evil: 1", "A key that holds another header."),
    _refused_key("nul", "sk-secret\x00", "A key with NUL."),
    _refused_key("a-space", "sk secret", "A key with a space."),
    _refused_key("a-wide-character", "sk-secret\u200b", "A key with a character that cannot be seen."),
    _refused_key("nothing-in-it", "", "An empty key."),
    _refused_option(
        "header-with-a-line-break",
        "A header of the client holds another one.",
        "default_headers",
        default_headers={"X-A": "b\r\nX-Evil: 1"},
    ),
    _refused_option(
        "header-name-with-a-line-break",
        "A header's name holds another header.",
        "default_headers",
        default_headers={"X-A\r\nX-Evil": "1"},
    ),
    _refused_option(
        "header-with-nul", "A header of the client holds NUL.", "default_headers", default_headers={"X-A": "b\x00"}
    ),
    _refused_option(
        "header-of-framing",
        "The body's length is not the user's to say: it would smuggle a request.",
        "Content-Length",
        default_headers={"Content-Length": "0"},
    ),
    _refused_option(
        "organization-with-a-line-break",
        "What travels in a header is checked as a header.",
        "organization",
        organization="org\r\nX-Evil: 1",
    ),
    _refused_option(
        "url-with-a-password",
        "A URL with a password in it would stand in every log.",
        "user name or password",
        base_url="https://user:secret@127.0.0.1/v1",
    ),
    _refused_option(
        "url-with-a-backslash",
        "Libraries disagree about which host this is.",
        "base_url",
        base_url="https://127.0.0.1\\@evil.invalid/v1",
    ),
    _refused_option(
        "url-with-a-line-break", "A URL with a line break.", "base_url", base_url="https://127.0.0.1/v1\r\nX-Evil: 1"
    ),
    _refused_option(
        "url-with-a-query",
        "A URL with a query would lose it, or gain a path.",
        "default_query",
        base_url="https://127.0.0.1/v1?key=1",
    ),
    _refused_option("url-of-a-file", "A file is no server.", "https://", base_url="file:///etc/passwd"),
    _refused_option(
        "url-of-plain-http",
        "A key over plain HTTP to another machine is a leak, unless the user says so.",
        "allow_http",
        base_url="http://api.twinwire.invalid/v1",
    ),
    Scenario(
        name="proxy-is-asked-to-connect",
        topic="trust",
        about="A proxy learns the host and neither key nor prompt; one that refuses is an error, and nothing goes around it.",
        server=(Exchange(403, {"content-type": "text/plain"}, "not here"),),
        ask=Ask(options=_proxied),
        expect=Expect(
            error=APIConnectionError,
            says=("the proxy refused",),
            facts={"sent": False},
            attempts=1,
            requests=1,
            billed=False,
            checks=(_told_the_proxy,),
        ),
        usable_after=False,
    ),
    Scenario(
        name="proxy-wants-a-password",
        topic="trust",
        about="A proxy's 407 is told as what it is, and the key is not offered to it.",
        server=(Exchange(407, {"proxy-authenticate": "Basic"}),),
        ask=Ask(options=_proxied),
        expect=Expect(
            error=APIConnectionError,
            facts={"sent": False},
            attempts=1,
            requests=1,
            billed=False,
            checks=(_told_the_proxy,),
        ),
        usable_after=False,
    ),
    Scenario(
        name="proxy-that-speaks-after-connecting",
        topic="trust",
        about="A proxy that says yes and then answers itself, in plain text, is not taken for the provider.",
        server=(Raw([b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"], close=False),),
        ask=Ask(options=_proxied),
        expect=Expect(
            error=APIConnectionError,
            facts={"sent": False, "retry_safe": False},
            attempts=1,
            requests=1,
            billed=False,
            checks=(_told_the_proxy,),
        ),
        usable_after=False,
    ),
)
