"""A rate limit that the server enforces, as its user writes it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen
from attrs.validators import deep_iterable, ge, gt, in_, optional

from twinwire.testing.jsons import is_array
from twinwire.testing.texts import texts_of, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LimitKind = Literal["window", "sliding", "bucket"]
Told = Literal["openai", "groq", "azure", "azure-odd", "cerebras", "anthropic", "openrouter", "none"]
RetryAfter = Literal["seconds", "milliseconds", "both", "nothing"]
Apart = Literal["key", "model"]
Counted = Literal["most", "used"]

_WINDOWS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0}
KINDS: tuple[LimitKind, ...] = ("window", "sliding", "bucket")
TOLD: tuple[Told, ...] = ("openai", "groq", "azure", "azure-odd", "cerebras", "anthropic", "openrouter", "none")


def _apart(names: Sequence[Apart]) -> tuple[Apart, ...]:
    return tuple(names)


def _models(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


@frozen
class RateLimit:
    """
    What is allowed in so many seconds, and how the server says so.

    A call's tokens are the words of its prompt and the most that it lets the answer have. What is refused counts for nothing.
    """

    requests: int | None = field(default=None, validator=optional(ge(1)))
    tokens: int | None = field(default=None, validator=optional(ge(1)))
    window_seconds: float = field(default=1.0, validator=gt(0))
    kind: LimitKind = field(default="window", validator=in_(KINDS), kw_only=True)
    """
    `window`: the first begins with the first call, the next with the first after its end. `sliding`: no more than that in any
    such time. `bucket`: full at first, and filled again little by little; the reset is the time until it is full.
    """
    concurrent: int | None = field(default=None, validator=optional(ge(1)), kw_only=True)
    """So many calls may be under way at once; one is until the last byte of its answer is written, or its client has left."""
    per: tuple[Apart, ...] = field(
        default=("key",), converter=_apart, validator=deep_iterable(in_(("key", "model"))), kw_only=True
    )
    """What is counted apart: each key, each model, each pair of both, or with `()` nothing."""
    models: tuple[str, ...] | None = field(default=None, converter=_models, kw_only=True)
    """It is for calls of these models only. None: for all."""
    counts: Counted = field(default="most", validator=in_(("most", "used")), kw_only=True)
    """Tokens of a call: `most`, what it may come to; or `used`, its prompt at once and its answer when that has been given."""
    counts_refused: bool = field(default=False, kw_only=True)
    """A call that was refused is a request too, as OpenAI has it."""
    headers: Told | None = field(default=None, validator=optional(in_(TOLD)), kw_only=True)
    """Whose spelling the answers use. None: the dialect's own."""
    retry_after: RetryAfter | None = field(
        default=None, validator=optional(in_(("seconds", "milliseconds", "both", "nothing"))), kw_only=True
    )
    """What a 429 has: `retry-after`, `retry-after-ms`, both or neither. None: as the spelling's provider does."""
    name: str | None = field(default=None, kw_only=True)
    """The window's name in Cerebras' headers. None: `second`, `minute`, `hour` or `day`, whichever it is nearest to."""

    @property
    def window(self) -> str:
        """The window's name."""
        return self.name or min(_WINDOWS, key=lambda each: abs(math.log(_WINDOWS[each] / self.window_seconds)))


def tokens_of(body: Mapping[str, object], *, is_prompt_only: bool = False) -> int:
    """What a call counts for: the words of its prompt or inputs, and the most that its answer may have."""
    given = body.get("messages", body.get("input"))
    items: list[object] = given if is_array(given) else [given]
    prompt = [*(text for text in items if isinstance(text, str)), *texts_of(items)]
    most = None if is_prompt_only else body.get("max_completion_tokens") or body.get("max_tokens")
    return sum(len(words(text)) for text in prompt) + (most if isinstance(most, int) else 0)
