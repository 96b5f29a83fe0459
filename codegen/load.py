"""
From the files of `spec/` to one `Spec`: every schema by name, every operation as a record, one bundled OpenAPI document.

References between files (`messages.yaml#/Name`) become references within the bundle (`#/components/schemas/Name`), and each
schema learns its sides: whether a request, a reply or both can hold it.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from codegen.document import JsonObject, is_array, is_object, read_document
from codegen.problems import Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Side: TypeAlias = Literal["request", "reply"]

ROOT_FILE = "spec/twinwire.yaml"
SCHEMAS_FOLDER = "spec/schemas"
SCHEMA_PREFIX = "#/components/schemas/"
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@frozen(kw_only=True)
class Schema:
    """One named schema."""

    name: str
    topic: str
    """The file it stands in, and the module of `twinwire.types` it goes to."""
    body: JsonObject
    """The JSON schema, with references as `#/components/schemas/Name`."""
    sides: frozenset[Side] = frozenset()
    """Where it can occur; empty when no operation reaches it."""

    @property
    def file(self) -> str:
        return f"{SCHEMAS_FOLDER}/{self.topic}.yaml"


@frozen(kw_only=True)
class Parameter:
    """One path, query or header parameter of an operation."""

    name: str
    location: str
    required: bool
    schema: JsonObject
    description: str
    providers: tuple[str, ...] | None
    """None: all providers have it."""


@frozen(kw_only=True)
class Operation:
    """One call of the API."""

    method: str
    """In upper case: `POST`."""
    path: str
    id: str
    group: str
    """Where the method stands on a client: `chat.completions`; empty for the client itself."""
    method_name: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: str | None
    """The name of the schema of the JSON request body."""
    reply: str | None
    """The name of the schema of the 200 reply."""
    stream: str | None
    """The name of the schema of one stream event."""
    providers: tuple[str, ...] | None
    """None: all providers have it."""
    deprecated: bool
    raw: JsonObject = field(repr=False)
    """As the spec has it, references normalised."""

    @property
    def place(self) -> str:
        return f"{self.method} {self.path}"


@frozen(kw_only=True)
class Spec:
    """The whole contract."""

    operations: tuple[Operation, ...]
    """In the order of the spec."""
    schemas: dict[str, Schema]
    """By name; topics in alphabetical order, within one the order of the file."""
    clients: JsonObject
    """The `x-clients` of the root."""
    document: JsonObject = field(repr=False)
    """One OpenAPI document with everything in it."""


def load(root: Path) -> Spec:
    """
    Read the spec of the project at *root* (the folder that holds `spec/`).

    Raises:
        SpecError: a file is missing or is not YAML, a name stands in two topics, or a reference leads nowhere.
    """
    document = read_document(root / ROOT_FILE, ROOT_FILE)
    topics = {
        path.stem: read_document(path, f"{SCHEMAS_FOLDER}/{path.name}")
        for path in sorted((root / SCHEMAS_FOLDER).glob("*.yaml"))
    }
    problems = list(_duplicates(topics))
    references = _References(topics, document)
    document = references.normalised(document, ROOT_FILE, ())
    schemas = {
        name: Schema(
            name=name, topic=topic, body=references.normalised(body, f"{SCHEMAS_FOLDER}/{topic}.yaml", (name,))
        )
        for topic, bodies in topics.items()
        for name, body in bodies.items()
    }
    problems += references.problems
    if problems:
        raise SpecError(problems)
    components = document.setdefault("components", {})
    components["schemas"] = {name: schema.body for name, schema in schemas.items()}
    operations = tuple(_operations(document))
    return Spec(
        operations=operations,
        schemas=_with_sides(schemas, operations, document),
        clients=document.get("x-clients", {}),
        document=document,
    )


def reference_name(schema: Mapping[str, Any]) -> str | None:
    """The name of the schema that *schema* is a reference to, or None if it is none."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(SCHEMA_PREFIX):
        return reference.removeprefix(SCHEMA_PREFIX)
    return None


def references_in(node: object) -> Iterator[str]:
    """The names of the schemas that *node* refers to, at any depth, in order and as often as they occur."""
    if is_object(node):
        name = reference_name(node)
        if name is not None:
            yield name
        for key, value in node.items():
            if key not in {"example", "examples", "discriminator"}:
                yield from references_in(value)
    elif is_array(node):
        for item in node:
            yield from references_in(item)


