"""
Interprets the generated check tables: what the spec rules out is refused before anything is sent.

The tables are data (`clients/_checks.py`). A value is looked at by its JSON kind, then by the limits of that kind, then by what is
inside it. What the spec does not know is let through, for providers grow: unknown keys, unknown enum values, unknown kinds of
content parts and tools. Unknown message roles are not: they are always a mistake.

A message of an error names types, numbers and lengths. It never repeats text, which may be a prompt or a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sized
from math import inf
from operator import index
from typing import TYPE_CHECKING, NoReturn, SupportsFloat, SupportsIndex, TypeGuard

from twinwire._client.narrow import is_list
from twinwire._model.encode import Encodable
from twinwire._model.unset import UNSET, Unset
from twinwire.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twinwire._client.rules import Kind, Rule, Shape

_NAMES: dict[Kind, str] = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "True or False",
    "list": "a list",
    "mapping": "a mapping",
    "null": "None",
}
_SHOWN_KEY_LENGTH = 40
_SHOWN_WORD_LENGTH = 24
_SHOWN_BITS = 64


class Checks:
    """The table of one operation: the shape of its arguments, and the shapes that these name."""

    __slots__ = ("arguments", "shapes")

    def __init__(self, arguments: Shape, shapes: Mapping[str, Shape]) -> None:
        self.arguments = arguments
        self.shapes = shapes

    def check(self, arguments: Mapping[str, object], *, is_lenient: bool = False) -> None:
        """
        Refuse arguments that the spec rules out; unset ones must have been dropped.

        *is_lenient* is for servers that the spec was not written for: what stands inside an argument need not be complete there
        (Mistral takes tools without a type, Perplexity schemas without a name).

        Lists may be tuples, mappings any mapping, and a reply or a part of one stands for its own JSON. Generators are refused:
        a retry could not read them again.

        Raises:
            InvalidRequestError: names the argument, what it got and what is allowed.
        """
        try:
            _check_required(arguments, self.arguments)
            _check_shape(arguments, self.arguments, _Known(self.shapes, is_lenient))
        except _Refusal as refusal:
            param = refusal.path()
            raise InvalidRequestError(f"{param} {refusal.reason}", param=param) from None


class _Refusal(Exception):
    """Collects the path on its way up, so that the good path never builds one."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps: list[str | int] = []

    def path(self) -> str:
        path = ""
        for step in reversed(self.steps):
            if isinstance(step, int):
                path += f"[{step}]"
            elif step.isidentifier() and len(step) <= _SHOWN_KEY_LENGTH:
                path += f".{step}" if path else step
            else:
                path += f"[{step[:_SHOWN_KEY_LENGTH]!r}]"
        return path


class _Known:
    """What a value inside an argument is compared with."""

    __slots__ = ("is_lenient", "shapes")

    def __init__(self, shapes: Mapping[str, Shape], is_lenient: bool) -> None:
        self.shapes = shapes
        self.is_lenient = is_lenient


def _check_shape(value: Mapping[str, object], shape: Shape, known: _Known) -> None:
    if not known.is_lenient:
        _check_required(value, shape)
    properties = shape.properties
    name = ""
    try:
        for name, item in value.items():
            rule = properties.get(name)
            if rule is not None and type(item) not in rule.plain:
                _check(item, rule, known)
    except _Refusal as refusal:
        refusal.steps.append(name)
        raise


def _check_required(value: Mapping[str, object], shape: Shape) -> None:
    for name in shape.required:
        if value.get(name, UNSET) is UNSET:
            refusal = _Refusal("is required")
            refusal.steps.append(name)
            raise refusal


def _check(value: object, rule: Rule, known: _Known) -> None:
    kinds = rule.kinds
    if isinstance(value, str):
        if "string" in kinds:
            _check_length(value, rule)
            return
    elif _is_mapping(value):
        if "mapping" in kinds:
            _check_mapping(value, rule, known)
            return
    elif is_list(value):
        if "list" in kinds:
            _check_list(value, rule, known)
            return
    elif isinstance(value, Encodable):
        if "mapping" in kinds:
            return  # a part of a reply: the provider's own words
    elif isinstance(value, Unset):
        return  # it is left out
    else:
        number = _number(value)
        if ("number" in kinds or ("integer" in kinds and isinstance(number, int))) and number is not None:
            _check_bounds(number, rule)
            return
    _refuse(f"must be {_allowed(kinds)}, got {_shown(value)}")


def _is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    # Keys that are not text match no property and are left to the encoder.
    return isinstance(value, Mapping)


