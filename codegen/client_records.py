"""What the templates of the clients are filled with: flavours, classes, methods and arguments, in the words of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import field, frozen, mutable

from codegen.client_options import CALL_OPTIONS, STREAM_OPTIONS, UNSET, Option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.annotations import Annotation

STREAM: Final = "stream"
_EXTRA_BODY = "extra_body"


@frozen(kw_only=True)
class Flavour:
    """Plain or awaited."""

    prefix: str
    """Before names of classes."""
    is_async: bool

    @property
    def keyword(self) -> str:
        return "async " if self.is_async else ""

    @property
    def awaits(self) -> str:
        return "await " if self.is_async else ""

    @property
    def base(self) -> str:
        return "AsyncClient" if self.is_async else "SyncClient"

    @property
    def base_module(self) -> str:
        return "twinwire._client.async_base" if self.is_async else "twinwire._client.base"

    @property
    def streams_module(self) -> str:
        return "twinwire._client.async_streams" if self.is_async else "twinwire._client.streams"


FLAVOURS: Final = (Flavour(prefix="", is_async=False), Flavour(prefix="Async", is_async=True))


@frozen(kw_only=True)
class Argument:
    """One argument of a method."""

    name: str
    """In Python."""
    wire: str
    """In the request."""
    type: str
    is_required: bool
    is_positional: bool
    doc: str

    @property
    def declared(self) -> str:
        return f"{self.name}: {self.type}" if self.is_required else f"{self.name}: {with_unset(self.type)} = {UNSET}"


@frozen(kw_only=True)
class Method:
    """One operation as a method."""

    name: str
    constant: str
    summary: str
    description: str
    source: str
    arguments: tuple[Argument, ...]
    reply: str
    event: str | None
    has_body: bool

    @property
    def call_options(self) -> tuple[Option, ...]:
        """Return the options that one call may have; where no body is sent there is nothing to add to."""
        return tuple(option for option in CALL_OPTIONS if self.has_body or option.name != _EXTRA_BODY)

    @property
    def stream_options(self) -> tuple[Option, ...]:
        """Return the options of the method that always streams."""
        return (*self.call_options, *STREAM_OPTIONS)

    def documented(self, without_stream: bool) -> list[tuple[str, str]]:
        """Return the names and descriptions of all arguments, without `stream` for the method that always streams."""
        own = [(argument.name, argument.doc) for argument in self.arguments]
        entries = [(name, text) for name, text in own if not (without_stream and name == STREAM)]
        options = self.stream_options if without_stream else self.call_options
        return [*entries, *((option.name, option.doc) for option in options)]

    @property
    def positional(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if argument.is_positional)

    @property
    def keywords(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if not argument.is_positional)


@mutable(kw_only=True)
class Resource:
    """A group of methods: `client.chat.completions`."""

    path: tuple[str, ...]
    methods: list[Method] = field(factory=list[Method])
    children: dict[str, Resource] = field(factory=dict[str, "Resource"])

    @property
    def class_name(self) -> str:
        return "".join(word.capitalize() for step in self.path for word in step.split("_"))

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    @property
    def about(self) -> str:
        """What can be reached through it, by name."""
        names = [child.path[-1] for child in self.children.values()]
        for method in self.methods:
            names += [f"{method.name}()", *([f"{STREAM}()"] if method.event else [])]
        return f"Has {', '.join(f'`{name}`' for name in names)}."

    def within(self) -> Iterator[Resource]:
        """Yield the groups below and then this one."""
        for child in self.children.values():
            yield from child.within()
        yield self


@frozen(kw_only=True)
class Client:
    """One provider's pair of classes."""

    provider: str
    class_name: str
    description: str
    options: tuple[Option, ...]
    own_options: tuple[str, ...]
    root: Resource
    imports: frozenset[tuple[str, str]]

    @property
    def resources(self) -> list[Resource]:
        """All groups, each after those below it."""
        return [resource for resource in self.root.within() if resource.path]

    def documented_options(self) -> list[tuple[str, str]]:
        return [(option.name, option.doc) for option in self.options]

    @property
    def constants(self) -> list[str]:
        return sorted({method.constant for resource in self.resources for method in resource.methods})


@frozen(kw_only=True)
class OperationRecord:
    """What `_operations.py` says of one operation."""

    constant: str
    name: str
    method: str
    path: str
    path_params: tuple[str, ...]
    query_params: tuple[str, ...]
    body_params: tuple[str, ...]
    reply: Annotation
    event: Annotation | None

    @property
    def annotations(self) -> list[tuple[str, str]]:
        return [pair for found in (self.reply, self.event) if found is not None for pair in found.imports]

    @staticmethod
    def reference(annotation: Annotation) -> str:
        (module, name), *_ = annotation.imports
        return f"{module}:{name}"


def with_unset(annotation: str) -> str:
    """Return the type of an argument that may be left out; None stays last."""
    if "Unset" in annotation.split(" | "):
        return annotation
    if annotation.endswith(" | None"):
        return f"{annotation.removesuffix(' | None')} | Unset | None"
    return f"{annotation} | Unset"
