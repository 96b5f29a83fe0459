"""A key that shows itself nowhere: not in a repr, `vars()`, a traceback with locals, a pickle or a copy of an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from twinwire._client.narrow import is_list, is_mapping
from twinwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_MASKED_LENGTH = 6
"""Shorter keys are placeholders, and hiding them would eat ordinary words."""
_STARRED = re.compile(r"([\w-]*)\*{2,}([\w-]*)")
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
    def hidden(found: re.Match[str]) -> str:
        first, last = found.groups()
        is_excerpt = (first or last) and key.startswith(first) and key.endswith(last)
        return "***" if is_excerpt else found[0]

    return _STARRED.sub(hidden, text) if "**" in text else text


class Mask:
    """Hides the keys that a call used in text that a server sent back."""

    __slots__ = ("_secrets",)

    def __init__(self) -> None:
        self._secrets: list[Secret] = []

    def learn(self, secret: Secret) -> None:
        """Hide *secret* from now on."""
        if secret not in self._secrets:
            self._secrets.append(secret)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            key = secret.reveal()
            if len(key) < MIN_MASKED_LENGTH:
                continue
            text = _without_excerpts(text.replace(key, "***"), key)
        return text

    def clean(self, error: BaseException) -> None:
        """
        Hide the keys in all that *error* and its causes tell, and drop the frames through which they came.

        A server, or a proxy before it, may have echoed a key anywhere: in a code, a status line, a header. And frames hold requests and raw bodies in
        their local variables, which many tools print; what a user can work with is in the error itself.
        """
        cause: BaseException | None = error
        while cause is not None:
            cause.args = tuple(self._cleaned(value) for value in cause.args)
            facts = vars(cause)
            facts.update({name: self._cleaned(value) for name, value in facts.items()})
            cause.__traceback__ = None
            cause = cause.__cause__

    def _cleaned(self, value: object) -> object:
        """Text without keys, also inside of lists and mappings; anything else as it is."""
        if isinstance(value, str):
            return self(value)
        if is_mapping(value):
            return {self._cleaned(name): self._cleaned(item) for name, item in value.items()}
        if is_list(value):
            items = [self._cleaned(item) for item in value]
            return items if isinstance(value, list) else tuple(items)
        return value
