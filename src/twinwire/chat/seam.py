"""
Where a continued answer joins the text that had arrived: no character twice, and none lost.

The server is asked to go on from that text without its trailing white space, which some refuse at the end of a message. What it sends may
begin with the white space that was shown already, and where the server is known for it (Mistral) with the whole text again. Both are
dropped. So an answer that begins like the text that it continues is held back until it is known for a repetition, or for something new.

A long repetition that then goes another way is an answer begun anew. It cannot be joined, and is an error; so is a long one by a
server that is not known to repeat, for it may as well be an answer that repeats itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import StreamError

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject

LEAST_REPEATED = 16
"""Characters: where a server is not known to repeat the text, fewer may stand at the beginning of its continuation by chance."""


class Seam:
    """Takes the pieces of a continuation and gives back what is new in them."""

    __slots__ = ("_blank", "_is_repeating", "_repeated", "_repeats", "_sent")

    def __init__(self, shown: str, *, repeats: bool) -> None:
        """Continue *shown*; *repeats* says that the server is known to send it again."""
        self._sent = shown.rstrip()
        self._blank = shown[len(self._sent) :]
        self._repeats = repeats
        self._is_repeating = len(self._sent) >= (1 if repeats else LEAST_REPEATED)
        """Whether everything so far was in the text already."""
        self._repeated = 0
        """How many of its characters have come again; they are held back."""

    def take(self, piece: str) -> str:
        """
        Take the next piece, and return what of it (and of what was held back) is new.

        Raises:
            StreamError: a repetition of the text went another way, or comes from a server that is not known to repeat.
        """
        if self._is_repeating:
            same = _same(piece, self._sent[self._repeated : self._repeated + len(piece)])
            self._repeated += same
            piece = piece[same:]
            if self._repeated == len(self._sent):
                if not self._repeats:
                    raise _undecided(self._repeated)
                self._is_repeating = False
            elif not piece:
                return ""
            else:
                piece = self._released() + piece
        same = _same(piece, self._blank)
        piece = piece[same:]
        self._blank = "" if piece else self._blank[same:]
        return piece

    def finish(self) -> str:
        """
        The answer is over: return what was held back.

        Raises:
            StreamError: it ended within a repetition of the text.
        """
        if not self._is_repeating:
            return ""
        if self._repeats:  # it had nothing to add, or no room for it
            self._is_repeating = False
            return ""
        return self.take(self._released())

    def trim(self, chunk: JsonObject) -> None:
        """Take what is known already out of the first choice of *chunk*, in place; what was held back comes with its finish reason."""
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index") in (0, None):
                self._trim(choice)

    def _trim(self, choice: JsonObject) -> None:
        place, key = _place_of_text(choice)
        content = place.get(key)
        if isinstance(content, str):
            place[key] = self.take(content)
        elif isinstance(content, list):
            for part in content:
                if isinstance(part, dict) and part.get("type") == "text" and isinstance(text := part.get("text"), str):
                    part["text"] = self.take(text)
        if choice.get("finish_reason") and (held := self.finish()):
            place[key] = _with(place.get(key), held)

    def _released(self) -> str:
        if self._repeated >= LEAST_REPEATED:
            raise StreamError(
                f"the answer cannot be continued: the server began it anew and, after {self._repeated} characters, went another way",
                sent=True,
                possibly_billed=True,
            )
        self._is_repeating = False
        return self._sent[: self._repeated]


def _undecided(repeated: int) -> StreamError:
    return StreamError(
        f"the answer cannot be continued: the server sent its {repeated} characters again, or it repeats itself",
        sent=True,
        possibly_billed=True,
    )


def _place_of_text(choice: JsonObject) -> tuple[JsonObject, str]:
    """Where a choice has its text, as `chat.choice` reads it."""
    for name in ("delta", "message"):
        holder = choice.get(name)
        if isinstance(holder, dict):
            return holder, "content"
    if isinstance(choice.get("text"), str):
        return choice, "text"
    delta: JsonObject = {}
    choice["delta"] = delta
    return delta, "content"


def _with(content: Json, text: str) -> Json:
    if isinstance(content, list):
        return [*content, {"type": "text", "text": text}]
    return f"{content}{text}" if isinstance(content, str) else text


def _same(piece: str, known: str) -> int:
    """How many characters both begin with."""
    if known.startswith(piece):
        return len(piece)
    pairs = zip(piece, known, strict=False)
    return next((at for at, (new, old) in enumerate(pairs) if new != old), min(len(piece), len(known)))
