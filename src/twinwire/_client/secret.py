"""A key that shows itself nowhere: not in a repr, `vars()`, a traceback with locals, a pickle or a copy of an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from twinwire._client.frames import all_behind
from twinwire._client.narrow import is_list, is_mapping
from twinwire._core.headers import Headers
from twinwire.errors import ConfigError, DecodeError, TwinwireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._model.json import Json

MIN_MASKED_LENGTH = 6
"""Shorter keys are placeholders, and hiding them would eat ordinary words."""
MIN_KEY_LENGTH = 20
"""Below this a key may be a word that a model says (`ollama`, `not-needed`); no provider's own is as short."""
MAX_TEXT_LENGTH = 1500
"""The most that a message has: a thousand characters of a server's words, and ours."""
_SECRET_NAME = re.compile("auth|key|token|secret|cookie|passw|credential|session", re.IGNORECASE)
_PARTS = re.compile(r"[\s;,=]+")
_STARS = re.compile(r"\*{2,}")
"""How servers quote a key: `sk-proj-****abcd` (OpenAI's 401 shows the first eight and the last four characters)."""
_PRINTABLE = frozenset(chr(code) for code in range(0x21, 0x7F))


class Secret:
    """Holds a key behind a method, so that only who asks for it by name gets it."""

    __slots__ = ("__reveal",)

    def __init__(self, value: str) -> None:
        self.__reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """Return the key itself."""
        return self.__reveal()

    def digest(self) -> bytes:
        """What tells it from other keys, and gives none of it away."""
        from hashlib import blake2b

        return blake2b(self.reveal().encode(), digest_size=16).digest()

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled; read it from the environment on the other side")


class Hidden:
    """Keeps a client's options, the key among them: for its copies, and from the frames of a traceback."""

    __slots__ = ("__reveal",)

    def __init__(self, options: dict[str, object]) -> None:
        self.__reveal: Callable[[], dict[str, object]] = lambda: options

    def reveal(self) -> dict[str, object]:
        """Return the options."""
        return self.__reveal()

    def __repr__(self) -> str:
        return "Hidden(***)"


def checked_key(value: object, source: str) -> Secret:
    """
    Take *value* for a key, or say what is wrong with it without showing it.

    Raises:
        ConfigError: not text, empty, or with characters that no header may hold.
    """
    if not isinstance(value, str):
        raise ConfigError(f"{source} must be text or a function that returns text, got {type(value).__name__}")
    if not value:
        raise ConfigError(f"{source} is empty")
    if value != value.strip():
        raise ConfigError(f"{source} begins or ends with white space or a line break; strip it where it is read")
    wrong = next((index for index, character in enumerate(value) if character not in _PRINTABLE), None)
    if wrong is not None:
        kind = "a character that is not ASCII" if ord(value[wrong]) > 0x7F else "white space or a control character"
        raise ConfigError(f"{source} holds {kind} at position {wrong}; a key is printable ASCII without spaces")
    return Secret(value)


def _without_excerpts(text: str, key: str) -> str:
    if "**" not in text:
        return text
    pieces: list[str] = []
    taken = 0
    for stars in _STARS.finditer(text):
        # By hand, and not further than the key is long: a pattern would go back over a long text from each of its characters.
        first = _word_end(text[max(stars.start() - len(key) - 1, taken) : stars.start()])
        last = _word_begin(text[stars.end() : stars.end() + len(key) + 1])
        if (first or last) and key.startswith(first) and key.endswith(last):
            pieces += [text[taken : stars.start() - len(first)], "***"]
            taken = stars.end() + len(last)
    return "".join(pieces) + text[taken:]


def _word_end(text: str) -> str:
    begin = len(text)
    while begin and (text[begin - 1].isalnum() or text[begin - 1] in "_-"):
        begin -= 1
    return text[begin:]


def _word_begin(text: str) -> str:
    return _word_end(text[::-1])[::-1]


