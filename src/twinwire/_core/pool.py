"""How many connections a client may hold."""

from __future__ import annotations

from attrs import frozen

from twinwire.errors import ConfigError


@frozen(kw_only=True)
class Pool:
    """
    The limits of a client's connections to its one origin; providers have defaults of their own.

    - `max_connections`: calls on the wire at once. Further calls wait in order, for `timeout.pool` at most.
    - `max_keepalive`: how many connections are kept open for reuse; 0 keeps none.
    - `keepalive_expiry_seconds`: for how long an unused one is kept; None keeps it until the server closes it.
    """

    max_connections: int = 100
    max_keepalive: int = 20
    keepalive_expiry_seconds: float | None = 30.0

    def __attrs_post_init__(self) -> None:
        _check_count("max_connections", self.max_connections, least=1)
        _check_count("max_keepalive", self.max_keepalive, least=0)
        _check_seconds("keepalive_expiry_seconds", self.keepalive_expiry_seconds)


@frozen(kw_only=True)
class PoolStats:
    """What a pool holds at this moment."""

    open: int
    """Connections that are open, idle ones included."""
    idle: int
    """Connections that wait for reuse."""
    waiting: int
    """Calls that wait for a connection."""
    longest_wait_seconds: float
    """The longest that any call has waited so far, those waiting now included."""


def _check_count(name: str, value: object, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(f"pool.{name} must be a whole number of at least {least}, got {value!r}")


def _check_seconds(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:  # `not >` also refuses nan
        raise ConfigError(f"pool.{name} must be a positive number of seconds or None, got {value!r}")
