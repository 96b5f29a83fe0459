"""
From the operations of the spec to the source of `twinwire.clients`: four client classes out of one template.

This file decides what each class has, and in which words; the template lays it out. Both flavours are written from the same
records, so that they cannot differ in names, parameters or defaults.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.annotations import Annotations
from codegen.check_tables import check_tables
from codegen.client_options import CLIENT_OPTIONS, TYPE_IMPORTS, Option
from codegen.client_records import (
    FLAVOURS,
    Argument,
    Client,
    Flavour,
    Method,
    OperationRecord,
    Resource,
    with_unset,
)
from codegen.describe import description
from codegen.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from codegen.annotations import Annotation
    from codegen.document import JsonObject
    from codegen.load import Operation, Spec

FOLDER: Final = "src/twinwire/clients"
TEMPLATES: Final = Path(__file__).parent / "templates"
_WIDTH = 112


def render(spec: Spec) -> dict[str, str]:
    """Return the modules of `twinwire.clients`, not formatted, by their path in the project."""
    environment = Environment(  # noqa: S701 - Python source, not HTML
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    constants = {constant_name(operation): operation for operation in spec.operations}
    clients = [_client(spec, provider) for provider in sorted(spec.clients)]
    files: dict[str, str] = {}
    for client in clients:
        for flavour in FLAVOURS:
            files[f"{FOLDER}/{module_name(client, flavour)}.py"] = environment.get_template("clients.jinja2").render(
                client=client,
                flavour=flavour,
                imports=_imports(client, flavour),
                docstring=docstring,
                paragraph=paragraph,
                with_unset=with_unset,
            )
    operations = environment.get_template("client_operations.jinja2")
    files[f"{FOLDER}/_operations.py"] = operations.render(records=_operation_records(spec, constants))
    files[f"{FOLDER}/_checks.py"] = environment.get_template("client_checks.jinja2").render(
        tables=check_tables(spec, constants)
    )
    homes = {
        f"{flavour.prefix}{client.class_name}": module_name(client, flavour)
        for client in clients
        for flavour in FLAVOURS
    }
    files[f"{FOLDER}/__init__.py"] = environment.get_template("client_package.jinja2").render(
        homes=dict(sorted(homes.items()))
    )
    return files


def module_name(client: Client, flavour: Flavour) -> str:
    """Return the name of the module that holds one class: `async_openai`."""
    return f"async_{client.provider}" if flavour.is_async else client.provider


def constant_name(operation: Operation) -> str:
    """Return the name of an operation's constant: `CHAT_COMPLETIONS_CREATE`."""
    return f"{operation.group}.{operation.method_name}".replace(".", "_").upper()