class Mask:
    """Hides the keys that a call used in text that a server sent back."""

    __slots__ = ("_secrets",)

    def __init__(self) -> None:
        self._secrets: list[Secret] = []

    def learn(self, secret: Secret) -> None:
        """Hide *secret* from now on."""
        if secret not in self._secrets:
            self._secrets.append(secret)

    def learn_value(self, name: str, value: str) -> None:
        """Hide the value of a header or query parameter whose name says that it is one, and its parts (`Basic ...`, `a=...; b=...`)."""
        if not _SECRET_NAME.search(name) or name.lower() == "idempotency-key":
            return
        self.learn(Secret(value))
        for part in _PARTS.split(value):
            if MIN_KEY_LENGTH <= len(part) < len(value):
                self.learn(Secret(part))

    def __call__(self, text: str) -> str:
        """Hide the keys in what a server says of the exchange."""
        return self._hidden(text, MIN_MASKED_LENGTH)

    def headers(self, headers: Headers) -> Headers:
        """Hide them in the headers of a reply."""
        pairs = tuple(
            (self._hidden(name, MIN_MASKED_LENGTH, is_lower=True), self(value)) for name, value in headers.pairs
        )
        return headers if pairs == headers.pairs else Headers(pairs)

    def clean(self, error: BaseException) -> None:
        """
        Hide the keys in all that *error* and what is behind it tell, and drop the frames through which they came.

        A server, or a proxy before it, may have echoed a key anywhere: in a code, a status line, a header. And frames hold requests and raw bodies in
        their local variables, which many tools print; what a user can work with is in the error itself. Nothing of it is live: what
        errors of other libraries hold besides texts and numbers (requests with their headers) is dropped, too.
        """
        for found in all_behind(error):
            found.args = tuple(self._cut(self._cleaned(value)) for value in found.args)
            facts = vars(found)
            for name, value in facts.items():
                if name == "partial" and value is not None:
                    facts[name] = self._cleaned_partial(value)
                else:
                    is_plain = isinstance(value, str | int | float) or is_list(value)
                    facts[name] = self._cleaned(value) if is_plain or isinstance(found, TwinwireError) else None
            found.__traceback__ = None

    def _hidden(self, text: str, least_length: int, *, is_lower: bool = False) -> str:
        for secret in self._secrets:
            key = secret.reveal().lower() if is_lower else secret.reveal()
            if len(key) >= least_length:
                text = _without_excerpts(text.replace(key, "***"), key)
        return text

    def _cut(self, value: object) -> object:
        return f"{value[: MAX_TEXT_LENGTH - 1]}…" if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH else value

    def _cleaned(self, value: object, least_length: int = MIN_MASKED_LENGTH) -> object:
        """Text without keys, also inside of lists, and mappings; anything else, and what holds none, as it is."""
        if isinstance(value, str):
            text = self._hidden(value, least_length)
            return value if text == value else text
        if is_mapping(value):
            members = {
                self._cleaned(name, least_length): self._cleaned(item, least_length) for name, item in value.items()
            }
            return members if members != value else value
        if is_list(value):
            items = [self._cleaned(item, least_length) for item in value]
            if all(item is old for item, old in zip(items, value, strict=True)):
                return value
            return items if isinstance(value, list) else tuple(items)
        return value

    def _cleaned_partial(self, value: object) -> object:
        """The same for what had arrived of an answer, in its own class. Short keys stay: there they are words of the model's."""
        from twinwire._model.base import Model
        from twinwire._model.convert import structure

        try:
            plain = value.to_dict() if isinstance(value, Model) else value
            cleaned = self._cleaned(plain, MIN_KEY_LENGTH)
            if cleaned == plain:
                return value
            json: Json = cleaned  # type: ignore[assignment]  # as the plain one was
            return structure(json, type(value)) if isinstance(value, Model) else json
        except (DecodeError, RecursionError):
            return None  # nobody can say what is in it
