"""
Server-sent events, pushed.

Lines end in LF, CR or CRLF, and the bytes may be split anywhere. Whole lines are kept as bytes and decoded event by event, so
a character split between two pieces needs no care; a line that is not finished is kept as a list of pieces, so an event of
megabytes costs linear time. A CR at the end of a piece ends its line at once, and an LF that opens the next piece is skipped.

One departure from the standard: an event that the end of the body cuts off before its blank line is delivered by `close()`,
because real servers end so (a recorded Mistral stream does). Whether the stream was complete is judged by what it says.
"""

from __future__ import annotations

from typing import NamedTuple

from twinwire.errors import StreamError

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event: its data lines joined by LF, its type (empty for the default) and the last id seen."""

    data: str
    type: str = ""
    id: str = ""


class SSEDecoder:
    """Turn the bytes of a `text/event-stream` body into events."""

    __slots__ = (
        "_data",
        "_held",
        "_id",
        "_is_first_line",
        "_max_event_bytes",
        "_partial",
        "_size",
        "_skip_lf",
        "_type",
        "completed",
    )

    def __init__(self, max_event_bytes: int = 32 * 1024 * 1024) -> None:
        self.completed: list[Event] = []
        """What the bytes fed last completed, also where they went on to an error."""
        self._max_event_bytes = max_event_bytes
        self._partial: list[bytes] = []
        self._held = 0
        """Bytes in the unfinished line."""
        self._data: list[bytes] = []
        self._type = ""
        self._id = ""
        self._size = 0
        self._skip_lf = False
        self._is_first_line = True

    def feed(self, chunk: bytes) -> list[Event]:
        """
        Take the next bytes off the wire and return the events they complete.

        *chunk* may be empty, any length, and may split a character or a line ending.
        Events come back in wire order; an unfinished one waits inside for later bytes.

        Raises:
            StreamError: one event grew past *max_event_bytes*; those before it are in `completed`.

        Source: WHATWG HTML, 9.2.6 "Interpreting an event stream".
        """
        self.completed = events = list[Event]()
        if not chunk:
            return events
        if self._skip_lf:
            self._skip_lf = False
            if chunk[0] == 0x0A:
                chunk = chunk[1:]
        for line in chunk.splitlines(keepends=True):  # of bytes: splits at LF, CR and CRLF only
            if line[-1] not in b"\r\n":
                self._grow(len(line))
                self._held += len(line)
                self._partial.append(line)
                break
            if self._held:
                self._size -= self._held  # it is counted as a part of the whole line
                self._held = 0
            event = self._line(self._joined(line).rstrip(b"\r\n"))
            if event is not None:
                events.append(event)
        self._skip_lf = chunk.endswith(b"\r")
        return events

    def close(self) -> list[Event]:
        """The body has ended: return the event that its end cut off before the blank line, if there is one."""
        events: list[Event] = []
        if self._partial:
            self._size -= self._held
            self._line(self._joined(b""))  # not blank, so it completes nothing
        if self._data:
            events.append(self._dispatch())
        return events

    def _grow(self, count: int) -> None:
        self._size += count
        if self._size > self._max_event_bytes:
            raise StreamError(
                f"an event of the stream has {self._size} bytes or more, limit is {self._max_event_bytes} (caps.max_event_bytes)",
                sent=True,
            )

    def _joined(self, line: bytes) -> bytes:
        if not self._partial:
            return line
        self._partial.append(line)
        whole = b"".join(self._partial)
        self._partial.clear()
        return whole

    def _line(self, line: bytes) -> Event | None:
        if line:
            self._grow(len(line))  # all of it, so that a million empty lines of data are not for free
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(_BOM)
        if not line:
            event = self._dispatch() if self._data else None
            self._type = ""
            self._size = 0
            return event
        name, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if name == b"data":
            self._data.append(value)
            return None
        self._size -= len(line)  # it is not kept, but was too long or not however it came in pieces
        if name == b"event":
            self._type = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        return None  # comments (no name), `retry` (nobody reconnects here) and unknown fields

    def _dispatch(self) -> Event:
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        event = Event(data.decode("utf-8", "replace"), self._type, self._id)
        self._data = []
        self._type = ""
        self._size = 0
        return event