def docstring(entries: Iterable[tuple[str, str]], indent: int) -> str:
    """Return *entries* (name, description) as the lines of an `Args:` section, wrapped."""
    lines: list[str] = []
    for name, text in entries:
        wrapped = textwrap.wrap(
            f"{name}: {' '.join(text.split())}",
            _WIDTH - indent,
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapped
    return textwrap.indent("\n".join(lines), " " * indent).lstrip()


def paragraph(text: str, indent: int) -> str:
    """Return *text* wrapped as a paragraph of a docstring."""
    wrapped = textwrap.fill(" ".join(text.split()), _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return textwrap.indent(wrapped, " " * indent).lstrip()


def _client(spec: Spec, provider: str) -> Client:
    outline = Outline(spec.document, provider)
    own: JsonObject = spec.clients[provider]
    root = Resource(path=())
    methods = _Methods(spec, outline)
    for operation in spec.operations:
        if outline.has(operation.raw):
            _resource(root, operation.group).methods.append(methods.method(operation))
    own_options = tuple(
        Option(name=name, type="str | None", doc=option["description"])
        for name, option in own.get("options", {}).items()
    )
    facts = {
        "api_key_env": own["key_variable"],
        "base_url": _base_url(spec, outline),
        "base_url_env_text": f"the environment variable `{own['base_url_variable']}`, then "
        if "base_url_variable" in own
        else "",
    }
    common = [
        Option(
            name=option.name,
            type=option.type,
            default=option.default,
            doc=option.doc.format(**facts),
            async_type=option.async_type,
        )
        for option in CLIENT_OPTIONS
    ]
    return Client(
        provider=provider,
        class_name=own["class"],
        description=own["description"],
        options=(common[0], *own_options, *common[1:]),
        own_options=tuple(option.name for option in own_options),
        root=root,
        imports=frozenset(methods.imports),
    )


def _base_url(spec: Spec, outline: Outline) -> str:
    urls: list[str] = [server["url"] for server in spec.document["servers"] if outline.has(server)]
    return urls[0]


def _resource(root: Resource, group: str) -> Resource:
    resource = root
    for step in group.split("."):
        resource = resource.children.setdefault(step, Resource(path=(*resource.path, step)))
    return resource


class _Methods:
    """Makes methods of operations, and collects what their types import."""

    def __init__(self, spec: Spec, outline: Outline) -> None:
        self._spec = spec
        self._outline = outline
        self._annotations = Annotations(spec)
        self.imports: set[tuple[str, str]] = set()

    def method(self, operation: Operation) -> Method:
        arguments = [*self._parameters(operation), *self._members(operation)]
        return Method(
            name=operation.method_name,
            constant=constant_name(operation),
            summary=operation.summary,
            description=operation.description,
            source=f"`{operation.place}`, the operation `{operation.id}` of `spec/twinwire.yaml`.",
            arguments=tuple(
                sorted(arguments, key=lambda argument: (not argument.is_positional, not argument.is_required))
            ),
            reply=self._named(str(operation.reply)),
            event=self._named(operation.stream) if operation.stream else None,
            has_body=operation.body is not None,
        )

    def _parameters(self, operation: Operation) -> Iterator[Argument]:
        for parameter in operation.parameters:
            if parameter.location != "header" and self._serves(parameter.providers, parameter.schema):
                yield Argument(
                    name=parameter.name,
                    wire=parameter.name,
                    type=self._type(parameter.schema),
                    is_required=parameter.required,
                    is_positional=parameter.location == "path",
                    doc=parameter.description,
                )

    def _members(self, operation: Operation) -> Iterator[Argument]:
        if operation.body is None:
            return
        body = self._spec.schemas[operation.body].body
        for name, schema in body["properties"].items():
            if self._outline.has(schema):
                # Who has an argument is said by its being there.
                words = {key: value for key, value in schema.items() if key != "x-providers"}
                yield Argument(
                    name=schema.get("x-python-name", name),
                    wire=name,
                    type=self._type(schema),
                    is_required=name in body.get("required", ()),
                    is_positional=False,
                    doc=description(words),
                )

    def _serves(self, providers: tuple[str, ...] | None, schema: JsonObject) -> bool:
        return (providers is None or self._outline.provider in providers) and self._outline.has(schema)

    def _type(self, schema: JsonObject) -> str:
        takes_replies: list[str] = schema.get("x-takes-replies", [])
        if not takes_replies:
            return self._noted(self._annotations.annotation(schema, "request", takes_mappings=True))
        items = self._noted(self._annotations.annotation(schema["items"], "request", takes_mappings=True))
        replies = [self._noted(self._annotations.named(name, "reply")) for name in takes_replies]
        return f"Sequence[{' | '.join([items, *replies])}]"

    def _named(self, name: str) -> str:
        return self._noted(self._annotations.named(name, "reply"))

    def _noted(self, annotation: Annotation) -> str:
        self.imports |= annotation.imports
        return annotation.text


def _imports(client: Client, flavour: Flavour) -> dict[str, list[str]]:
    """Return the names that annotations need, by module; the formatter takes out what a module does not use."""
    pairs = {
        *client.imports,
        *TYPE_IMPORTS,
        (flavour.streams_module, f"{flavour.prefix}ChatStream"),
        (flavour.streams_module, f"{flavour.prefix}Stream"),
        ("twinwire._client.raw", "RawResponse"),
    } - {("typing", "Literal")}  # the overloads need it at run time
    modules = sorted({module for module, _ in pairs})
    return {module: sorted(name for home, name in pairs if home == module) for module in modules}


def _operation_records(spec: Spec, constants: Mapping[str, Operation]) -> list[OperationRecord]:
    annotations = Annotations(spec)

    def names(operation: Operation, location: str) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in operation.parameters if parameter.location == location)

    return [
        OperationRecord(
            constant=constant,
            name=f"{operation.group}.{operation.method_name}",
            method=operation.method,
            path=operation.path,
            path_params=names(operation, "path"),
            query_params=names(operation, "query"),
            body_params=tuple(spec.schemas[operation.body].body["properties"]) if operation.body else (),
            reply=annotations.named(str(operation.reply), "reply"),
            event=annotations.named(operation.stream, "reply") if operation.stream else None,
        )
        for constant, operation in sorted(constants.items())
    ]
