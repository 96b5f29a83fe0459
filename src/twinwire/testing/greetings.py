"""What becomes of a connection before its first request has been read."""

from __future__ import annotations

from typing import Literal

Greeting = Literal["serve", "close", "reset", "silent", "plain"]
"""
`serve`: as usual. `close`, `reset`: the server ends it as soon as the client has said something, with TLS in the middle of the
handshake. `silent`: the server never says anything. `plain`: the server speaks HTTP without TLS.
"""

GREETINGS: tuple[Greeting, ...] = ("serve", "close", "reset", "silent", "plain")
