"""How much of a reply is taken into memory."""

from __future__ import annotations

from attrs import fields, frozen

from twinwire.errors import ConfigError

MOST_HEAD_BYTES = 100 * 1024
"""The HTTP library reads no longer head, so a larger cap would promise what does not happen (h11's limit in httpcore 1.0.9 and httpcore2 2.16)."""


@frozen(kw_only=True)
class Caps:
    """
    The most of a reply that is taken, in bytes after content decoding. More than that is an error, not memory.

    - `max_body_bytes`: a reply that comes whole. A stream may be longer, unless it is compressed and unpacks to more than
      a hundred times its size: that is no answer, but a bomb.
    - `max_event_bytes`: one event of a stream, comments and unknown fields included.
    - `max_head_bytes`: status line and headers, those of interim replies included; at most 102400. A client that is handed in as
      `http_client` has a limit of its own.
    - `max_error_bytes`: what is read of the body of an error; the rest is left unread, and the error has the class of its status.
    """

    max_body_bytes: int = 64 * 1024 * 1024
    max_event_bytes: int = 32 * 1024 * 1024
    max_head_bytes: int = 64 * 1024
    max_error_bytes: int = 1024 * 1024

    def __attrs_post_init__(self) -> None:
        for attribute in fields(Caps):
            value: object = getattr(self, attribute.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigError(
                    f"caps.{attribute.name} must be a whole number of bytes, at least 1, got {value!r:.80}"
                )
        if self.max_head_bytes > MOST_HEAD_BYTES:
            raise ConfigError(f"caps.max_head_bytes must be at most {MOST_HEAD_BYTES}, got {self.max_head_bytes}")
