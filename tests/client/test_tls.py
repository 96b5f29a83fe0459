"""TLS as callers see it: servers that nobody should trust get nothing, and handshakes that broke off are tried again."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.cases import Case, create, drained, stream
from twinwire import APIConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing import LoopbackProvider


def path(server: LoopbackProvider) -> str:
    """The file of the authority."""
    return server.certificate


def context(server: LoopbackProvider) -> ssl.SSLContext:
    """A context that trusts it."""
    return server.ssl_context()


@pytest.mark.parametrize("verify", [path, context])
async def test_a_server_that_is_trusted(case: Case, verify: Callable[[LoopbackProvider], Any]) -> None:
    """The path of an authority and a context both do."""
    with case.server(tls=True) as server:
        async with case.client(server, verify=verify(server)) as client:
            reply = await create(client, case)

    assert reply.text == "one two three"


@pytest.mark.parametrize("kind", ["wrong_host", "expired", "self_signed", "unknown"])
async def test_a_server_that_is_not(case: Case, kind: str) -> None:
    """The reason is told, no request is sent, whole or streamed, and nothing is tried again."""
    reasons = {"wrong_host": "mismatch", "expired": "expired", "self_signed": "self-signed", "unknown": "local issuer"}
    with case.server(tls=True if kind == "unknown" else kind) as server:
        verify: str | bool = True if kind == "unknown" else server.certificate
        async with case.client(server, verify=verify) as client:
            for attempt in (lambda: create(client, case), lambda: drained(stream(client, case))):
                with pytest.raises(APIConnectionError) as caught:
                    await attempt()
                assert reasons[kind] in str(caught.value)
                assert (len(caught.value.attempts), caught.value.retry_safe) == (1, False)
                assert (caught.value.sent, caught.value.possibly_billed) == (False, False)
        assert (server.connections, server.requests) == (2, ())


async def test_no_check_if_the_code_says_so(case: Case) -> None:
    """`verify=False` takes any certificate, here one that is wrong in two ways."""
    with case.server(tls="expired") as server:
        async with case.client(server, verify=False) as client:
            reply = await create(client, case)

    assert reply.text == "one two three"


@pytest.mark.parametrize("greeting", ["close", "reset"])
async def test_a_handshake_that_broke_off(case: Case, greeting: str) -> None:
    """A failure to connect is tried again; nothing was sent."""
    with case.server(tls=True, greetings=[greeting]) as server:
        async with case.client(server, verify=server.certificate) as client:
            reply = await create(client, case)
        assert (server.connections, len(server.requests)) == (2, 1)

    assert reply.text == "one two three"


async def test_a_server_without_tls(case: Case) -> None:
    """What speaks no TLS does not do so the next time either."""
    with case.server(tls=True, greetings=["plain"]) as server:
        async with case.client(server, verify=server.certificate) as client:
            with pytest.raises(APIConnectionError) as caught:
                await create(client, case)
        assert (server.connections, server.requests) == (1, ())

    assert isinstance(caught.value.__cause__, ssl.SSLError) or "SSL" in str(caught.value)
