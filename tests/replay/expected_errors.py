"""
What each recorded error must become: its class, its status, its code, and where in the body its message stands.

Written by looking at each of them. A recording that is no error is not in here, and must not raise.
"""

from __future__ import annotations

from typing import NamedTuple

from twinwire.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    InternalServerError,
    ModelNotFoundError,
    NotFoundError,
    RateLimitError,
)


class Expected(NamedTuple):
    """The facts of one error."""

    kind: type[APIStatusError]
    status: int
    code: str | int | None
    message_at: tuple[str, ...] = ("error", "message")


UNKNOWN_MODEL = Expected(ModelNotFoundError, 404, "model_not_found")
NO_ENDPOINTS = Expected(ModelNotFoundError, 404, 404)
WRONG_KEY = Expected(AuthenticationError, 401, "invalid_api_key")
UNSUPPORTED_VALUE = Expected(BadRequestError, 400, "unsupported_value")
DECOMMISSIONED = Expected(ModelNotFoundError, 400, "model_decommissioned")
TOO_FAST = Expected(RateLimitError, 429, 429)
TOOL_FAILED = Expected(BadRequestError, 400, "tool_use_failed")
MISTRAL_MODEL = Expected(ModelNotFoundError, 400, "1500", ("message",))
MISTRAL_KEY = Expected(AuthenticationError, 401, None, ("detail",))

EXPECTED: dict[str, Expected] = {
    "azure-chat-err-19481174": Expected(AuthenticationError, 401, "401"),
    "azure-chat-err-6d5146bb": Expected(NotFoundError, 404, "404"),
    "azure-chat-json-be879164": Expected(ContentFilterError, 400, "content_filter"),
    "deepseek-chat-err-d6ed6675": Expected(ContextLengthError, 400, "invalid_request_error"),
    "doubleword-chat-err-50bc7d29": UNKNOWN_MODEL,
    "doubleword-chat-err-a8c319d5": Expected(BadRequestError, 400, 400, ("message",)),
    "doubleword-emb-err-107cc54f": Expected(BadRequestError, 400, None),
    "doubleword-emb-err-7bdfb89d": UNKNOWN_MODEL,
    "groq-chat-err-03e751f8": UNKNOWN_MODEL,
    "groq-chat-err-29e61b5b": Expected(BadRequestError, 400, None),
    "groq-chat-err-45191091": DECOMMISSIONED,
    "groq-chat-err-73019cf0": WRONG_KEY,
    "groq-chat-err-772452f5": TOOL_FAILED,
    "groq-chat-err-bac45d9a": DECOMMISSIONED,
    "groq-chat-err-d28de9ff": DECOMMISSIONED,
    "groq-chat-stream-79487395": TOOL_FAILED,
    "groq-chat-stream-a1422697": TOOL_FAILED,
    "groq-models-err-4e61a3ee": WRONG_KEY,
    "llamacpp-chat-err-17ae1ec3": Expected(InternalServerError, 500, 500),
    "llamacpp-chat-err-ee5005e9": Expected(ContextLengthError, 400, 400),
    "llamacpp-emb-err-991feb56": Expected(InternalServerError, 500, 500),
    "mistral-chat-err-7053dec6": MISTRAL_KEY,
    "mistral-chat-err-f6607b7e": MISTRAL_MODEL,
    "mistral-emb-err-c0f00acc": MISTRAL_MODEL,
    "mistral-models-err-25889bc1": MISTRAL_KEY,
    "ollama-chat-err-dcf089da": Expected(ContextLengthError, 400, None),
    "openai-chat-err-0c60db36": UNKNOWN_MODEL,
    "openai-chat-err-0cb99651": WRONG_KEY,
    "openai-chat-err-191d023f": Expected(BadRequestError, 400, None),
    "openai-chat-err-34e22001": UNKNOWN_MODEL,
    "openai-chat-err-613792d4": UNSUPPORTED_VALUE,
    "openai-chat-err-7e1cfc32": Expected(BadRequestError, 400, "unsupported_parameter"),
    "openai-chat-err-9c2c9c16": WRONG_KEY,
    "openai-chat-err-b5204f1d": UNSUPPORTED_VALUE,
    "openai-chat-err-f2ed0ac8": UNKNOWN_MODEL,
    "openai-chat-err-f40c45c7": UNKNOWN_MODEL,
    "openai-emb-err-29719570": UNKNOWN_MODEL,
    "openai-emb-err-6477dcda": UNKNOWN_MODEL,
    "openai-emb-err-6feb8fd3": UNKNOWN_MODEL,
    "openai-emb-err-9a87fff4": WRONG_KEY,
    "openai-emb-err-ade8c564": UNKNOWN_MODEL,
    "openai-models-err-dddf25b9": WRONG_KEY,
    "openrouter-chat-err-16775981": NO_ENDPOINTS,
    "openrouter-chat-err-1e8b3963": NO_ENDPOINTS,
    "openrouter-chat-err-318e9d82": TOO_FAST,
    "openrouter-chat-err-336a2a0d": Expected(NotFoundError, 404, 404),
    "openrouter-chat-err-69360246": Expected(NotFoundError, 404, 404),
    "openrouter-chat-err-702cf616": Expected(ContextLengthError, 400, 400),
    "openrouter-chat-err-70f3b6e9": NO_ENDPOINTS,
    "openrouter-chat-err-73a4dc42": NO_ENDPOINTS,
    "openrouter-chat-err-7b40e336": TOO_FAST,
    "openrouter-chat-err-80f2fe8c": NO_ENDPOINTS,
    "openrouter-chat-err-83ba191e": NO_ENDPOINTS,
    "openrouter-chat-err-8d570608": Expected(AuthenticationError, 401, 401),
    "openrouter-chat-err-97f30b9b": Expected(ContentFilterError, 403, 403),
    "openrouter-chat-err-b6276c9d": NO_ENDPOINTS,
    "openrouter-chat-err-cc8395ec": TOO_FAST,
    "openrouter-chat-err-e630c9ab": NO_ENDPOINTS,
    "openrouter-chat-err-e6903264": NO_ENDPOINTS,
    "openrouter-chat-err-eea4011c": NO_ENDPOINTS,
    "openrouter-chat-json-6d694b9c": Expected(InternalServerError, 502, 502),
    "openrouter-chat-stream-5755c979": Expected(BadRequestError, 400, 400),
    "perplexity-chat-err-c15b7224": Expected(ContextLengthError, 400, 400),
    "together-chat-err-f4417ca7": WRONG_KEY,
    "venice-emb-err-63f5ae5c": Expected(ModelNotFoundError, 404, None, ("error",)),
    "xai-chat-err-94409ad5": Expected(NotFoundError, 404, "Some requested entity was not found", ("error",)),
}
