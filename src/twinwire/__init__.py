"""
Typed blocking and async clients for chat models, generated from one spec over one core.

Names load on first use, so importing this costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._version import VERSION

if TYPE_CHECKING:
    from twinwire import errors as errors
    from twinwire import testing as testing
    from twinwire import types as types
    from twinwire._client.async_streams import AsyncChatStream as AsyncChatStream
    from twinwire._client.async_streams import AsyncStream as AsyncStream
    from twinwire._client.raw import RawResponse as RawResponse
    from twinwire._client.streams import ChatStream as ChatStream
    from twinwire._client.streams import Stream as Stream
    from twinwire._core.caps import Caps as Caps
    from twinwire._core.headers import Headers as Headers
    from twinwire._core.pool import Pool as Pool
    from twinwire._core.pool import PoolStats as PoolStats
    from twinwire._core.retry import Retry as Retry
    from twinwire._core.timeout import Timeout as Timeout
    from twinwire._core.trace import Attempt as Attempt
    from twinwire._core.trace import Trace as Trace
    from twinwire._io.memory_store import MemoryStore as MemoryStore
    from twinwire._io.redis_store import RedisStore as RedisStore
    from twinwire._io.sqlite_store import SQLiteStore as SQLiteStore
    from twinwire._model.cost import Cost as Cost
    from twinwire._model.text import JsonText as JsonText
    from twinwire._model.text import PartsText as PartsText
    from twinwire._model.unknown import UnknownMember as UnknownMember
    from twinwire._model.unset import UNSET as UNSET
    from twinwire._model.unset import Unset as Unset
    from twinwire.chat.events import ChatStreamEvent as ChatStreamEvent
    from twinwire.chat.events import ReasoningEvent as ReasoningEvent
    from twinwire.chat.events import RefusalEvent as RefusalEvent
    from twinwire.chat.events import RestartedEvent as RestartedEvent
    from twinwire.chat.events import TextEvent as TextEvent
    from twinwire.chat.events import ToolCallEvent as ToolCallEvent
    from twinwire.chat.events import UsageEvent as UsageEvent
    from twinwire.clients.async_openai import AsyncOpenAI as AsyncOpenAI
    from twinwire.clients.async_openrouter import AsyncOpenRouter as AsyncOpenRouter
    from twinwire.clients.openai import OpenAI as OpenAI
    from twinwire.clients.openrouter import OpenRouter as OpenRouter
    from twinwire.errors import APIConnectionError as APIConnectionError
    from twinwire.errors import APIError as APIError
    from twinwire.errors import APIStatusError as APIStatusError
    from twinwire.errors import APITimeoutError as APITimeoutError
    from twinwire.errors import AuthenticationError as AuthenticationError
    from twinwire.errors import BadRequestError as BadRequestError
    from twinwire.errors import BudgetExceededError as BudgetExceededError
    from twinwire.errors import CircuitOpenError as CircuitOpenError
    from twinwire.errors import ConfigError as ConfigError
    from twinwire.errors import ConflictError as ConflictError
    from twinwire.errors import ContentFilterError as ContentFilterError
    from twinwire.errors import ContextLengthError as ContextLengthError
    from twinwire.errors import DeadlineExceededError as DeadlineExceededError
    from twinwire.errors import DecodeError as DecodeError
    from twinwire.errors import InternalServerError as InternalServerError
    from twinwire.errors import InvalidRequestError as InvalidRequestError
    from twinwire.errors import LimitTimeoutError as LimitTimeoutError
    from twinwire.errors import ModelNotFoundError as ModelNotFoundError
    from twinwire.errors import NotFoundError as NotFoundError
    from twinwire.errors import OverloadedError as OverloadedError
    from twinwire.errors import PaymentRequiredError as PaymentRequiredError
    from twinwire.errors import PermissionDeniedError as PermissionDeniedError
    from twinwire.errors import PoolTimeoutError as PoolTimeoutError
    from twinwire.errors import QuotaExceededError as QuotaExceededError
    from twinwire.errors import RateLimitError as RateLimitError
    from twinwire.errors import StoreError as StoreError
    from twinwire.errors import StreamError as StreamError
    from twinwire.errors import StreamTruncatedError as StreamTruncatedError
    from twinwire.errors import ToolCallAssemblyError as ToolCallAssemblyError
    from twinwire.errors import TwinwireError as TwinwireError
    from twinwire.errors import UnknownPriceError as UnknownPriceError
    from twinwire.errors import UnprocessableEntityError as UnprocessableEntityError
    from twinwire.limits.breaker import Breaker as Breaker
    from twinwire.limits.breaker import BreakerState as BreakerState
    from twinwire.limits.events import LimitEvent as LimitEvent
    from twinwire.limits.key_state import KeyState as KeyState
    from twinwire.limits.options import Limits as Limits
    from twinwire.limits.options import Rate as Rate
    from twinwire.limits.standing import LimitCheck as LimitCheck
    from twinwire.limits.standing import LimitState as LimitState
    from twinwire.money.budget import Budget as Budget
    from twinwire.money.budget import BudgetWarning as BudgetWarning
    from twinwire.money.compare import CostComparison as CostComparison
    from twinwire.money.compare import compare_cost as compare_cost
    from twinwire.money.compare import compare_cost_async as compare_cost_async
    from twinwire.money.cost import cost_of as cost_of
    from twinwire.money.entry import LedgerEntry as LedgerEntry
    from twinwire.money.estimate import CostEstimate as CostEstimate
    from twinwire.money.estimate import estimate_cost as estimate_cost
    from twinwire.money.estimate import estimate_cost_async as estimate_cost_async
    from twinwire.money.ledger import Ledger as Ledger
    from twinwire.money.refresh import PricesRefresh as PricesRefresh
    from twinwire.money.refresh import refresh_prices as refresh_prices
    from twinwire.money.refresh import refresh_prices_async as refresh_prices_async
    from twinwire.money.report import UsageReport as UsageReport
    from twinwire.money.report import UsageRow as UsageRow
    from twinwire.money.snapshot import BudgetState as BudgetState
    from twinwire.money.usage import Usage as Usage
    from twinwire.tokens.calibration import Calibration as Calibration
    from twinwire.tokens.count import count_tokens as count_tokens
    from twinwire.tokens.count import count_tokens_async as count_tokens_async
    from twinwire.tokens.fit import FittedMessages as FittedMessages
    from twinwire.tokens.fit import fit_messages as fit_messages
    from twinwire.tokens.result import TokenCount as TokenCount

__version__ = VERSION

_HOMES: dict[str, tuple[str, ...]] = {
    "twinwire._client.async_streams": (
        "AsyncChatStream",
        "AsyncStream",
    ),
    "twinwire._client.raw": ("RawResponse",),
    "twinwire._client.streams": (
        "ChatStream",
        "Stream",
    ),
    "twinwire._core.caps": ("Caps",),
    "twinwire._core.headers": ("Headers",),
    "twinwire._core.pool": (
        "Pool",
        "PoolStats",
    ),
    "twinwire._core.retry": ("Retry",),
    "twinwire._core.timeout": ("Timeout",),
    "twinwire._core.trace": (
        "Attempt",
        "Trace",
    ),
    "twinwire._io.memory_store": ("MemoryStore",),
    "twinwire._io.sqlite_store": ("SQLiteStore",),
    "twinwire._io.redis_store": ("RedisStore",),
    "twinwire._model.cost": ("Cost",),
    "twinwire._model.text": (
        "JsonText",
        "PartsText",
    ),
    "twinwire._model.unknown": ("UnknownMember",),
    "twinwire._model.unset": (
        "UNSET",
        "Unset",
    ),
    "twinwire.chat.events": (
        "ChatStreamEvent",
        "ReasoningEvent",
        "RefusalEvent",
        "RestartedEvent",
        "TextEvent",
        "ToolCallEvent",
        "UsageEvent",
    ),
    "twinwire.clients.async_openai": ("AsyncOpenAI",),
    "twinwire.clients.async_openrouter": ("AsyncOpenRouter",),
    "twinwire.clients.openai": ("OpenAI",),
    "twinwire.clients.openrouter": ("OpenRouter",),
    "twinwire.errors": (
        "APIConnectionError",
        "APIError",
        "APIStatusError",
        "APITimeoutError",
        "AuthenticationError",
        "BadRequestError",
        "BudgetExceededError",
        "CircuitOpenError",
        "ConfigError",
        "ConflictError",
        "ContentFilterError",
        "ContextLengthError",
        "DeadlineExceededError",
        "DecodeError",
        "InternalServerError",
        "InvalidRequestError",
        "LimitTimeoutError",
        "ModelNotFoundError",
        "NotFoundError",
        "OverloadedError",
        "PaymentRequiredError",
        "PermissionDeniedError",
        "PoolTimeoutError",
        "QuotaExceededError",
        "RateLimitError",
        "StoreError",
        "StreamError",
        "StreamTruncatedError",
        "ToolCallAssemblyError",
        "TwinwireError",
        "UnknownPriceError",
        "UnprocessableEntityError",
    ),
    "twinwire.limits.breaker": (
        "Breaker",
        "BreakerState",
    ),
    "twinwire.limits.key_state": ("KeyState",),
    "twinwire.limits.events": ("LimitEvent",),
    "twinwire.limits.options": (
        "Limits",
        "Rate",
    ),
    "twinwire.limits.standing": (
        "LimitCheck",
        "LimitState",
    ),
    "twinwire.money.budget": (
        "Budget",
        "BudgetWarning",
    ),
    "twinwire.money.compare": (
        "CostComparison",
        "compare_cost",
        "compare_cost_async",
    ),
    "twinwire.money.cost": ("cost_of",),
    "twinwire.money.entry": ("LedgerEntry",),
    "twinwire.money.estimate": (
        "CostEstimate",
        "estimate_cost",
        "estimate_cost_async",
    ),
    "twinwire.money.ledger": ("Ledger",),
    "twinwire.money.refresh": (
        "PricesRefresh",
        "refresh_prices",
        "refresh_prices_async",
    ),
    "twinwire.money.report": (
        "UsageReport",
        "UsageRow",
    ),
    "twinwire.money.snapshot": ("BudgetState",),
    "twinwire.money.usage": ("Usage",),
    "twinwire.tokens.calibration": ("Calibration",),
    "twinwire.tokens.count": (
        "count_tokens",
        "count_tokens_async",
    ),
    "twinwire.tokens.fit": (
        "FittedMessages",
        "fit_messages",
    ),
    "twinwire.tokens.result": ("TokenCount",),
}
_SUBMODULES = frozenset({"errors", "testing", "types"})
"""So that `import twinwire` is enough to write `twinwire.types.ChatCompletion`."""
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "__version__",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncChatStream",
    "AsyncOpenAI",
    "AsyncOpenRouter",
    "AsyncStream",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "Breaker",
    "BreakerState",
    "Calibration",
    "Caps",
    "ChatStream",
    "ChatStreamEvent",
    "ConfigError",
    "ConflictError",
    "ContentFilterError",
    "ContextLengthError",
    "Cost",
    "CostComparison",
    "CostEstimate",
    "DeadlineExceededError",
    "DecodeError",
    "FittedMessages",
    "Headers",
    "InternalServerError",
    "InvalidRequestError",
    "JsonText",
    "KeyState",
    "ModelNotFoundError",
    "NotFoundError",
    "OpenAI",
    "OpenRouter",
    "OverloadedError",
    "PartsText",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "Pool",
    "PoolStats",
    "PoolTimeoutError",
    "PricesRefresh",
    "QuotaExceededError",
    "RateLimitError",
    "RawResponse",
    "ReasoningEvent",
    "RedisStore",
    "RefusalEvent",
    "RestartedEvent",
    "Retry",
    "Stream",
    "StreamError",
    "StreamTruncatedError",
    "TextEvent",
    "Timeout",
    "TokenCount",
    "ToolCallAssemblyError",
    "ToolCallEvent",
    "Trace",
    "TwinwireError",
    "UNSET",
    "UnknownMember",
    "UnprocessableEntityError",
    "Unset",
    "Usage",
    "UsageEvent",
    "compare_cost",
    "compare_cost_async",
    "cost_of",
    "count_tokens",
    "count_tokens_async",
    "estimate_cost",
    "estimate_cost_async",
    "fit_messages",
    "refresh_prices",
    "refresh_prices_async",
    "BudgetExceededError",
    "CircuitOpenError",
    "LimitTimeoutError",
    "StoreError",
    "UnknownPriceError",
    "MemoryStore",
    "SQLiteStore",
    "Budget",
    "BudgetWarning",
    "LedgerEntry",
    "Ledger",
    "UsageReport",
    "UsageRow",
    "BudgetState",
    "LimitCheck",
    "LimitEvent",
    "LimitState",
    "Limits",
    "Rate",
]


if not TYPE_CHECKING:  # else a checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        from importlib import import_module

        module = _HOME_OF.get(name)
        if module is not None:
            value = globals()[name] = getattr(import_module(module), name)
            return value
        if name in _SUBMODULES:
            return import_module(f"twinwire.{name}")
        raise AttributeError(f"module 'twinwire' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
