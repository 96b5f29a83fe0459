"""How long each step of an attempt may take."""

from __future__ import annotations

from attrs import fields, frozen

from twinwire.errors import ConfigError

MOST_SECONDS = 1_000_000_000
"""A limit that the clocks and sockets of every system can count to, some thirty years."""


@frozen(kw_only=True)
class Timeout:
    """
    Limits in seconds for the steps of one attempt; None switches one off. The call's `deadline` bounds them all together.

    - `connect`: TCP and TLS.
    - `write`: one stretch of the request without progress.
    - `first_event`: from the request being written to the head of the reply, and silence until the first event of a stream.
    - `between_events`: silence inside a body. Keep-alive comments count as life.
    - `pool`: waiting for a free connection.
    """

    connect: float | None = 10.0
    write: float | None = 60.0
    first_event: float | None = 600.0
    between_events: float | None = 120.0
    pool: float | None = 60.0

    def __attrs_post_init__(self) -> None:
        for attribute in fields(Timeout):
            value: object = getattr(self, attribute.name)
            if value is None:
                continue
            if (
                isinstance(value, bool) or not isinstance(value, int | float) or not value > 0
            ):  # `not >` also refuses nan
                raise ConfigError(
                    f"timeout.{attribute.name} must be a positive number of seconds or None, got {value!r:.80}"
                )
            if value > MOST_SECONDS:
                raise ConfigError(f"timeout.{attribute.name} is more than {MOST_SECONDS} seconds; None is no limit")

    @classmethod
    def of(cls, value: Timeout | float | None) -> Timeout:
        """Take a Timeout as it is; let a number set all limits, and None switch all off."""
        if isinstance(value, Timeout):
            return value
        return cls(connect=value, write=value, first_event=value, between_events=value, pool=value)
