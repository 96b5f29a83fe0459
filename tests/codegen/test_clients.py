"""The generated clients: both flavours alike, every parameter of the spec, and nothing that costs time."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.client_options import CALL_OPTIONS, CLIENT_OPTIONS, STREAM_OPTIONS
from codegen.client_records import with_unset
from codegen.clients import docstring, render
from codegen.generate import generated
from codegen.load import load
from codegen.outline import Outline
from tests.codegen.project import ASK_YAML, ROOT_YAML, write_project
from twinwire import clients, providers
from twinwire._client.settings import Settings
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SPEC = load(ROOT)
PROVIDERS = sorted(SPEC.clients)
CALL_OPTION_NAMES = [option.name for option in CALL_OPTIONS]
STREAM_OPTION_NAMES = [*CALL_OPTION_NAMES, *(option.name for option in STREAM_OPTIONS)]
STREAM_METHOD = "stream"


class Calls:
    """Takes the place of the handwritten half, and remembers what it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, client: object) -> None:
        self.made: list[tuple[str, tuple[object, ...]]] = []
        for name in ("call", "open_chunks", "open_events", "call_raw", "open_chunks_raw"):
            monkeypatch.setattr(client, name, self._recorder(name))

    def _recorder(self, name: str) -> Callable[..., None]:
        def record(*arguments: object) -> None:
            self.made.append((name, arguments))

        return record


def client_class(provider: str, *, is_async: bool) -> type:
    found: type = getattr(clients, f"{'Async' if is_async else ''}{SPEC.clients[provider]['class']}")
    return found


def methods(provider: str, *, is_async: bool) -> dict[str, inspect.Signature]:
    """Every method of a client and of all that it leads to, by its way from the client."""
    return dict(_methods(client_class(provider, is_async=is_async)(api_key="key"), ""))


def _methods(value: object, way: str) -> Iterator[tuple[str, inspect.Signature]]:
    for name, member in vars(type(value)).items():
        if isinstance(member, property):
            yield from _methods(getattr(value, name), f"{way}{name}.")
        elif inspect.isfunction(member) and (not name.startswith("_") or (name == "__init__" and not way)):
            yield f"{way}{name}", inspect.signature(member)


def blocking(annotation: object) -> str:
    """An annotation of the async client as the blocking client has it."""
    text = str(annotation).replace("Callable[[], str] | Callable[[], Awaitable[str]]", "Callable[[], str]")
    return re.sub(r"\bAsync(?=[A-Z])", "", text)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_both_flavours_are_alike(provider: str) -> None:
    """The same methods, with the same parameters, kinds, defaults and types."""
    plain, awaited = methods(provider, is_async=False), methods(provider, is_async=True)

    assert list(plain) == list(awaited)
    for name, signature in plain.items():
        other = awaited[name]
        assert [(p.name, p.kind, p.default) for p in signature.parameters.values()] == [
            (p.name, p.kind, p.default) for p in other.parameters.values()
        ]
        assert [str(p.annotation) for p in signature.parameters.values()] == [
            blocking(p.annotation) for p in other.parameters.values()
        ]
        assert str(signature.return_annotation) == blocking(other.return_annotation)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_method_has_what_the_spec_has(provider: str, is_async: bool) -> None:
    """Every operation of the provider, every parameter of it, no other, each optional where the spec says so."""
    outline = Outline(SPEC.document, provider)
    found = methods(provider, is_async=is_async)
    expected: dict[str, list[str]] = {}
    for operation in SPEC.operations:
        if not outline.has(operation.raw):
            continue
        body = SPEC.schemas[operation.body].body if operation.body else {}
        names = [p["name"] for p in operation.raw.get("parameters", []) if outline.has(p)]
        names += [name for name, schema in body.get("properties", {}).items() if outline.has(schema)]
        required = [p.name for p in operation.parameters if p.required] + body.get("required", [])
        for group in (operation.group, f"{operation.group}.with_raw_response"):
            signature = found[f"{group}.{operation.method_name}"]
            expected[f"{group}.{operation.method_name}"] = names
            assert list(signature.parameters)[1 : 1 + len(required)] == sorted(required, key=names.index)
            options = CALL_OPTION_NAMES if operation.body else [o for o in CALL_OPTION_NAMES if o != "extra_body"]
            assert sorted(signature.parameters) == sorted(["self", *names, *options])
            assert {name: signature.parameters[name].default for name in names} == {
                name: inspect.Parameter.empty if name in required else UNSET for name in names
            }
        if operation.stream:
            signature = found[f"{operation.group}.{STREAM_METHOD}"]
            expected[f"{operation.group}.{STREAM_METHOD}"] = names
            assert sorted(signature.parameters) == sorted({"self", *names, *STREAM_OPTION_NAMES} - {"stream"})

    assert found.keys() - {"__init__", "with_options"} == expected.keys()


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_client_has_every_option(provider: str, is_async: bool) -> None:
    """Constructor and with_options take the common options and the provider's own, all by name."""
    found = methods(provider, is_async=is_async)
    names = sorted(["self", *(option.name for option in CLIENT_OPTIONS), *SPEC.clients[provider]["options"]])

    assert sorted(found["__init__"].parameters) == names
    assert sorted(found["with_options"].parameters) == names
    assert {p.kind for p in list(found["__init__"].parameters.values())[1:]} == {inspect.Parameter.KEYWORD_ONLY}
    assert {p.default for p in list(found["with_options"].parameters.values())[1:]} == {UNSET}


