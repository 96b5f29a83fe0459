"""One file fetched over HTTP, in both flavours: outside of any client, with a limit of its own on time and size."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from twinwire._io import clock
from twinwire.errors import APIConnectionError, APIStatusError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MAX_BYTES = 64_000_000


def fetch(url: str, timeout: float) -> bytes:
    """
    Return what is at *url*, if it arrives within *timeout* seconds.

    A server that falls silent late is given up *timeout* seconds after its last word, so at the latest after twice that time.

    Raises:
        APIConnectionError: it is not reached, does not arrive in time, or is larger than `MAX_BYTES`.
        APIStatusError: the server said no.
    """
    import httpx

    part = _Part(url, timeout)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=True) as client,
            client.stream("GET", url, headers={"accept": "application/json"}) as response,
        ):
            part.begin(response.status_code)
            for chunk in response.iter_bytes():
                part.add(chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise part.not_fetched(error) from error
    return bytes(part.data)


async def fetch_async(url: str, timeout: float) -> bytes:
    """`fetch`, on asyncio and trio."""
    import httpx

    part = _Part(url, timeout)
    try:
        async with (
            httpx.AsyncClient(timeout=timeout, follow_redirects=True) as client,
            client.stream("GET", url, headers={"accept": "application/json"}) as response,
        ):
            part.begin(response.status_code)
            async for chunk in response.aiter_bytes():
                part.add(chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise part.not_fetched(error) from error
    return bytes(part.data)


async def in_thread(work: Callable[[], T]) -> T:
    """Run what takes long off the event loop. A cancelled caller waits for its end: it may be writing a file."""
    from anyio import to_thread

    return await to_thread.run_sync(work)


class _Part:
    """What has arrived so far, and its limits."""

    def __init__(self, url: str, timeout: float) -> None:
        self.data = bytearray()
        self._url = url
        self._timeout = timeout
        self._give_up = clock.monotonic() + timeout

    def begin(self, status: int) -> None:
        if status != 200:
            raise APIStatusError(f"{self._url} answered with status {status}, expected 200", status_code=status)

    def add(self, chunk: bytes) -> None:
        self.data += chunk
        if len(self.data) > MAX_BYTES:
            raise APIConnectionError(f"{self._url} sends more than {MAX_BYTES} bytes", retry_safe=False)
        if clock.monotonic() > self._give_up:
            raise APIConnectionError(f"{self._url} did not arrive whole within {self._timeout} s", retry_safe=True)

    def not_fetched(self, error: Exception) -> APIConnectionError:
        return APIConnectionError(
            f"{self._url} cannot be fetched: {str(error) or type(error).__name__}", retry_safe=True
        )
