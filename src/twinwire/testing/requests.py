"""A request as the server saw it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from attrs import field, frozen

from twinwire.testing.jsons import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen(kw_only=True)
class RecordedRequest:
    """One request, whole, as it came off the wire."""

    method: str
    target: str
    """Path and query as they stood in the request line."""
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case; values of a repeated name are joined with `, `."""
    body: bytes = field(default=b"", repr=False)
    """Empty where the server answered without reading it."""
    connection: int = 0
    """Which connection it came on, counted from 1."""
    received_at: float = 0.0
    """When it was complete, in the seconds of `time.monotonic()`."""
    is_refused: bool = False
    """Whether it was one too many for the rate limits."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def json(self) -> dict[str, object]:
        """
        The body as a JSON object.

        Raises:
            ValueError: the body is something else.
        """
        value: object = json.loads(self.body)
        if not is_object(value):
            raise ValueError(f"the body is JSON of type {type(value).__name__}, not an object")
        return value