def test_the_handwritten_half_has_the_same_options() -> None:
    """What a client checks is what it takes, and the defaults are the same on both sides."""
    settings = inspect.signature(Settings.__init__).parameters
    taken = inspect.signature(clients.OpenAI.__init__).parameters

    assert settings.keys() - {"self", "class_provider", "provider_options"} == {o.name for o in CLIENT_OPTIONS}
    for option in CLIENT_OPTIONS:
        assert settings[option.name].default == taken[option.name].default


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_documented_environment_is_the_one_read(provider: str) -> None:
    """Docstrings take it from the spec, clients from the provider's module: both say the same."""
    known = providers.by_name(provider)
    own = SPEC.clients[provider]
    urls = [server["url"] for server in SPEC.document["servers"] if provider in server["x-providers"]]

    assert own["key_variable"] == known.key_variable
    assert own.get("base_url_variable") == known.base_url_variable
    assert urls == [known.base_url]
    assert own["key_variable"] in str(vars(client_class(provider, is_async=False))["__init__"].__doc__)


@pytest.mark.parametrize("module", ["openai", "async_openai", "openrouter", "async_openrouter", "_operations"])
def test_importing_a_client_is_cheap(module: str) -> None:
    """None of the heavy modules, and no generated type, is loaded with a client class."""
    heavy = "attrs attr httpx httpcore anyio ssl cattrs tiktoken asyncio twinwire.types twinwire.clients._checks"
    code = f"import sys, twinwire.clients.{module}; print(*sorted(set({heavy.split()!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""


def test_an_argument_reaches_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method hands over all its arguments by their wire names, and the call's own options apart from them."""
    client = clients.OpenAI(api_key="key")
    calls = Calls(monkeypatch, client)
    client.chat.completions.create(model="m", messages=[], temperature=0.5, max_retries=7)
    ((_, (operation, arguments, options)),) = calls.made

    assert operation is CHAT_COMPLETIONS_CREATE
    assert isinstance(arguments, dict)
    assert arguments["temperature"] == 0.5
    assert arguments["top_p"] is UNSET
    assert tuple(name for name in CHAT_COMPLETIONS_CREATE.body_params if name in arguments) == tuple(
        name
        for name in CHAT_COMPLETIONS_CREATE.body_params
        if name in inspect.signature(type(client.chat.completions).create).parameters
    )
    assert getattr(options, "max_retries", None) == 7


@pytest.mark.parametrize(
    ("way", "stream", "called"),
    [
        ("create", UNSET, "call"),
        ("create", False, "call"),
        ("create", None, "call"),
        ("create", True, "open_chunks"),
        ("with_raw_response.create", False, "call_raw"),
        ("with_raw_response.create", True, "open_chunks_raw"),
    ],
)
def test_stream_decides_what_is_called(monkeypatch: pytest.MonkeyPatch, way: str, stream: object, called: str) -> None:
    """A true `stream` opens chunks, anything else reads a whole reply; raw methods keep the HTTP side."""
    client = clients.OpenAI(api_key="key")
    calls = Calls(monkeypatch, client)
    holder: object = client.chat.completions
    *steps, method = way.split(".")
    for step in steps:
        holder = getattr(holder, step)
    getattr(holder, method)(model="m", messages=[], stream=stream)

    assert [name for name, _ in calls.made] == [called]


def test_events_are_opened_without_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """`stream()` leaves it to the client to ask for a stream."""
    client = clients.OpenRouter(api_key="key")
    calls = Calls(monkeypatch, client)
    client.chat.completions.stream(model="m", messages=[], top_k=3)
    ((called, (_, arguments, _)),) = calls.made

    assert called == "open_events"
    assert isinstance(arguments, dict)
    assert "stream" not in arguments
    assert arguments["top_k"] == 3


