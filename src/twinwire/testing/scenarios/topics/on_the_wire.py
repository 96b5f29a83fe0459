"""Bytes of replies, for scenarios in which the server itself writes them wrong."""

from __future__ import annotations

import json

TEXT = "Here."
BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
    },
    separators=(",", ":"),
).encode()
"""An answer."""
LENGTH = b"content-length: %d" % len(BODY)
TYPE = b"content-type: application/json"


def head(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A status line, and header lines as they are given; nothing is added."""
    return b"".join(line + b"\r\n" for line in (status, *lines)) + b"\r\n"


def answer(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A whole reply that says `TEXT`, with further header lines."""
    return head(TYPE, LENGTH, *lines, status=status) + BODY


def chunked(*lines: bytes, end: bytes = b"0\r\n\r\n", extension: bytes = b"") -> bytes:
    """The same, in two chunks."""
    half = len(BODY) // 2
    chunks = [b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in (BODY[:half], BODY[half:])]
    return head(TYPE, b"transfer-encoding: chunked", *lines) + b"".join(chunks) + end
