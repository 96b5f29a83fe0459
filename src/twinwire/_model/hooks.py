"""
The cattrs converter that makes typed replies of JSON, and its hooks for all but objects and unions.

cattrs finds the hook for a type and keeps it. Its own hooks do not fit: they turn null into 'None' and text into numbers, and call
`__init__` with a value for every field. A hook here checks kinds, changes no value, and stores only what is there.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from cattrs import BaseConverter, Converter

from twinwire._model.kinds import Mismatch, in_words, plain_kinds, refuse
from twinwire._model.names import resolve_type
from twinwire._model.objects import is_model, object_hook
from twinwire._model.paths import decode_error
from twinwire._model.text import JsonText, PartsText
from twinwire._model.unions import Hook, is_union, union_hook

_T = TypeVar("_T")


def decode(data: object, cls: type[_T]) -> _T:
    """`convert.structure`, which loads this module."""
    try:
        return _converter().structure(data, cls)
    except (Mismatch, RecursionError) as error:
        raise decode_error(error, cls) from error


@cache
def _converter() -> Converter:
    """The one converter."""
    made = Converter()
    # cattrs looks these up by class, before it asks any factory; its own hooks would turn 1 into "1".
    for kind in (str, int, float, bool):
        made.register_structure_hook(kind, union_hook(kind, made))
    made.register_structure_hook(JsonText, lambda value, _: JsonText.of(value))
    made.register_structure_hook(PartsText, _parts_hook(made))
    made.register_structure_hook_factory(_is_list, _list_hook)
    made.register_structure_hook_factory(_is_dict, _dict_hook)
    made.register_structure_hook_factory(is_union, union_hook)
    made.register_structure_hook_factory(is_model, object_hook)
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
        except Mismatch as error:
            error.steps.append(len(items))
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
        except Mismatch as error:
            error.steps.append(key)
            raise
        return members

    return structure


def _parts_hook(converter: BaseConverter) -> Hook:
    hook: Hook | None = None

    def structure(value: Any, _: object) -> PartsText:
        nonlocal hook
        if hook is None:
            # Not before: the parts are eight classes, and hardly a reply has any.
            hook = converter.get_structure_hook(resolve_type("list[MessageContentPart]"))
        return PartsText.of(hook(value, list))

    return structure
