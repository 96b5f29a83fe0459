"""What a provider's dialect is to the server, and what both have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from twinwire.testing.chat import CREATED, Chat
from twinwire.testing.jsons import dump

if TYPE_CHECKING:
    from twinwire.testing.answers import Status
    from twinwire.testing.rate_limit import Told

DialectName = Literal["openai", "openrouter"]
Pairs: TypeAlias = Sequence[tuple[str, str | None]]

DATE = formatdate(CREATED, usegmt=True)
DONE = b"data: [DONE]\n\n"


class Dialect(Protocol):
    """How one provider writes its answers."""

    @property
    def prefix(self) -> str:
        """The path of its API, such as `/v1`."""
        ...

    def headers(self, number: int) -> Pairs:
        """What every reply carries; *number* counts requests."""
        ...

    def chat_headers(self, number: int) -> Pairs:
        """What a reply to a chat or embeddings call carries beside that."""
        ...

    def call_body(self, value: object) -> bytes:
        """The JSON body of such a reply, as the provider writes it."""
        ...

    def completion(self, chat: Chat) -> dict[str, object]:
        """The body of a chat answer."""
        ...

    def events(self, chat: Chat) -> Iterator[bytes]:
        """The events of a streamed chat answer, comments among them."""
        ...

    @property
    def told(self) -> Told:
        """How it tells of rate limits."""
        ...

    def error(self, status: Status) -> tuple[Pairs, dict[str, object]]:
        """Headers and body of an error."""
        ...

    def embeddings(
        self, model: str, vectors: Sequence[object], tokens: int, cost: float, number: int
    ) -> dict[str, object]:
        """The body of an embeddings answer."""
        ...

    def listing(self, path: str, query: Mapping[str, str], models: Sequence[str]) -> object:
        """What a GET of *path* (below the prefix) answers, or None where there is nothing."""
        ...


def event(value: object) -> bytes:
    """One SSE event that holds JSON."""
    return b"data: " + dump(value) + b"\n\n"


def retry_headers(status: Status) -> list[tuple[str, str | None]]:
    """The scripted waits, spelled as headers."""
    headers: list[tuple[str, str | None]] = []
    if status.retry_after is not None:
        text = status.retry_after if isinstance(status.retry_after, str) else f"{status.retry_after:.10g}"
        headers.append(("retry-after", text))
    if status.retry_after_ms is not None:
        headers.append(("retry-after-ms", f"{status.retry_after_ms:.10g}"))
    if status.retry_at_seconds is not None:
        headers.append(("retry-after", formatdate(CREATED + status.retry_at_seconds, usegmt=True)))
    return headers


def phrase(status: int) -> str:
    """The usual reason phrase of a status; providers also use some that no standard names, such as 529."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
