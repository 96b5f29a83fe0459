"""What a reply knows beside its JSON: how it came, and what it cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol, TypeVar, overload

from attrs import field, frozen

from twinwire._model.base import Model
from twinwire.errors import ConfigError, DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from twinwire._core.headers import Headers
    from twinwire._core.trace import Trace
    from twinwire._model.cost import Cost
    from twinwire._model.json import Json

_T_co = TypeVar("_T_co", covariant=True)
_T = TypeVar("_T")


@frozen(kw_only=True)
class RawReply:
    """The HTTP reply as it came."""

    status_code: int
    headers: Headers = field(repr=False)
    content: bytes = field(repr=lambda content: f"<{len(content)} bytes>")
    """The decoded body; empty for a stream."""

    @property
    def text(self) -> str:
        """The body as text. JSON is UTF-8; bytes that are not become U+FFFD."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Json:
        """
        The body, parsed.

        Raises:
            DecodeError: it is not JSON.
        """
        try:
            parsed: Json = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"the body is not JSON: {type(error).__name__}", body=self.text) from error
        return parsed


class Costing:
    """
    What a call cost, found out when somebody asks and then kept.

    A copy, pickled or not, holds what was found out and no prices.
    """

    __slots__ = ("_cost", "_work")

    def __init__(self, cost: Cost | None = None, work: Callable[[], Cost | None] | None = None) -> None:
        self._cost = cost
        self._work = work

    def get(self) -> Cost | None:
        """
        Return it; None if nobody knows.

        Raises:
            ConfigError: the price tables cannot be read.
        """
        work = self._work
        if work is not None:
            self._cost = work()
            self._work = None
        return self._cost

    def __repr__(self) -> str:
        return f"<costing {self._cost if self._work is None else 'not done yet'}>"

    def __reduce__(self) -> tuple[type[Costing], tuple[Cost | None]]:
        try:
            return Costing, (self.get(),)
        except ConfigError:  # who copies a reply has not asked for its cost
            return Costing, (None,)


@frozen(kw_only=True)
class Meta:
    """What `Reply._meta` holds; the client puts it there."""

    provider: str
    status_code: int
    headers: Headers = field(repr=False)
    content: bytes = field(repr=False)
    request_id: str | None
    trace: Trace
    costing: Costing = field(factory=Costing)

    @property
    def cost(self) -> Cost | None:
        """What the call cost."""
        return self.costing.get()


class Reply(Model):
    """
    What a call returns: the object that the server sent, and how it came.

    The latter takes no part in equality or in the encoding, but is kept by pickle and copy. A reply that you made yourself has none:
    its `request_id` and `cost` are None, and `trace` and `raw` raise AttributeError.
    """

    __slots__ = ("_meta",)
    _hidden = (*Model._hidden, "_meta")

    if TYPE_CHECKING:
        # Seen at run time, the annotation would be resolved along with each subclass's fields.
        _meta: Meta

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request, for its support; None if it sent none."""
        return self._meta.request_id if hasattr(self, "_meta") else None

    @property
    def cost(self) -> Cost | None:
        """
        What the call cost: all attempts together, reported by the provider, or computed or estimated by the price tables.

        None if nobody knows. It is worked out when it is first asked for.

        Raises:
            ConfigError: a price file of your own cannot be read.
        """
        return self._meta.cost if hasattr(self, "_meta") else None

    @property
    def trace(self) -> Trace:
        """Every attempt of the call."""
        return self._known_meta("trace").trace

    @property
    def raw(self) -> RawReply:
        """The HTTP reply: status, headers and body."""
        meta = self._known_meta("raw")
        return RawReply(status_code=meta.status_code, headers=meta.headers, content=meta.content)

    def _known_meta(self, wanted: str) -> Meta:
        if not hasattr(self, "_meta"):
            raise AttributeError(
                f"this {type(self).__name__} did not come from a call: it has no {wanted}", name=wanted
            )
        return self._meta


class _HasData(Protocol[_T_co]):
    """A generated list, seen by its items."""

    @property
    def data(self) -> Sequence[_T_co] | None: ...


class ListReply(Reply):
    """A reply that is a list: iterate over it, index it, or take its `.data`, which may be null where a server has nothing."""

    __slots__ = ()

    def __iter__(self: _HasData[_T]) -> Iterator[_T]:
        return iter(self.data or ())

    def __len__(self: _HasData[object]) -> int:
        return len(self.data or ())

    @overload
    def __getitem__(self: _HasData[_T], index: int) -> _T: ...
    @overload
    def __getitem__(self: _HasData[_T], index: slice) -> Sequence[_T]: ...
    def __getitem__(self: _HasData[_T], index: int | slice) -> _T | Sequence[_T]:
        return (self.data or ())[index]
