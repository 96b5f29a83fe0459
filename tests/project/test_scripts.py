"""The examples, and the scripts of `tests/typing` that the checkers take without an error, also run."""

from __future__ import annotations

import io
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.project.loopback import loopback_providers
from twinwire.testing import AfterEvents, Close, Reply, Status, ToolCall

if TYPE_CHECKING:
    from twinwire.testing import Answer

ROOT = Path(__file__).parents[2]
TYPING = sorted(path for path in (ROOT / "tests" / "typing").glob("*.py") if path.stem != "__init__")
SCRIPTS = {f"{path.parent.name}/{path.stem}": path for path in [*TYPING, *sorted((ROOT / "examples").glob("*.py"))]}

ANSWERS: dict[str, list[Answer]] = {
    "examples/conversation": [Status(404), Reply("Rome.")],
    "examples/tools": [Reply(tool_calls=[ToolCall("multiply", {"left": 3, "right": 4})]), Reply("It is twelve.")],
    "typing/migrated": [
        *[Reply()] * 5,
        Reply(tool_calls=[ToolCall("get_weather", {"location": "Paris"})]),
        Reply(tool_calls=[ToolCall("get_weather", {"location": "Paris"})]),
        Reply("It has 14 degrees."),
    ],
    "typing/fields": [Reply(tool_calls=[ToolCall("add", {"a": 1, "b": 2})]), Reply("Three.")],
    "typing/tool_loop": [
        Reply(tool_calls=[ToolCall("get_weather", {"city": "Berlin"})]),
        Reply("It is warm in Berlin."),
        Reply(tool_calls=[ToolCall("get_weather", {"city": "Rome"})]),
    ],
    "typing/errors": [
        Status(404, code="model_not_found"),
        Status(429, retry_after=7),
        Status(400, code="context_length_exceeded"),
        Reply("One two three", faults=[Close(at=AfterEvents(2))]),
    ],
}

PRINTED = {
    "examples/conversation": "NotFoundError: openai answered 404: Not Found\n> Rome.\n> ",
    "examples/many_at_once": "river: One rhyme for river.\nanvil: One rhyme for anvil.",
    "examples/tools": "It is twelve.\n0.",
    "typing/budgets": "3 budgets, 2 calls, 1 refused\n1\n",
    "typing/costs": "128000 packaged, ",
    "typing/conversation": "Who are you? Since when?",
    "typing/errors": "no such model: gpt-4o-mini (404, model_not_found) try again in 7 s; 1 attempts the prompt is too long\n"
    "the answer was cut",
    "typing/fields": "Three.\n",
    "typing/listings": "1 1 16",
    "typing/messages": "Say hello.\n",
    "typing/migrated": '{0: \'{"location":"Paris"}\'}\nIt has 14 degrees.',
    "typing/openrouter": "US dollars, reported",
    "typing/options": "200",
    "typing/streaming": "['stop', 'stop', 'stop']",
    "typing/tool_loop": "It is warm in Berlin.",
}
"""Something of what each writes."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_runs(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each script does what it says against a provider of this machine."""
    monkeypatch.setattr("sys.stdin", io.StringIO("The capital of France?\nOf Italy?\n\n"))
    with loopback_providers(monkeypatch) as providers:
        server = providers.openrouter if name == "examples/tools" else providers.openai
        server.script(*ANSWERS.get(name, ()))
        runpy.run_path(str(SCRIPTS[name]), run_name="__main__")
        remaining = server.remaining

    assert remaining == 0
    assert PRINTED[name] in capsys.readouterr().out


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_ignores_nothing(name: str) -> None:
    """No script needs to silence a checker, or to give up a type."""
    text = SCRIPTS[name].read_text(encoding="utf-8")

    assert not [word for word in ("type: ignore", "pyright:", "Any", "cast(") if word in text]
