"""All checks, and which of them run."""

from __future__ import annotations

from tests.processes.check import MODES, Check, Variant
from tests.processes.checks import cancelling, concurrency, exits, forks, interrupts, leaving, limits, loops

CHECKS: list[Check] = [
    check
    for module in (concurrency, forks, loops, cancelling, interrupts, leaving, exits, limits)
    for check in module.CHECKS
]


def variants(*, word: str = "", every_mode: bool = False) -> list[Variant]:
    """Each check for each client, in the strict mode, and the quick ones in the plain mode too; *word* is in what is run."""
    return [
        variant
        for check in CHECKS
        for flavour in check.flavours
        for mode in MODES
        if mode == "strict" or check.is_quick or every_mode
        if word in str(variant := Variant(check, flavour, mode))
    ]
