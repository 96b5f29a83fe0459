"""
How notebooks show a chat reply.

What a model wrote is never taken for markup: as HTML it could run scripts, and as Markdown it could load pictures from a place
that then learns what was said. So HTML shows it escaped, and Markdown in a fence longer than any in it.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from twinwire._model.unknown import UnknownMember
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from twinwire.chat.reply import ChatReply
    from twinwire.types.reply import ChatCompletionMessageToolCall

_TEXT = "white-space: pre-wrap; overflow-wrap: anywhere; margin-bottom: 0.5em"
_CODE = "white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 0.5em 0"
_FACTS = "opacity: 0.7; font-size: smaller"


def to_html(reply: ChatReply) -> str:
    """A block of HTML with escaped text, for light and dark pages."""
    blocks: list[str] = []
    if reply.reasoning:
        thought = f'<div style="{_TEXT}">{escape(reply.reasoning)}</div>'
        blocks.append(f"<details><summary>Reasoning</summary>{thought}</details>")
    if reply.text:
        blocks.append(f'<div style="{_TEXT}">{escape(reply.text)}</div>')
    if reply.refusal:
        blocks.append(f'<div style="{_TEXT}"><em>Refused:</em> {escape(reply.refusal)}</div>')
    blocks += [f'<pre style="{_CODE}"><code>{escape(_call(call))}</code></pre>' for call in reply.tool_calls]
    blocks.append(f'<div style="{_FACTS}">{escape(" · ".join(_facts(reply)))}</div>')
    return f"<div>{''.join(blocks)}</div>"


def to_markdown(reply: ChatReply) -> str:
    """Markdown with what the model wrote in fences."""
    blocks: list[str] = []
    if reply.reasoning:
        blocks += ["**Reasoning**", _fenced(reply.reasoning)]
    if reply.text:
        blocks.append(_fenced(reply.text, "markdown"))
    if reply.refusal:
        blocks += ["**Refused**", _fenced(reply.refusal)]
    blocks += [_fenced(_call(call)) for call in reply.tool_calls]
    blocks.append(_inline(" · ".join(_facts(reply))))
    return "\n\n".join(blocks)


def _facts(reply: ChatReply) -> list[str]:
    facts = [reply.model or "model unknown", reply.finish_reason or "no finish reason"]
    usage = reply.usage
    if usage and (usage.prompt_tokens or usage.completion_tokens):
        facts.append(f"{usage.prompt_tokens or 0} + {usage.completion_tokens or 0} tokens")
    try:
        cost = reply.cost
    except ConfigError:  # a price file cannot be read; whoever looks at an answer has not asked for that
        cost = None
    if cost is not None:
        more = " or more" if cost.possibly_more else ""
        facts.append(f"${cost.usd:f}{more} ({cost.provenance})")
    return facts


def _call(call: ChatCompletionMessageToolCall) -> str:
    from twinwire.types.reply import ChatCompletionMessageCustomToolCall

    if isinstance(call, UnknownMember):
        return call.tag or "unknown tool call"
    if isinstance(call, ChatCompletionMessageCustomToolCall):
        return f"{call.custom.name}({call.custom.input})"
    return f"{call.function.name}({call.function.arguments})"


def _fenced(text: str, language: str = "") -> str:
    fence = "`" * max(3, 1 + _longest_run(text))
    return f"{fence}{language}\n{text}\n{fence}"


def _inline(text: str) -> str:
    text = " ".join(text.split())  # an empty line would end the span
    ticks = "`" * (1 + _longest_run(text))
    return f"{ticks} {text} {ticks}" if "`" in text else f"`{text}`"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
