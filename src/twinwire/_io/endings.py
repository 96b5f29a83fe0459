"""Whether a connection can carry another exchange: not if the server has sent more than its reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLANK_LINES = (b"\r\n\r\n", b"\n\n", b"\n\r\n")


def ends_clean(extensions: Mapping[str, object], last_piece: bytes, last_read: bytes) -> bool:
    """
    Say whether the bytes that were read last end as a reply does: with the end of its body, *last_piece*, or with a blank line.

    What a server sends beyond it stays inside the engine, where nobody can see it, and the next reply would be taken for the rest
    of it: a request would be written and answered, and its answer lost. (Behind a blank line the engine finds it by itself, before
    it writes anything.)
    """
    if extensions.get("http_version") not in (b"HTTP/1.1", b"HTTP/1.0"):
        return True
    size = min(len(last_piece), len(last_read))
    if size and last_read[-size:] == last_piece[-size:]:
        return True
    end = last_read[-4:]
    return end.endswith(_BLANK_LINES) or any(blank.endswith(end) for blank in _BLANK_LINES)
