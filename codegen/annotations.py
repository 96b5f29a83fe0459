"""Python type expressions of schemas, for signatures outside of `twinwire.types`; the same that the generated types have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from codegen.lower import TYPES_PACKAGE, Lowering

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codegen.document import JsonObject
    from codegen.load import Side, Spec

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_LAST = ("Mapping[str, object]", "None")


@frozen
class Annotation:
    """A type expression, and the names that it needs."""

    text: str
    imports: frozenset[tuple[str, str]] = frozenset()
    """Module and name: `("twinwire.types.messages", "ChatCompletionMessageParam")`."""


_MAPPING = Annotation("Mapping[str, object]", frozenset({("collections.abc", "Mapping")}))


class Annotations:
    """The type expressions of one spec."""

    def __init__(self, spec: Spec) -> None:
        self._lowering = Lowering(spec)
        self._spec = spec
        self._typed_dicts = {
            self.named(schema.name, "request").text
            for schema, side in self._lowering.emitted()
            if side == "request" and any(self._lowering.classes_of([{"$ref": f"#/components/schemas/{schema.name}"}]))
        }

    def annotation(self, schema: JsonObject, side: Side, *, takes_mappings: bool = False) -> Annotation:
        """
        The type of a value of *schema* on *side*.

        With *takes_mappings*, the place of a typed dict takes any mapping too, as arguments do: a type checker knows a variable
        that holds a dict as nothing else.
        """
        return _joined(self._parts(self._lowering.lowered(schema, side), takes_mappings=takes_mappings))

    def named(self, name: str, side: Side) -> Annotation:
        """The type of the schema called *name* on *side*."""
        return _imported(f"{TYPES_PACKAGE}.{self._spec.schemas[name].topic}.{self._lowering.name(name, side)}")

    def _parts(self, node: JsonObject, *, takes_mappings: bool) -> list[Annotation]:
        """The members of the union that *node* is; one if it is none."""
        if "anyOf" in node:
            return [part for member in node["anyOf"] for part in self._parts(member, takes_mappings=takes_mappings)]
        if "customTypePath" in node:
            named = _imported(node["customTypePath"])
            return [named, _MAPPING] if takes_mappings and named.text in self._typed_dicts else [named]
        if "enum" in node:
            return [
                Annotation(f"Literal[{', '.join(map(_literal, node['enum']))}]", frozenset({("typing", "Literal")}))
            ]
        if node["type"] == "array":
            items = _joined(self._parts(node["items"], takes_mappings=takes_mappings))
            return [_generic(node.get("x-python-type", "list"), f"[{items.text}]", items)]
        if node["type"] == "object":
            values = _joined(self._parts(node["additionalProperties"], takes_mappings=takes_mappings))
            return [_generic(node.get("x-python-type", "dict"), f"[str, {values.text}]", values)]
        return [Annotation(_SCALARS[node["type"]])]


def _joined(parts: Iterable[Annotation]) -> Annotation:
    """The union of *parts*, each once; what anything fits into comes last."""
    unique = {part.text: part for part in parts}
    texts = sorted(unique, key=lambda text: _LAST.index(text) if text in _LAST else -1)
    return Annotation(" | ".join(texts), frozenset(name for part in unique.values() for name in part.imports))


def _imported(path: str) -> Annotation:
    module, _, name = path.rpartition(".")
    return Annotation(name, frozenset() if module == "builtins" else frozenset({(module, name)}))


def _generic(container: str, arguments: str, inner: Annotation) -> Annotation:
    own = {("collections.abc", container)} if container in {"Sequence", "Mapping"} else set[tuple[str, str]]()
    return Annotation(container + arguments, inner.imports | own)


def _literal(value: object) -> str:
    if isinstance(value, str) and "'" not in value and '"' not in value and value.isprintable() and "\\" not in value:
        return f'"{value}"'
    return repr(value)
