"""
Several keys of one client: which one the next attempt goes with, and which ones are no good.

A key that the provider does not know (any more) leaves the rotation and is reported. One whose account has used up its quota or credit rests, for
somebody may pay. Whether a key is throttled, or its breaker is open, is known elsewhere and handed in as its weight.
"""

from __future__ import annotations

import logging
import math
from copy import copy
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from attrs import frozen

from twinwire.errors import (
    APIError,
    AuthenticationError,
    CircuitOpenError,
    ConfigError,
    PaymentRequiredError,
    QuotaExceededError,
    RateLimitError,
)
from twinwire.limits.notices import notice, short_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from contextlib import AbstractContextManager

REST_SECONDS = 60.0
"""How long a key rests when its quota is used up; twice as long each time that it still is, ..."""
MOST_REST_SECONDS = 3600.0
"""... but not longer: an account that was paid for is used again within the hour."""
RECHECK_SECONDS = 60.0
"""Once all keys are refused, one call in so many seconds asks the provider again."""


class Digested(Protocol):
    """A key: equal to others of the same text, and hashable."""

    def digest(self) -> bytes:
        """What tells it from other keys."""
        ...


K = TypeVar("K", bound=Digested)


@frozen(kw_only=True)
class KeyState:
    """One of a client's keys at one moment."""

    position: int
    """Its place in `api_key`, from 1."""
    digest: str
    """The first characters of a digest of it, as in the ledger and in the states of breakers and limits."""
    state: Literal["usable", "resting", "revoked"]
    """
    - `usable`: it takes part in the rotation.
    - `resting`: its account has used up its quota or credit. It is used only where there is no other, until `retry_after` seconds have passed.
    - `revoked`: the provider has refused it, and it is not used until `client.keys.restore()`.
    """
    reason: str | None
    """The error that it was taken out for: class, status and the provider's own code. None for a usable one."""
    for_seconds: float | None
    """How long ago that was."""
    retry_after: float | None
    """Seconds until a resting one is used again."""

    @property
    def is_revoked(self) -> bool:
        """Whether the provider has refused it."""
        return self.state == "revoked"


class _Held(Generic[K]):
    """A key and what is known of it."""

    __slots__ = ("digest", "error", "is_asked", "is_revoked", "key", "position", "rests", "rests_until", "since")

    def __init__(self, key: K, position: int) -> None:
        self.key = key
        self.digest = key.digest()
        self.position = position
        self.restore()

    def restore(self) -> None:
        self.is_revoked = False
        self.is_asked = False
        """Whether the provider is asked of a revoked one again."""
        self.error: APIError | None = None
        self.since = 0.0
        self.rests = 0
        self.rests_until = -math.inf


