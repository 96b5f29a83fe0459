"""What a check is."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Literal, TypeAlias

from attrs import field, frozen

Flavour: TypeAlias = Literal["blocking", "asyncio", "trio"]
Mode: TypeAlias = Literal["strict", "plain"]

ALL: tuple[Flavour, ...] = ("blocking", "asyncio", "trio")
AWAITED: tuple[Flavour, ...] = ("asyncio", "trio")
BLOCKING: tuple[Flavour, ...] = ("blocking",)
ASYNCIO: tuple[Flavour, ...] = ("asyncio",)

MODES: tuple[Mode, ...] = ("strict", "plain")
"""`strict` is `-W error -O` with PYTHONDEVMODE=1, so no script may judge with `assert`; `plain` is `-W error` alone."""

PRELUDE = "from tests.processes.kit import *\n"


def _script(text: str) -> str:
    return dedent(text).strip() + "\n"


@frozen(kw_only=True)
class Check:
    """One program, and what must come of it. It passes when it ends in time with this status and printed exactly this."""

    name: str
    holds: str
    """One sentence: what must hold."""
    script: str = field(converter=_script)
    """The program. It is written awaited; for the blocking client `async` and `await` are taken out."""
    flavours: tuple[Flavour, ...]
    limit_seconds: float = 20.0
    prints: str = ""
    status: int = 0
    """The exit status; negative for the signal that ended it."""
    requests: int | None = None
    """How many requests the server must have seen, where that is certain."""
    flags: tuple[str, ...] = ()
    """Further flags of the interpreter."""
    env: dict[str, str] = field(factory=dict[str, str])
    is_quick: bool = False
    """Whether pytest runs it, and whether it runs in the plain mode too."""

    def program(self, flavour: Flavour) -> str:
        """The script for this client."""
        text = PRELUDE + self.script
        return plain(text) if flavour == "blocking" else text


def plain(text: str) -> str:
    """The blocking text of an awaited one."""
    return re.sub(r"\b(async|await) ", "", text)


@frozen
class Variant:
    """A check, for one client, in one mode of the interpreter."""

    check: Check
    flavour: Flavour
    mode: Mode

    def __str__(self) -> str:
        return f"{self.check.name} [{self.flavour}, {self.mode}]"
