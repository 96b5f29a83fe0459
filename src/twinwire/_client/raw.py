"""The HTTP side of a reply, beside its typed one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._core.headers import Headers
    from twinwire._core.trace import Trace

T = TypeVar("T")


class RawResponse(Generic[T]):
    """What `with_raw_response` returns: status and headers at once, the typed reply (or stream) on `parse()`."""

    def __init__(
        self,
        *,
        status_code: int,
        headers: Headers,
        content: bytes | None,
        request_id: str | None,
        trace: Trace,
        parse: Callable[[], T],
    ) -> None:
        self.status_code = status_code
        self.headers = headers
        """Case-insensitive; `get_all(name)` for repeated ones."""
        self.request_id = request_id
        self.trace = trace
        self._content = content
        self._parse = parse
        self._parsed: list[T] = []

    @property
    def content(self) -> bytes:
        """The body after content decoding; of a stream there is none, its bytes go to its consumer."""
        return self._content or b""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def parse(self) -> T:
        """
        The typed reply, or the stream; the same object each time.

        Raises:
            DecodeError: the body is JSON, but not this reply.
        """
        if not self._parsed:
            self._parsed.append(self._parse())
        return self._parsed[0]

    def __repr__(self) -> str:
        return f"<RawResponse {self.status_code}>"
