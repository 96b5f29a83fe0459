"""The loopback provider that users start."""

from __future__ import annotations

import os
import shutil
import time
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Protocol, Self
from weakref import finalize

from attrs import evolve, field, frozen

from twinwire.errors import ConfigError
from twinwire.testing.answers import Answer, Reply
from twinwire.testing.greetings import GREETINGS
from twinwire.testing.rate_limit import RateLimit
from twinwire.testing.service import Settings
from twinwire.testing.spending import prices as read_prices

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from twinwire.testing.certificates import Certificate, CertificateKind
    from twinwire.testing.dialect import DialectName
    from twinwire.testing.greetings import Greeting
    from twinwire.testing.requests import RecordedRequest
    from twinwire.testing.spending import Charge, Price


class Service(Protocol):
    """What the provider asks of its server, wherever that runs."""

    prefix: str

    def script(self, answers: Sequence[Answer]) -> None: ...
    def greet(self, greetings: Sequence[Greeting]) -> None: ...
    def set_default(self, answer: Answer) -> None: ...
    def default(self) -> Answer: ...
    def clear(self) -> None: ...
    def requests(self) -> tuple[RecordedRequest, ...]: ...
    def connections(self) -> int: ...
    def open_connections(self) -> int: ...
    def remaining(self) -> int: ...
    def failure(self) -> Exception | None: ...
    def revoke(self, keys: Sequence[str]) -> None: ...
    def counts(self) -> tuple[int, int]: ...
    def spending(self) -> tuple[Mapping[str, Decimal], Sequence[Charge]]: ...
    def spent_usd(self) -> Decimal: ...
    def changes(self) -> int: ...
    def wait_for_change(self, since: int, timeout: float) -> int: ...


class Host(Protocol):
    """Where a server runs."""

    port: int

    @property
    def service(self) -> Service: ...
    def close(self) -> None: ...


_HIGHEST_PORT = 65535
_TLS: tuple[CertificateKind, ...] = ("valid", "wrong_host", "expired", "self_signed")


@frozen
class Seen:
    """What a server saw until it was closed."""

    requests: tuple[RecordedRequest, ...] = ()
    connections: int = 0
    remaining: int = 0
    counts: tuple[int, int] = (0, 0)
    spending: tuple[Mapping[str, Decimal], Sequence[Charge]] = field(factory=lambda: (dict[str, Decimal](), ()))
    spent_usd: Decimal = Decimal(0)


