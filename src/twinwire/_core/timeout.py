"""How long each step of an attempt may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from attrs import Attribute


def _positive(timeout: Timeout, attribute: Attribute[object], value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:  # `not >` also refuses nan
        raise ConfigError(f"timeout.{attribute.name} must be a positive number of seconds or None, got {value!r}")


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

    connect: float | None = field(default=10.0, validator=_positive)
    write: float | None = field(default=60.0, validator=_positive)
    first_event: float | None = field(default=600.0, validator=_positive)
    between_events: float | None = field(default=120.0, validator=_positive)
    pool: float | None = field(default=60.0, validator=_positive)

    @classmethod
    def of(cls, value: Timeout | float | None) -> Timeout:
        """Take a Timeout as it is; let a number set all limits, and None switch all off."""
        if isinstance(value, Timeout):
            return value
        return cls(connect=value, write=value, first_event=value, between_events=value, pool=value)
