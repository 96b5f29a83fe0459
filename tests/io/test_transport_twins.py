"""The awaited half is the blocking half with awaits."""

from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

PAIRS = ["transport", "network", "injected"]

_RENAMED = [
    (r"\basync |\bawait ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\basync_(?=[a-z]+\b)", ""),
    (r"\baclose\b", "close"),
    (r"\baiter\(", "iter("),
    (r"\baiter_raw\b", "iter_raw"),
    (r"\bhandle_async_request\b", "handle_request"),
    (r"\bawaited_engine\b", "blocking_engine"),
]


def normalized(name: str, *, awaited: bool) -> str:
    """Return the code of a module of the room, without docstrings, comments and line breaks."""
    spec = find_spec(f"twinwire._io.{'async_' if awaited else ''}{name}")
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text(encoding="utf-8")
    for pattern, replacement in _RENAMED if awaited else []:
        text = re.sub(pattern, replacement, text)
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.If)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@pytest.mark.parametrize("name", PAIRS)
def test_twins(name: str) -> None:
    """Without `async`, `await` and the `Async` prefix both texts are the same."""
    assert normalized(name, awaited=True) == normalized(name, awaited=False)
