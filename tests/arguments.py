"""Arguments of the commands that prove the reliability."""

from __future__ import annotations

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """How many: a run of none would have no failure."""
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise ArgumentTypeError(f"must be a whole number, at least 1, got {text!r}")
    return number
