"""The recorded exchanges, where they are at hand: reference data beside the project, of which nothing is copied into it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

FOLDER = Path(__file__).parents[3] / "shared" / "recordings"
ENDPOINTS = {"chat.completions", "embeddings", "models"}

HOSTS = {
    "openai": "api.openai.com",
    "openrouter": "openrouter.ai",
    "groq": "api.groq.com",
    "mistral": "api.mistral.ai",
    "deepseek": "api.deepseek.com",
    "xai": "api.x.ai",
    "together": "api.together.xyz",
    "perplexity": "api.perplexity.ai",
    "cerebras": "api.cerebras.ai",
}
"""Providers with a module of their own; all others are served by the one for compatible servers."""


@frozen(kw_only=True)
class Recording:
    """One exchange."""

    id: str
    provider: str
    endpoint: str
    status: int
    is_stream: bool
    tags: frozenset[str]
    asked: dict[str, Any]
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    pieces: tuple[int, ...]

    @property
    def group(self) -> str:
        """Recordings of one group are tested together."""
        return f"{self.provider}-{self.id.split('-')[-3]}-{self.id.split('-')[-2]}"

    @property
    def host(self) -> str:
        """A host by which the client knows whose server it talks to."""
        return HOSTS.get(self.provider, f"{self.provider}.example")

    @property
    def wants_stream(self) -> bool:
        """Whether the call asks for a stream; some that did were answered by an error as JSON."""
        return self.is_stream or "error_for_stream_request" in self.tags

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    def chunks(self) -> list[dict[str, Any]]:
        """What the events of a stream hold, up to `[DONE]`, read in the plainest way."""
        lines = [line.removeprefix("data:").strip() for line in self.body.decode().splitlines() if line[:5] == "data:"]
        return [json.loads(line) for line in lines if line != "[DONE]"]


@cache
def recordings() -> tuple[Recording, ...]:
    """All exchanges of the endpoints that the clients have; none where the data is absent."""
    index = FOLDER / "index.jsonl"
    if not index.exists():
        return ()
    entries = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    return tuple(_read(entry) for entry in entries if entry["endpoint"] in ENDPOINTS)


def _read(entry: dict[str, Any]) -> Recording:
    exchange = json.loads((FOLDER / entry["file"]).read_text(encoding="utf-8"))
    request, response = exchange["request"], exchange["response"]
    return Recording(
        id=entry["id"],
        provider=entry["provider"],
        endpoint=entry["endpoint"],
        status=entry["status"],
        is_stream=entry["is_stream"],
        tags=frozenset(entry["tags"]),
        asked=request["body"] if isinstance(request["body"], dict) else {},
        path=request["path"],
        headers=tuple((name, value) for name, value in response["headers"]),
        body=response["body"].encode(),
        pieces=tuple(response.get("chunk_sizes") or ()),
    )
