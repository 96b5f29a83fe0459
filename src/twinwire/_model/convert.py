"""Between JSON and typed replies. cattrs loads with the first reply, and the hooks of a class are compiled when it is first met."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from twinwire._model.encode import unstructure

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._model.json import Json

__all__ = ["structure", "unstructure"]

_T = TypeVar("_T")


def structure(data: Json, cls: type[_T]) -> _T:
    """
    Make a *cls* of *data*, which must be what the `json` module parses, and is taken over: the result may hold parts of it.

    No value is changed: an integer in a float field stays one. What is not there is `UNSET`; what *cls* does not know is in `.extra`,
    or an `UnknownMember`, or a plain string where an enumeration is open.

    Raises:
        DecodeError: something required is missing, or a value is of a kind that its field does not take. `path` says where.
    """
    return _decoder()(data, cls)


@cache
def _decoder() -> Callable[[object, type[_T]], _T]:
    from twinwire._model.hooks import decode

    return decode