class LoopbackProvider:
    """
    A server on this machine that speaks as a provider does: echoes or plays a script, with faults on demand.

    It runs from `start()`, or the beginning of a `with` block, until `close()`.

    Raises:
        ConfigError: an option has a value that is not allowed.
    """

    def __init__(
        self,
        *,
        dialect: DialectName = "openai",
        api_keys: Sequence[str] | None = None,
        models: Sequence[str] | None = None,
        default: Answer | None = None,
        port: int = 0,
        process: bool = False,
        tls: bool | CertificateKind = False,
        greetings: Sequence[Greeting] = (),
        is_full: bool = False,
        rate_limit: RateLimit | Sequence[RateLimit] | None = None,
        prices: Mapping[str, tuple[Price, Price]] | None = None,
    ) -> None:
        if dialect not in ("openai", "openrouter"):
            raise ConfigError(f"dialect is 'openai' or 'openrouter', got {dialect!r}")
        if tls not in (True, False, *_TLS):
            raise ConfigError(f"tls is True, False, {', '.join(map(repr, _TLS))}, got {tls!r}")
        if not 0 <= port <= _HIGHEST_PORT:
            raise ConfigError(f"port is a number from 0, which is any free one, to {_HIGHEST_PORT}, got {port!r}")
        self.dialect: DialectName = dialect
        self._settings = Settings(
            dialect=dialect,
            api_keys=None if api_keys is None else tuple(api_keys),
            models=None if models is None else tuple(models),
            default=Reply() if default is None else default,
            greetings=_checked(greetings),
            is_full=is_full,
            rate_limits=_limits(rate_limit),
            prices=read_prices(prices),
        )
        self._tls: CertificateKind | None = ("valid" if tls is True else tls) or None
        self._certificate: Certificate | None = None
        self._remove_files: Callable[[], object] | None = None
        self._port = port
        self._process = process
        self._host: Host | None = None
        self._seen = Seen()

    def __repr__(self) -> str:
        where = "not running" if self._host is None else self.base_url
        return f"<{type(self).__name__} {self.dialect} {where}>"

    def start(self) -> Self:
        """Start listening."""
        if self._host is not None:
            raise ConfigError("the loopback provider has been started already")
        settings = self._settings
        if self._tls is not None:
            from twinwire.testing.certificates import make

            folder = Path(mkdtemp(prefix="twinwire-tls-"))
            self._remove_files = finalize(self, _remove, folder, os.getpid())
            self._certificate = make(folder, self._tls)
            settings = evolve(settings, certificate=self._certificate)
        if self._process:
            from twinwire.testing.process_host import ProcessHost

            self._host = ProcessHost(settings, self._port)
        else:
            from twinwire.testing.thread_host import ThreadHost

            self._host = ThreadHost(settings, self._port)
        return self

    def close(self) -> None:
        """
        End every connection and the server, at once. Closing twice is fine.

        Raises what a function of the script raised, if one did.
        """
        failure = self._end()
        if failure is not None:
            raise failure

    def _end(self) -> Exception | None:
        host, self._host = self._host, None
        if host is None:
            return None
        service = host.service
        try:
            failure = service.failure()
            self._seen = Seen(
                service.requests(),
                service.connections(),
                service.remaining(),
                service.counts(),
                service.spending(),
                service.spent_usd(),
            )
        finally:
            host.close()
            if self._remove_files is not None:
                self._remove_files()
        return failure

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        failure = self._end()
        if failure is not None and error is None:
            raise failure

    @property
    def _running(self) -> Host:
        if self._host is None:
            raise ConfigError("the loopback provider is not running: use it in a with block, or call start()")
        return self._host

    @property
    def _service(self) -> Service:
        return self._running.service

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._running.port

    @property
    def origin(self) -> str:
        """Scheme, host and port, such as `http://127.0.0.1:40123`."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL: the origin and the provider's own prefix."""
        return self.origin + self._service.prefix

    @property
    def certificate(self) -> str:
        """
        With `tls`: the path of the authority's certificate, which a client takes as `verify=`; the file goes with the server.

        The authority is made for this server alone.
        """
        if self._certificate is None or self._host is None:
            raise ConfigError("the loopback provider has no certificate: it needs tls=True, and to be running")
        return self._certificate.authority_path

    def ssl_context(self) -> ssl.SSLContext:
        """With `tls`: a context that trusts this server, for clients that take one."""
        import ssl

        return ssl.create_default_context(cafile=self.certificate)

    def greet(self, *greetings: Greeting) -> None:
        """Say what becomes of the next connections: each new one takes the next of *greetings*."""
        self._service.greet(_checked(greetings))

    def script(self, *answers: Answer) -> None:
        """Queue *answers*: each request takes the next one."""
        self._service.script(answers)

    @property
    def default(self) -> Answer:
        """What is answered when nothing is scripted."""
        return self._service.default()

    @default.setter
    def default(self, answer: Answer) -> None:
        self._service.set_default(answer)

    def clear(self) -> None:
        """Forget what was scripted and what was asked."""
        self._service.clear()

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """What was asked, in order; the last 20,000 are kept, also when the server has been closed."""
        return self._seen.requests if self._host is None else self._service.requests()

    @property
    def connections(self) -> int:
        """Connections accepted so far."""
        return self._seen.connections if self._host is None else self._service.connections()

    @property
    def open_connections(self) -> int:
        """Connections open now."""
        return 0 if self._host is None else self._service.open_connections()

    @property
    def remaining(self) -> int:
        """Scripted answers not yet played."""
        return self._seen.remaining if self._host is None else self._service.remaining()

    @property
    def admitted(self) -> int:
        """Calls that the rate limits have let through; without a limit none is counted."""
        return (self._seen.counts if self._host is None else self._service.counts())[0]

    @property
    def refused(self) -> int:
        """Calls that the rate limits have answered with a 429."""
        return (self._seen.counts if self._host is None else self._service.counts())[1]

    @property
    def spent_usd(self) -> Decimal:
        """
        What has been billed, in US dollars.

        An answer in one body is billed whole as soon as it is begun; of a stream the prompt at once, and the rest when it ends or
        breaks off: the tokens that had been generated by then.
        """
        return self._seen.spent_usd if self._host is None else self._service.spent_usd()

    @property
    def spent_usd_by_key(self) -> Mapping[str, Decimal]:
        """The same, of each key; calls without one are under ""."""
        return (self._seen.spending if self._host is None else self._service.spending())[0]

    @property
    def charges(self) -> Sequence[Charge]:
        """What was billed for each call that has ended, in that order; the last 20,000 are kept."""
        return (self._seen.spending if self._host is None else self._service.spending())[1]

    def revoke(self, *keys: str) -> None:
        """Accept these keys no more: they are answered with 401 from now on."""
        self._service.revoke(keys)

    def wait_for(self, predicate: Callable[[], bool], timeout: float = 5.0) -> None:
        """
        Wait until *predicate* holds; it is asked anew whenever the server saw something happen.

        Raises:
            TimeoutError: it did not within *timeout* seconds.
        """
        service = self._service
        deadline = time.monotonic() + timeout
        while True:
            changes = service.changes()
            if predicate():
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(
                    f"not so within {timeout:g} s: {len(self.requests)} requests, {self.connections} connections, "
                    f"{self.open_connections} of them open, {self.remaining} answers left"
                )
            service.wait_for_change(changes, left)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # the parent of a forked child still needs them
        shutil.rmtree(folder, ignore_errors=True)


def _limits(limits: RateLimit | Sequence[RateLimit] | None) -> tuple[RateLimit, ...]:
    if limits is None:
        return ()
    return (limits,) if isinstance(limits, RateLimit) else tuple(limits)


def _checked(greetings: Sequence[Greeting]) -> tuple[Greeting, ...]:
    for greeting in greetings:
        if greeting not in GREETINGS:
            raise ConfigError(f"a greeting is {', '.join(map(repr, GREETINGS))}, got {greeting!r}")
    return tuple(greetings)
