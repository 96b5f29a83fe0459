"""
What a provider's published spec has that ours lacks, and the reverse.

Our operations and upstream's are walked in parallel, which needs no table of names: what stands in the same place is a pair. One schema
of ours may stand for several of theirs (a text part, say), so it is compared with all of them together: a property is extra only if
none of them has it. Hence two steps: walk and pair, then report per schema of ours.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen, mutable

from codegen.matching import matched
from codegen.outline import Facts, Node, Outline, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codegen.document import JsonObject

Aspect: TypeAlias = Literal["operation", "parameter", "property", "member", "value", "type", "required"]
Direction: TypeAlias = Literal["missing", "extra"]
Side: TypeAlias = Literal["request", "reply"]

VERBS = ("get", "put", "post", "delete", "patch")
ANY = "*"
"""Stands for what no list can hold: any text, any key, anything."""
_LOCATIONS = ("path", "query", "header")


@frozen(kw_only=True, order=True)
class Difference:
    """One thing that one spec says and the other does not."""

    aspect: Aspect
    direction: Direction
    """`missing`: upstream has it and ours lacks it. `extra`: the reverse."""
    where: str
    """The schema of ours, and its property: `CompletionUsage.cost`; or the operation."""
    what: str
    """The name of the property, the union's member, the enum value or the JSON kind; `*` for any."""
    side: str
    """`request`, `reply` or `reply+request`."""
    upstream: str
    """Where upstream says it, or the place that was compared."""


def compare(ours: JsonObject, upstream: JsonObject, provider: str) -> list[Difference]:
    """Return how our spec and *upstream* differ in the operations that *provider* has in ours, in a stable order."""
    walk = _Walk(ours=Outline(ours, provider), theirs=Outline(upstream, provider))
    return sorted({*walk.operations(), *walk.differences()})


def operations_of(outline: Outline) -> dict[str, JsonObject]:
    """Return the operations by `GET /models/{}`: path parameters go by position, for their names may differ."""
    found: dict[str, JsonObject] = {}
    for path, item in outline.document.get("paths", {}).items():
        for verb in VERBS:
            if verb in item and outline.has(item[verb]):
                parameters = [*item.get("parameters", ()), *item[verb].get("parameters", ())]
                name = f"{verb.upper()} {re.sub(r'{[^}]*}', '{}', path)}"
                found[name] = item[verb] | {"parameters": parameters}
    return found


@mutable
class _Place:
    """A property of ours, the items of a list, or a body, with everything of theirs that stands there."""

    ours: dict[str, Node] = field(factory=dict[str, Node])
    theirs: dict[str, Node] = field(factory=dict[str, Node])
    sides: set[Side] = field(factory=set[Side])


@mutable
class _Pair:
    """An object of ours with all of theirs that it stands for."""

    ours: Shape
    theirs: dict[str, Shape] = field(factory=dict[str, Shape])
    sides: set[Side] = field(factory=set[Side])
    aspect: Aspect = "property"


@mutable(kw_only=True)
class _Walk:
    ours: Outline
    theirs: Outline
    _places: dict[str, _Place] = field(factory=dict[str, _Place], init=False)
    _pairs: dict[str, _Pair] = field(factory=dict[str, _Pair], init=False)
    _visited: set[tuple[str, str, Side]] = field(factory=set[tuple[str, str, Side]], init=False)

    def operations(self) -> Iterator[Difference]:
        """Pair everything that can be reached, and yield the operations of ours that upstream does not have."""
        theirs = operations_of(self.theirs)
        for name, ours in operations_of(self.ours).items():
            if name not in theirs:
                yield Difference(
                    aspect="operation", direction="extra", where=name, what=name, side="request", upstream="-"
                )
                continue
            for location in _LOCATIONS:
                self._pair_parameters(f"{name} {location}", location, ours, theirs[name])
            for part, side in _PARTS.items():
                our_node, their_node = _body(self.ours, ours, part), _body(self.theirs, theirs[name], part)
                if our_node is not None and their_node is not None:
                    self._visit(f"{name} {part}", [our_node], [their_node], side)
                elif our_node is not None or their_node is not None:
                    direction: Direction = "missing" if our_node is None else "extra"
                    yield Difference(
                        aspect="operation", direction=direction, where=name, what=part, side=side, upstream=name
                    )

    def _pair_parameters(self, where: str, location: str, ours: JsonObject, theirs: JsonObject) -> None:
        our_shape = _parameters(self.ours, where, location, ours)
        their_shape = _parameters(self.theirs, where, location, theirs)
        if our_shape.properties or their_shape.properties:
            self._visit_pair(our_shape, their_shape, "request")
            self._pairs[where].aspect = "parameter"

    def _visit(self, where: str, ours: Iterable[Node], theirs: Iterable[Node], side: Side) -> None:
        """Pair what *ours* and *theirs* admit at one place."""
        place = self._places.setdefault(where, _Place())
        place.sides.add(side)
        place.ours |= {node.where: node for node in ours}
        for node in theirs:
            place.theirs[node.where] = node
            if (where, node.where, side) in self._visited:
                continue
            self._visited.add((where, node.where, side))
            our_facts, their_facts = self.ours.facts(place.ours.values()), self.theirs.facts([node])
            for our_shape, their_shape in matched(our_facts, their_facts).pairs:
                self._visit_pair(our_shape, their_shape, side)
            if our_facts.items and their_facts.items:
                self._visit(f"{where}[]", our_facts.items, their_facts.items, side)
            if our_facts.map_values and their_facts.map_values:
                self._visit(f"{where}{{}}", our_facts.map_values, their_facts.map_values, side)

    def _visit_pair(self, ours: Shape, theirs: Shape, side: Side) -> None:
        pair = self._pairs.setdefault(ours.where, _Pair(ours))
        pair.theirs[theirs.where] = theirs
        pair.sides.add(side)
        for name, node in ours.properties.items():
            if name in theirs.properties:
                self._visit(f"{ours.where}.{name}", [node], [theirs.properties[name]], side)

    def differences(self) -> Iterator[Difference]:
        """Yield what differs in all that was paired."""
        for pair in self._pairs.values():
            yield from _object_differences(pair)
        for where, place in self._places.items():
            ours, theirs = self.ours.facts(place.ours.values()), self.theirs.facts(place.theirs.values())
            side = "+".join(sorted(place.sides))
            upstream = ", ".join(sorted(place.theirs))
            for aspect, direction, what in _place_differences(ours, theirs, place.sides):
                yield Difference(
                    aspect=aspect, direction=direction, where=where, what=what, side=side, upstream=upstream
                )


