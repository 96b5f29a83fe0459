"""What the server bills: the true cost of what it generated, whether it arrived or not."""

from __future__ import annotations

import json
from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from twinwire.errors import ConfigError
from twinwire.testing.jsons import is_array, is_object
from twinwire.testing.texts import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Price: TypeAlias = Decimal | str | int | float
"""US dollars per million tokens; a float is taken as it is written."""

_MILLION = 1_000_000
_CHARGES_KEPT = 20_000
LISTED = (Decimal(1), Decimal(2))
"""What models cost for which no price is set, in US dollars per million tokens of prompt and of answer."""


@frozen
class Prices:
    """What each model costs."""

    by_model: Mapping[str, tuple[Decimal, Decimal]] = field(factory=dict[str, tuple[Decimal, Decimal]])

    def of(self, *models: str) -> tuple[Decimal, Decimal]:
        """US dollars per million tokens of prompt and of answer, of the first of these names that has a price."""
        return next((self.by_model[name] for name in models if name in self.by_model), LISTED)


NO_PRICES = Prices()


def prices(given: Mapping[str, tuple[Price, Price]] | None) -> Prices:
    """
    Read the option.

    Raises:
        ConfigError: a price is no number of 0 or more.
    """
    by_model: dict[str, tuple[Decimal, Decimal]] = {}
    for name, pair in (given or {}).items():
        try:
            prompt, answer = (Decimal(str(value)) for value in pair)
        except (ArithmeticError, TypeError, ValueError):
            raise ConfigError(f"a price is (input, output) in USD per million tokens, got {name!r}: {pair!r}") from None
        if not (prompt.is_finite() and answer.is_finite() and min(prompt, answer) >= 0):
            raise ConfigError(f"a price is 0 or more, got {name!r}: {pair!r}")
        by_model[name] = (prompt, answer)
    return Prices(by_model)


@frozen(kw_only=True)
class Bill:
    """What a call is billed if all of its answer is generated, before anybody knows whether it is."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    prompt_usd: Decimal
    completion_usd: Decimal
    events: tuple[bytes, ...] = ()
    """Of a stream. An answer in one body is generated whole before its first byte."""

    def share(self, events: int) -> int:
        """How many tokens of the answer have been generated with the first so many events."""
        if not self.events:
            return self.completion_tokens
        counted = [_generated(event) for event in self.events]
        total, done = sum(counted), sum(counted[:events])
        return self.completion_tokens if done >= total else -(-self.completion_tokens * done // total)


NOTHING_BILLED = Bill(model="", prompt_tokens=0, completion_tokens=0, prompt_usd=Decimal(0), completion_usd=Decimal(0))


@frozen(kw_only=True)
class Charge:
    """What one call was billed."""

    key: str
    """The key that paid; empty where none was sent."""
    model: str
    prompt_tokens: int
    completion_tokens: int
    usd: Decimal
    is_whole: bool
    """Whether all of the answer had been generated; False: the connection broke, or the answer failed, before."""


class Books:
    """What has been billed. Its user holds the lock."""

    def __init__(self) -> None:
        self._usd: dict[str, Decimal] = {}
        self._charges: deque[Charge] = deque(maxlen=_CHARGES_KEPT)

    def begin(self, key: str, bill: Bill) -> None:
        """The prompt has been read: it is billed at once."""
        self._add(key, bill.prompt_usd)

    def end(self, key: str, bill: Bill, completion_tokens: int) -> None:
        """So much of the answer has been generated, and there will be no more."""
        is_whole = completion_tokens == bill.completion_tokens
        # In one division, so that parts of a price lose nothing.
        usd = (
            bill.completion_usd
            if is_whole
            else bill.completion_usd * completion_tokens / max(1, bill.completion_tokens)
        )
        self._add(key, usd)
        self._charges.append(
            Charge(
                key=key,
                model=bill.model,
                prompt_tokens=bill.prompt_tokens,
                completion_tokens=completion_tokens,
                usd=bill.prompt_usd + usd,
                is_whole=is_whole,
            )
        )

    @property
    def spent_usd(self) -> Decimal:
        """What all keys have spent."""
        return sum(self._usd.values(), Decimal(0))

    def usd_by_key(self) -> Mapping[str, Decimal]:
        """What each key has spent."""
        return dict(self._usd)

    def charges(self) -> Sequence[Charge]:
        """The last calls billed, in the order in which they ended."""
        return tuple(self._charges)

    def _add(self, key: str, usd: Decimal) -> None:
        self._usd[key] = self._usd.get(key, Decimal(0)) + usd


def usd(tokens: int, per_million: Decimal) -> Decimal:
    """What so many tokens cost."""
    return tokens * per_million / _MILLION


def _generated(event: bytes) -> int:
    """The tokens of the answer that an event of a stream holds, counted as the usage counts them."""
    try:
        chunk: object = json.loads(event.removeprefix(b"data:"))
    except ValueError:  # a comment, or [DONE]
        return 0
    choices = chunk.get("choices") if is_object(chunk) else None
    total = 0
    for choice in choices if is_array(choices) else ():
        delta = choice.get("delta") if is_object(choice) else None
        if not is_object(delta):
            continue
        total += 1 if delta.get("content") else 0
        reasoning = delta.get("reasoning") or delta.get("reasoning_content")
        total += sum(len(words(text)) for text in (reasoning, delta.get("refusal")) if isinstance(text, str))
        calls = delta.get("tool_calls")
        for call in calls if is_array(calls) else ():
            function = call.get("function") if is_object(call) else None
            if is_object(function):
                total += (1 if function.get("name") else 0) + (1 if function.get("arguments") else 0)
    return total