class KeyRing(Generic[K]):
    """
    The keys in their order. Each method is arithmetic under the lock, and waits for nothing; the lock has to be reentrant.

    *now* is monotonic seconds.

    Raises:
        ConfigError: there are none, or one stands there twice.
    """

    def __init__(self, keys: Sequence[K], lock: AbstractContextManager[object], now: Callable[[], float]) -> None:
        self._held = [_Held(key, position) for position, key in enumerate(keys, 1)]
        self._by_key = {held.key: held for held in reversed(self._held)}
        if not self._held:
            raise ConfigError("api_key is an empty list; give at least one key")
        for held in self._held:
            first = self._by_key[held.key]
            if first is not held:
                raise ConfigError(f"api_key holds the same key at positions {first.position} and {held.position}")
        self._lock = lock
        self._now = now
        self._next = 0
        self._last_error: APIError | None = None
        self._asked_at = -math.inf

    def __len__(self) -> int:
        return len(self._held)

    def choose(
        self,
        weight: Callable[[K], float | None],
        soonest: Callable[[K], float] | None = None,
        tried: Collection[K] = (),
    ) -> K:
        """
        Return the key for the next attempt: the one with the least expected wait, in turn where several have the same.

        *weight* says how long an attempt with a key would have to wait, in seconds; None where it would be refused now. If all would be, *soonest*
        says in how many seconds that may be over. Both are called without the lock. A key that rests is chosen only where no other is usable before,
        and one that this call has *tried* where no other is usable now.

        Raises:
            AuthenticationError: the provider has refused every key; what it said last.
        """
        if len(self._held) == 1:
            return self._held[0].key  # there is no other, and the provider's answer says more than we know
        with self._lock:
            now = self._now()
            candidates = [held for held in self._held if not held.is_revoked]
            usable = [held for held in candidates if held.rests_until <= now]
            if not candidates:
                return self._asked_again(now)
        ranks: list[tuple[float, _Held[K]]] = []
        for held in usable:
            seconds = weight(held.key)
            if seconds is not None:
                ranks.append((seconds, held))
        if not ranks:
            for held in candidates:
                wait_seconds = 0.0 if soonest is None else soonest(held.key)
                ranks.append((max(wait_seconds, held.rests_until - now), held))
        ranks = [rank for rank in ranks if rank[1].key not in tried] or ranks
        least = min(seconds for seconds, _ in ranks)
        equals = [held for seconds, held in ranks if seconds == least]
        with self._lock:
            chosen = min(equals, key=lambda held: (held.position - 1 - self._next) % len(self._held))
            self._next = chosen.position % len(self._held)
        return chosen.key

    def has_another(
        self,
        after: BaseException,
        key: K,
        weight: Callable[[K], float | None] | None = None,
        tried: Collection[K] = (),
    ) -> bool:
        """
        Whether the next attempt would go with another key, so that the error *after* an attempt with *key* says nothing about it.

        So it is if the error is about the key (401, 402, 429, an open breaker), and there is one that is neither refused nor resting, is not
        among the *tried* ones of this call, and would wait no longer by its *weight* than the error asks to.
        """
        if not isinstance(after, AuthenticationError | PaymentRequiredError | RateLimitError | CircuitOpenError):
            return False
        longest = math.inf if after.retry_after is None or isinstance(after, CircuitOpenError) else after.retry_after
        with self._lock:
            now = self._now()
            others = [
                held.key
                for held in self._held
                if not held.is_revoked and held.rests_until <= now and held.key != key and held.key not in tried
            ]
        for other in others:
            seconds = 0.0 if weight is None else weight(other)
            if seconds is not None and seconds <= longest:
                return True
        return False

    def settle(self, key: K, error: APIError | None) -> None:
        """Take an attempt's end into account: None where it answered. Errors that are not about a key change nothing."""
        if error is None:
            self.accept(key)
        elif isinstance(error, AuthenticationError):
            self.revoke(key, error)
        elif isinstance(error, QuotaExceededError | PaymentRequiredError):
            self.rest(key, error)

    def revoke(self, key: K, error: APIError) -> None:
        """Take a key that the provider refused out of the rotation, and report it in the log; a second time it does nothing."""
        with self._lock:
            held = self._by_key.get(key)
            self._last_error = _kept(error)
            if held is None or held.is_revoked:
                return
            now = self._now()
            held.is_revoked, held.error, held.since = True, self._last_error, now
            left = sum(not other.is_revoked for other in self._held)
            if not left:
                self._asked_at = now
        if len(self._held) > 1:
            notice(
                logging.WARNING,
                f"key {held.position} of {len(self._held)} ({short_digest(held.digest)}) was refused by the provider and is not used any more: "
                f"{_reason(error)}; {left} left",
            )

    def rest(self, key: K, error: APIError) -> None:
        """Let a key rest whose account has used up its quota or credit: as long as the server says, else a minute, then twice as long each time."""
        with self._lock:
            held = self._by_key.get(key)
            now = self._now()
            if held is None or held.is_revoked or held.rests_until > now:
                return
            seconds = min(MOST_REST_SECONDS, REST_SECONDS * 2.0 ** min(held.rests, 60))
            if error.retry_after is not None:
                seconds = max(0.0, min(MOST_REST_SECONDS, error.retry_after))
            held.rests += 1
            held.rests_until, held.error, held.since = now + seconds, _kept(error), now
        if len(self._held) > 1:
            notice(
                logging.WARNING,
                f"key {held.position} of {len(self._held)} ({short_digest(held.digest)}) rests for {seconds:.3g} s: {_reason(error)}",
            )

    def accept(self, key: K) -> None:
        """
        The provider has answered an attempt with this key, so it is good.

        If it had refused all, and now accepts one again, it may have been wrong of the others, too: they are tried again.
        """
        held = self._by_key.get(key)
        if held is None or held.error is None:  # the way of nearly every call
            return
        with self._lock:
            is_wronged = held.is_revoked and held.is_asked
            if held.is_revoked and not is_wronged and len(self._held) > 1:
                return  # an answer to what was asked before
            for other in self._held if is_wronged else (held,):
                other.restore()
        if is_wronged:
            notice(
                logging.WARNING,
                f"key {held.position} of {len(self._held)} ({short_digest(held.digest)}) is accepted again, so all are used again",
            )

    def restore(self, position: int | None = None) -> None:
        """
        Take all keys, or the one at that *position* (from 1), into the rotation again.

        Raises:
            ConfigError: there is no such position.
        """
        if position is not None and not 1 <= position <= len(self._held):
            raise ConfigError(f"there is no key at position {position}; there are {len(self._held)}")
        with self._lock:
            for held in self._held if position is None else [self._held[position - 1]]:
                held.restore()

    def snapshot(self) -> tuple[KeyState, ...]:
        """All, in their order."""
        with self._lock:
            now = self._now()
            return tuple(_state(held, now) for held in self._held)

    def after_fork(self, lock: AbstractContextManager[object]) -> None:
        """Go on in a child process, with what is known."""
        self._lock = lock

    def _asked_again(self, now: float) -> K:
        """
        The provider has refused every key. It may have been wrong, so one call in a while asks it again, with the keys in turn.

        Else a disturbance of some seconds would shut a service out for good.
        """
        if now < self._asked_at + RECHECK_SECONDS:
            raise self._all_refused()
        self._asked_at = now
        held = self._held[self._next]
        held.is_asked = True
        self._next = held.position % len(self._held)
        return held.key

    def _all_refused(self) -> APIError:
        error = (
            _kept(self._last_error) if self._last_error is not None else APIError("the provider has refused every key")
        )
        error.add_note(
            f"nothing was sent: the provider has refused all {len(self._held)} keys. One call in {RECHECK_SECONDS:g} s asks it again; "
            "client.keys.restore() does so at once"
        )
        return error


def _kept(error: APIError) -> APIError:
    """The error without what is about the call that met it: it may be raised to others, and from several threads."""
    kept = copy(error)
    kept.__dict__.pop("__notes__", None)  # else it would share them
    kept.attempts, kept.partial, kept.cost, kept.request_id, kept.model = (), None, None, None, None
    kept.sent, kept.possibly_billed = False, False
    return kept


def _reason(error: APIError) -> str:
    """Without the provider's own sentence, which often quotes a part of the key."""
    facts = (getattr(error, "status_code", None), getattr(error, "code", None))
    told = ", ".join(str(fact)[:80] for fact in facts if fact is not None)
    return f"{type(error).__name__} ({told})" if told else type(error).__name__


def _state(held: _Held[K], now: float) -> KeyState:
    rests = not held.is_revoked and held.rests_until > now
    is_out = held.is_revoked or rests
    return KeyState(
        position=held.position,
        digest=short_digest(held.digest),
        state="revoked" if held.is_revoked else "resting" if rests else "usable",
        reason=_reason(held.error) if is_out and held.error is not None else None,
        for_seconds=now - held.since if is_out else None,
        retry_after=held.rests_until - now if rests else None,
    )
