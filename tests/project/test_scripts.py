"""The scripts of `tests/typing`, which the checkers take without an error, also run."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.project.loopback import loopback_providers
from twinwire.testing import AfterEvents, Close, Reply, Status, ToolCall

if TYPE_CHECKING:
    from twinwire.testing import Answer

FOLDER = Path(__file__).parents[1] / "typing"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")

ANSWERS: dict[str, list[Answer]] = {
    "tool_loop": [Reply(tool_calls=[ToolCall("get_weather", {"city": "Berlin"})]), Reply("It is warm in Berlin.")],
    "errors": [
        Status(404, code="model_not_found"),
        Status(429, retry_after=7),
        Status(400, code="context_length_exceeded"),
        Reply("One two three", faults=[Close(at=AfterEvents(2))]),
    ],
}

PRINTED = {
    "conversation": "Who are you? Since when?",
    "errors": "no such model: gpt-4o-mini (404, model_not_found) try again in 7 s; 1 attempts the prompt is too long\n"
    "the answer was cut",
    "listings": "1 1 16",
    "messages": "Say hello.\n",
    "migrated": "How do I check if a Python object is an instance of a class?",
    "openrouter": "US dollars, reported",
    "options": "200",
    "streaming": "['stop', 'stop', 'stop']",
    "tool_loop": "It is warm in Berlin.",
}
"""Something of what each writes."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_runs(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each script does what it says against a provider of this machine."""
    with loopback_providers(monkeypatch) as providers:
        providers.openai.script(*ANSWERS.get(name, ()))
        runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
        remaining = providers.openai.remaining

    assert remaining == 0
    assert PRINTED[name] in capsys.readouterr().out


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_ignores_nothing(name: str) -> None:
    """No script needs to silence a checker, or to give up a type."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")

    assert not [word for word in ("type: ignore", "pyright:", "Any", "cast(") if word in text]
