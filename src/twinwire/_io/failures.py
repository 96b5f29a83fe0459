"""From the engine's errors to ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._core.effects import TransportFailure
from twinwire.errors import TwinwireError

if TYPE_CHECKING:
    from twinwire._io.engine import Engine, State
    from twinwire._io.wire import Wire


def translate(error: Exception, engine: Engine[State], wire: Wire | None) -> Exception:
    """
    Return what to raise for *error*, with its cause set.

    What the wire itself raises is ours already. What nobody knows is returned as it is: a bug should look like one.
    """
    if isinstance(error, TransportFailure | TwinwireError) or wire is None:
        return error
    failure = _translated(error, engine, wire)
    if failure is None:
        return error
    # A local protocol error quotes the header that it refuses, which may be the key. It goes no further.
    if not isinstance(error, engine.local_protocol_error | UnicodeError):
        failure.__cause__ = error
    return failure


def _translated(error: Exception, engine: Engine[State], wire: Wire) -> TransportFailure | None:
    if isinstance(error, engine.local_protocol_error | UnicodeError):
        return wire.failure("protocol", "the request's method, URL or headers are not valid HTTP")
    if isinstance(error, engine.proxy_error):
        return wire.failure("refused" if is_final(str(error)) else "connect", f"the proxy refused: {error}")
    if isinstance(error, engine.write_error):
        return wire.write_failure()
    if isinstance(error, engine.remote_protocol_error) and wire.at_eof:
        return wire.failure("read", "the server closed the connection before its reply was complete")
    if isinstance(error, engine.remote_protocol_error | engine.not_available):
        # The engine quotes what it cannot read, which may be all of a reply.
        return wire.failure("protocol", f"the server does not speak HTTP as agreed: {error!s:.120}")
    if wire.phase == "connect":  # the dialogue with a proxy, which has errors of its own
        return wire.failure("connect", f"the proxy cannot be used: {error!r}")
    return None


def is_final(refusal: str) -> bool:
    """Whether a proxy that answered CONNECT with this (`407 Proxy Authentication Required`) would say the same again."""
    return refusal[:1] == "4" and refusal[:3] not in {"408", "429"}
