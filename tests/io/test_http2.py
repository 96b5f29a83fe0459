"""HTTP/2, which is an option: one exchange at a time on a connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest

from tests.io.flavours import Flavour, body_of, call, post
from tests.io.servers import Peer, Server
from tests.io.test_failures import reset
from twinwire._core.effects import Close, Read, TransportFailure
from twinwire._core.timeout import Timeout

if TYPE_CHECKING:
    from tests.io.conftest import Certificate


class Multiplexed:
    """Plays the server's side of HTTP/2: echoes bodies, or leaves off where the path says so."""

    def __call__(self, peer: Peer) -> None:
        """Serve one connection."""
        h2_connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        h2_connection.initiate_connection()
        peer.send(h2_connection.data_to_send())
        paths: dict[int, str] = {}
        bodies: dict[int, bytes] = {}
        while data := peer.sock.recv(65536):
            for event in h2_connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    paths[event.stream_id] = dict(event.headers)[b":path"].decode()
                    bodies[event.stream_id] = b""
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] += event.data
                    h2_connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    self.answer(h2_connection, event.stream_id, paths[event.stream_id], bodies[event.stream_id])
            peer.send(h2_connection.data_to_send())

    def answer(self, h2_connection: h2.connection.H2Connection, stream: int, path: str, body: bytes) -> None:
        """Answer one request."""
        if path == "/silent":
            return
        if path == "/reset":
            h2_connection.reset_stream(stream, error_code=2)
            return
        if path == "/goaway":
            h2_connection.close_connection(last_stream_id=stream - 2)
            return
        h2_connection.send_headers(stream, [(":status", "200"), ("x-a", "b")])
        if path == "/half":
            h2_connection.send_data(stream, b"half")
        else:
            h2_connection.send_data(stream, b"%d" % len(body), end_stream=True)


def test_exchanges(flavour: Flavour, certificate: Certificate) -> None:
    """Calls go over one connection; a large body waits for the server's window; a body left early drops the connection."""

    async def scenario() -> tuple[list[bytes], str, int]:
        transport = flavour.transport(server.url, verify=certificate.path, http2=True)
        response = await transport.send(post(server.url, b"abc"))
        bodies = [await body_of(transport, response), await call(transport, post(server.url, bytes(300_000)))]
        half = await transport.send(post(server.url, path="/half"))
        bodies.append(await transport.read(Read(half, 1.0)))
        await transport.close_response(Close(half))
        count = transport.stats().open
        await transport.close()
        return bodies, response.http_version, count

    with Server(Multiplexed(), tls=certificate.server_context("h2")) as server:
        bodies, version, count = flavour.run(scenario)

    assert bodies == [b"3", b"300000", b"half"]
    assert (version, count, server.connections) == ("HTTP/2", 0, 1)


class Willing(Multiplexed):
    """Answers what others leave."""

    def answer(self, h2_connection: h2.connection.H2Connection, stream: int, path: str, body: bytes) -> None:
        """Answer whatever the path."""
        super().answer(h2_connection, stream, "/", body)


def test_unprocessed_request_goes_to_another_connection(flavour: Flavour, certificate: Certificate) -> None:
    """A request that the server says it has not looked at, when it ends a connection, is sent again without a word."""

    def play(peer: Peer) -> None:
        (Multiplexed() if peer.number == 1 else Willing())(peer)

    async def scenario() -> bytes:
        transport = flavour.transport(server.url, verify=certificate.path, http2=True)
        await call(transport, post(server.url))
        body = await call(transport, post(server.url, b"abc", path="/goaway"))
        await transport.close()
        return body

    with Server(play, tls=certificate.server_context("h2")) as server:
        body = flavour.run(scenario)

    assert (body, server.connections) == (b"3", 2)


def test_write_failure(flavour: Flavour, certificate: Certificate) -> None:
    """A connection that breaks within the request is a failure of writing."""

    def play(peer: Peer) -> None:
        h2_connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        h2_connection.initiate_connection()
        h2_connection.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 2**30})
        h2_connection.increment_flow_control_window(2**30)
        peer.send(h2_connection.data_to_send())
        for _ in range(20):
            peer.more()
        reset(peer)

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url, verify=certificate.path, http2=True)
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url, bytes(20_000_000)))
        await transport.close()
        return caught.value

    with Server(play, tls=certificate.server_context("h2")) as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.written) == ("write", False)
    assert isinstance(failure.__cause__, Exception)


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("/silent", ("timeout", "head", True)),
        ("/reset", ("protocol", "head", True)),
    ],
)
def test_failures(flavour: Flavour, certificate: Certificate, path: str, facts: tuple[str, str, bool]) -> None:
    """Silence is bounded, and a stream that the server resets is a failure."""

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url, verify=certificate.path, http2=True)
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url, path=path, timeout=Timeout(first_event=0.1)))
        await transport.close()
        return caught.value

    with Server(Multiplexed(), tls=certificate.server_context("h2")) as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == facts


def test_write_waits_within_its_limit(flavour: Flavour, certificate: Certificate) -> None:
    """A server that opens no window for the body is given up after the write limit."""

    def play(peer: Peer) -> None:
        h2_connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        h2_connection.initiate_connection()
        peer.send(h2_connection.data_to_send())
        time.sleep(0.3)

    async def scenario() -> TransportFailure:
        transport = flavour.transport(server.url, verify=certificate.path, http2=True)
        with pytest.raises(TransportFailure) as caught:
            await transport.send(post(server.url, bytes(300_000), timeout=Timeout(write=0.1)))
        await transport.close()
        return caught.value

    with Server(play, tls=certificate.server_context("h2")) as server:
        failure = flavour.run(scenario)

    assert (failure.kind, failure.phase, failure.written) == ("timeout", "write", False)
