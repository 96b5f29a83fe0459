"""The fixtures that come with an installed twinwire."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import httpx

from tests.testing.rawclient import HELLO
from twinwire.testing import LoopbackProvider, Reply

if TYPE_CHECKING:
    from twinwire.testing.pytest_plugin import StartLoopback


def test_fixtures(twinwire_openai: LoopbackProvider, twinwire_openrouter: LoopbackProvider) -> None:
    """Both dialects are there, side by side."""
    assert twinwire_openai.base_url.endswith(":" + str(twinwire_openai.port) + "/v1")
    assert twinwire_openrouter.base_url.endswith("/api/v1")


def test_factory(twinwire_loopback: StartLoopback) -> None:
    """Any number of servers with any option."""
    servers = [twinwire_loopback(default=Reply(text)) for text in ("One", "Two")]

    texts = [
        httpx.post(f"{server.base_url}/chat/completions", json=HELLO).json()["choices"][0]["message"]["content"]
        for server in servers
    ]

    assert texts == ["One", "Two"]


def test_plugin_is_light() -> None:
    """Importing it loads neither a client nor the server, no HTTP library and no attrs."""
    script = (
        "import sys, pytest; before = set(sys.modules); import twinwire.testing.pytest_plugin; "
        "heavy = ('twinwire._', 'twinwire.clients', 'twinwire.types', 'attr', 'asyncio', 'h11', 'http', 'ssl'); "
        "loaded = sorted(set(sys.modules) - before - {'twinwire._version'}); "
        "print([name for name in loaded if name.startswith(heavy)], len(loaded))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)

    assert done.stdout == "[] 3\n"
