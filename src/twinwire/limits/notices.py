"""What goes to the `twinwire` logger without being asked for: a key that is no good any more, a breaker that opens."""

from __future__ import annotations

import logging
import traceback

LOGGER = logging.getLogger("twinwire")


def notice(level: int, text: str) -> None:
    """Log one line. Nobody who makes a call holds a lock meanwhile, or fails because a handler does."""
    try:
        # A tag or the name of a model may hold anything, and half a character fails where it is written.
        LOGGER.log(level, "%s", "".join(each if each.isprintable() else "?" for each in text))
    except Exception:  # noqa: BLE001  # a handler or filter of the user's
        if logging.raiseExceptions:
            traceback.print_exc()  # as handlers of the standard library do


def short_digest(digest: bytes) -> str:
    """What a key is called where people read it: eight characters that tell it from others and give nothing of it away."""
    return digest[:4].hex()
