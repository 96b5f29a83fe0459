"""
The standard's rules for event streams, word for word and over the whole body at once.

Source: WHATWG HTML, 9.2.6 "Interpreting an event stream". One departure, which is ours: an event that the end of the body cuts off is
delivered.
"""

from __future__ import annotations

import re

LINE_END = re.compile("\r\n|\n|\r")


def events(body: bytes) -> list[tuple[str, str, str]]:
    """Data, type and last id of each event."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    found: list[tuple[str, str, str]] = []
    data = kind = last_id = ""
    for line in [*LINE_END.split(text), ""]:  # the last blank line is the departure
        if line == "":
            if data != "":
                found.append((data.removesuffix("\n"), kind, last_id))
            data = kind = ""
            continue
        if line.startswith(":"):
            continue
        field, value = line, ""
        if ":" in line:
            field, value = line.split(":", 1)
            value = value.removeprefix(" ")
        if field == "event":
            kind = value
        elif field == "data":
            data += value + "\n"
        elif field == "id" and "\0" not in value:
            last_id = value
    return found
