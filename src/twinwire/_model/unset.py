"""`UNSET`: the value of what was not sent, as apart from null."""

from __future__ import annotations

from typing import ClassVar, Final, Literal, final


@final
class Unset:
    """
    The type of `UNSET`, the only instance: not sent, or not there.

    It is falsy, so `if field:` and `field or default` narrow `X | None | Unset`; `isinstance(field, Unset)` tells it from null.
    Not an enum, although checkers would then narrow by `is not UNSET` too: a member has `.name` and `.value`, and
    `call.function.name` on an absent function would be the text "UNSET".
    """

    __slots__ = ()
    _instance: ClassVar[Unset]

    def __new__(cls) -> Unset:
        return cls._instance

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        # A text is the name of a global: pickle and copy then give this very instance.
        return "UNSET"


Unset._instance = object.__new__(Unset)
UNSET: Final = Unset()