def _duplicates(topics: Mapping[str, JsonObject]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for topic, schemas in topics.items():
        for name in schemas:
            if name in seen:
                file = f"{SCHEMAS_FOLDER}/{topic}.yaml"
                yield Problem(file, name, f"{seen[name]}.yaml has a schema of this name too", "rename one of them")
            seen.setdefault(name, topic)


class _References:
    """Rewrites references to within the bundle, and collects those that lead nowhere."""

    def __init__(self, topics: Mapping[str, JsonObject], root: JsonObject) -> None:
        self._known = {f"{SCHEMAS_FOLDER}/{topic}.yaml": schemas for topic, schemas in topics.items()}
        self._root = root
        self.problems: list[Problem] = []

    def normalised(self, node: Any, file: str, place: tuple[str, ...]) -> Any:
        """A copy of *node*, which stands at *place* of *file*."""
        if is_array(node):
            return [self.normalised(item, file, (*place, str(index))) for index, item in enumerate(node)]
        if not is_object(node):
            return node
        copy: JsonObject = {}
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                copy[key] = self._target(value, file, place)
            elif key == "mapping" and place and place[-1] == "discriminator":
                copy[key] = {tag: self._target(target, file, (*place, key, tag)) for tag, target in value.items()}
            elif key in {"example", "examples", "enum", "const", "default"}:
                copy[key] = value
            else:
                copy[key] = self.normalised(value, file, (*place, key))
        return copy

    def _target(self, reference: str, file: str, place: tuple[str, ...]) -> str:
        path, _, pointer = reference.partition("#/")
        target = str(PurePosixPath(file).parent / path) if path else file
        if target == ROOT_FILE and self._in_root(pointer):
            return reference
        if pointer in self._known.get(target, {}):
            return SCHEMA_PREFIX + pointer
        remedy = "write `topic.yaml#/Name` (from the root: `schemas/topic.yaml#/Name`) of a schema that exists"
        self.problems.append(Problem(file, ".".join(place), f"the reference {reference!r} leads nowhere", remedy))
        return reference

    def _in_root(self, pointer: str) -> bool:
        node: Any = self._root
        for step in pointer.split("/"):
            if not is_object(node) or step not in node:
                return False
            node = node[step]
        return True


def _operations(document: JsonObject) -> Iterator[Operation]:
    for path, item in document.get("paths", {}).items():
        for verb in VERBS:
            if verb in item:
                raw: JsonObject = item[verb]
                parameters = (*item.get("parameters", ()), *raw.get("parameters", ()))
                yield _operation(document, verb.upper(), path, raw, parameters)


def _operation(
    document: JsonObject, method: str, path: str, raw: JsonObject, parameters: Iterable[JsonObject]
) -> Operation:
    responses = raw.get("responses", {})
    content = responses.get("200", {}).get("content", {})
    return Operation(
        method=method,
        path=path,
        id=raw.get("operationId", ""),
        group=raw.get("x-group", ""),
        method_name=raw.get("x-method", ""),
        summary=raw.get("summary", ""),
        description=raw.get("description", ""),
        parameters=tuple(_parameter(document, parameter) for parameter in parameters),
        body=_content_name(raw.get("requestBody", {}).get("content", {}), "application/json"),
        reply=raw.get("x-reply") or _content_name(content, "application/json"),
        stream=raw.get("x-stream") or _content_name(content, "text/event-stream"),
        providers=providers_of(raw),
        deprecated=bool(raw.get("deprecated", False)),
        raw=raw,
    )


def _parameter(document: JsonObject, parameter: JsonObject) -> Parameter:
    parameter = _resolved(document, parameter)
    return Parameter(
        name=parameter["name"],
        location=parameter["in"],
        required=bool(parameter.get("required", False)),
        schema=parameter.get("schema", {}),
        description=parameter.get("description", ""),
        providers=providers_of(parameter),
    )


def _resolved(document: JsonObject, node: JsonObject) -> JsonObject:
    """*node*, or what it refers to among the root's own components."""
    if "$ref" not in node:
        return node
    target: JsonObject = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return target


def providers_of(node: JsonObject) -> tuple[str, ...] | None:
    """The providers that have *node*, a schema, property, parameter or operation; None when all have it."""
    providers = node.get("x-providers")
    return None if providers is None else tuple(providers)


def _content_name(content: JsonObject, media_type: str) -> str | None:
    return reference_name(content.get(media_type, {}).get("schema", {}))


def _with_sides(
    schemas: Mapping[str, Schema], operations: Iterable[Operation], document: JsonObject
) -> dict[str, Schema]:
    sides: dict[str, set[Side]] = {name: set() for name in schemas}
    for operation in operations:
        request = [operation.raw.get("requestBody", {}), *(parameter.schema for parameter in operation.parameters)]
        _mark("request", references_in(request), schemas, sides)
        responses = [_resolved(document, response) for response in operation.raw.get("responses", {}).values()]
        named = [name for name in (operation.reply, operation.stream) if name is not None and name in schemas]
        _mark("reply", [*references_in(responses), *named], schemas, sides)
    return {name: evolve(schema, sides=frozenset(sides[name])) for name, schema in schemas.items()}


def _mark(side: Side, names: Iterable[str], schemas: Mapping[str, Schema], sides: dict[str, set[Side]]) -> None:
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if side not in sides[name]:
            sides[name].add(side)
            waiting.extend(references_in(schemas[name].body))