def test_messages_take_replies() -> None:
    """The spec says which replies an argument takes beside what users write, and rendering is the same each time."""
    first = render(SPEC)
    parameters = inspect.signature(type(clients.OpenAI(api_key="key").chat.completions).create).parameters

    assert first == render(SPEC)
    assert str(parameters["messages"].annotation) == (
        "Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage]"
    )


def test_a_path_parameter_may_stand_without_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with the official SDK: `client.models.retrieve("gpt-4o")`."""
    client = clients.OpenAI(api_key="key")
    calls = Calls(monkeypatch, client)
    client.models.retrieve("gpt-4o")

    assert calls.made[0][1][1] == {"model": "gpt-4o"}


def test_there_is_no_other_client() -> None:
    """The package names its classes, and says so when it is asked for another."""
    assert set(clients.__all__) <= set(dir(clients))
    with pytest.raises(AttributeError, match="no attribute 'Nobody'"):
        _ = clients.Nobody  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue] # that is the point


def test_a_line_in_the_spec_is_a_parameter_everywhere(tmp_path: Path) -> None:
    """One property more is in both flavours' signatures, the body, the docs and the checks."""
    ask = ASK_YAML + "    volume: {type: integer, minimum: 0, description: How loud.}\n"
    root = write_project(tmp_path, ask=ask)
    files = generated(load(root))

    for module in ("openai", "async_openai", "openrouter", "async_openrouter"):
        source = files[f"src/twinwire/clients/{module}.py"]
        assert source.count("volume: int | Unset = UNSET,") == 2
        assert "            volume: How loud.\n" in source
        assert source.count('"volume": volume,') == 2
    assert '"volume",' in files["src/twinwire/clients/_operations.py"]
    assert '"volume": Rule("integer", minimum=0),' in files["src/twinwire/clients/_checks.py"]


@pytest.mark.parametrize("wire", ["class", "timeout", "self"])
def test_a_parameter_may_have_another_name_in_python(tmp_path: Path, wire: str) -> None:
    """A word that no argument can be called is sent as the provider spells it."""
    ask = ASK_YAML.replace(
        "    mood:", f"    {wire}: {{type: string, description: A word., x-python-name: {wire}_}}\n    mood:"
    )
    source = render(load(write_project(tmp_path, ask=ask)))["src/twinwire/clients/openai.py"]
    compile(source, "openai.py", "exec")

    assert f'"{wire}": {wire}_,' in source


def test_a_provider_has_only_what_is_its_own(tmp_path: Path) -> None:
    """`x-providers` takes a property, a parameter and an operation out of the other client."""
    ask = ASK_YAML + "    volume: {type: integer, x-providers: [openai]}\n"
    spec = ROOT_YAML.replace(
        "      parameters:\n",
        "      parameters:\n        - {name: page, in: query, description: Which., x-providers: [openrouter], schema: {type: integer}}\n",
    )
    files = render(load(write_project(tmp_path, ask=ask, spec=spec)))
    one, other = files["src/twinwire/clients/openai.py"], files["src/twinwire/clients/openrouter.py"]

    assert ("volume" in one, "volume" in other) == (True, False)
    assert ("page" in one, "page" in other) == (False, True)


def test_an_operation_of_one_provider_leaves_no_trace_in_the_other(tmp_path: Path) -> None:
    """Neither its group nor its constant is in the other client."""
    spec = ROOT_YAML.replace("      x-method: ask\n", "      x-method: ask\n      x-providers: [openai]\n")
    files = render(load(write_project(tmp_path, spec=spec)))

    assert "QUESTIONS_ASK" in files["src/twinwire/clients/async_openai.py"]
    assert "uestions" not in files["src/twinwire/clients/async_openrouter.py"].lower().replace("questions_ask", "x")


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("int", "int | Unset"),
        ("int | None", "int | Unset | None"),
        ("int | Unset | None", "int | Unset | None"),
        ("int | Unset", "int | Unset"),
        ("Sequence[int | None]", "Sequence[int | None] | Unset"),
    ],
)
def test_none_stays_last(annotation: str, expected: str) -> None:
    """An argument that may be left out is also `Unset`."""
    assert with_unset(annotation) == expected


def test_long_descriptions_hang() -> None:
    """An entry of `Args:` is wrapped below its name."""
    text = docstring([("name", "word " * 40), ("other", "short")], 12)
    first, *middle, last = text.splitlines()

    assert first.startswith("name: word")
    assert all(line.startswith(" " * 16 + "word") for line in middle)
    assert last == " " * 12 + "other: short"
    assert max(map(len, text.splitlines())) <= 112
