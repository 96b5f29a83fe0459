"""
The cattrs converter that makes typed replies of JSON, and its hooks for all but unions.

cattrs finds the hook for a type, compiles one function per class on first use, and notes the path on the way out of an error. Its
own hooks for values do not fit: they turn null into 'None' and text into numbers. A hook here checks kinds and changes no value.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar, get_args, get_origin

from attrs import has
from cattrs import BaseConverter, BaseValidationError, Converter, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override

from twinwire._model.base import Model, wire_names
from twinwire._model.kinds import Mismatch, in_words, plain_kinds, refuse
from twinwire._model.names import resolve_fields
from twinwire._model.paths import decode_error
from twinwire._model.unions import Hook, is_union, union_hook

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


def decode(data: object, cls: type[_T]) -> _T:
    """`convert.structure`, which loads this module."""
    try:
        return _converter().structure(data, cls)
    except (BaseValidationError, Mismatch, RecursionError) as error:
        raise decode_error(error, cls) from error


@cache
def _converter() -> Converter:
    """The one converter. Hooks of classes are compiled when a class is first met."""
    made = Converter(detailed_validation=True)
    for kind in (str, int, float, bool):
        # cattrs looks these up by class, before it asks any factory; its own hooks would turn 1 into "1".
        made.register_structure_hook(kind, union_hook(kind, made))
    made.register_structure_hook_factory(_is_list, _list_hook)
    made.register_structure_hook_factory(_is_dict, _dict_hook)
    made.register_structure_hook_factory(is_union, union_hook)
    made.register_structure_hook_factory(_is_model, _model_hook)
    return made


def _is_list(cls: object) -> bool:
    origin: object = get_origin(cls)
    return origin is list


def _is_dict(cls: object) -> bool:
    origin: object = get_origin(cls)
    return origin is dict


def _list_hook(cls: Any, converter: BaseConverter) -> Hook:
    (item_type,) = get_args(cls)
    item_hook = converter.get_structure_hook(item_type)
    plain = plain_kinds(item_type)

    def structure(value: Any, _: object) -> list[Any]:
        if value.__class__ is not list:
            refuse(value, in_words([list]))
        if plain is not None and plain.issuperset(map(type, value)):
            return list(value)  # thousands of floats are checked without a call for each
        items: list[Any] = []
        try:
            for item in value:
                items.append(item_hook(item, item_type))  # noqa: PERF401  # its length is the place of an error
        except Exception as error:
            _note(error, len(items), item_type)
            raise
        return items

    return structure


def _dict_hook(cls: Any, converter: BaseConverter) -> Hook:
    _, item_type = get_args(cls)
    item_hook = converter.get_structure_hook(item_type)

    def structure(value: Any, _: object) -> dict[str, Any]:
        if value.__class__ is not dict:
            refuse(value, in_words([dict]))
        members: dict[str, Any] = {}
        key = ""
        try:
            for key, item in value.items():
                members[key] = item_hook(item, item_type)
        except Exception as error:
            _note(error, key, item_type)
            raise
        return members

    return structure


def _note(error: Exception, place: int | str, item_type: object) -> None:
    # As cattrs does it, so that one reader finds both kinds of notes.
    notes: list[str] = getattr(error, "__notes__", [])
    error.__notes__ = [*notes, IterableValidationNote(f"at {place}", place, item_type)]


def _is_model(cls: object) -> TypeGuard[type[Model]]:
    return isinstance(cls, type) and issubclass(cls, Model) and has(cls)


def _model_hook(cls: Any, converter: BaseConverter) -> Hook:
    known = frozenset(wire_names(cls).values())
    make: Callable[[Any, Any], Any] | None = None

    def structure(value: Any, _: object) -> Any:
        nonlocal make
        if value.__class__ is not dict:
            refuse(value, in_words([dict]))
        if make is None:
            # Not before: a chat reply can hold some forty classes, few do hold more than five, and some hold themselves.
            make = _compiled(cls, converter)
        made = make(value, cls)
        unknown = value.keys() - known
        if unknown:
            made._extra = {name: item for name, item in value.items() if name in unknown}
        return made

    return structure


def _compiled(cls: Any, converter: BaseConverter) -> Hook:
    resolve_fields(cls)
    renamed: dict[str, Any] = {name: override(rename=wire) for name, wire in wire_names(cls).items() if name != wire}
    return make_dict_structure_fn(cls, converter, _cattrs_use_linecache=False, **renamed)
