"""Deltas of tool calls, as scenarios write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from twinwire.testing.scenarios.topics.bodies import choice, chunk, ends, says, stream

if TYPE_CHECKING:
    from twinwire.testing.answers import Exchange

Deltas: TypeAlias = "list[list[Any] | None]"
"""What `tool_calls` is, in each chunk."""

A, B = '{"city": "Aachen"}', '{"n": [1, 2]}'
F, G = ("f", A), ("g", B)
"""The calls that most scenarios make: names and arguments."""
_NOTHING: Any = object()


def call(
    index: Any = _NOTHING, id: Any = _NOTHING, name: Any = _NOTHING, arguments: Any = _NOTHING, **more: Any
) -> dict[str, Any]:
    """One delta; what is not given is not there."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not _NOTHING}
    given = {"index": index, "id": id, **more}
    return {
        **{key: value for key, value in given.items() if value is not _NOTHING},
        **({"function": function} if function else {}),
    }


def calls(deltas: Deltas, finish: str = "tool_calls", text: str | None = None) -> Exchange:
    """A stream of *deltas*, after *text* if there is one."""
    first = [] if text is None else [says(text)]
    return stream(*first, *(chunk(choice(tool_calls=entries)) for entries in deltas), ends(finish))
