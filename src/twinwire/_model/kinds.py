"""The kinds of JSON values, as Python types and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORDS: Mapping[type, str] = {
    str: "a string",
    float: "a number",
    int: "an integer",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}

# A float field takes integers and keeps them integers: `0` and `0.0` are one number on the wire. An int field takes `12.0` for that
# reason too, but as 12 (unions.py), since code counts and indexes with it. A bool is no int here.
_PLAIN: Mapping[object, frozenset[type]] = {
    str: frozenset({str}),
    float: frozenset({float, int}),
    int: frozenset({int}),
    bool: frozenset({bool}),
    type(None): frozenset({type(None)}),
}


class Mismatch(Exception):
    """A value is not of a kind that its type admits. Does not leave this room."""

    def __init__(self, problem: str, *steps: str | int) -> None:
        super().__init__(problem)
        self.steps: list[str | int] = [*steps]
        """Where the value is, from the inside out: names of the wire and places in lists."""


def plain_kinds(cls: object) -> frozenset[type] | None:
    """The Python types whose values *cls* takes as they are; None if it is no plain type."""
    return _PLAIN.get(cls)


def kind_of(value: object) -> str:
    """The kind of *value*, in words."""
    return _WORDS.get(value.__class__, f"a Python {type(value).__name__}")


def in_words(kinds: Iterable[type]) -> str:
    """What is admitted, in words."""
    admitted = set(kinds)
    if float in admitted:
        admitted.discard(int)
    return " or ".join(words for kind, words in _WORDS.items() if kind in admitted)


def refuse(value: object, expected: str) -> NoReturn:
    """Raise for *value*; the message has its kind only, since it may be what somebody wrote."""
    raise Mismatch(f"expected {expected}, got {kind_of(value)}")
