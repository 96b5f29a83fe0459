"""What is judged of operations: names, bodies, parameters, and for which providers anything is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codegen.client_options import ARGUMENTS_OF_ITS_OWN
from codegen.document import is_array
from codegen.load import ROOT_FILE, reference_name, references_in
from codegen.problems import Problem
from codegen.walk import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.document import JsonObject
    from codegen.load import Operation, Spec

Found = tuple[str, str]
"""What is wrong, and the remedy."""

EXTENSIONS = frozenset({"x-group", "x-method", "x-providers", "x-reply", "x-stream"})


def operation_problems(spec: Spec) -> Iterator[Problem]:
    """What is wrong with the operations of *spec*."""
    for operation in spec.operations:
        for found in (*_said(operation), *_bodies(operation, spec), *_parameters(operation)):
            yield Problem(ROOT_FILE, operation.place, *found)
    yield from _unique(spec)


def provider_problems(spec: Spec) -> Iterator[Problem]:
    """Where the spec names a provider that it does not describe, or all of them."""
    marked: list[tuple[str, str, JsonObject]] = [(node.file, node.place, node.schema) for node in nodes(spec)]
    for operation in spec.operations:
        marked.append((ROOT_FILE, operation.place, operation.raw))
        marked += [
            (ROOT_FILE, f"{operation.place}.{parameter.get('name')}", parameter)
            for parameter in operation.raw.get("parameters", ())
        ]
    for file, place, node in marked:
        if "x-providers" in node:
            yield from (Problem(file, place, *found) for found in _providers(node["x-providers"], spec))


def _providers(providers: object, spec: Spec) -> Iterator[Found]:
    known = ", ".join(sorted(spec.clients))
    named: set[object] = set(providers) if is_array(providers) else set()
    if not named or named - set(spec.clients):
        yield f"x-providers {providers!r} names none or an unknown provider", f"write a list of some of {known}"
    elif named == set(spec.clients):
        yield "x-providers names all providers", "leave it out, which means the same"


def _said(operation: Operation) -> Iterator[Found]:
    for name, text in (("operationId", operation.id), ("summary", operation.summary)):
        if not text:
            yield f"it has no {name}", "write one"
    if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", operation.group):
        yield f"x-group {operation.group!r} is no place on a client", "write names joined by dots: `chat.completions`"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", operation.method_name):
        yield f"x-method {operation.method_name!r} is no method name", "write a name such as `create`"
    for name in operation.raw:
        if name.startswith("x-") and name not in EXTENSIONS:
            yield f"the extension {name} is unknown", f"write one of {', '.join(sorted(EXTENSIONS))}"


def _bodies(operation: Operation, spec: Spec) -> Iterator[Found]:
    if "requestBody" in operation.raw and operation.body is None:
        yield "the request body is no reference in application/json", "name its schema and refer to it"
    users = [name for name, schema in spec.schemas.items() if operation.body in {*references_in(schema.body)}]
    if users:
        yield (
            f"{users[0]} refers to the request body, which has no type of its own",
            "move what they share to another schema",
        )
    if operation.reply is None:
        yield "the 200 reply is no reference in application/json", "name its schema and refer to it"
    for extension, name in (("x-reply", operation.reply), ("x-stream", operation.stream)):
        if name is not None and name not in spec.schemas:
            yield f"{extension} names {name!r}, which is no schema", "correct the name"
    derived = operation.raw.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
    if "x-reply" in operation.raw and reference_name(derived.get("schema", {})) == operation.reply:
        yield "x-reply repeats the reference of the reply", "leave it out"


def _parameters(operation: Operation) -> Iterator[Found]:
    in_path = set(re.findall(r"\{([^}]*)\}", operation.path))
    described = {parameter.name for parameter in operation.parameters if parameter.location == "path"}
    for name in sorted(in_path ^ described):
        yield f"the path parameter {name!r} is in the path or described, not both", "make them agree"
    for parameter in operation.parameters:
        if parameter.location != "header" and parameter.name in ARGUMENTS_OF_ITS_OWN:
            yield f"the parameter {parameter.name!r} is called as an option of each call", "leave it to extra_query"
        if not parameter.description:
            yield f"the parameter {parameter.name!r} has no description", "write one"


def _unique(spec: Spec) -> Iterator[Problem]:
    ids: dict[str, str] = {}
    methods: dict[tuple[str, str], str] = {}
    for operation in spec.operations:
        first = ids.setdefault(operation.id, operation.place)
        if first != operation.place:
            yield Problem(ROOT_FILE, operation.place, f"it has the operationId of {first}", "give it another")
        method = f"{operation.group}.{operation.method_name}"
        for provider in operation.providers or spec.clients:
            first = methods.setdefault((provider, method), operation.place)
            if first != operation.place:
                yield Problem(
                    ROOT_FILE, operation.place, f"{provider} has {method} from {first} too", "change x-method"
                )
