"""
What the names in a generated class's annotations stand for.

Topics of `twinwire.types` import each other under `TYPE_CHECKING` only, and may do so in circles. So a name is looked up when its
class is first converted: among the names of this room, then in the class's own module, then on that module's package, whose
`__getattr__` loads the topic that has it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from attrs import AttrsInstance, fields, resolve_types

from twinwire._model.text import JsonText, PartsText
from twinwire._model.unknown import UnknownMember
from twinwire._model.unset import Unset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

# Raw JSON is not looked into, so any value will do for it.
_ROOM: Mapping[str, object] = {
    "Json": Any,
    "JsonObject": dict[str, Any],
    "Literal": Literal,
    "TextOrJson": str | JsonText,
    "TextOrParts": str | PartsText | JsonText,
    "UnknownMember": UnknownMember,
    "Unset": Unset,
}
_BUILTINS: Mapping[str, object] = {kind.__name__: kind for kind in (bool, dict, float, int, list, object, str)}


def resolve_fields(cls: type[AttrsInstance]) -> None:
    """Replace the textual annotations of *cls* with types, in place and once."""
    module = sys.modules[cls.__module__]
    namespace: dict[str, object] = {}
    for field in fields(cls):
        if isinstance(field.type, str):
            namespace |= _namespace(field.type, module)
    resolve_types(cls, localns=namespace)


def resolve_type(text: str) -> object:
    """The type that *text*, which is made of names of `twinwire.types`, stands for."""
    return _expand(text, import_module("twinwire.types"))


def _namespace(annotation: str, module: ModuleType) -> dict[str, object]:
    # A dict of just the names in use, since some versions of Python copy the mapping that they are given.
    names = compile(annotation, "<annotation>", "eval").co_names
    return {name: _find(name, module) for name in names}


def _find(name: str, module: ModuleType) -> object:
    for known in (_ROOM, vars(module), _BUILTINS):
        if name in known:
            return _expand(known[name], module)
    package = sys.modules[module.__package__ or module.__name__]
    return _expand(getattr(package, name), package)


def _expand(found: object, module: ModuleType) -> object:
    """An alias is text, which `|` does not take, so it becomes a type here."""
    if isinstance(found, str):
        return eval(found, {}, _namespace(found, module))  # noqa: S307  # the text is our own generated code
    return found