def _number(value: object) -> float | None:
    """Return *value* as Python's own number if it is one, or one of numpy's; None for all else, bool and Decimal too."""
    if isinstance(value, int | float):
        return None if isinstance(value, bool) else value
    if type(value).__module__ != "numpy" or isinstance(value, Sized):
        return None
    try:
        return (
            index(value)
            if isinstance(value, SupportsIndex)
            else float(value)
            if isinstance(value, SupportsFloat)
            else None
        )
    except (TypeError, ValueError, OverflowError):  # it has the methods, and no such value
        return None


def _check_length(value: str, rule: Rule) -> None:
    length = len(value)
    if length < rule.min_length:
        if not length and rule.min_length == 1:
            _refuse("must not be empty")
        _refuse(f"must be at least {rule.min_length} characters long, got {length}")
    if rule.max_length is not None and length > rule.max_length:
        _refuse(f"must be at most {rule.max_length} characters long, got {length}")


def _check_bounds(value: float, rule: Rule) -> None:
    if not abs(value) < inf:  # nor is nan
        _refuse(f"must be a finite number, got {value!r}")
    if (
        (rule.minimum is not None and value < rule.minimum)
        or (rule.maximum is not None and value > rule.maximum)
        or (rule.exclusive_minimum is not None and value <= rule.exclusive_minimum)
        or (rule.exclusive_maximum is not None and value >= rule.exclusive_maximum)
    ):
        _refuse(f"must be {_range(rule)}, got {_shown(value)}")


def _check_list(value: Sequence[object], rule: Rule, known: _Known) -> None:
    length = len(value)
    if length < rule.min_items:
        if not length and rule.min_items == 1:
            _refuse("must not be empty")
        _refuse(f"must have at least {rule.min_items} items, got {length}")
    if rule.max_items is not None and length > rule.max_items:
        _refuse(f"must have at most {rule.max_items} items, got {length}")
    items = rule.items
    if items is None:
        return
    plain = items.plain
    position = 0
    try:
        for position, item in enumerate(value):  # noqa: B007 - the handler below uses it
            if type(item) not in plain:
                _check(item, items, known)
    except _Refusal as refusal:
        refusal.steps.append(position)
        raise


def _check_mapping(value: Mapping[str, object], rule: Rule, known: _Known) -> None:
    if rule.max_properties is not None and len(value) > rule.max_properties:
        _refuse(f"must have at most {rule.max_properties} members, got {len(value)}")
    if rule.tag is not None and rule.shapes is not None:
        name = _shape_by_tag(value, rule, known)
        if name is not None:
            _check_shape(value, known.shapes[name], known)
    elif rule.shape is not None:
        _check_shape(value, known.shapes[rule.shape], known)
    elif rule.values is not None:
        _check_values(value, rule.values, known)


def _shape_by_tag(value: Mapping[str, object], rule: Rule, known: _Known) -> str | None:
    tag, names, closed = rule.tag or "", rule.shapes or {}, rule.closed
    found = value.get(tag)
    if isinstance(found, str):
        name = names.get(found)
        if name is not None or not closed:
            return name
    elif known.is_lenient and not closed and found is None:
        return None
    allowed = "one of " + ", ".join(repr(name) for name in sorted(names)) if closed else "a string"
    refusal = _Refusal(f"must be {allowed}, got {_shown_tag(found)}" if tag in value else f"is required: {allowed}")
    refusal.steps.append(tag)
    raise refusal


def _check_values(value: Mapping[str, object], rule: Rule, known: _Known) -> None:
    name = ""
    try:
        for name, item in value.items():  # noqa: B007 - the handler below uses it
            if type(item) not in rule.plain:
                _check(item, rule, known)
    except _Refusal as refusal:
        refusal.steps.append(str(name))
        raise


def _refuse(reason: str) -> NoReturn:
    raise _Refusal(reason)


def _allowed(kinds: tuple[Kind, ...]) -> str:
    names = [_NAMES[kind] for kind in kinds]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _range(rule: Rule) -> str:
    parts: list[str] = []
    if rule.exclusive_minimum is not None:
        parts.append(f"more than {rule.exclusive_minimum}")
    if rule.minimum is not None:
        parts.append(f"at least {rule.minimum}")
    if rule.exclusive_maximum is not None:
        parts.append(f"less than {rule.exclusive_maximum}")
    if rule.maximum is not None:
        parts.append(f"at most {rule.maximum}")
    return " and ".join(parts)


def _shown(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS:
        return f"int of {value.bit_length()} bits"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{type(value).__name__} {value!r}"
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _shown_tag(value: object) -> str:
    # A wrong role is a short lower-case word, which neither a prompt nor a key is; anything else is named by its type.
    if isinstance(value, str) and len(value) <= _SHOWN_WORD_LENGTH and value.isalpha() and value.islower():
        return repr(str.__str__(value))  # a member of an enumeration would show itself
    return _shown(value)
