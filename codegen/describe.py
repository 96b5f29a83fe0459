"""The words of the spec as text of a docstring."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from codegen.load import providers_of

if TYPE_CHECKING:
    from codegen.document import JsonObject

WIDTH = 112
_LIST_ITEM = re.compile(r"\s*[-*] ")


def description(node: JsonObject) -> str:
    """
    What *node* (a schema, property or parameter) says of itself, wrapped; empty when it says nothing.

    Who has it, and that it is deprecated, stand in paragraphs of their own after the description.
    """
    parts = [str(node.get("description", "")).strip()]
    providers = providers_of(node)
    if providers is not None:
        parts.append(f"Providers: {', '.join(providers)}.")
    if node.get("deprecated"):
        reason = str(node.get("x-deprecated-reason", "")).strip()
        parts.append(f"Deprecated: {reason}" if reason else "Deprecated.")
    return wrapped("\n\n".join(part for part in parts if part))


def wrapped(text: str) -> str:
    """*text* with its paragraphs and list items filled to the width of a docstring."""
    paragraphs = [paragraph for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]
    return "\n\n".join("\n".join(_filled(line) for line in _lines(paragraph)) for paragraph in paragraphs)


def _lines(paragraph: str) -> list[str]:
    """The list items of *paragraph*, each with its continuation lines, or the whole of it."""
    lines: list[str] = []
    for line in paragraph.splitlines():
        if lines and not _LIST_ITEM.match(line):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return lines


def _filled(line: str) -> str:
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent="  " if _LIST_ITEM.match(line) else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
