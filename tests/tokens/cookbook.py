"""
What OpenAI's cookbook counts, to compare with.

Source: "How to count tokens with tiktoken", parts 6 and 7 (github.com/openai/openai-cookbook, MIT), in our own words. It is for messages
of text and for tools whose properties have a type, a description and perhaps an enum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def cookbook_tokens(request: dict[str, Any], count: Callable[[str], int], *, is_new: bool) -> int:
    """Return the prompt tokens by the cookbook's two formulas; *is_new* for the models since gpt-4o."""
    return _messages(request["messages"], count) + _tools(request.get("tools") or [], count, 7 if is_new else 10)


def _messages(messages: list[dict[str, Any]], count: Callable[[str], int]) -> int:
    tokens = 3
    for message in messages:
        tokens += 3 + ("name" in message)
        tokens += sum(count(value) for value in message.values() if isinstance(value, str))
    return tokens


def _tools(tools: list[dict[str, Any]], count: Callable[[str], int], start: int) -> int:
    tokens = 12 if tools else 0
    for tool in tools:
        function: dict[str, Any] = tool.get("function") or {}
        described = f"{function.get('name', '')}:{function.get('description', '').rstrip('.')}"
        tokens += start + count(described)
        parameters: dict[str, Any] = function.get("parameters") or {}
        properties: dict[str, dict[str, Any]] = parameters.get("properties") or {}
        tokens += 3 if properties else 0
        for name, schema in properties.items():
            about = f"{name}:{schema.get('type')}:{schema.get('description', '').rstrip('.')}"
            tokens += 3 + count(about)
            enum: list[object] = schema.get("enum") or []
            tokens += sum(3 + count(str(each)) for each in enum) - (3 if enum else 0)
    return tokens
