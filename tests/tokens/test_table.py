"""The table beside other formulas: it can be printed, and the peer's formula is the published one."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.tokens.cookbook import cookbook_tokens
from tests.tokens.test_count import COOKBOOK
from twinwire._io import vocabulary

if TYPE_CHECKING:
    from pathlib import Path

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    },
}


def test_cookbook_is_the_published_formula() -> None:
    """Source: the cookbook's own outputs for gpt-4o: 124 for its messages, 101 for its example with a tool."""
    loaded = vocabulary.load("o200k_base")
    assert loaded is not None
    asked = [
        {"role": "system", "content": "You are a helpful assistant that can answer to questions about the weather."},
        {"role": "user", "content": "What's the weather like in San Francisco?"},
    ]

    assert cookbook_tokens({"messages": COOKBOOK}, loaded.count, is_new=True) == 124
    assert cookbook_tokens({"messages": asked, "tools": [WEATHER]}, loaded.count, is_new=True) == 101


def test_table_is_printed(tmp_path: Path) -> None:
    """From a file of reported counts."""
    rows = [
        {
            "model": "gpt-4o",
            "kind": "text",
            "prompt_tokens": 9,
            "request": {"messages": [{"role": "user", "content": "hello world"}]},
        },
        {
            "model": "gpt-4o",
            "kind": "text",
            "prompt_tokens": 8,
            "request": {"messages": [{"role": "user", "content": "hello world"}]},
        },
    ]
    (tmp_path / "rows.json").write_text(json.dumps({"vectors": rows}), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.tokens", str(tmp_path / "rows.json")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert "gpt-4o, text" in ran.stdout
    assert "50.0%" in ran.stdout


def test_missing_file_is_said(tmp_path: Path) -> None:
    """With a status of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.tokens", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 2
    assert "no reported counts" in ran.stderr