_PARTS: dict[str, Side] = {"body": "request", "reply": "reply", "event": "reply"}


def _body(outline: Outline, operation: JsonObject, part: str) -> Node | None:
    """Return the schema of the request body, the whole reply, or one event of the stream."""
    if part == "body":
        content = outline.resolved(operation.get("requestBody", {})).get("content", {}).get("application/json", {})
    else:
        media_type = "application/json" if part == "reply" else "text/event-stream"
        response = outline.resolved(operation.get("responses", {}).get("200", {}))
        content = response.get("content", {}).get(media_type, {})
    schema = content.get("schema")
    named = operation.get({"reply": "x-reply", "event": "x-stream"}.get(part, ""))
    if named is not None:
        return outline.reference(named)
    if schema is None:
        return None
    node = Node(schema, f"{operation.get('operationId', '')} {part}")
    return _without_envelope(outline, node) if part == "event" else node


def _without_envelope(outline: Outline, node: Node) -> Node:
    """Return what stands behind `data:`: some specs describe the server-sent event around it."""
    shapes = outline.facts([node]).shapes
    if len(shapes) == 1 and shapes[0].properties.keys() == {"data"}:
        return shapes[0].properties["data"]
    return node


def _parameters(outline: Outline, where: str, location: str, operation: JsonObject) -> Shape:
    found: JsonObject = {}
    required: list[str] = []
    for reference in operation["parameters"]:
        parameter = outline.resolved(reference)
        if parameter["in"] == location and outline.has(parameter):
            # The name of a path parameter is nobody's business but the document's.
            name = parameter["name"] if location != "path" else str(len(found))
            found[name] = parameter.get("schema", {})
            required += [name] if parameter.get("required") else []
    return outline.shape(where, found, required)


def _object_differences(pair: _Pair) -> Iterator[Difference]:
    ours = pair.ours
    side = "+".join(sorted(pair.sides))
    theirs = list(pair.theirs.values())
    their_names = {name for shape in theirs for name in shape.properties}

    def difference(aspect: Aspect, direction: Direction, name: str, where: str) -> Difference:
        holders = sorted(shape.where for shape in theirs if name in shape.properties) or sorted(pair.theirs)
        return Difference(
            aspect=aspect, direction=direction, where=where, what=name, side=side, upstream=", ".join(holders)
        )

    for name in sorted(their_names - ours.properties.keys()):
        yield difference(pair.aspect, "missing", name, ours.where)
    for name in sorted(ours.properties.keys() - their_names):
        yield difference(pair.aspect, "extra", name, ours.where)
    for name in sorted(ours.properties.keys() & their_names):
        theirs_require = all(name in shape.required for shape in theirs)
        if theirs_require and name not in ours.required:
            yield difference("required", "missing", name, ours.where)
        if name in ours.required and not theirs_require:
            yield difference("required", "extra", name, ours.where)


def _place_differences(ours: Facts, theirs: Facts, sides: set[Side]) -> Iterator[tuple[Aspect, Direction, str]]:
    yield from _kind_differences(ours, theirs)
    if "string" in ours.kinds and "string" in theirs.kinds:
        yield from _value_differences(ours, theirs, sides)
    if "object" in ours.kinds and "object" in theirs.kinds:
        match = matched(ours, theirs)
        for name in match.missing if ours.shapes else ():
            yield "member", "missing", name
        for name in match.extra:
            yield "member", "extra", name
        if theirs.shapes and not ours.shapes:
            yield "property", "missing", ANY
        if ours.shapes and not theirs.shapes:
            yield "property", "extra", ANY


def _kind_differences(ours: Facts, theirs: Facts) -> Iterator[tuple[Aspect, Direction, str]]:
    if ours.anything or theirs.anything:
        if ours.anything != theirs.anything:
            yield "type", "extra" if ours.anything else "missing", ANY
        return
    for kind in sorted(theirs.kinds - ours.kinds):
        if not (kind == "integer" and "number" in ours.kinds):
            yield "type", "missing", kind
    for kind in sorted(ours.kinds - theirs.kinds):
        if not (kind == "integer" and "number" in theirs.kinds):
            yield "type", "extra", kind


def _value_differences(ours: Facts, theirs: Facts, sides: set[Side]) -> Iterator[tuple[Aspect, Direction, str]]:
    if not ours.values:
        if theirs.values and not theirs.is_open:
            yield "value", "missing", ANY
        return
    if not theirs.values:
        if not ours.is_open and "request" in sides:  # the enums of replies are all open in ours
            yield "value", "extra", ANY
        return
    for value in sorted(theirs.values - ours.values):
        yield "value", "missing", value
    if not theirs.is_open:
        for value in sorted(ours.values - theirs.values):
            yield "value", "extra", value
